"""What must be read again is collected, read once in rounds, and read again after a failure."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from presence_tui.domain.translatable import phrase
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.notice_limits import LimitWarnings
from presence_tui.monitor.rereads import (
    DUTY,
    IN_PART_PAUSE_S,
    MOST_DOUBLINGS,
    PAUSE_S,
    SETTLE_S,
    RereadRounds,
    Rereads,
    Round,
    StrangerRereads,
)
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.transport.errors import AccessDenied, BoundExceeded, GatewayBroken, GatewayError
from tests.unit.store.store_harness import HARBOUR, StoreHarness
from tests.unit.virtual_time import run_virtually

NOTHING = Round((), (), (), conversations=False, resync=False)


def now_s() -> float:
    return asyncio.get_running_loop().time()


def test_requests_close_together_are_one_round_and_forgotten_after_it() -> None:
    async def follow() -> None:
        rereads = Rereads()
        rereads.want_roster("harbour")
        asyncio.get_running_loop().call_later(SETTLE_S / 2, rereads.want_roster, "pier")
        rereads.want_roster("harbour")
        rereads.want_presence("ada")
        rereads.want_presence("ben")
        rereads.want_check_of_copies("cy")
        rereads.want_conversations()
        rereads.want_resync()
        assert await rereads.next_round() == Round(
            ("harbour", "pier"), ("ada", "ben"), ("cy",), conversations=True, resync=True
        )
        rereads.want_roster("harbour")
        assert await rereads.next_round() == Round(("harbour",), (), (), conversations=False, resync=False)

    run_virtually(follow())


@pytest.mark.parametrize(
    ("want", "expected"),
    [
        (lambda it: it.want_roster("a"), Round(("a",), (), (), conversations=False, resync=False)),
        (lambda it: it.want_presence("a"), Round((), ("a",), (), conversations=False, resync=False)),
        (lambda it: it.want_check_of_copies("a"), Round((), (), ("a",), conversations=False, resync=False)),
        (lambda it: it.want_conversations(), Round((), (), (), conversations=True, resync=False)),
        (lambda it: it.want_resync(), Round((), (), (), conversations=False, resync=True)),
    ],
)
def test_each_request_begins_a_round_of_its_own(want: Callable[[Rereads], None], expected: Round) -> None:
    async def follow() -> None:
        rereads = Rereads()
        waiting = asyncio.create_task(rereads.next_round())
        await asyncio.sleep(100)
        assert not waiting.done(), "nothing was asked for"
        began_s = now_s()
        want(rereads)
        assert await waiting == expected
        assert now_s() - began_s == pytest.approx(SETTLE_S, abs=0.01)

    run_virtually(follow())


def test_a_roster_that_lists_only_some_is_read_for_strangers_once_in_a_while() -> None:
    async def follow() -> None:
        rereads = Rereads()
        for _ in range(2):
            began_s = now_s()
            rereads.want_roster_of_stranger("harbour", is_whole=False)
            rereads.want_roster_of_stranger("harbour", is_whole=False)
            assert (await rereads.next_round()).rosters == ("harbour",)
            assert now_s() - began_s == pytest.approx(IN_PART_PAUSE_S + SETTLE_S, abs=0.01)
        rereads.want_roster_of_stranger("pier", is_whole=False)
        rereads.want_roster_of_stranger("harbour", is_whole=True)
        began_s = now_s()
        assert (await rereads.next_round()).rosters == ("harbour",), "a whole one is read at once"
        assert now_s() - began_s == pytest.approx(SETTLE_S, abs=0.01)
        rereads.close()
        waiting = asyncio.create_task(rereads.next_round())
        await asyncio.sleep(1_000)
        assert not waiting.done()
        waiting.cancel()

    run_virtually(follow())


@pytest.mark.parametrize(
    ("watched", "report", "is_synced", "asked"),
    [
        (HARBOUR, RefreshReport(participants=3, total=3), True, [(HARBOUR, True)]),
        (HARBOUR, RefreshReport(participants=3, total=4), True, [(HARBOUR, False)]),
        (HARBOUR, RefreshReport(participants=3), False, []),
        (HARBOUR, None, True, []),
        ("", RefreshReport(participants=3), True, []),
    ],
)
def test_strangers_have_the_watched_roster_read_once(
    watched: str, report: RefreshReport | None, is_synced: bool, asked: list[tuple[str, bool]]
) -> None:
    harness = StoreHarness()
    found: list[tuple[str, bool]] = []
    rereads: Any = SimpleNamespace(
        want_roster_of_stranger=lambda key, *, is_whole: found.append((key, is_whole))
    )
    roster: Any = SimpleNamespace(target=SimpleNamespace(conversation_id=watched), last_report=report)
    resync: Any = SimpleNamespace(status=SimpleNamespace(is_synced=is_synced))
    harness.event("earlier")
    strangers = StrangerRereads(harness.store, rereads, roster, resync)
    strangers.check()
    assert found == [], "met before"
    harness.event("eve")
    harness.event("mallory")
    strangers.check()
    strangers.check()
    assert found == asked
    resync.status.is_synced = True
    strangers.check()
    assert found == asked, "those were met before it was synced"


def test_nothing_is_to_be_closed_before_a_stranger_was_met() -> None:
    Rereads().close()


@pytest.mark.parametrize(
    ("took_s", "failures", "pause_s"),
    [
        (0.0, 0, PAUSE_S),
        (0.1, 0, PAUSE_S),
        (2.0, 0, 2.0 * DUTY),
        (0.0, 1, PAUSE_S * 2),
        (0.0, 3, PAUSE_S * 8),
        (0.0, 99, PAUSE_S * 2**MOST_DOUBLINGS),
    ],
)
def test_the_pause_grows_with_the_time_taken_and_with_failures(
    took_s: float, failures: int, pause_s: float
) -> None:
    async def follow() -> None:
        began_s = now_s()
        await Rereads().pause(took_s, failures)
        assert now_s() - began_s == pytest.approx(pause_s, abs=0.01)

    run_virtually(follow())


BROKEN = GatewayBroken(503, "down for maintenance")
TOO_LARGE = BoundExceeded(phrase("The answer"), 1_000)


class Account:
    """An account of which everything is known."""

    is_prepared = True

    def mark_list_old(self) -> None:
        """The list is read by nobody here."""

    async def read_list_if_old(self) -> GatewayError | None:
        return None


class Following:
    """Rounds over a scripted gateway: ``failures`` come first, one for each read."""

    def __init__(self, *failures: GatewayError | None) -> None:
        self.failures = list(failures)
        self.harness = StoreHarness()
        self.counters = EventCounters()
        self.account = Account()
        self.link = SimpleNamespace(status=SimpleNamespace(state=LinkState.LIVE))
        self.rereads = Rereads()
        self.takes_s = 0.0
        """How long a read takes."""
        self.read: list[tuple[float, object]] = []
        """Seconds since the start and what was read."""
        self.told: list[GatewayError] = []
        self.unprepared = 0
        reading: Any = SimpleNamespace(
            store=self.harness.store,
            link=self.link,
            account=self.account,
            limit_warnings=LimitWarnings(self.harness.store, self.counters),
            lock=asyncio.Lock(),
            refresh=lambda: SimpleNamespace(run=self._read_roster, read_presence=self._read_presence),
        )
        roster: Any = SimpleNamespace(
            target=SimpleNamespace(conversation_id=HARBOUR), keep_report=lambda conversation_id, report: None
        )
        rounds = RereadRounds(reading, roster, self.rereads)
        rounds.failed.subscribe(self.told.append)
        rounds.unprepared.subscribe(self._on_unprepared)
        self._task = asyncio.create_task(rounds.run())
        self._began_s = asyncio.get_running_loop().time()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    @property
    def pauses_s(self) -> list[float]:
        """Seconds between reads, without the time that collects requests."""
        at_s = [at_s for at_s, _ in self.read]
        return [round(later - at - SETTLE_S) for at, later in pairwise(at_s)]

    def _on_unprepared(self, _: None) -> None:
        self.unprepared += 1

    def _next(self, read: object) -> GatewayError | None:
        self.read.append((asyncio.get_running_loop().time() - self._began_s, read))
        self.harness.clock.advance(self.takes_s)
        return self.failures.pop(0) if self.failures else None

    async def _read_roster(self, conversation_id: str, *, ask_runtime: bool) -> RefreshReport:
        assert not ask_runtime, "only those of whom nothing was told are asked for"
        return RefreshReport(roster_error=self._next(conversation_id))

    async def _read_presence(self, keys: Sequence[str]) -> None:
        if (error := self._next(list(keys))) is not None:
            raise error


@asynccontextmanager
async def following(*failures: GatewayError | None) -> AsyncIterator[Following]:
    it = Following(*failures)
    try:
        yield it
    finally:
        await it.close()


def test_pauses_grow_while_rounds_fail_in_a_row_and_only_the_first_failure_is_told() -> None:
    async def follow() -> None:
        async with following(BROKEN, BROKEN, None, BROKEN) as it:
            it.rereads.want_roster(HARBOUR)
            await asyncio.sleep(100)
            assert it.pauses_s == [PAUSE_S * 2, PAUSE_S * 4], "made up for, and then read"
            assert it.told == [BROKEN]
            it.rereads.want_roster(HARBOUR)
            await asyncio.sleep(100)
            assert it.told == [BROKEN, BROKEN], "another row of failures"
            assert it.pauses_s[3:] == [PAUSE_S * 2]

    run_virtually(follow())


def test_a_round_that_succeeded_is_followed_by_the_least_pause() -> None:
    async def follow() -> None:
        async with following() as it:
            it.rereads.want_roster(HARBOUR)
            await asyncio.sleep(1)
            it.rereads.want_roster(HARBOUR)
            await asyncio.sleep(100)
            assert it.pauses_s == [PAUSE_S]

    run_virtually(follow())


def test_a_round_that_took_long_is_followed_by_a_longer_pause() -> None:
    async def follow() -> None:
        async with following() as it:
            it.takes_s = 3.0
            it.rereads.want_roster(HARBOUR)
            await asyncio.sleep(1)
            it.rereads.want_roster(HARBOUR)
            await asyncio.sleep(100)
            assert it.pauses_s == [3 * DUTY]

    run_virtually(follow())


def test_presence_that_could_not_be_read_is_read_again_of_the_same_people() -> None:
    async def follow() -> None:
        async with following(BROKEN) as it:
            it.rereads.want_presence("ada")
            it.rereads.want_presence("ben")
            await asyncio.sleep(100)
            assert [read for _, read in it.read] == [["ada", "ben"]] * 2
            assert it.told == [BROKEN]

    run_virtually(follow())


@pytest.mark.parametrize("error", [AccessDenied("not a member"), TOO_LARGE])
def test_what_was_refused_is_told_and_not_read_again(error: GatewayError) -> None:
    async def follow() -> None:
        async with following(error, error) as it:
            it.rereads.want_presence("ada")
            it.rereads.want_roster(HARBOUR)
            await asyncio.sleep(1_000)
            assert [read for _, read in it.read] == [["ada"], HARBOUR]
            assert it.told == [error, error]

    run_virtually(follow())


def test_who_may_lack_copies_is_read_from_the_watched_roster_first_and_from_one_that_is_ours() -> None:
    async def follow() -> None:
        async with following(None, AccessDenied("not a member")) as it:
            for conversation in ("a-first", HARBOUR, "z-last"):
                it.harness.roster("ada", "ben", conversation=conversation)
            it.harness.event("ada")
            it.harness.event("ada")
            it.harness.event("ada", False)
            for key in ("ada", "ben", "nobody"):
                it.rereads.want_check_of_copies(key)
            await asyncio.sleep(100)
            assert [read for _, read in it.read] == [["ada"], HARBOUR, "a-first"]

    run_virtually(follow())


@pytest.mark.parametrize("errors", [(TOO_LARGE, None), (None, TOO_LARGE), (TOO_LARGE, TOO_LARGE)])
def test_answers_over_the_bound_are_counted(errors: tuple[GatewayError | None, ...]) -> None:
    async def follow() -> None:
        async with following(*errors) as it:
            it.rereads.want_presence("ada")
            it.rereads.want_roster(HARBOUR)
            await asyncio.sleep(100)
            assert it.counters.too_large == errors.count(TOO_LARGE)

    run_virtually(follow())


def test_while_the_account_must_be_read_first_that_is_told_instead_of_a_round() -> None:
    async def follow() -> None:
        async with following() as it:
            it.account.is_prepared = False
            it.rereads.want_roster(HARBOUR)
            await asyncio.sleep(100)
            assert (it.unprepared, it.read) == (1, [])
            it.account.is_prepared = True
            it.rereads.want_roster(HARBOUR)
            await asyncio.sleep(100)
            assert (it.unprepared, len(it.read)) == (1, 1)

    run_virtually(follow())


def test_without_a_link_nothing_is_read_nor_told() -> None:
    async def follow() -> None:
        async with following() as it:
            it.link.status.state = LinkState.RECONNECTING
            it.rereads.want_roster(HARBOUR)
            await asyncio.sleep(100)
            assert (it.unprepared, it.read) == (0, [])

    run_virtually(follow())
