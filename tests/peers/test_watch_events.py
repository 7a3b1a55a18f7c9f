"""A complete monitor on the official Socket.IO server: changes, counts and harmless input."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from presence_tui.domain.enums import Cause, Outcome, Source, State
from presence_tui.monitor import rereads
from presence_tui.monitor.link import LinkState
from tests.integration.watch.running_monitor import RunningMonitor
from tests.peers.conftest import StartGateway
from tests.peers.monitor_harness import Barrier, accounts_of, fence, flags_of, quiet, shown, watching
from tests.peers.node import PROFILES, NodeGateway

STRANGER = "66aa0000000000000000dead"


def iso(seconds_from_now: float = 0) -> str:
    moment = datetime.now(UTC) + timedelta(seconds=seconds_from_now)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture
async def monitor(node_gateway: NodeGateway) -> AsyncIterator[RunningMonitor]:
    """A monitor that is live and resynced, on a gateway that is static from now on."""
    async with watching(node_gateway) as monitor:
        await quiet(node_gateway, monitor)
        yield monitor


@pytest.fixture
async def gate(node_gateway: NodeGateway, monitor: RunningMonitor) -> Barrier:
    return await fence(node_gateway, monitor)


# --- the first picture ---


async def test_at_first_the_truth_is_shown(node_gateway: NodeGateway, monitor: RunningMonitor) -> None:
    assert shown(monitor) == await flags_of(node_gateway)
    truth = await node_gateway.truth()
    for key, it in truth.items():
        record = monitor.record(key)
        assert record.guest is it["isGuest"]
        if key != await node_gateway.me():
            assert record.name == it["displayName"]
    assert monitor.monitor.profile_name == node_gateway.profile
    assert monitor.monitor.key == await node_gateway.me()


@pytest.mark.parametrize("node_gateway", ["meeshy-2026"], indirect=True)
async def test_handle_and_display_name_are_both_kept(
    node_gateway: NodeGateway, monitor: RunningMonitor
) -> None:
    """2026 has one in its event and the other in its snapshot."""
    key = (await accounts_of(node_gateway))[1]
    it = (await node_gateway.truth())[key]
    await node_gateway.status(key, True)
    await monitor.until_flag(key, True)
    assert (monitor.record(key).name, monitor.record(key).handle) == (it["displayName"], it["handle"])


async def test_filling_the_roster_rings_no_bell(monitor: RunningMonitor) -> None:
    own = monitor.monitor.key
    assert [change for change in monitor.changes if change.cause is Cause.MOVED and change.key != own] == []


# --- who moves ---


async def test_a_status_moves_only_its_participant(
    node_gateway: NodeGateway, monitor: RunningMonitor
) -> None:
    other, key = (await accounts_of(node_gateway))[:2]
    before = shown(monitor)
    for event, timed in (("user:status", False), ("USER_STATUS", False), ("USER_STATUS", True)):
        monitor.forget()
        for flag in (True, False):
            options = {"timestamp": iso()} if timed else {}
            await node_gateway.status(key, flag, event=event, **options)
            await monitor.until_flag(key, flag)
        assert [(change.key, change.cause, change.flag) for change in monitor.changes] == [
            (key, Cause.MOVED, True),
            (key, Cause.MOVED, False),
        ]
        assert shown(monitor) == {**before, key: False}
        assert monitor.record(key).source is Source.EVENT
        assert monitor.record(other).source is not Source.EVENT
        assert (monitor.monitor.counters.latency_ms is not None) is timed


async def test_a_guest_moves_under_its_participant_id(
    node_gateway: NodeGateway, monitor: RunningMonitor
) -> None:
    key = next(key for key, it in (await node_gateway.truth()).items() if it["isGuest"])
    await node_gateway.status(key, False)
    await monitor.until_flag(key, False)
    await node_gateway.status(key, True)
    await monitor.until_flag(key, True)
    assert monitor.record(key).guest


async def test_somebody_nobody_knows_is_a_member_of_nothing_and_asked_for_once(
    node_gateway: NodeGateway, monitor: RunningMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rereads, "SETTLE_S", 0.02)
    monkeypatch.setattr(rereads, "PAUSE_S", 0.02)
    path = f"{node_gateway.prefix}/conversations/{node_gateway.conversation}/participants"
    asked = (await node_gateway.requests()).get(path, 0)
    await node_gateway.status(STRANGER, True, username="Somebody new")
    record = await monitor.until_flag(STRANGER, True)
    assert record.name == "Somebody new"
    conversation = monitor.monitor.conversation
    assert conversation is not None
    assert STRANGER not in monitor.store.rosters.members(conversation.id)
    await node_gateway.until_requested(path, asked + 1)
    for flag in (False, True):
        await node_gateway.status(STRANGER, flag)
        await monitor.until_flag(STRANGER, flag)
    await monitor.until(lambda: not monitor.monitor.is_refreshing)
    assert (await node_gateway.requests())[path] == asked + 1
    assert STRANGER not in monitor.store.rosters.members(conversation.id)


async def test_the_last_of_many_flips_is_what_is_shown(
    node_gateway: NodeGateway, monitor: RunningMonitor
) -> None:
    before = monitor.monitor.counters.received
    burst = await node_gateway.burst(2_000, seed=11)
    await monitor.until(lambda: monitor.monitor.counters.received >= before + 2_000)
    me = await node_gateway.me()
    truth = {key: it["isOnline"] for key, it in burst["truth"].items() if key != me}
    assert shown(monitor) == truth
    assert monitor.monitor.counters.of(Outcome.MALFORMED) == monitor.monitor.counters.of(Outcome.LATE) == 0


async def test_an_event_older_than_what_is_known_is_late(
    node_gateway: NodeGateway, monitor: RunningMonitor, gate: Barrier
) -> None:
    key = (await accounts_of(node_gateway))[1]
    await node_gateway.status(key, True, timestamp=iso())
    await node_gateway.status(key, False, timestamp=iso(-60))
    assert await gate.passed() == {Outcome.APPLIED: 1, Outcome.LATE: 1}
    assert monitor.flag(key) is True


async def test_a_copy_is_counted_and_not_applied_twice(
    node_gateway: NodeGateway, monitor: RunningMonitor, gate: Barrier
) -> None:
    key = (await accounts_of(node_gateway))[1]
    monitor.forget()
    payload = {"userId": key, "username": "x", "isOnline": True}
    for _ in range(3):
        await node_gateway.emit("user:status", payload)
    assert await gate.passed() == {Outcome.APPLIED: 1, Outcome.DUPLICATE: 2}
    assert len(monitor.of(Cause.MOVED, key)) == 1


async def test_the_older_gateways_copies_are_counted_as_such(start_node_gateway: StartGateway) -> None:
    """It sends one per shared conversation; the second account shares all three."""
    gateway = await start_node_gateway(profile="meeshy-2025", conversations=3)
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        gate = await fence(gateway, monitor)
        key = (await accounts_of(gateway))[1]
        await gateway.status(key, True)
        counts = await gate.passed()
        # The fence's events are also sent three times.
        assert counts[Outcome.APPLIED] == 1
        assert counts[Outcome.DUPLICATE] >= 2
        assert set(counts) == {Outcome.APPLIED, Outcome.DUPLICATE}
        assert len(monitor.of(Cause.MOVED, key)) == 1


# --- snapshots ---


@pytest.mark.parametrize("node_gateway", ["meeshy-2026"], indirect=True)
async def test_a_snapshot_does_not_undo_events_of_its_own_epoch(
    node_gateway: NodeGateway, monitor: RunningMonitor, gate: Barrier
) -> None:
    moved, still = (await accounts_of(node_gateway))[1:3]
    await node_gateway.status(moved, True)
    await monitor.until_flag(moved, True)
    before = monitor.flag(still)
    rows = [
        {"userId": moved, "username": "x", "isOnline": False, "lastActiveAt": None},
        {"userId": still, "username": "y", "isOnline": not before, "lastActiveAt": None},
    ]
    await node_gateway.emit("presence:snapshot", {"users": rows})
    await gate.passed()
    assert monitor.flag(moved) is True, "an event of this epoch takes precedence"
    assert monitor.flag(still) is (not before), "without an event, the snapshot applies"


# --- typing and members ---


async def test_typing_is_shown_and_moves_no_participant(
    node_gateway: NodeGateway, monitor: RunningMonitor, gate: Barrier
) -> None:
    key = (await accounts_of(node_gateway))[1]
    flag = monitor.flag(key)
    typing = {"userId": key, "username": "u", "displayName": "U", "conversationId": node_gateway.conversation}
    await node_gateway.emit("typing:start", {**typing, "isTyping": True})
    await gate.passed()
    assert monitor.record(key).typing_s is not None
    await node_gateway.emit("typing:stop", {**typing, "isTyping": False})
    await gate.passed()
    assert monitor.record(key).typing_s is None
    assert monitor.flag(key) is flag


@pytest.mark.parametrize("node_gateway", ["meeshy-2026"], indirect=True)
async def test_members_come_rise_and_go(
    node_gateway: NodeGateway, monitor: RunningMonitor, gate: Barrier
) -> None:
    place = node_gateway.conversation
    rosters = monitor.store.rosters
    count = monitor.store.counts(place).total
    about = {"conversationId": place, "userId": STRANGER, "displayName": "Zoé Neuf"}
    await node_gateway.emit("conversation:participant-joined", {**about, "joinedAt": iso(), "memberCount": 7})
    await gate.passed()
    assert STRANGER in rosters.members(place)
    assert (monitor.record(STRANGER).name, monitor.record(STRANGER).state) == ("Zoé Neuf", State.UNKNOWN)
    assert monitor.store.counts(place).total == count + 1
    role = {"conversationId": place, "userId": STRANGER, "newRole": "admin", "updatedBy": "x"}
    await node_gateway.emit("participant:role-updated", role)
    await gate.passed()
    assert rosters.role(place, STRANGER) == "admin"
    await node_gateway.emit("conversation:participant-left", {**about, "leftAt": iso()})
    assert await gate.passed() == {Outcome.APPLIED: 1}
    assert STRANGER not in rosters.members(place)
    assert monitor.store.counts(place).total == count


@pytest.mark.parametrize("node_gateway", ["meeshy-2026"], indirect=True)
async def test_who_joins_a_conversation_and_then_comes_is_online(
    node_gateway: NodeGateway, monitor: RunningMonitor
) -> None:
    about = {"conversationId": node_gateway.conversation, "userId": STRANGER, "displayName": "Zoé Neuf"}
    await node_gateway.emit("conversation:participant-joined", {**about, "joinedAt": iso()})
    await node_gateway.status(STRANGER, True, username="Zoé Neuf")
    await monitor.until_flag(STRANGER, True)
    assert monitor.of(Cause.MOVED, STRANGER) == [] or monitor.of(Cause.MOVED, STRANGER)[0].flag is True
    assert STRANGER in monitor.store.rosters.members(node_gateway.conversation)


# --- notices ---


async def test_a_join_that_is_refused_becomes_a_notice(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    async with watching(gateway, wanted="66dd0000000000000000ffff") as monitor:
        await monitor.until_live()
        await monitor.until(lambda: any("does not let you join" in notice for notice in monitor.notices))
        assert "not a member" in "".join(monitor.notices)
        assert monitor.status.state is LinkState.LIVE


@pytest.mark.parametrize("node_gateway", ["meeshy-2026"], indirect=True)
async def test_an_error_of_the_gateway_after_the_welcome_becomes_a_notice(
    node_gateway: NodeGateway, monitor: RunningMonitor
) -> None:
    await node_gateway.emit("error", {"message": "Slow down.\x1b[2J"})
    await monitor.until(lambda: monitor.notices)
    assert monitor.notices == ["The gateway says: Slow down.␛[2J."]
    assert monitor.status.state is LinkState.LIVE


# --- what is harmless ---

MALFORMED: list[tuple[str, tuple[Any, ...]]] = [
    ("nothing", ()),
    ("null", (None,)),
    ("text", ("ada is online",)),
    ("number", (7,)),
    ("true", (True,)),
    ("list", ([1, 2, 3],)),
    ("empty", ({},)),
    ("no id", ({"isOnline": True},)),
    ("no flag", ({"userId": STRANGER},)),
    ("null id", ({"userId": None, "isOnline": True},)),
    ("null flag", ({"userId": STRANGER, "isOnline": None},)),
    ("number id", ({"userId": 7, "isOnline": True},)),
    ("text flag", ({"userId": STRANGER, "isOnline": "yes"},)),
    ("list id", ({"userId": [STRANGER], "isOnline": True},)),
    ("huge id", ({"userId": "x" * 100_000, "isOnline": True},)),
    ("escape id", ({"userId": "\x1b]0;owned\x07", "isOnline": True},)),
    ("surrogate id", ({"userId": "\ud800", "isOnline": True},)),
    ("binary", (b"\x00\x01\x02",)),
    ("binary inside", ({"userId": b"\x00", "isOnline": True},)),
    ("list of statuses", ([{"userId": STRANGER, "isOnline": True}],)),
]


@pytest.mark.parametrize("recovery", [False, True], ids=["plain", "recovery"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_malformed_events_are_counted_once_each_and_the_watch_goes_on(
    start_node_gateway: StartGateway, profile: str, recovery: bool
) -> None:
    gateway = await start_node_gateway(profile, recovery=recovery)
    async with watching(gateway) as monitor:
        await quiet(gateway, monitor)
        gate = await fence(gateway, monitor)
        known = set(monitor.store.participants)
        for name, arguments in MALFORMED:
            await gateway.emit("user:status", *arguments)
            assert await gate.passed() == {Outcome.MALFORMED: 1}, name
        assert set(monitor.store.participants) == known
        assert monitor.states == [LinkState.CONNECTING, LinkState.CONNECTED, LinkState.LIVE]
        counters = monitor.monitor.counters
        assert counters.of(Outcome.MALFORMED) == len(MALFORMED)
        assert counters.received == sum(monitor.outcomes().values())


async def test_with_recovery_an_offset_behind_the_payload_changes_nothing(
    start_node_gateway: StartGateway,
) -> None:
    gateway = await start_node_gateway("meeshy-2026", recovery=True)
    async with watching(gateway) as monitor:
        await quiet(gateway, monitor)
        gate = await fence(gateway, monitor)
        key = (await accounts_of(gateway))[1]
        await gateway.status(key, False)
        await gateway.status(key, True)
        assert await gate.passed() == {Outcome.APPLIED: 2}
        assert monitor.flag(key) is True


async def test_every_event_sent_is_in_exactly_one_count(
    node_gateway: NodeGateway, monitor: RunningMonitor, gate: Barrier
) -> None:
    key = (await accounts_of(node_gateway))[1]
    before = monitor.monitor.counters.received
    sent: list[tuple[str, tuple[Any, ...], Outcome]] = [
        ("user:status", ({"userId": key, "isOnline": True},), Outcome.APPLIED),
        ("user:status", ({"userId": key, "isOnline": True},), Outcome.DUPLICATE),
        ("USER_STATUS", ({"userId": key, "isOnline": False, "timestamp": iso()},), Outcome.APPLIED),
        ("USER_STATUS", ({"userId": key, "isOnline": True, "timestamp": iso(-99)},), Outcome.LATE),
        ("user:status", ({"userId": 7},), Outcome.MALFORMED),
        ("typing:start", ({"userId": key},), Outcome.MALFORMED),
        ("presence:snapshot", ({"users": 7},), Outcome.MALFORMED),
        ("presence:snapshot", ({"users": [7, None]},), Outcome.APPLIED),
        ("message:new", ({"id": "x"},), Outcome.UNKNOWN),
        ("never:heard:of", (), Outcome.UNKNOWN),
        ("", ("nameless",), Outcome.UNKNOWN),
        ("x" * 5_000, (), Outcome.UNKNOWN),
        ("heartbeat:ack", ({"serverTime": iso()},), Outcome.APPLIED),
    ]
    for event, arguments, _ in sent:
        await node_gateway.emit(event, *arguments)
    expected: dict[Outcome, int] = {}
    for *_, outcome in sent:
        expected[outcome] = expected.get(outcome, 0) + 1
    assert await gate.passed() == expected
    assert monitor.monitor.counters.received == before + len(sent) + 1, "plus the final status event"


BROKEN_PACKETS = [
    '2["user:status",{"userId":"x","isOnline":true',
    "2{}",
    "2[]",
    "2",
    '2[["user:status"],{"userId":"x","isOnline":true}]',
    '2[{"a":1}]',
    "2[null]",
    '2["user:status",{"userId":"x","isOnline":true,"timestamp":1' + "0" * 400 + "}]",
    "2" + "[" * 5_000,
    '3["an answer nobody asked for"]',
    "9",
    "hello",
    '2/another,["user:status",{}]',
]


async def test_a_broken_packet_does_not_end_the_watch(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    async with watching(gateway) as monitor:
        await quiet(gateway, monitor)
        for packet in BROKEN_PACKETS:
            await gateway.raw(packet)
            await still_heard(gateway, monitor)


async def still_heard(gateway: NodeGateway, monitor: RunningMonitor) -> None:
    key = (await accounts_of(gateway))[1]
    flag = not monitor.flag(key)
    await gateway.status(key, flag)
    await monitor.until(lambda: monitor.flag(key) is flag)
    await monitor.until_state(LinkState.LIVE)


@pytest.mark.parametrize("packet", ["51-", '51-["user:status",{"_placeholder":true,"num":0}]'])
async def test_a_binary_event_without_its_bytes_makes_nobody_deaf(
    start_node_gateway: StartGateway, packet: str
) -> None:
    """The library takes the next event for the missing bytes; later ones arrive."""
    gateway = await start_node_gateway("meeshy-2026")
    async with watching(gateway) as monitor:
        await quiet(gateway, monitor)
        await gateway.raw(packet)
        await gateway.emit("user:status", {"userId": "swallowed", "isOnline": True})
        await still_heard(gateway, monitor)
