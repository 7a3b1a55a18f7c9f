"""A feed that goes deaf is found after hours of watching, and a quiet night is not taken for one."""

from random import Random

import pytest

from presence_tui.audit.comparison import Answer
from presence_tui.audit.deaf_feed import MANY, SHORTEST_S, Deafness, Missed, deafness, missed_change
from presence_tui.wire.messages import PresenceRow
from tests.unit.audit.lying_runtime import AuditedStore, only
from tests.unit.store.store_harness import HARBOUR

HOUR_S = 3_600.0
STEP_S = 60.0
SIGN_OF_LIFE_S = 60.0
"""How often a gateway renews the last activity of whoever is connected."""


class Hours:
    """A crew that comes and goes for hours, by the minute, and a store that hears of it or not."""

    def __init__(self, seed: int, people: int = 40) -> None:
        self.rng = Random(seed)
        self.keys = [f"p{number:02}" for number in range(people)]
        self.harness = AuditedStore()
        self.harness.roster("me", *self.keys)
        now_s = self.harness.now_s
        self.flags = {key: self.rng.random() < 0.5 for key in self.keys}
        self.last_active_s = dict.fromkeys(self.keys, now_s)
        self.harness.snapshot(*(PresenceRow(key, flag, now_s) for key, flag in self.flags.items()))
        self.harness.says = lambda key: Answer(self.flags[key], self.last_active_s[key])

    def pass_hours(self, hours: float, *, moves_an_hour: float, lost: float = 0.0) -> None:
        """Let time pass; each move is told, but for a share of them."""
        for _ in range(round(hours * HOUR_S / STEP_S)):
            self.harness.pass_time(STEP_S)
            for key, flag in self.flags.items():
                if flag:
                    self.last_active_s[key] = self.harness.now_s
            if self.rng.random() < moves_an_hour * STEP_S / HOUR_S:
                self.move(self.rng.choice(self.keys), is_told=self.rng.random() >= lost)

    def move(self, key: str, *, is_told: bool) -> None:
        flag = self.flags[key] = not self.flags[key]
        if flag:
            self.last_active_s[key] = self.harness.now_s
        if is_told:
            self.harness.event(key, flag, last_active_s=self.last_active_s[key])

    def refresh(self) -> None:
        corrections = [
            change
            for key in self.keys
            for change in self.harness.runtime(key, self.flags[key], self.last_active_s[key])
            if change.flag is not change.flag_before
        ]
        self.harness.feed_record.record_refresh(HARBOUR, corrections)

    async def found(self) -> list[tuple[str, str]]:
        return await self.harness.findings()


@pytest.mark.parametrize("seed", range(8))
async def test_a_feed_that_is_deaf_in_the_last_of_six_hours_is_found(seed: int) -> None:
    hours = Hours(seed)
    hours.pass_hours(5, moves_an_hour=40)
    assert await hours.found() == []
    hours.pass_hours(1, moves_an_hour=40, lost=1.0)
    assert await hours.found() == [("deaf-feed", "")]


@pytest.mark.parametrize("seed", range(4))
async def test_a_refresh_in_the_last_hour_tells_of_it_as_well(seed: int) -> None:
    hours = Hours(seed)
    hours.pass_hours(5, moves_an_hour=40)
    hours.pass_hours(1, moves_an_hour=40, lost=1.0)
    hours.refresh()
    finding = only(await hours.harness.audit())
    assert finding.kind == "deaf-feed"
    corrected = len(hours.harness.feed_record.corrected)
    assert str(finding.cause).startswith(f"{corrected} corrections of the last 6")


@pytest.mark.parametrize("seed", range(4))
async def test_a_feed_that_was_deaf_and_tells_again_is_not_deaf(seed: int) -> None:
    hours = Hours(seed)
    hours.pass_hours(1, moves_an_hour=40, lost=1.0)
    hours.refresh()
    hours.pass_hours(5, moves_an_hour=40)
    assert await hours.found() == []


@pytest.mark.parametrize("seed", range(8))
async def test_a_quiet_night_is_not_deaf(seed: int) -> None:
    hours = Hours(seed)
    hours.pass_hours(3, moves_an_hour=40)
    hours.pass_hours(3, moves_an_hour=2)
    assert await hours.found() == []


@pytest.mark.parametrize("seed", range(8))
async def test_events_lost_in_the_evening_do_not_make_a_quiet_night_deaf(seed: int) -> None:
    hours = Hours(seed)
    hours.pass_hours(3, moves_an_hour=40, lost=0.3)
    hours.pass_hours(3, moves_an_hour=0.5)
    kinds = {kind for kind, _ in await hours.found()}
    assert kinds and kinds <= {"ghost-online", "ghost-offline"}


NOW_S = 1_787_390_000.0
QUIET_S = NOW_S - SHORTEST_S
AGO = Missed(NOW_S - 60, NOW_S - 60)
LONG_AGO = Missed(QUIET_S - 10, QUIET_S - 10)
SOMETIME = Missed(0.0, NOW_S)


@pytest.mark.parametrize(
    ("missed", "heard_s", "expected"),
    [
        ([AGO] * MANY, [], Deafness(MANY, 0, None)),
        ([AGO] * (MANY - 1), [], None),
        ([AGO] * 6, [NOW_S] * 2, Deafness(6, 2, None)),
        ([AGO] * 6, [NOW_S] * 3, None),
        ([AGO] * 6, [QUIET_S - 1] * 9, Deafness(6, 0, QUIET_S - 1)),
        ([AGO] * 6, [QUIET_S + 1] * 9, None),
        ([AGO] * 6, [*[NOW_S - 90] * 2, *[QUIET_S] * 9], Deafness(6, 2, QUIET_S)),
        ([AGO] * 6, [*[NOW_S - 90] * 3, *[QUIET_S] * 9], None),
        ([SOMETIME] * 6, [QUIET_S - 1] * 9, Deafness(6, 0, QUIET_S - 1)),
        ([*[SOMETIME] * 6, LONG_AGO], [QUIET_S - 1] * 9, None),
        ([*[AGO] * 6, LONG_AGO], [QUIET_S - 1] * 9, Deafness(6, 0, QUIET_S - 1)),
    ],
)
def test_missed_changes_are_compared_with_events_of_the_same_time(
    missed: list[Missed], heard_s: list[float], expected: Deafness | None
) -> None:
    assert deafness(missed, heard_s, NOW_S) == expected


def test_a_correction_bounds_the_next_one_of_the_same_participant() -> None:
    harness = AuditedStore()
    harness.event("ada", True)
    found_s = []
    for flag in (False, True):
        harness.clock.advance(60)
        harness.feed_record.record_refresh(HARBOUR, harness.runtime("ada", flag))
        found_s.append(harness.now_s)
    assert harness.feed_record.corrected == (Missed(*found_s),)


@pytest.mark.parametrize(
    ("flag", "last_active_s", "expected"),
    [
        (False, NOW_S - 30, Missed(NOW_S - 40, NOW_S - 40)),
        (False, None, Missed(NOW_S - 60, NOW_S)),
        (False, NOW_S - 90, Missed(NOW_S - 60, NOW_S)),
        (False, NOW_S + 90, Missed(NOW_S - 60, NOW_S)),
        (True, NOW_S - 30, Missed(NOW_S - 60, NOW_S)),
    ],
)
def test_a_departure_is_dated_by_the_last_activity(
    flag: bool, last_active_s: float | None, expected: Missed
) -> None:
    assert missed_change(flag, NOW_S - 60, last_active_s, 10.0, NOW_S) == expected
