"""A complete monitor on the embedded gateway, for situations that need control of the gateway."""

from typing import Any

import pytest

from presence_tui.domain.enums import Cause, Outcome, Source
from presence_tui.domain.participants import Conversation
from presence_tui.gateway.server import Gateway
from presence_tui.monitor import resync
from presence_tui.monitor.connection_attempt import ConnectionAttempt
from presence_tui.monitor.link import LinkState
from presence_tui.transport.credentials import CredentialKind
from presence_tui.transport.errors import GatewayBroken
from presence_tui.wire.messages import Snapshot
from tests.contract.no_websocket import refuse_websockets
from tests.integration.watch.conftest import StartGateway
from tests.integration.watch.running_monitor import RunningMonitor
from tests.unit.monitor.wait_until import breathe, other_tasks


def watching(gateway: Gateway, **options: Any) -> RunningMonitor:
    return RunningMonitor(gateway.url, options.pop("token", gateway.token), **options)


def others(gateway: Gateway, **wanted: Any) -> list[str]:
    """Keys of members with these attributes, by default of visible ones."""
    wanted = {"hidden": False, "guest": False, **wanted}
    return [
        key
        for key, person in gateway.people().items()
        if person is not gateway.observer
        and all(getattr(person, name) == value for name, value in wanted.items())
    ]


def shown(gateway: Gateway, monitor: RunningMonitor) -> dict[str, bool | None]:
    return {key: monitor.flag(key) for key in gateway.people() if key != gateway.observer.key}


def truth(gateway: Gateway) -> dict[str, bool]:
    return {key: flag for key, flag in gateway.truth().items() if key != gateway.observer.key}


async def test_at_first_the_truth_is_shown(gateway: Gateway) -> None:
    async with watching(gateway) as monitor:
        report = await monitor.until_settled()
        assert report.malformed_rows == 0
        assert shown(gateway, monitor) == truth(gateway)
        assert monitor.monitor.conversation is not None
        assert monitor.monitor.account is not None
        assert monitor.monitor.account.key == gateway.observer.key
        assert monitor.monitor.round_trip_s is not None


async def test_a_long_snapshot_comes_in_parts_and_counts_once(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts: list[bool] = []
    take = ConnectionAttempt.on_snapshot

    def on_snapshot(session: ConnectionAttempt, part: Snapshot, packet: str = "") -> None:
        parts.append(part.complete)
        take(session, part, packet)

    monkeypatch.setattr(ConnectionAttempt, "on_snapshot", on_snapshot)
    gateway = await start_gateway(participants=1_500, rate=0)
    async with watching(gateway) as monitor:
        await monitor.until(lambda: parts and parts[-1])
        assert len(parts) > 2 and parts.count(True) == 1
        assert monitor.monitor.counters.of(Outcome.APPLIED) == monitor.monitor.counters.received == 2, (
            "the snapshot and the welcome"
        )
        assert shown(gateway, monitor) == truth(gateway)


async def test_people_come_and_go(gateway: Gateway) -> None:
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        key = others(gateway)[0]
        for flag in (True, False, True):
            gateway.set_online(key, flag)
            await monitor.until_flag(key, flag)
        assert monitor.record(key).source is Source.EVENT
        assert monitor.monitor.counters.latency_ms is not None, "the embedded gateway sends the emission time"


async def test_a_hidden_person_is_shown_offline(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(participants=60)
    hidden = others(gateway, hidden=True)
    assert hidden
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        assert {monitor.flag(key) for key in hidden} == {False}


async def test_a_snapshot_that_comes_late_undoes_no_event(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a snapshot, states come by REST; it may also arrive after the first events."""
    monkeypatch.setattr(resync, "SNAPSHOT_LIMIT_S", 0.05)
    gateway = await start_gateway()
    gateway.connections.hold_snapshot = True
    here, gone = others(gateway)[:2]
    gateway.set_online(here, True)
    gateway.set_online(gone, True)
    gateway.set_online(gone, False)
    async with watching(gateway) as monitor:
        report = await monitor.until_settled()
        assert report.runtime_asked
        assert shown(gateway, monitor) == truth(gateway)
        gateway.set_online(here, False)
        gateway.set_online(gone, True)
        await monitor.until_flag(gone, True)
        monitor.forget()
        received = monitor.monitor.counters.received
        gateway.connections.hold_snapshot = False
        await monitor.until_received(received + 1)
        assert shown(gateway, monitor) == truth(gateway)
        assert [change for change in monitor.changes if change.key in (here, gone)] == []


async def test_a_ghost_is_unmasked_by_a_refresh(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    key = others(gateway)[0]
    gateway.set_online(key, True)
    gateway.set_online(key, False)
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        gateway.create_ghost(key)
        await monitor.until_flag(key, True)
        report = await monitor.monitor.refresh()
        assert report is not None
        assert (report.corrected, monitor.flag(key)) == (1, False)


async def test_another_conversation_can_be_watched(gateway: Gateway) -> None:
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        told: list[Conversation] = []
        monitor.monitor.conversation_changed.subscribe(told.append)
        first = monitor.monitor.conversation
        other = next(each for each in monitor.monitor.conversations if each != first)
        monitor.monitor.select(other)
        assert monitor.monitor.conversation == other
        assert told == [other]
        await monitor.until_settled()
        assert set(monitor.store.rosters.members(other.id)) == set(gateway.people(other.id))


@pytest.mark.parametrize("wanted", ["lighthouse", "Lighthouse", "LIGHTHOUSE"])
async def test_a_conversation_is_wanted_by_identifier_or_title(
    start_gateway: StartGateway, wanted: str
) -> None:
    gateway = await start_gateway()
    async with watching(gateway, wanted=wanted) as monitor:
        await monitor.until_settled()
        assert monitor.monitor.conversation is not None
        assert monitor.monitor.conversation.identifier == "lighthouse"


async def test_the_counts_of_the_other_conversations_move_live(gateway: Gateway) -> None:
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        side = next(each for each in monitor.monitor.conversations if each.identifier == "lighthouse")
        await monitor.until(lambda: monitor.store.rosters.knows(side.id))
        key = next(key for key in gateway.people(side.id) if key in others(gateway))
        gateway.set_online(key, True)
        await monitor.until_flag(key, True)
        before = monitor.store.counts(side.id).online
        gateway.set_online(key, False)
        await monitor.until_flag(key, False)
        assert monitor.store.counts(side.id).online == before - 1


async def test_what_is_side_by_side_is_read_joined_and_read_again_after_a_gap(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined: list[str] = []
    async with watching(gateway, waits=0) as monitor:
        emit = monitor.feed.emit

        async def note_and_emit(event: str, payload: dict[str, str]) -> None:
            joined.append(payload["conversationId"])
            await emit(event, payload)

        monkeypatch.setattr(monitor.feed, "emit", note_and_emit)
        await monitor.until_settled()
        beside = [each for each in monitor.monitor.conversations if each != monitor.monitor.conversation][-2:]
        read: list[str] = []
        monitor._collect(
            monitor.monitor.secondary_rosters.refreshed.subscribe, lambda each: read.append(each.id)
        )
        monitor.monitor.watch_beside(beside)
        await monitor.until(lambda: len(read) == 2)
        for each in beside:
            assert set(monitor.store.rosters.members(each.id)) == set(gateway.people(each.id))
        assert joined[-2:] == [each.id for each in beside]

        joined.clear()
        await gateway.connections.kick()
        await monitor.until_live(epoch=2)
        await monitor.until(lambda: len(read) == 4)
        assert {each.id for each in beside} <= set(joined)

        assert await monitor.monitor.refresh() is not None
        assert read == [each.id for each in beside] * 3


async def test_without_rest_the_socket_tells_what_it_knows(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    gateway.faults.refuse_rest = True
    async with watching(gateway) as monitor:
        await monitor.until_live()
        await monitor.until(lambda: monitor.reports)
        assert isinstance(monitor.reports[0].roster_error, GatewayBroken)
        key = others(gateway)[0]
        gateway.set_online(key, True)
        await monitor.until_flag(key, True)
        gateway.faults.refuse_rest = False
        await monitor.until(lambda: not monitor.monitor.is_refreshing)
        await monitor.monitor.refresh()
        await monitor.until_settled()
        assert shown(gateway, monitor) == truth(gateway)


async def test_a_restart_is_survived_and_what_changed_is_told_once(gateway: Gateway) -> None:
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        key = others(gateway)[0]
        gateway.set_online(key, False)
        gateway.set_online(key, True)
        await monitor.until_flag(key, True)
        await gateway.stop()
        await monitor.until_state(LinkState.RECONNECTING)
        monitor.forget()
        gateway.set_online(key, False)
        await gateway.start()
        await monitor.until_settled(2)
        assert shown(gateway, monitor) == truth(gateway)
        moves = [change for change in monitor.of(Cause.RECONCILED, key) if change.flag is False]
        assert len(moves) == 1
        gateway.set_online(key, True)
        await monitor.until_flag(key, True)
        assert len(monitor.of(Cause.RECONNECTED, key)) == 1
        assert not [change for change in monitor.of(Cause.MOVED, key) if change.flag]


async def test_where_no_websocket_comes_through_it_polls_and_is_live(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_websockets(monkeypatch)
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        assert monitor.status.transport == "polling"
        key = others(gateway)[0]
        gateway.set_online(key, False)
        await monitor.until_flag(key, False)


async def test_a_guest_without_a_conversation_gets_a_sentence(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    async with watching(gateway, token="nobody", kind=CredentialKind.GUEST) as monitor:
        await monitor.until_state(LinkState.SIGNED_OUT)
        # The socket may be refused before the first read is done.
        await monitor.until(lambda: monitor.reports and not monitor.monitor.is_refreshing)
        report = await monitor.monitor.refresh()
        assert report is not None
        assert "in no conversation" in str(report.roster_error)


async def test_a_living_town_is_followed_to_the_end(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(rate=400, participants=40)
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        await monitor.until_received(300)
        assert monitor.monitor.counters.received == sum(monitor.outcomes().values())
        assert monitor.outcomes()[Outcome.MALFORMED] == 0
        assert monitor.states == [LinkState.CONNECTING, LinkState.CONNECTED, LinkState.LIVE]


async def test_a_watch_that_never_ran_holds_nothing(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    tasks = other_tasks()
    monitor = watching(gateway)
    await monitor.source.close()
    await breathe()
    assert other_tasks() == tasks
    assert monitor.monitor.heard_s is None
