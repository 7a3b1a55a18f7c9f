"""The handshake of the older gateway: on failure the socket stays open (wire contract, section 1.3)."""

from typing import Any

import pytest

from presence_tui.wire import names


async def test_success_has_no_snapshot(legacy: Any, listen: Any, somebody: Any) -> None:
    observer = await listen(legacy, {"authToken": legacy.token, "tokenType": "jwt"})
    assert (await observer.until(names.AUTHENTICATED))["user"]["isAnonymous"] is False
    legacy.set_online(somebody(legacy, devices=0, guest=False).key, True)
    await observer.until(names.STATUS)
    assert observer.all(names.SNAPSHOT) == []


@pytest.mark.parametrize("auth", [{}, {"token": "x"}, {"sessionToken": "nobody"}])
async def test_failure_is_told_twice_and_keeps_the_socket(
    legacy: Any, listen: Any, fits: Any, auth: dict[str, str]
) -> None:
    client = await listen(legacy, auth)
    await client.until(names.ERROR)
    assert client.events() == [names.AUTHENTICATED, names.ERROR]
    verdict = client.all(names.AUTHENTICATED)[0]
    fits("authenticated", verdict)
    assert verdict["success"] is False
    await client.say(names.CONVERSATION_JOIN, {"conversationId": "harbour"})
    assert (await client.until(names.CONVERSATION_JOINED))["conversationId"] == legacy.conversation


async def test_an_expired_token_is_a_failure_like_any_other(legacy: Any, listen: Any) -> None:
    client = await listen(legacy, {"token": legacy.mint_token(lifetime_s=-1)})
    assert (await client.until(names.AUTHENTICATED))["success"] is False
    assert client.all(names.TOKEN_EXPIRED) == []


async def test_late_authentication_takes_a_token_as_session(legacy: Any, listen: Any) -> None:
    client = await listen(legacy, auth={})
    await client.until(names.ERROR)
    await client.say(names.AUTHENTICATE, {"userId": legacy.observer.key})
    failed = await client.until(names.AUTHENTICATED, count=2)
    assert failed == {"success": False, "error": "Authentication failed"}
    await client.say(names.AUTHENTICATE, {"sessionToken": legacy.token})
    verdict = await client.until(names.AUTHENTICATED, count=3)
    assert verdict == {"success": True, "user": {"id": legacy.observer.key, "language": "en"}}


async def test_a_second_login_evicts_the_first(legacy: Any, listen: Any, somebody: Any) -> None:
    person = somebody(legacy, guest=False, devices=0)
    observer = await listen(legacy)
    await observer.until(names.AUTHENTICATED)
    auth = {"token": legacy.mint_token(person.key)}
    first = await listen(legacy, auth)
    await first.until(names.AUTHENTICATED)
    second = await listen(legacy, auth)
    await second.until(names.AUTHENTICATED)
    assert await first.until_lost() == "server disconnect"
    rooms = len(person.conversations)
    told = [payload["isOnline"] for payload in observer.all(names.STATUS)]
    assert told == [True, True] * rooms
    await second.close()
    await observer.until(names.STATUS, lambda payload: payload["isOnline"] is False)


async def test_statistics_are_repeated_to_the_room(start_gateway: Any, listen: Any, fits: Any) -> None:
    gateway = await start_gateway(profile="meeshy-2025", online_stats_every_s=0.0)
    observer = await listen(gateway)
    await observer.say(names.CONVERSATION_JOIN, {"conversationId": gateway.conversation})
    counted = await observer.until(names.CONVERSATION_STATS)
    repeated = await observer.until(names.ONLINE_STATS)
    fits("onlineStats", repeated)
    assert repeated["updatedAt"] == counted["stats"]["updatedAt"]
