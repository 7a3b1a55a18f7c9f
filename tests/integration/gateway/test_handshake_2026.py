"""The handshake of the newest gateway (wire contract, sections 1.2 and 1.3)."""

from typing import Any

import pytest

from presence_tui.wire import names


async def test_success_is_authenticated_then_snapshot(newest: Any, listen: Any, fits: Any) -> None:
    observer = await listen(newest)
    await observer.until(names.SNAPSHOT)
    assert observer.events()[:2] == [names.AUTHENTICATED, names.SNAPSHOT]
    verdict = observer.all(names.AUTHENTICATED)[0]
    fits("authenticated", verdict)
    assert verdict["success"] is True
    assert verdict["user"] == {"id": newest.observer.key, "language": "en", "isAnonymous": False}


@pytest.mark.parametrize("transports", [("websocket",), ("polling",), ("polling", "websocket")])
async def test_every_transport_serves(newest: Any, listen: Any, transports: tuple[str, ...]) -> None:
    observer = await listen(newest, transports=transports)
    await observer.until(names.SNAPSHOT)
    await observer.fence()


async def test_the_header_authenticates_too(newest: Any, listen: Any) -> None:
    observer = await listen(newest, auth={}, headers={"Authorization": f"Bearer {newest.token}"})
    assert (await observer.until(names.AUTHENTICATED))["success"] is True


async def test_the_snapshot_is_the_truth_about_the_others(newest: Any, listen: Any, fits: Any) -> None:
    observer = await listen(newest)
    snapshot = await observer.until(names.SNAPSHOT)
    fits("presenceSnapshot", snapshot)
    told = {row["userId"]: row["isOnline"] for row in snapshot["users"]}
    truth = newest.truth()
    assert truth.pop(newest.observer.key) is False
    assert told == truth
    assert len(snapshot["users"]) == len(told)
    people = newest.people()
    for row in snapshot["users"]:
        person = people[row["userId"]]
        assert row["username"] == person.handle
        unseen = person.hidden or person.hides_last_seen or person.last_active_s is None
        assert (row["lastActiveAt"] is None) == unseen


async def test_a_client_with_an_expired_token_is_notified_and_disconnected(
    newest: Any, listen: Any, fits: Any
) -> None:
    client = await listen(newest, {"token": newest.mint_token(lifetime_s=-1)})
    fits("authTokenExpired", await client.until(names.TOKEN_EXPIRED))
    assert await client.until_lost() == "server disconnect"
    assert client.events() == [names.TOKEN_EXPIRED]


async def test_tokens_can_be_expired_at_will(newest: Any, listen: Any) -> None:
    token = newest.token
    newest.expire_tokens()
    await (await listen(newest, {"token": token})).until(names.TOKEN_EXPIRED)
    await (await listen(newest)).until(names.AUTHENTICATED)


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        ({"token": "jwt.malformed.x"}, "Authentication failed"),
        ({"sessionToken": "nobody"}, "Anonymous session not found"),
        # The guest's token under the wrong key, as sent by web clients for months.
        ({"token": "a-session-token"}, "Authentication failed"),
    ],
)
async def test_a_bad_credential_is_an_error_and_a_disconnection(
    newest: Any, listen: Any, fits: Any, auth: dict[str, str], message: str
) -> None:
    client = await listen(newest, auth)
    error = await client.until(names.ERROR)
    fits("errorEvent", error)
    assert error == {"message": message}
    assert await client.until_lost() == "server disconnect"


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_client_that_connects_right_now_hears_the_disconnection(
    newest: Any, listen: Any, transport: str
) -> None:
    """A stock client ignores a disconnect that arrives together with its connect packet."""
    client = await listen(newest, {"token": "nonsense"}, transports=(transport,))
    assert await client.until_lost() == "server disconnect"
    assert client.events() == [names.ERROR]


async def test_a_forged_token_is_refused(newest: Any, listen: Any) -> None:
    client = await listen(newest, {"token": newest.mint_token(forged=True)})
    assert await client.until(names.ERROR) == {"message": "Authentication failed"}


@pytest.mark.parametrize("grace_s", [0.0, 0.05])
async def test_no_credential_ends_after_a_grace(start_gateway: Any, listen: Any, grace_s: float) -> None:
    gateway = await start_gateway(authentication_grace_s=grace_s)
    client = await listen(gateway, auth={})
    assert await client.until_lost() == "server disconnect"
    assert client.heard == []
    assert gateway.connections.count == 0


async def test_authentication_can_come_late(newest: Any, listen: Any) -> None:
    client = await listen(newest, auth={})
    await client.say(names.AUTHENTICATE, {"token": newest.token})
    await client.until(names.SNAPSHOT)
    assert client.events()[:2] == [names.AUTHENTICATED, names.SNAPSHOT]


@pytest.mark.parametrize("payload", [None, "text", 7, [], {}, {"token": 7}, {"userId": "66aa"}])
async def test_late_nonsense_is_an_error_without_a_disconnection(
    newest: Any, listen: Any, payload: Any
) -> None:
    client = await listen(newest, auth={})
    await client.say(names.AUTHENTICATE, payload)
    assert (await client.until(names.ERROR))["message"]
    await client.say(names.AUTHENTICATE, {"token": newest.token})
    await client.until(names.AUTHENTICATED)


async def test_too_many_late_attempts_are_the_last(newest: Any, listen: Any) -> None:
    client = await listen(newest, auth={})
    for _ in range(11):
        await client.say(names.AUTHENTICATE, {})
    error = await client.until(names.ERROR, lambda payload: "code" in payload)
    assert error["code"] == "RATE_LIMIT_EXCEEDED"
    assert await client.until_lost() == "server disconnect"


async def test_a_snapshot_can_be_held_back_and_comes_as_it_was(
    newest: Any, listen: Any, somebody: Any
) -> None:
    newest.connections.hold_snapshot = True
    somebody_online = somebody(newest, devices=1)
    observer = await listen(newest)
    await observer.until(names.AUTHENTICATED)
    newest.set_online(somebody_online.key, False)
    await observer.until(names.STATUS)
    assert observer.all(names.SNAPSHOT) == []
    newest.connections.hold_snapshot = False
    snapshot = await observer.until(names.SNAPSHOT)
    told = {row["userId"]: row["isOnline"] for row in snapshot["users"]}
    assert told[somebody_online.key] is True


async def test_a_revoked_session_is_notified_and_disconnected(newest: Any, listen: Any, fits: Any) -> None:
    observer = await listen(newest)
    await observer.until(names.SNAPSHOT)
    await newest.connections.revoke(reason="password_changed")
    told = await observer.until(names.SESSION_REVOKED)
    fits("authSessionRevoked", told)
    assert told["reason"] == "password_changed"
    assert await observer.until_lost() == "server disconnect"


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_kick_sends_no_event(newest: Any, listen: Any, transport: str) -> None:
    observer = await listen(newest, transports=(transport,))
    await observer.until(names.SNAPSHOT)
    await observer.fence()
    observer.forget()
    await newest.connections.kick()
    assert await observer.until_lost() == "server disconnect"
    assert observer.heard == []


async def test_a_cut_connection_has_no_goodbye(newest: Any, listen: Any) -> None:
    observer = await listen(newest, transports=("polling", "websocket"))
    await observer.until(names.SNAPSHOT)
    newest.connections.cut()
    assert await observer.until_lost() != "server disconnect"


async def test_held_frames_arrive_later_and_in_order(newest: Any, listen: Any, somebody: Any) -> None:
    observer = await listen(newest)
    await observer.fence()
    person = somebody(newest, devices=0, guest=False)
    newest.connections.hold_frames = True
    newest.set_online(person.key, True)
    newest.set_online(person.key, False)
    newest.connections.hold_frames = False
    await observer.until(names.STATUS, count=2)
    assert [told["isOnline"] for told in observer.all(names.STATUS)] == [True, False]
