"""What is recorded of returns, its bounds, and what a report says."""

import pytest

from presence_tui.domain.changes import FLAP_WINDOW_S, Change
from presence_tui.domain.enums import Cause, Source, State
from presence_tui.flaps import recorder as module
from presence_tui.flaps.recorder import HALF_LIFE_S, RETURNS_KEPT, FlapRecorder
from presence_tui.flaps.report import FlapCause, FlapReport, ParticipantFlaps
from tests.unit.clock import START_S
from tests.unit.store.store_harness import StoreHarness


class FlapHarness(StoreHarness):
    """A store whose changes are recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.recorder = FlapRecorder(self.now_s)
        self.store.subscribe(lambda changed: self.recorder.add(changed.changes))
        self.reconnect()

    def flap(self, key: str, *stays_and_absences: tuple[float, float]) -> None:
        """Stay and be away, for these seconds in turn; online at the end."""
        for stay_s, away_s in stays_and_absences:
            self.clock.advance(stay_s)
            self.event(key, False)
            self.clock.advance(away_s)
            self.event(key, True)

    def reconnect(self) -> None:
        """Our own link begins again."""
        self.store.epochs.begin(self.now_s)
        self.recorder.reconnected(self.store.epochs.reconnected_s)

    @property
    def report(self) -> FlapReport:
        return self.recorder.report(self.now_s)

    def of(self, key: str) -> ParticipantFlaps:
        (found,) = (each for each in self.report.people if each.key == key)
        return found


@pytest.fixture
def harness() -> FlapHarness:
    """Ada is online, and everybody knows since when."""
    harness = FlapHarness()
    harness.event("ada", False)
    harness.clock.advance(1_000)
    harness.event("ada", True)
    return harness


def test_nobody_has_returned(harness: FlapHarness) -> None:
    report = harness.report
    assert (list(report.people), list(report.waves)) == ([], [])
    assert (report.returns, report.score, report.causes, report.likely_cause) == (0, 0, {}, None)
    assert (report.shortest_stay_s, report.median_stay_s) == (None, None)
    assert (report.since_s, report.at_s) == (START_S, START_S + 1_000)


def test_stays_and_absences_are_those_of_the_events(harness: FlapHarness) -> None:
    harness.flap("ada", (30, 4), (10, 6), (20, 8))
    ada = harness.of("ada")
    assert (ada.returns, ada.shortest_stay_s, ada.median_stay_s, ada.median_away_s) == (3, 10, 20, 6)
    assert ada.last_s == harness.now_s
    assert ada.returns == harness.record("ada").flaps


def test_returns_are_those_that_the_roster_is_sorted_by(harness: FlapHarness) -> None:
    """A return after the window, a correction, and what was never told are none."""
    harness.flap("ada", (30, FLAP_WINDOW_S), (30, FLAP_WINDOW_S + 1))
    harness.event("bo", True)
    harness.runtime("bo", False)
    harness.clock.advance(5)
    harness.runtime("bo", True)
    assert harness.record("ada").flaps == harness.of("ada").returns == 1
    assert [each.key for each in harness.report.people] == ["ada"]


def test_a_stay_whose_start_nobody_saw_has_no_length(harness: FlapHarness) -> None:
    harness.runtime("bo", True)
    harness.flap("bo", (30, 4))
    assert (harness.of("bo").shortest_stay_s, harness.of("bo").median_stay_s) == (None, None)
    harness.flap("bo", (12, 4))
    assert harness.of("bo").shortest_stay_s == 12


@pytest.mark.parametrize("away_s", [FLAP_WINDOW_S + 1, 5.0])
def test_a_stay_belongs_to_one_absence(harness: FlapHarness, away_s: float) -> None:
    """After an absence that is no flap, or that a snapshot ended, the stay before it is forgotten."""
    harness.clock.advance(30)
    harness.event("ada", False)
    harness.clock.advance(away_s)
    if away_s > FLAP_WINDOW_S:
        harness.event("ada", True)
    else:
        harness.runtime("ada", True)
    harness.clock.advance(9)
    harness.runtime("ada", False)
    harness.runtime("ada", True)
    harness.event("ada", False)
    harness.clock.advance(4)
    harness.event("ada", True)
    assert (harness.of("ada").returns, harness.of("ada").shortest_stay_s) == (1, None)


def test_a_return_from_an_absence_whose_start_nobody_saw_is_no_flap(harness: FlapHarness) -> None:
    harness.event("ada", True)
    harness.clock.advance(30)
    harness.runtime("ada", False)
    harness.clock.advance(4)
    harness.event("ada", True)
    assert (harness.report.people, harness.record("ada").flaps) == ([], 0)


def test_a_stay_is_forgotten_with_an_absence_whose_start_nobody_saw() -> None:
    recorder = FlapRecorder(0.0)
    recorder.add([_change(10, False, 7.0), _change(11, False, None), _change(12, True, 1.0)])
    (ada,) = recorder.report(20.0).people
    assert ada.shortest_stay_s is None


def test_after_our_clock_was_set_back_no_length_is_negative() -> None:
    recorder = FlapRecorder(0.0)
    recorder.add([_change(10, False, -7.0), _change(5, True, -5.0)])
    (ada,) = recorder.report(4.0).people
    assert (ada.shortest_stay_s, ada.median_away_s, ada.score) == (0, 0, 1)


def test_the_score_halves_with_time_and_adds_up(harness: FlapHarness) -> None:
    harness.flap("ada", (30, 4))
    assert harness.of("ada").score == pytest.approx(1)
    harness.clock.advance(HALF_LIFE_S)
    assert harness.of("ada").score == pytest.approx(0.5)
    harness.flap("ada", (HALF_LIFE_S - 4, 4))
    assert harness.of("ada").score == pytest.approx(1.25)
    assert harness.report.score == pytest.approx(1.25)


def test_the_highest_score_comes_first(harness: FlapHarness) -> None:
    harness.event("bo", True)
    harness.flap("bo", (10, 4), (10, 4))
    harness.flap("ada", (10, 4))
    assert [each.key for each in harness.report.people] == ["bo", "ada"]
    harness.flap("ada", (10, 4), (10, 4))
    assert [each.key for each in harness.report.people] == ["ada", "bo"]


def test_a_report_may_be_about_some_only(harness: FlapHarness) -> None:
    harness.event("bo", True)
    harness.flap("bo", (10, 4))
    harness.flap("ada", (50, 4))
    report = harness.recorder.report(harness.now_s, includes=lambda key: key == "ada")
    assert [each.key for each in report.people] == ["ada"]
    assert (report.returns, report.shortest_stay_s) == (1, 64)


def test_the_oldest_returns_of_somebody_are_forgotten_but_counted(harness: FlapHarness) -> None:
    harness.flap("ada", (1, 1), *[(20, 4)] * RETURNS_KEPT)
    ada = harness.of("ada")
    assert (ada.returns, ada.shortest_stay_s) == (RETURNS_KEPT + 1, 20)


def test_the_longest_quiet_are_forgotten_and_counted(
    harness: FlapHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_PEOPLE", 2)
    for key in ("bo", "cy"):
        harness.event(key, True)
    for key in ("ada", "bo", "ada", "cy"):
        harness.flap(key, (10, 4))
    assert {each.key for each in harness.report.people} == {"ada", "cy"}
    assert harness.report.forgotten == 1


@pytest.mark.parametrize("waiting", [0, 1, 2, 4, 100])
def test_a_report_does_not_depend_on_how_many_returns_waited(
    harness: FlapHarness, monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    monkeypatch.setattr(module, "MOST_PEOPLE", 2)
    monkeypatch.setattr(module, "MOST_WAITING", waiting)
    keys = ("bo", "cy", "di")
    for key in keys:
        harness.event(key, True)
    for number, key in enumerate(("ada", "bo", "cy", "cy", "di", "cy"), 1):
        harness.flap(key, (10, number))
    report = harness.report
    assert [(each.key, each.returns, each.median_away_s) for each in report.people] == [
        ("cy", 3, 4),
        ("di", 1, 5),
    ]
    assert report.forgotten == 2


@pytest.mark.parametrize("waiting", [0, 1, 4, 100])
@pytest.mark.parametrize("is_read", [False, True])
def test_returns_before_somebody_was_dropped_do_not_count(
    harness: FlapHarness, monkeypatch: pytest.MonkeyPatch, waiting: int, is_read: bool
) -> None:
    monkeypatch.setattr(module, "MOST_PEOPLE", 2)
    monkeypatch.setattr(module, "MOST_WAITING", waiting)
    for key in ("bo", "cy"):
        harness.event(key, True)
    for key in ("ada", "bo", "cy") * 3:
        harness.flap(key, (10, 4))
        if is_read:
            assert harness.report.people
    report = harness.report
    assert {each.key: each.returns for each in report.people} == {"bo": 1, "cy": 1}
    assert report.forgotten == 7


@pytest.mark.parametrize("waiting", [0, 100])
def test_who_is_dropped_while_others_wait_begins_anew(
    harness: FlapHarness, monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    monkeypatch.setattr(module, "MOST_PEOPLE", 2)
    monkeypatch.setattr(module, "MOST_WAITING", waiting)
    for key in ("bo", "cy"):
        harness.event(key, True)
    harness.flap("ada", (10, 4), (10, 4))
    assert harness.of("ada").returns == 2
    for key in ("bo", "cy", "ada"):
        harness.flap(key, (10, 4))
    assert {each.key: each.returns for each in harness.report.people} == {"cy": 1, "ada": 1}
    assert harness.report.forgotten == 2


def test_stays_of_those_who_do_not_return_are_bounded(
    harness: FlapHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_STAYS", 2)
    for key in ("bo", "cy", "di"):
        for flag in (True, False, True):
            harness.event(key, flag)
            harness.clock.advance(200)
    for key in ("ada", "bo", "cy", "di"):
        harness.event(key, False)
    for key in ("ada", "bo", "cy", "di"):
        harness.event(key, True)
    known = {each.key: each.shortest_stay_s is not None for each in harness.report.people}
    assert known == {"ada": False, "bo": False, "cy": True, "di": True}


def test_a_likely_cause_follows_the_returns(harness: FlapHarness) -> None:
    harness.flap("ada", *[(57, 3)] * 10)
    assert harness.of("ada").cause is FlapCause.BACKGROUND_TAB
    assert harness.report.causes == {FlapCause.BACKGROUND_TAB: 1}
    cause, share = harness.report.likely_cause or (None, 0.0)
    assert (cause, share) == (FlapCause.BACKGROUND_TAB, pytest.approx(0.99))
    harness.flap("ada", *[(45.1, 3)] * RETURNS_KEPT)
    assert harness.of("ada").cause is FlapCause.PING_TIMEOUT


def test_the_cause_of_most_returns_is_that_of_all(harness: FlapHarness) -> None:
    for key in ("bo", "cy"):
        harness.event(key, True)
        harness.flap(key, (900, 70))
    harness.flap("ada", *[(57, 3)] * 10)
    cause, share = harness.report.likely_cause or (None, 0.0)
    assert cause is FlapCause.BACKGROUND_TAB
    assert 0.8 < share < 0.9
    assert harness.report.causes == {FlapCause.BACKGROUND_TAB: 1, FlapCause.UNCLEAR: 2}


CREW = [f"p{number:02}" for number in range(20)]


def test_many_who_leave_at_once_are_one_wave(harness: FlapHarness) -> None:
    for key in CREW:
        harness.event(key, True)
    harness.clock.advance(600)
    began_s = harness.now_s
    for key in CREW:
        harness.event(key, False)
        harness.clock.advance(0.1)
    harness.clock.advance(4)
    for key in CREW:
        harness.event(key, True)
        harness.clock.advance(1)
    (wave,) = harness.report.waves
    assert (wave.cause, wave.people) == (FlapCause.DEPLOY, 20)
    assert began_s - 1 <= wave.at_s <= began_s
    assert {each.cause for each in harness.report.people} == {FlapCause.DEPLOY}
    assert {each.confidence for each in harness.report.people} == {0.99}
    harness.clock.advance(600)
    assert len(harness.report.waves) == 1


def test_a_wave_is_a_second_longer_than_its_departures_at_both_ends(harness: FlapHarness) -> None:
    for key in (*CREW, "late"):
        harness.event(key, True)
    # Departures are counted by whole seconds.
    harness.clock.advance(600.5)
    began_s = harness.now_s
    for key in CREW:
        harness.event(key, False)
    harness.clock.advance(1.75)
    harness.event("late", False)
    harness.clock.advance(2)
    for key in (*CREW, "late"):
        harness.event(key, True)
    (wave,) = harness.report.waves
    assert (wave.at_s, wave.people) == (began_s - 1, 20)
    assert harness.of("late").cause is FlapCause.UNCLEAR


def test_flaps_of_an_hour_ago_are_not_what_is_usual(harness: FlapHarness) -> None:
    for key in CREW:
        harness.event(key, True)
        harness.flap(key, (30, 4), (30, 4))
    harness.clock.advance(3_600)
    for flag in (False, True):
        for key in CREW[:5]:
            harness.event(key, flag)
        harness.clock.advance(5)
    assert [wave.people for wave in harness.report.waves] == [5]


def test_two_deploys_are_two_waves(harness: FlapHarness) -> None:
    for key in CREW:
        harness.event(key, True)
    for _ in range(2):
        harness.clock.advance(600)
        for flag in (False, True):
            for key in CREW:
                harness.event(key, flag)
            harness.clock.advance(5)
    assert [wave.people for wave in harness.report.waves] == [20, 20]
    first, second = harness.report.waves
    assert first.at_s > second.at_s


def test_few_are_no_wave(harness: FlapHarness) -> None:
    for flag in (True, False, True):
        for key in CREW[:3]:
            harness.event(key, flag)
        harness.clock.advance(2)
    assert list(harness.report.waves) == []


def test_where_people_flap_all_the_time_more_are_many(harness: FlapHarness) -> None:
    for key in CREW:
        harness.event(key, True)
    counts = []
    for _ in range(60):
        for key in CREW:
            harness.event(key, False)
            harness.clock.advance(0.2)
            harness.event(key, True)
        counts.append(len(harness.report.waves))
    assert counts[0] == counts[-1] == 1, "only the beginning is unusual"


def test_a_rhythm_is_seen_through_a_wave(harness: FlapHarness) -> None:
    for key in CREW:
        harness.event(key, True)
    harness.flap("ada", *[(57, 3)] * 5)
    for flag in (False, True):
        for key in ("ada", *CREW):
            harness.event(key, flag)
        harness.clock.advance(5)
    assert harness.of("p00").cause is FlapCause.DEPLOY
    assert harness.of("ada").cause is FlapCause.BACKGROUND_TAB


def test_case_7_many_with_our_own_reconnect(harness: FlapHarness) -> None:
    """RocketChat/Rocket.Chat#41585: 40 away; a kick; all 40 come within 2 s; every 300 s."""
    crew = [f"p{number:02}" for number in range(40)]
    for key in crew:
        harness.event(key, False)
    for _ in range(3):
        harness.clock.advance(100)
        harness.reconnect()
        for key in crew:
            harness.clock.advance(0.04)
            harness.event(key, True)
        harness.clock.advance(130)
        for key in crew:
            harness.clock.advance(1.7)
            harness.event(key, False)
    waves = harness.report.waves
    assert [(wave.cause, wave.people) for wave in waves] == [(FlapCause.OWN_RECONNECT, 40)] * 3
    assert {each.cause for each in harness.report.people} == {FlapCause.OWN_RECONNECT}


def test_few_with_our_own_reconnect_are_no_wave(harness: FlapHarness) -> None:
    harness.reconnect()
    for key in CREW[:3]:
        harness.event(key, False)
    assert list(harness.report.waves) == []


def test_what_is_usual_in_a_busy_room_is_no_wave(harness: FlapHarness) -> None:
    for number in range(400):
        harness.event(CREW[number % 20], number // 20 % 2 == 0)
        harness.clock.advance(0.25)
    harness.reconnect()
    for number in range(8):
        harness.event(CREW[number], True)
        harness.clock.advance(0.2)
    assert FlapCause.OWN_RECONNECT not in {wave.cause for wave in harness.report.waves}


def test_back_with_a_restarted_gateway_is_a_deploy_and_no_return(harness: FlapHarness) -> None:
    changes = [
        _change(100 + number, True, 3.0, key=key, cause=Cause.RECONNECTED) for number, key in enumerate(CREW)
    ]
    harness.recorder.reconnected(99.0)
    harness.recorder.add(changes)
    (wave,) = harness.report.waves
    assert (wave.cause, wave.people, wave.at_s) == (FlapCause.DEPLOY, 20, 100)
    assert list(harness.report.people) == []


def _crew_leaves(recorder: FlapRecorder, at_s: float, few: int = 20) -> None:
    recorder.add(_change(at_s, False, 500.0, key=key) for key in CREW[:few])
    recorder.add(_change(at_s + 5, True, 5.0, key=key) for key in CREW[:few])


def test_our_own_reconnect_is_found_after_our_clock_was_set_back() -> None:
    recorder = FlapRecorder(10_000.0)
    recorder.add(_change(10_000 + number / 10, number % 2 == 0, 900.0) for number in range(600))
    recorder.reconnected(7_000.0)
    recorder.add(_change(7_001, False, 900.0, key=key) for key in CREW)
    assert [wave.cause for wave in recorder.report(7_002).waves] == [FlapCause.OWN_RECONNECT]


def test_a_deploy_is_found_after_our_clock_was_set_back() -> None:
    recorder = FlapRecorder(9_990.0)
    _crew_leaves(recorder, 10_000.0)
    _crew_leaves(recorder, 5_000.0, few=10)
    assert [wave.people for wave in recorder.report(5_010).waves] == [20, 10]


def _change(
    at_s: float, flag: bool, held_s: float | None, *, key: str = "ada", cause: Cause = Cause.MOVED
) -> Change:
    states = (State.OFFLINE, State.ONLINE) if flag else (State.ONLINE, State.OFFLINE)
    return Change(at_s, cause, key, key, *states, not flag, flag, None, Source.EVENT, 1, held_s=held_s)
