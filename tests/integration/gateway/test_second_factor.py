"""Second factors at the embedded gateway (wire contract, section 3.2)."""

from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from presence_tui.gateway.access import CHALLENGE_S, CODE, TRIES
from presence_tui.gateway.settings import GatewaySettings
from tests.integration.gateway.conftest import StartGateway
from tests.integration.gateway.test_rest_accounts import LOGIN, ask
from tests.unit.clock import FakeClock


@pytest.fixture
async def guarded(start_gateway: StartGateway) -> Any:
    return await start_gateway(second_factor=True)


async def challenge(http: aiohttp.ClientSession, gateway: Any) -> str:
    status, body = await ask(http, gateway, "POST", "/auth/login", json=LOGIN)
    assert (status, body["data"]["requires2FA"]) == (200, True)
    assert "token" not in body["data"]
    token: str = body["data"]["twoFactorToken"]
    return token


async def confirm(http: aiohttp.ClientSession, gateway: Any, token: str, code: str) -> tuple[int, Any]:
    payload = {"twoFactorToken": token, "code": code}
    return await ask(http, gateway, "POST", "/auth/login/2fa", json=payload)


async def test_the_password_alone_is_not_enough(
    guarded: Any, http: aiohttp.ClientSession, fits: Callable[[str, Any], None]
) -> None:
    _, body = await ask(http, guarded, "POST", "/auth/login", json=LOGIN)
    fits("loginResponse", body)
    status, body = await confirm(http, guarded, body["data"]["twoFactorToken"], CODE)
    assert status == 200
    fits("loginResponse", body)
    status, me = await ask(http, guarded, "GET", "/auth/me", body["data"]["token"])
    assert (status, me["data"]["user"]["username"]) == (200, "observer")


async def test_a_code_serves_once(guarded: Any, http: aiohttp.ClientSession) -> None:
    token = await challenge(http, guarded)
    assert (await confirm(http, guarded, token, CODE))[0] == 200
    status, body = await confirm(http, guarded, token, CODE)
    assert (status, body["code"]) == (401, "TWO_FACTOR_EXPIRED")


async def test_a_wrong_code_may_be_mended_a_few_times(guarded: Any, http: aiohttp.ClientSession) -> None:
    token = await challenge(http, guarded)
    for _ in range(TRIES):
        status, body = await confirm(http, guarded, token, "000000")
        assert (status, body["code"]) == (401, "INVALID_2FA_CODE")
    status, body = await confirm(http, guarded, token, CODE)
    assert (status, body["code"]) == (401, "TWO_FACTOR_EXPIRED")


async def test_a_code_can_come_too_late(guarded: Any, http: aiohttp.ClientSession, clock: FakeClock) -> None:
    token = await challenge(http, guarded)
    clock.wall_s += CHALLENGE_S
    status, body = await confirm(http, guarded, token, CODE)
    assert (status, body["code"]) == (401, "TWO_FACTOR_EXPIRED")


@pytest.mark.parametrize(
    "payload", [{}, {"code": CODE}, {"twoFactorToken": "x"}, {"twoFactorToken": "x", "code": "12345"}]
)
async def test_an_incomplete_code(guarded: Any, http: aiohttp.ClientSession, payload: dict[str, str]) -> None:
    status, body = await ask(http, guarded, "POST", "/auth/login/2fa", json=payload)
    assert (status, body["code"]) == (400, "VALIDATION_ERROR")


def test_the_older_version_has_none() -> None:
    with pytest.raises(ValueError, match="second factor"):
        GatewaySettings(profile="meeshy-2025", second_factor=True)


async def test_a_session_goes_on_under_another_token(newest: Any, http: aiohttp.ClientSession) -> None:
    _, body = await ask(http, newest, "POST", "/auth/login", json=LOGIN)
    first = body["data"]
    payload = {"token": first["token"], "sessionToken": first["sessionToken"]}
    status, body = await ask(http, newest, "POST", "/auth/refresh", json=payload)
    assert status == 200
    assert body["data"]["sessionToken"] != first["sessionToken"]
    status, body = await ask(http, newest, "POST", "/auth/refresh", json=payload)
    assert (status, body["code"]) == (401, "SESSION_NOT_FOUND")


async def test_a_logout_ends_the_session(newest: Any, http: aiohttp.ClientSession) -> None:
    _, body = await ask(http, newest, "POST", "/auth/login", json=LOGIN)
    token, session = body["data"]["token"], body["data"]["sessionToken"]
    headers = {"X-Session-Token": session}
    assert (await ask(http, newest, "POST", "/auth/logout", token, headers=headers))[0] == 200
    status, _ = await ask(
        http, newest, "POST", "/auth/refresh", json={"token": token, "sessionToken": session}
    )
    assert status == 401


async def test_an_expired_link_is_refused(newest: Any, legacy: Any, http: aiohttp.ClientSession) -> None:
    names = {"firstName": "x", "lastName": "y"}
    for gateway, said in ((newest, "Link expired"), (legacy, "Lien expiré")):
        gateway.faults.refuse_links = True
        status, body = await ask(http, gateway, "POST", "/anonymous/join/harbour", json=names)
        assert (status, body["message"]) == (410, said)
