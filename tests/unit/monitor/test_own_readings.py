"""Readings the monitor makes by itself: when the next one is due, and what it tells the gateway."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest

from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import phrase
from presence_tui.monitor import rereads, resync
from presence_tui.monitor.backoff import FIRST_JITTER, FIRST_S, JITTER, PATIENT_S
from presence_tui.monitor.monitor import PresenceMonitor
from presence_tui.monitor.resync_state import ResyncState, ResyncStatus, Target
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.transport import endings
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind
from presence_tui.transport.errors import (
    AccessDenied,
    BoundExceeded,
    GatewayBroken,
    GatewayError,
    NotFound,
    PortRefused,
    RateLimited,
    SignInNeeded,
)
from presence_tui.transport.feed import FeedListener
from presence_tui.transport.presence_source import AskedPage, OwnConversations, Timing
from presence_tui.transport.rate_limits import RequestCounters
from presence_tui.wire import names
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026, Profile
from presence_tui.wire.responses import Account, Health
from tests.unit.monitor.fake_feed import ME, FakeFeed, Step, fails, silence, tells, welcome
from tests.unit.monitor.fake_source import FakeSource, page
from tests.unit.monitor.wait_until import Condition, breathe
from tests.unit.store.store_harness import StoreHarness
from tests.unit.virtual_time import run_virtually

HARBOUR = Conversation("c-harbour", "Harbour crew", "harbour", 2)
LIGHTHOUSE = Conversation("c-lighthouse", "Lighthouse", "lighthouse", 2)
JOIN = names.CONVERSATION_JOIN
CONFIRMED = Target(1, HARBOUR.id)
LEAST_OF_THREE_S = FIRST_S * FIRST_JITTER + (2 * FIRST_S + PATIENT_S) * JITTER
MOST_OF_THREE_S = FIRST_S + 2 * FIRST_S + PATIENT_S + 1
"""Our own pauses after three failures, with a second for everything else."""


class OwnSource(FakeSource):
    """Answers everything a monitor asks; ``failures`` come first, one for each time it looks who it is."""

    def __init__(self, harness: StoreHarness, *failures: GatewayError) -> None:
        super().__init__(harness.store, page(ME, "ada"))
        self.failures = list(failures)
        self.timing: Timing | None = None
        self.refused = self.broken = ""
        """The conversations whose roster is refused, and cannot be read for now."""
        self.profile = MEESHY_2025
        self.counters = RequestCounters()
        self.on_pause: Callable[[float], None] = lambda pause_s: None

    async def discover(self) -> Profile:
        return self.profile

    async def rediscover(self) -> bool:
        return False

    def time_of_answers(self) -> Timing | None:
        return self.timing

    async def health(self) -> tuple[Health, Timing]:
        raise NotFound("no health")

    async def account(self) -> Account:
        if self.failures:
            raise self.failures.pop(0)
        return Account(ME, "me", "Me")

    async def conversations(self, own_key: str = "") -> OwnConversations:
        return OwnConversations([HARBOUR, LIGHTHOUSE], 0)

    async def participants(self, conversation_id: str) -> AsyncIterator[AskedPage]:
        if conversation_id == self.refused:
            raise AccessDenied("not a member")
        if conversation_id == self.broken:
            raise GatewayBroken(503, "down for maintenance")
        async for each in super().participants(conversation_id):
            yield each

    async def renew_token(self) -> bool:
        return False

    async def close(self) -> None:
        """There is nothing to close."""


class Watching:
    """A monitor that runs on scripts."""

    def __init__(self, source: OwnSource, feed: FakeFeed, harness: StoreHarness) -> None:
        self.source, self.feed, self.harness = source, feed, harness
        self.news = Condition()
        holder = CredentialHolder(Credential(CredentialKind.ACCOUNT, "a token of ours"))
        self.monitor = PresenceMonitor(harness.store, feed, source, holder, random=Random(7))
        self.reports: list[RefreshReport] = []
        self.monitor.resynced.subscribe(self.reports.append)
        self.monitor.resynced.subscribe(self.news.notify)
        self.monitor.secondary_rosters.refreshed.subscribe(self.news.notify)
        self.monitor.secondary_rosters.reported.subscribe(self.news.notify)
        self.notices: list[str] = []
        self.monitor.noticed.subscribe(lambda notice: self.notices.append(str(notice)))
        self.monitor.noticed.subscribe(self.news.notify)
        self.monitor.link_changed.subscribe(self.news.notify)

    @property
    def resync(self) -> ResyncStatus:
        return self.monitor._resync.status

    @property
    def joined(self) -> list[str]:
        return [payload["conversationId"] for event, payload in self.feed.emitted if event == JOIN]

    async def until(self, condition: Callable[[], Any]) -> None:
        await self.news.until(condition)


@asynccontextmanager
async def watching(step: Step, *failures: GatewayError) -> AsyncIterator[Watching]:
    harness = StoreHarness()
    running = Watching(OwnSource(harness, *failures), FakeFeed(step), harness)
    task = asyncio.create_task(running.monitor.run())
    try:
        yield running
    finally:
        task.cancel()
        await asyncio.wait([task])


class Pauses:
    """The waits of the backoff: which attempt each was for, and over at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.attempts: list[int] = []
        monkeypatch.setattr(resync, "delay_s", self)

    def __call__(self, attempt: int, random: Random) -> float:
        self.attempts.append(attempt)
        return 0.0


async def test_pauses_between_failed_resyncs_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = Pauses(monkeypatch)
    async with watching(welcome, *[PortRefused("gate.example")] * 4) as running:
        await running.until(lambda: running.monitor.conversation == HARBOUR)
        assert pauses.attempts == [1, 2, 3, 4]


async def test_permanent_failure_is_not_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = Pauses(monkeypatch)
    async with watching(welcome, PortRefused("gate.example"), NotFound("nobody")) as running:
        await running.until(lambda: isinstance(_error_of(running), NotFound))
        await breathe()
        assert pauses.attempts == [1]


def broken(asked_s: float) -> GatewayError:
    return GatewayBroken(503, "down for maintenance", asked_s)


@pytest.mark.parametrize("failure", [RateLimited, broken])
def test_the_pause_that_a_gateway_asks_for_is_made(failure: Callable[[float], GatewayError]) -> None:
    """A pause of no time, or until a past date, is followed by our own: it became a request after another."""

    async def follow() -> None:
        now_s = asyncio.get_running_loop().time
        for asked_s in (0.0, 40.0):
            began_s = now_s()
            async with watching(welcome, *[failure(asked_s)] * 3) as running:
                await running.news.until(lambda: running.monitor.conversation == HARBOUR, timeout_s=1_000)
            assert 3 * asked_s + MOST_OF_THREE_S >= now_s() - began_s >= 3 * asked_s + LEAST_OF_THREE_S

    run_virtually(follow())


@pytest.mark.parametrize(
    ("step", "waited_s"),
    [(silence, resync.FIRST_CONTACT_LIMIT_S), (welcome, 0.0), (fails(PortRefused("gate.example")), 0.0)],
)
def test_the_first_read_waits_for_the_socket_and_not_for_long(step: Step, waited_s: float) -> None:
    async def follow() -> None:
        now_s = asyncio.get_running_loop().time
        began_s = now_s()
        async with watching(step) as running:
            await running.news.until(lambda: running.reports, timeout_s=1_000)
        assert now_s() - began_s == pytest.approx(waited_s, abs=0.5)

    run_virtually(follow())


async def test_no_room_is_joined_before_authentication() -> None:
    async with watching(silence) as running:
        await running.until(lambda: running.feed.is_open)
        running.monitor.select(LIGHTHOUSE)
        running.monitor.watch_beside([HARBOUR])
        await breathe()
        assert running.joined == []
        welcome(running.feed.heard)
        await running.until(lambda: len(running.joined) >= 2)
        assert set(running.joined) == {LIGHTHOUSE.id, HARBOUR.id}


async def test_refresh_ends_the_pause_of_a_failed_resync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resync, "delay_s", lambda attempt, random: 1_000.0)
    async with watching(welcome, PortRefused("gate.example")) as running:
        await running.until(lambda: running.resync.state is ResyncState.PAUSED)
        report = await running.monitor.refresh()
        assert report is not None
        assert report.error is None
        assert running.resync == ResyncStatus(ResyncState.SYNCED, CONFIRMED, CONFIRMED)


async def test_rosters_beside_wait_for_the_watched_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resync, "delay_s", lambda attempt, random: 1_000.0)
    async with watching(welcome, PortRefused("gate.example")) as running:
        running.monitor.watch_beside([LIGHTHOUSE])
        await running.until(lambda: running.resync.state is ResyncState.PAUSED)
        await breathe()
        assert running.source.pages_asked == 0
        await running.monitor.refresh()
        await running.until(lambda: running.source.pages_asked == 2)


async def test_pause_that_ends_without_a_link_leaves_the_resync_to_its_return(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resync, "delay_s", lambda attempt, random: 0.0)
    async with watching(silence, PortRefused("gate.example")) as running:
        await running.until(lambda: running.feed.is_open)
        await running.until(lambda: running.reports)
        await breathe()
        assert running.resync.state is ResyncState.FAILED
        welcome(running.feed.heard)
        await running.until(lambda: len(running.reports) == 2)
        assert running.resync == ResyncStatus(ResyncState.SYNCED, CONFIRMED, CONFIRMED)


async def test_without_a_health_route_the_clock_is_that_of_other_answers() -> None:
    async with watching(welcome) as running:
        running.source.timing = Timing(0.1, 600.0, 0.55)
        await running.until(lambda: running.resync.state is ResyncState.SYNCED)
        assert running.harness.store.states.measured_skew_s == 600
        round_trip_s, estimate = running.monitor.metrics.clock()
        assert estimate is not None
        assert (round_trip_s, estimate.error_s) == (0.1, pytest.approx(0.55))


def tell_statuses(running: Watching, flags: str) -> None:
    for flag in flags.split():
        payload = {"userId": "ada", "username": "ada", "isOnline": flag == "1"}
        running.feed.heard.on_event("user:status", (payload,))


@pytest.mark.parametrize(("flags", "reads"), [("1 1 1 0 0 1 1", 1), ("1 1 0 1 0 0", 0), ("1 1 0 0 1 1", 0)])
async def test_event_taken_for_a_copy_is_read_again_unless_the_lacking_copies_arrive(
    monkeypatch: pytest.MonkeyPatch, flags: str, reads: int
) -> None:
    """Somebody who left a conversation between two events stayed offline on the screen."""
    monkeypatch.setattr(rereads, "SETTLE_S", 0.0)
    async with watching(welcome) as running:
        await running.until(lambda: running.resync.state is ResyncState.SYNCED)
        await breathe()
        source, record = running.source, running.harness.record
        source._pages = (page(ME, "ada", flag=True),)
        asked = source.pages_asked
        running.harness.clock.advance(60)
        tell_statuses(running, flags)
        await breathe()
        assert source.pages_asked - asked == reads
        assert record("ada").flag is (True if reads else flags.endswith("1"))


async def test_who_may_lack_copies_is_read_from_a_conversation_that_is_still_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rereads, "SETTLE_S", 0.0)
    async with watching(welcome) as running:
        await running.until(lambda: running.resync.state is ResyncState.SYNCED)
        await breathe()
        assert set(running.harness.record("ada").conversations) == {HARBOUR.id, LIGHTHOUSE.id}
        running.source._pages = (page(ME, "ada", flag=True),)
        running.source.refused = HARBOUR.id
        tell_statuses(running, "1 1 1 0 0 1 1")
        await breathe()
        assert running.harness.record("ada").flag is True


def _error_of(running: Watching) -> GatewayError | None:
    report = running.monitor.last_report
    return report.error if report is not None else None


async def test_a_pause_that_the_gateway_asks_for_is_told() -> None:
    async with watching(welcome) as running:
        told: list[str] = []
        running.monitor.noticed.subscribe(lambda notice: told.append(str(notice)))
        running.source.on_pause(36.4)
        assert told == ["The gateway asks for a pause of 36 s; reading goes on after it."]


async def test_cached_rosters_are_shown_as_of_then_before_the_link() -> None:
    async with watching(silence) as running:
        as_of_s = running.harness.now_s - 600
        running.harness.roster(ME, "ada", conversation=HARBOUR.id)
        running.monitor.restore([HARBOUR, LIGHTHOUSE], ME, as_of_s)
        assert running.monitor.conversation == HARBOUR
        assert running.monitor.conversations == [HARBOUR, LIGHTHOUSE]
        assert running.monitor.key == ME
        assert running.monitor.connection_status().fresh_until_s == as_of_s


async def test_ends_of_connections_are_counted_by_kind() -> None:
    async with watching(welcome) as running:
        await running.until(lambda: running.monitor.conversation == HARBOUR)
        end = endings.fin()
        running.feed.heard.on_closed(end)
        await running.until(lambda: running.monitor.counters.ends)
        assert running.monitor.counters.ends == {end.kind: 1}


async def test_we_are_online_while_live_and_not_known_to_be_before() -> None:
    async with watching(silence) as running:
        await running.until(lambda: running.feed.is_open)
        assert await running.monitor.refresh() is not None
        assert running.harness.record(ME).flag is None
        welcome(running.feed.heard)
        await running.until(lambda: running.harness.record(ME).flag)
        ours = running.harness.record(ME)
        assert (ours.source, ours.epoch, ours.received_s) == (Source.SNAPSHOT, 1, running.harness.now_s)


async def test_the_token_is_looked_for_again_only_after_it_was_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reloaded: list[str] = []

    async def reload(holder: CredentialHolder) -> bool:
        reloaded.append(holder.current.secret)
        return False

    monkeypatch.setattr(CredentialHolder, "reload", reload)
    async with watching(welcome) as running:
        await running.until(lambda: running.monitor.conversation == HARBOUR)
        await running.monitor.refresh()
        assert reloaded == []
        running.source.failures = [SignInNeeded(), SignInNeeded()]
        running.monitor._account.forget()
        await running.monitor.refresh()
        assert reloaded == [], "not refused before"
        await running.monitor.refresh()
        assert reloaded == ["a token of ours"]


async def test_our_own_presence_is_neither_asked_for_nor_unconfirmed() -> None:
    async with watching(welcome) as running:
        running.harness.event(ME)
        running.harness.event("ada")
        running.harness.clock.advance(600)
        running.monitor.restore([HARBOUR], ME, running.harness.now_s)
        await running.until(lambda: running.reports)
        assert running.reports[0].unconfirmed == 1, "ada, of whom this connection has told nothing"


async def test_a_requested_refresh_measures_the_clock_again() -> None:
    async with watching(welcome) as running:
        await running.until(lambda: running.resync.state is ResyncState.SYNCED)
        running.source.timing = Timing(0.1, 600.0, 0.55)
        await running.monitor.refresh()
        assert running.harness.store.states.measured_skew_s == 600


async def test_one_refresh_is_requested_at_a_time_and_waits_for_other_reads() -> None:
    async with watching(welcome) as running:
        await running.until(lambda: running.resync.state is ResyncState.SYNCED)
        async with running.monitor._reading.lock:
            assert running.monitor.is_refreshing
            first = asyncio.create_task(running.monitor.refresh())
            await breathe()
            assert await running.monitor.refresh() is None
            assert not first.done()
        assert await first is running.monitor.last_report is not None
        assert await running.monitor.refresh() is not None


async def test_a_reread_without_an_account_makes_a_failed_resync_begin_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rereads, "SETTLE_S", 0.0)
    async with watching(welcome, NotFound("nobody")) as running:
        await running.until(lambda: running.reports)
        assert running.resync.state is ResyncState.FAILED
        running.monitor._rereads.want_roster(HARBOUR.id)
        await running.until(lambda: len(running.reports) == 2)
        assert running.resync == ResyncStatus(ResyncState.SYNCED, CONFIRMED, CONFIRMED)


async def test_frames_and_rosters_over_the_bound_are_counted() -> None:
    too_large = BoundExceeded(phrase("It"), 1_000)
    async with watching(welcome) as running:
        await running.until(lambda: running.resync.state is ResyncState.SYNCED)
        # The other conversation is read as well.
        await running.until(lambda: running.source.pages_asked == 2)
        running.source._pages = (too_large,)
        await running.monitor.refresh()
        assert running.monitor.counters.too_large == 1
        running.feed.heard.on_closed(too_large)
        await running.until(lambda: running.monitor.counters.ends)
        assert running.monitor.counters.too_large == 2


async def test_a_roster_beside_that_cannot_be_read_is_told() -> None:
    async with watching(welcome) as running:
        running.source.broken = LIGHTHOUSE.id
        await running.until(lambda: running.notices)
        assert running.notices == ["The gateway failed with 503 down for maintenance."]


def welcome_with_snapshot(listener: FeedListener) -> None:
    welcome(listener)
    rows = [{"userId": key, "isOnline": True} for key in (ME, "ada")]
    tells("presence:snapshot", {"users": rows})(listener)


@pytest.mark.parametrize(
    ("step", "profile", "asked_of"),
    [(welcome_with_snapshot, MEESHY_2026, []), (welcome, MEESHY_2025, [ME, "ada"])],
)
async def test_after_a_whole_snapshot_no_runtime_is_asked_for_rosters_beside_either(
    step: Step, profile: Profile, asked_of: list[str]
) -> None:
    async with watching(step) as running:
        running.source.profile = profile
        running.monitor.watch_beside([LIGHTHOUSE])
        await running.until(lambda: LIGHTHOUSE.id in running.monitor.secondary_rosters.reports)
        assert running.source.asked_of == asked_of
