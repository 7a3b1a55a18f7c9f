"""Presence events and their recipients (wire contract, sections 1.5 and 2)."""

from typing import Any

import pytest

from presence_tui.wire import names
from presence_tui.wire.timestamps import wire_from_seconds
from tests.integration.gateway.recording_client import of


async def join_as_guest(http: Any, gateway: Any, name: str = "river") -> dict[str, Any]:
    path = f"{gateway.url}{gateway.settings.contract.rest_prefix}/anonymous/join/harbour"
    async with http.post(path, json={"username": name, "firstName": name, "lastName": name}) as response:
        assert response.status == 201
        return (await response.json())["data"]


async def test_a_status_of_2026(newest: Any, listen: Any, fits: Any, somebody: Any, clock: Any) -> None:
    observer = await listen(newest)
    await observer.until(names.SNAPSHOT)
    person = somebody(newest, devices=0, guest=False, hides_last_seen=False)
    newest.set_online(person.key, True)
    told = await observer.until(names.STATUS)
    fits("userStatus", told)
    assert told == {
        "userId": person.key,
        "username": person.display_name,
        "isOnline": True,
        "lastActiveAt": wire_from_seconds(clock.wall_s),
        "timestamp": wire_from_seconds(clock.wall_s),
    }


async def test_last_active_is_frozen_at_the_disconnection(
    newest: Any, listen: Any, somebody: Any, clock: Any
) -> None:
    observer = await listen(newest)
    person = somebody(newest, devices=0, hides_last_seen=False)
    newest.set_online(person.key, True)
    came_s = clock.wall_s
    clock.wall_s += 600
    newest.set_online(person.key, False)
    told = await observer.until(names.STATUS, of(person.key, False))
    assert told["lastActiveAt"] == wire_from_seconds(came_s)
    assert told["timestamp"] == wire_from_seconds(clock.wall_s)


async def test_who_hides_last_seen_is_told_without_it(newest: Any, listen: Any, somebody: Any) -> None:
    observer = await listen(newest)
    person = somebody(newest, hides_last_seen=True)
    newest.set_online(person.key, True)
    assert (await observer.until(names.STATUS))["lastActiveAt"] is None


@pytest.mark.parametrize("profile", ["meeshy-2026", "meeshy-2025"])
async def test_hidden_people_are_never_told(
    start_gateway: Any, listen: Any, somebody: Any, profile: str
) -> None:
    gateway = await start_gateway(profile=profile)
    observer = await listen(gateway)
    await observer.until(names.AUTHENTICATED)
    hidden = somebody(gateway, hidden=True)
    gateway.set_online(hidden.key, True)
    assert gateway.truth()[hidden.key] is False
    gateway.set_online(somebody(gateway, devices=0).key, True)
    await observer.until(names.STATUS)
    assert observer.all(names.STATUS, of(hidden.key)) == []


async def test_first_up_second_again_last_down(newest: Any, listen: Any, somebody: Any) -> None:
    observer = await listen(newest)
    await observer.until(names.SNAPSHOT)
    person = somebody(newest, devices=0, guest=False)
    auth = {"token": newest.mint_token(person.key)}
    first, second = await listen(newest, auth), await listen(newest, auth)
    await observer.until(names.STATUS, of(person.key, True), count=2)
    await first.close()
    await observer.fence()
    assert newest.truth()[person.key] is True
    assert observer.all(names.STATUS, of(person.key, False)) == []
    await second.close()
    await observer.until(names.STATUS, of(person.key, False))
    assert newest.truth()[person.key] is False


async def test_a_person_hears_of_itself(newest: Any, listen: Any, somebody: Any) -> None:
    person = somebody(newest, devices=0, guest=False)
    listener = await listen(newest, {"token": newest.mint_token(person.key)})
    await listener.until(names.STATUS, of(person.key, True))
    assert listener.events()[:3] == [names.AUTHENTICATED, names.SNAPSHOT, names.STATUS]


async def test_the_observer_is_not_seen(newest: Any, listen: Any, somebody: Any) -> None:
    person = somebody(newest, devices=0, guest=False)
    other = await listen(newest, {"token": newest.mint_token(person.key)})
    await other.until(names.STATUS, of(person.key))
    observer = await listen(newest)
    await observer.until(names.SNAPSHOT)
    await observer.close()
    await other.fence()
    assert other.all(names.STATUS, of(newest.observer.key)) == []


async def test_2026_tells_once_2025_once_a_shared_room(
    newest: Any, legacy: Any, listen: Any, somebody: Any
) -> None:
    for gateway in (newest, legacy):
        person = next(p for p in gateway.people().values() if len(p.conversations) > 1 and not p.hidden)
        fence = somebody(gateway, devices=0, guest=True)
        observer = await listen(gateway)
        await observer.until(names.AUTHENTICATED)
        gateway.set_online(person.key, True)
        gateway.set_online(fence.key, True)
        await observer.until(names.STATUS, of(fence.key))
        copies = observer.all(names.STATUS, of(person.key))
        assert len(copies) == (1 if gateway is newest else len(person.conversations))
        assert all(("lastActiveAt" in copy) == (gateway is newest) for copy in copies)
        assert all("timestamp" in copy for copy in copies)


async def test_leaving_a_room_ends_presence_in_2025_only(
    newest: Any, legacy: Any, listen: Any, somebody: Any
) -> None:
    for gateway in (newest, legacy):
        observer = await listen(gateway)
        await observer.say(names.CONVERSATION_LEAVE, {"conversationId": "harbour"})
        await observer.until(names.CONVERSATION_LEFT)
        alone = next(
            p for p in gateway.people().values() if len(p.conversations) == 1 and not p.hidden and not p.guest
        )
        shared = next(
            p
            for p in gateway.people().values()
            if len(p.conversations) > 1 and not p.hidden and p is not gateway.observer
        )
        gateway.set_online(alone.key, True)
        gateway.set_online(shared.key, True)
        await observer.until(names.STATUS, of(shared.key))
        assert len(observer.all(names.STATUS, of(alone.key))) == (1 if gateway is newest else 0)


async def test_a_guest_joins_is_seen_and_leaves(newest: Any, listen: Any, http: Any) -> None:
    observer = await listen(newest)
    await observer.until(names.SNAPSHOT)
    welcome = await join_as_guest(http, newest, "river 🛶")
    guest = await listen(newest, {"sessionToken": welcome["sessionToken"]})
    verdict = await guest.until(names.AUTHENTICATED)
    assert verdict["user"] == {"id": welcome["participant"]["id"], "language": "en", "isAnonymous": True}
    told = await observer.until(names.STATUS)
    assert (told["userId"], told["username"], told["isOnline"]) == (
        welcome["participant"]["id"],
        "ano_river 🛶",
        True,
    )
    snapshot = await guest.until(names.SNAPSHOT)
    assert newest.observer.key in {row["userId"] for row in snapshot["users"]}
    await guest.close()
    await observer.until(names.STATUS, of(welcome["id"], False))


async def test_a_guest_of_2025_never_leaves(legacy: Any, listen: Any, http: Any, somebody: Any) -> None:
    observer = await listen(legacy)
    await observer.until(names.AUTHENTICATED)
    welcome = await join_as_guest(http, legacy)
    guest = await listen(legacy, {"sessionToken": welcome["sessionToken"], "sessionType": "anonymous"})
    await observer.until(names.STATUS, of(welcome["id"], True))
    # It joined the room of its link, and receives no presence until it requests it.
    assert guest.all(names.STATUS) == []
    await guest.say(names.CONVERSATION_JOIN, {"conversationId": "harbour"})
    await guest.until(names.CONVERSATION_JOINED)
    fence = somebody(legacy, devices=0, guest=False)
    legacy.set_online(fence.key, True)
    await guest.until(names.STATUS, of(fence.key))
    await guest.close()
    while legacy.connections.count > 1:
        await observer.say(names.CONVERSATION_JOIN, {"conversationId": "harbour"})
        await observer.until(
            names.CONVERSATION_JOINED, count=len(observer.all(names.CONVERSATION_JOINED)) + 1
        )
    assert observer.all(names.STATUS, of(welcome["id"], False)) == []
    assert legacy.truth()[welcome["id"]] is True


async def test_a_heartbeat_is_told_once_a_minute(
    newest: Any, listen: Any, somebody: Any, clock: Any, fits: Any
) -> None:
    observer = await listen(newest)
    person = somebody(newest, devices=0, guest=False, hides_last_seen=False)
    other = await listen(newest, {"token": newest.mint_token(person.key)})
    await observer.until(names.STATUS, of(person.key))
    await other.say(names.HEARTBEAT, {"clientTime": round(clock.wall_s * 1000) - 80})
    answer = await other.until(names.HEARTBEAT_ACK)
    fits("heartbeatAck", answer)
    assert answer == {"serverTime": wire_from_seconds(clock.wall_s), "latencyHintMs": 80}
    clock.wall_s += 61
    for _ in range(3):
        await other.fence()
    told = await observer.until(names.STATUS, of(person.key), count=2)
    await observer.fence()
    assert told["lastActiveAt"] == wire_from_seconds(clock.wall_s)
    assert len(observer.all(names.STATUS, of(person.key))) == 2


async def test_a_silent_socket_stays_active_by_its_pongs(
    newest: Any, listen: Any, somebody: Any, clock: Any
) -> None:
    person = somebody(newest, devices=0, guest=False, hides_last_seen=False)
    other = await listen(newest, {"token": newest.mint_token(person.key)})
    await other.until(names.SNAPSHOT)
    connected_s = clock.wall_s
    clock.wall_s += 130
    snapshot = await (await listen(newest)).until(names.SNAPSHOT)
    row = next(row for row in snapshot["users"] if row["userId"] == person.key)
    assert row["lastActiveAt"] == wire_from_seconds(connected_s + 120)


async def test_a_ghost_is_told_and_the_runtime_denies_it(
    newest: Any, listen: Any, http: Any, somebody: Any, clock: Any
) -> None:
    observer = await listen(newest)
    person = somebody(newest, devices=0, guest=False)
    newest.create_ghost(person.key)
    await observer.until(names.STATUS, of(person.key, True))
    assert newest.truth()[person.key] is False
    headers = {"Authorization": f"Bearer {newest.token}"}
    path = f"{newest.url}/api/v1/users/presence?ids={person.key}"
    async with http.get(path, headers=headers) as response:
        assert (await response.json())["data"]["users"][0]["isOnline"] is False
    clock.wall_s += 1801
    await observer.until(names.STATUS, of(person.key, False))


async def test_a_request_alone_makes_a_ghost(newest: Any, listen: Any, http: Any, somebody: Any) -> None:
    observer = await listen(newest)
    person = somebody(newest, devices=0, guest=False)
    headers = {"Authorization": f"Bearer {newest.mint_token(person.key)}"}
    for _ in range(2):
        async with http.get(f"{newest.url}/api/v1/auth/me", headers=headers) as response:
            assert response.status == 200
    await observer.until(names.STATUS, of(person.key, True))
    await observer.fence()
    assert len(observer.all(names.STATUS, of(person.key))) == 1
