"""An hour without network, on real sockets and a virtual clock, and the summary at its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from presence_tui.domain.enums import Source
from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.history.history import History
from presence_tui.history.retention import RetentionLimits
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.monitor import PresenceMonitor
from presence_tui.service.history_recording import record
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from tests.integration.watch.running_monitor import RunningMonitor
from tests.unit.clock import FakeClock
from tests.unit.history.history_fixtures import rows

HOUR_S = 3_600.0


class GapHarness:
    """A gateway with a static population, on the same clock as its monitors."""

    def __init__(self, profile: str, path: Path) -> None:
        self.clock = FakeClock()
        settings = GatewaySettings(rate=0, secret="of the tests", profile=profile)
        self.gateway = Gateway(settings, self.clock, Random(7))
        self.path = path

    def people(self, flag: bool) -> list[str]:
        """Visible accounts with this flag."""
        truth = self.gateway.truth()
        return [
            key
            for key, person in self.gateway.people().items()
            if person is not self.gateway.observer
            and not person.hidden
            and not person.guest
            and truth[key] is flag
        ]

    def watching(self) -> RunningMonitor:
        return RunningMonitor(self.gateway.url, self.gateway.token, clock=self.clock)

    @asynccontextmanager
    async def history(self) -> AsyncIterator[History]:
        credential = Credential(CredentialKind.ACCOUNT, self.gateway.token)
        url = Address.parse(self.gateway.url).url
        history = History(self.path, url, credential.owner_hint, self.clock, RetentionLimits())
        try:
            yield history
        finally:
            await history.close()


def keep(history: History, monitor: PresenceMonitor) -> None:
    """Like a service: start from the cache, then record."""
    if (cached := history.cached) is not None:
        monitor.restore(cached.conversations, cached.account_key, cached.as_of_s)
    record(history, monitor)


@pytest.fixture(params=["meeshy-2026", "meeshy-2025"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[GapHarness]:
    place = GapHarness(request.param, tmp_path / "presence-tui" / "history.sqlite")
    await place.gateway.start()
    yield place
    await place.gateway.stop()


async def an_hour_without_network(place: GapHarness) -> None:
    """Meanwhile three participants come and two leave."""
    await place.gateway.stop()
    place.clock.advance(HOUR_S)
    coming, leaving = place.people(False)[:3], place.people(True)[:2]
    assert (len(coming), len(leaving)) == (3, 2)
    for key in coming:
        place.gateway.set_online(key, True)
    for key in leaving:
        place.gateway.set_online(key, False)


def says_so(monitor: RunningMonitor) -> bool:
    (summary,) = monitor.returns
    return (summary.came, summary.left, summary.unsure, summary.seen) == (3, 2, 0, 0)


async def test_within_one_run(place: GapHarness) -> None:
    async with place.watching() as monitor:
        await monitor.until_settled()
        left_s = place.clock.wall_s
        await an_hour_without_network(place)
        await monitor.until_state(LinkState.RECONNECTING)
        assert monitor.status.is_stale
        assert monitor.status.fresh_until_s is not None and monitor.status.fresh_until_s <= left_s
        await place.gateway.start()
        await monitor.until(lambda: monitor.returns)
        assert says_so(monitor), monitor.returns
        assert monitor.returns[0].gap_s == pytest.approx(HOUR_S, abs=1)
        assert not monitor.status.is_stale
        missed = monitor.returns[0].missed
        assert missed is not None and not missed.is_recovered
        assert missed.at_least == 5
        assert missed.gap_s == pytest.approx(HOUR_S, abs=1)


async def test_of_a_hiccup_only_what_was_missed_is_told(place: GapHarness) -> None:
    async with place.watching() as monitor:
        await monitor.until_settled()
        await place.gateway.connections.kick()
        await monitor.until_settled(epoch=2)
        await monitor.until(lambda: not monitor.status.is_stale and monitor.returns)
    (summary,) = monitor.returns
    assert not summary.is_long
    assert summary.missed is not None
    assert (summary.missed.at_least, summary.missed.estimate) == (0, None), "not watched for ten seconds"


async def test_from_one_run_to_the_next(place: GapHarness) -> None:
    """The next run starts without network from the cached rosters, and catches up."""
    async with place.history() as history:
        monitor = place.watching()
        keep(history, monitor.monitor)
        async with monitor:
            await monitor.until_settled()
    known = {key: record.flag for key, record in monitor.store.participants.items()}
    left_s = place.clock.wall_s
    await an_hour_without_network(place)

    async with place.history() as history:
        monitor = place.watching()
        remembered = await history.load_cached(monitor.store)
        assert remembered is not None
        keep(history, monitor.monitor)
        async with monitor:
            await monitor.until_state(LinkState.RECONNECTING)
            conversation = monitor.monitor.conversation
            assert conversation is not None and conversation.id == place.gateway.conversation
            assert (monitor.status.is_stale, monitor.status.fresh_until_s) == (True, left_s)
            assert monitor.monitor.key == place.gateway.observer.key
            shown = {key: record.flag for key, record in monitor.store.participants.items()}
            assert shown == known
            assert {record.source for record in monitor.store.participants.values()} <= {Source.CACHE, None}
            await place.gateway.start()
            await monitor.until(lambda: monitor.returns)
            assert says_so(monitor), monitor.returns
            assert not monitor.status.is_stale
            truth = place.gateway.truth()
            assert {key: monitor.flag(key) for key in place.people(True)} == dict.fromkeys(
                place.people(True), True
            )
            assert all(monitor.flag(key) is truth[key] for key in place.people(False))

    assert rows(place.path, "SELECT DISTINCT key FROM accounts") == [place.gateway.observer.key]
    spans = rows(place.path, "SELECT began_s, until_s FROM spans ORDER BY began_s")
    assert spans[0][1] <= left_s < left_s + HOUR_S <= spans[1][0], "coverage has a gap of an hour"
    states = rows(place.path, "SELECT state FROM links WHERE run = 2 ORDER BY id")
    assert states[0] == "connecting" and "reconnecting" in states and states[-1] == "live"
    assert rows(place.path, "SELECT count(*) FROM runs WHERE ended_s IS NULL") == [0]


async def test_a_gap_is_recorded_and_no_token_is_ever_stored(place: GapHarness) -> None:
    async with place.history() as history:
        monitor = place.watching()
        keep(history, monitor.monitor)
        async with monitor:
            await monitor.until_settled()
            await place.gateway.connections.kick()
            await monitor.until_settled(epoch=2)
            await monitor.until(lambda: monitor.returns)
    assert rows(place.path, "SELECT at_least, recovered FROM missed") == [(0, 0)]
    token = place.gateway.token.encode()
    written = b"".join(found.read_bytes() for found in place.path.parent.iterdir())
    assert place.gateway.observer.key.encode() in written
    for part in (token, *token.split(b".")):
        assert part not in written


async def test_who_was_watched_as_the_most_recent_is_left_where_another_is(place: GapHarness) -> None:
    """Without a named conversation, the most recent is watched, unless the user already reads the cached
    one.
    """
    async with place.history() as history:
        monitor = place.watching()
        keep(history, monitor.monitor)
        async with monitor:
            await monitor.until_settled()
            least_recent = monitor.monitor.conversations[-1].id
            await monitor.until(lambda: monitor.store.rosters.knows(least_recent))
    async with place.history() as history:
        monitor = place.watching()
        remembered = await history.load_cached(monitor.store)
        assert remembered is not None
        remembered.conversations.reverse()
        keep(history, monitor.monitor)
        assert monitor.monitor.conversation == remembered.conversations[0]
        async with monitor:
            await monitor.until_settled()
            assert monitor.monitor.conversation is not None
            assert monitor.monitor.conversation.id == place.gateway.conversation
