"""Rooms, typing, statistics and other client events (wire contract, sections 1.6 to 2.5)."""

import asyncio
from typing import Any

import pytest

from presence_tui.wire import names
from tests.integration.gateway.recording_client import of


@pytest.mark.parametrize("spelling", ["harbour", None])
async def test_a_join_is_answered_with_the_hex_id(newest: Any, listen: Any, fits: Any, spelling: Any) -> None:
    observer = await listen(newest)
    await observer.say(names.CONVERSATION_JOIN, {"conversationId": spelling or newest.conversation})
    joined = await observer.until(names.CONVERSATION_JOINED)
    fits("conversationRoom", joined)
    assert joined == {"conversationId": newest.conversation, "userId": newest.observer.key}
    stats = await observer.until(names.CONVERSATION_STATS)
    fits("conversationStats", stats)
    assert stats["stats"]["participantCount"] == 25


async def test_a_join_is_never_acknowledged(newest: Any, listen: Any) -> None:
    observer = await listen(newest)
    acknowledged = asyncio.Event()
    await observer.client.emit(
        names.CONVERSATION_JOIN, {"conversationId": "harbour"}, callback=lambda *_: acknowledged.set()
    )
    await observer.until(names.CONVERSATION_JOINED)
    await observer.fence()
    assert not acknowledged.is_set()


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"conversationId": "nowhere"}, "not_a_member"),
        ({"conversationId": "66dd00000000000000000099"}, "not_a_member"),
        ({"conversationId": "x" * 256}, "invalid_payload"),
        ({"conversationId": ""}, "invalid_payload"),
        ({"conversationId": ["harbour"]}, "invalid_payload"),
        ({}, "invalid_payload"),
        ("harbour", "invalid_payload"),
        (None, "invalid_payload"),
    ],
)
async def test_a_refused_join_has_a_reason(
    newest: Any, listen: Any, fits: Any, payload: Any, reason: str
) -> None:
    observer = await listen(newest)
    await observer.say(names.CONVERSATION_JOIN, payload)
    refused = await observer.until(names.JOIN_ERROR)
    fits("conversationJoinError", refused)
    assert refused["reason"] == reason


async def test_a_join_before_authentication_is_refused(newest: Any, listen: Any) -> None:
    client = await listen(newest, auth={})
    await client.say(names.CONVERSATION_JOIN, {"conversationId": "harbour"})
    assert (await client.until(names.JOIN_ERROR))["reason"] == "not_authenticated"


async def test_the_thirty_first_join_of_a_minute_is_refused(newest: Any, listen: Any, clock: Any) -> None:
    observer = await listen(newest)
    for _ in range(31):
        await observer.say(names.CONVERSATION_JOIN, {"conversationId": "harbour"})
    assert (await observer.until(names.JOIN_ERROR))["reason"] == "rate_limited"
    assert len(observer.all(names.CONVERSATION_JOINED)) == 30
    clock.wall_s += 60
    await observer.say(names.CONVERSATION_JOIN, {"conversationId": "harbour"})
    await observer.until(names.CONVERSATION_JOINED, count=31)


async def test_statistics_are_an_hour_old_and_blind_to_privacy(
    newest: Any, listen: Any, somebody: Any, clock: Any
) -> None:
    hidden = somebody(newest, hidden=True)
    newest.set_online(hidden.key, True)
    observer = await listen(newest)

    async def online(count: int) -> set[str]:
        await observer.say(names.CONVERSATION_JOIN, {"conversationId": "harbour"})
        stats = await observer.until(names.CONVERSATION_STATS, count=count)
        return {card["id"] for card in stats["stats"]["onlineUsers"]}

    assert hidden.key in await online(1)
    newest.set_online(hidden.key, False)
    clock.wall_s += 3600
    assert hidden.key in await online(2)
    clock.wall_s += 1
    assert hidden.key not in await online(3)


async def test_typing_is_relayed_to_the_others_and_throttled(
    newest: Any, listen: Any, fits: Any, somebody: Any, clock: Any
) -> None:
    observer = await listen(newest)
    person = somebody(newest, devices=0, guest=False)
    typer = await listen(newest, {"token": newest.mint_token(person.key)})
    for _ in range(3):
        await typer.say(names.TYPING_START, {"conversationId": newest.conversation})
    await typer.fence()
    clock.wall_s += 2
    await typer.say(names.TYPING_START, {"conversationId": newest.conversation})
    await typer.say(names.TYPING_STOP, {"conversationId": newest.conversation})
    await observer.until(names.TYPING_STOP)
    starts = observer.all(names.TYPING_START)
    assert len(starts) == 2
    fits("typing", starts[0])
    assert starts[0] == {
        "userId": person.key,
        "username": person.handle,
        "displayName": person.display_name,
        "conversationId": newest.conversation,
        "isTyping": True,
    }
    await typer.fence()
    assert typer.all(names.TYPING_START) == []


async def test_who_is_gone_types_no_more(newest: Any, listen: Any, somebody: Any) -> None:
    observer = await listen(newest)
    person = somebody(newest, devices=0, guest=False)
    typer = await listen(newest, {"token": newest.mint_token(person.key)})
    await typer.say(names.TYPING_START, {"conversationId": "harbour"})
    await observer.until(names.TYPING_START)
    await typer.close()
    await observer.until(names.STATUS, of(person.key, False))
    assert len(observer.all(names.TYPING_STOP)) == 1


async def test_nobody_types_where_nobody_is_a_member(newest: Any, listen: Any) -> None:
    observer = await listen(newest)
    outsider = next(p for p in newest.people().values() if len(p.conversations) == 1 and not p.guest)
    typer = await listen(newest, {"token": newest.mint_token(outsider.key)})
    await typer.say(names.TYPING_START, {"conversationId": "lighthouse"})
    await typer.fence()
    await observer.fence()
    assert observer.all(names.TYPING_START) == []


@pytest.mark.parametrize(
    "payload", [None, 7, "x", [1], {"conversationId": {}}, {"clientTime": "x"}, {"a": "\ud800"}]
)
async def test_no_payload_upsets_a_handler(newest: Any, listen: Any, payload: Any) -> None:
    observer = await listen(newest)
    await observer.until(names.SNAPSHOT)
    for event in (
        names.AUTHENTICATE,
        names.CONVERSATION_JOIN,
        names.CONVERSATION_LEAVE,
        names.HEARTBEAT,
        names.TYPING_START,
        names.TYPING_STOP,
        "presence:app-state",
    ):
        await observer.say(event, payload)
    await observer.fence()
    assert observer.all(names.CONVERSATION_JOINED) == []


async def test_any_event_can_be_sent_to_everybody(newest: Any, listen: Any) -> None:
    observer = await listen(newest)
    newest.connections.broadcast(names.STATUS, {"userId": 7})
    newest.connections.broadcast("never:heard-of", ["x"])
    assert await observer.until(names.STATUS) == {"userId": 7}
    assert await observer.until("never:heard-of") == ["x"]


async def test_recovery_appends_an_offset(start_gateway: Any, listen: Any, somebody: Any) -> None:
    gateway = await start_gateway(recovery=True)
    observer = await listen(gateway, auth={})
    extras: list[tuple[Any, ...]] = []
    arrived = asyncio.Event()

    def hear(payload: Any, *extra: Any) -> None:
        extras.append(extra)
        arrived.set()

    observer.client.on(names.AUTHENTICATED, hear)
    await observer.say(names.AUTHENTICATE, {"token": gateway.token})
    await asyncio.wait_for(arrived.wait(), 5)
    assert len(extras[0]) == 1


async def test_a_living_town_tells_of_members_and_roles(
    start_gateway: Any, listen: Any, fits: Any, clock: Any
) -> None:
    # A high rate, so that rare events come at once; the seed decides which.
    gateway = await start_gateway(participants=60, rate=100_000)
    observer = await listen(gateway)
    await observer.until(names.SNAPSHOT)
    clock.wall_s += 0.05  # about 5,000 events are due within these 50 ms
    fits("participantJoined", await observer.until(names.PARTICIPANT_JOINED))
    fits("participantLeft", await observer.until(names.PARTICIPANT_LEFT))
    fits("roleUpdated", await observer.until(names.ROLE_UPDATED))
    fits("typing", await observer.until(names.TYPING_START))
    for told in observer.all(names.STATUS):
        fits("userStatus", told)
    newcomer = observer.all(names.PARTICIPANT_JOINED)[0]["userId"]
    assert observer.all(names.CONVERSATION_JOINED, lambda payload: payload["userId"] == newcomer)
    assert observer.all(names.PARTICIPANT_LEFT)[0]["userId"] not in gateway.truth()
