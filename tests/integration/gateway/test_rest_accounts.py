"""Accounts, tokens, guests and privacy over REST (wire contract, sections 1.4, 2.6, 3.1 and 3.2)."""

from typing import Any

import aiohttp
import pytest

from presence_tui.wire import names


async def ask(
    http: aiohttp.ClientSession,
    gateway: Any,
    method: str,
    path: str,
    token: str | None = None,
    **options: Any,
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= options.pop("headers", {})
    url = f"{gateway.url}{gateway.settings.contract.rest_prefix}{path}"
    async with http.request(method, url, headers=headers, **options) as response:
        return response.status, await response.json()


JSON = {"Content-Type": "application/json"}
LOGIN = {"username": "observer", "password": "demo"}


async def test_login_in_both_versions(newest: Any, legacy: Any, http: Any, listen: Any, fits: Any) -> None:
    for gateway in (newest, legacy):
        status, body = await ask(http, gateway, "POST", "/auth/login", json=LOGIN)
        assert status == 200
        fits("loginResponse", body)
        assert body["data"]["expiresIn"] == 86_400
        assert ("sessionToken" in body["data"]) == (gateway is newest)
        client = await listen(gateway, {"token": body["data"]["token"]})
        assert (await client.until(names.AUTHENTICATED))["user"]["id"] == gateway.observer.key


async def test_a_remembered_device_is_promised_a_year(newest: Any, http: Any) -> None:
    _, body = await ask(http, newest, "POST", "/auth/login", json={**LOGIN, "rememberDevice": True})
    assert body["data"]["expiresIn"] == 31_536_000


@pytest.mark.parametrize(
    "login", [{**LOGIN, "password": "wrong"}, {"username": "nobody", "password": "demo"}]
)
async def test_a_wrong_login(newest: Any, http: Any, fits: Any, login: dict[str, str]) -> None:
    status, body = await ask(http, newest, "POST", "/auth/login", json=login)
    assert (status, body["success"], body["error"]) == (401, False, "Identifiants invalides")
    fits("errorResponse", body)


@pytest.mark.parametrize(
    "login", [{}, {"username": "x", "password": "demo"}, {"username": "observer"}, [7], None]
)
async def test_an_incomplete_login(newest: Any, http: Any, fits: Any, login: Any) -> None:
    status, body = await ask(http, newest, "POST", "/auth/login", json=login)
    assert (status, body["code"], body["statusCode"]) == (400, "VALIDATION_ERROR", 400)
    assert body["details"][0].keys() == {"field", "message"}
    fits("errorResponse", body)


@pytest.mark.parametrize("body", ["[" * 100_000, '{"username":' + "[" * 100_000])
async def test_a_login_nested_without_end_is_an_incomplete_one(
    newest: Any, legacy: Any, http: Any, body: str
) -> None:
    for gateway in (newest, legacy):
        status, _ = await ask(http, gateway, "POST", "/auth/login", data=body, headers=JSON)
        assert status == 400


async def test_a_login_sends_no_event(newest: Any, http: Any, listen: Any, somebody: Any) -> None:
    observer = await listen(newest)
    person = somebody(newest, devices=0, guest=False)
    login = {"username": person.handle, "password": "demo"}
    _, body = await ask(http, newest, "POST", "/auth/login", json=login)
    await ask(http, newest, "GET", "/auth/me", body["data"]["token"])
    await observer.fence()
    assert observer.all(names.STATUS) == []


async def test_me(newest: Any, http: Any) -> None:
    status, body = await ask(http, newest, "GET", "/auth/me", newest.token)
    assert status == 200
    assert body["data"]["user"]["username"] == "observer"


async def test_required_authentication_refuses_without_success(newest: Any, http: Any, fits: Any) -> None:
    cases = [
        ({}, 401, "Authentication required", "AUTH_REQUIRED"),
        ({"Authorization": "Bearer x.y.z"}, 401, "Invalid JWT token", "AUTH_FAILED"),
        (
            {"Authorization": f"Bearer {newest.mint_token(lifetime_s=-1)}"},
            401,
            "Invalid JWT token",
            "AUTH_FAILED",
        ),
        ({"X-Session-Token": "x"}, 401, "Invalid session token", "AUTH_FAILED"),
    ]
    for headers, expected, error, code in cases:
        status, body = await ask(http, newest, "GET", "/auth/me", headers=headers)
        assert (status, body) == (expected, {"error": error, "code": code})
        fits("errorResponse", body)


async def test_2026_refreshes_an_expired_token(newest: Any, http: Any, fits: Any) -> None:
    expired = newest.mint_token(lifetime_s=-1)
    status, body = await ask(http, newest, "POST", "/auth/refresh", json={"token": expired})
    assert status == 200
    fits("refreshResponse", body)
    status, _ = await ask(http, newest, "GET", "/auth/me", body["data"]["token"])
    assert status == 200
    forged = newest.mint_token(forged=True)
    status, _ = await ask(http, newest, "POST", "/auth/refresh", json={"token": forged})
    assert status == 401


async def test_2025_refreshes_a_valid_token_only(legacy: Any, http: Any, fits: Any) -> None:
    status, body = await ask(http, legacy, "POST", "/auth/refresh", json={"token": legacy.token})
    assert status == 200
    fits("refreshResponse", body)
    expired = legacy.mint_token(lifetime_s=-1)
    status, body = await ask(http, legacy, "POST", "/auth/refresh", json={"token": expired})
    assert status == 401
    assert "code" not in body


async def test_logout_leaves_sockets_alone(newest: Any, http: Any, listen: Any) -> None:
    observer = await listen(newest)
    status, _ = await ask(http, newest, "POST", "/auth/logout", newest.token)
    assert status == 200
    await observer.fence()


async def test_a_privacy_change_sends_no_event(newest: Any, http: Any, listen: Any, somebody: Any) -> None:
    person = somebody(newest, devices=1, guest=False)
    token = newest.mint_token(person.key)
    observer = await listen(newest)
    path = "/me/preferences/privacy"
    assert (await ask(http, newest, "GET", path, token))[1]["data"]["showOnlineStatus"] is True
    status, body = await ask(http, newest, "PATCH", path, token, json={"showOnlineStatus": False})
    assert (status, body["data"]["showOnlineStatus"]) == (200, False)
    assert newest.truth()[person.key] is False
    await observer.fence()
    assert observer.all(names.STATUS) == []
    status, body = await ask(http, newest, "PUT", path, token, json={"showLastSeen": "no"})
    assert (status, body["code"]) == (400, "VALIDATION_ERROR")


async def test_a_guest_joins_refreshes_and_leaves(newest: Any, http: Any) -> None:
    status, body = await ask(
        http, newest, "POST", "/anonymous/join/harbour", json={"firstName": "A", "lastName": "B"}
    )
    welcome = body["data"]
    assert status == 201
    assert welcome["participant"]["displayName"] == welcome["participant"]["username"] == "ano_a_b"
    assert welcome["conversation"]["id"] == newest.conversation
    assert welcome["id"] == welcome["participant"]["id"]
    assert welcome["id"] in newest.truth()
    session = {"X-Session-Token": welcome["sessionToken"]}
    status, body = await ask(
        http, newest, "POST", "/anonymous/refresh", json={"sessionToken": welcome["sessionToken"]}
    )
    assert (status, body["data"]["id"]) == (200, welcome["id"])
    status, body = await ask(http, newest, "GET", "/conversations", headers=session)
    assert (status, body["data"]) == (200, [])
    status, body = await ask(http, newest, "GET", "/users/presence?ids=x", headers=session)
    assert (status, body["code"]) == (403, "REGISTERED_USER_REQUIRED")
    status, _ = await ask(http, newest, "POST", "/anonymous/leave", headers=session)
    assert status == 400, "the session is read from the body only"
    token = {"sessionToken": welcome["sessionToken"]}
    assert (await ask(http, newest, "POST", "/anonymous/leave", json=token))[0] == 200
    assert welcome["id"] not in newest.truth()
    assert (await ask(http, newest, "POST", "/anonymous/refresh", json=token))[0] == 401


async def test_links_and_nicknames_are_checked(newest: Any, http: Any) -> None:
    assert (await ask(http, newest, "POST", "/anonymous/join/nowhere", json={"username": "x"}))[0] == 404
    good = {"firstName": "Sam", "lastName": "Lind"}
    for field in good:
        for value, complaint in (
            ("", "must NOT have fewer than 1 characters"),
            ("x" * 51, "must NOT have more than 50 characters"),
            (7, "must be string"),
        ):
            body = {"username": "Sam", **good, field: value}
            status, said = await ask(http, newest, "POST", "/anonymous/join/harbour", json=body)
            assert (status, said["message"]) == (400, f"body/{field} {complaint}")
        body = {name: text for name, text in good.items() if name != field}
        assert (await ask(http, newest, "POST", "/anonymous/join/harbour", json=body))[0] == 400
