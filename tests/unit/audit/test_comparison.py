"""Which finding follows from evidence and answers, one table for all."""

import pytest

from presence_tui.audit.comparison import (
    IMPOSSIBLY_OLD_S,
    JUST_BOOTED_S,
    OLD_S,
    Answer,
    Case,
    Surroundings,
    Told,
    is_distrusted,
    judge,
)
from presence_tui.audit.findings import FindingKind
from presence_tui.domain.enums import Source, State
from presence_tui.domain.evidence import CLOCK_BOUND_S

NOW_S = 1_787_390_000.0
YES, NO, NOTHING = Answer(True, NOW_S), Answer(False, NOW_S - 60), Answer(None)
HIDDEN = Answer(False, None)
AROUND = Surroundings(gateway_now_s=NOW_S, uptime_s=86_400)


def told(flag: bool | None, **changes: object) -> Told:
    state = State.UNKNOWN if flag is None else State.ONLINE if flag else State.OFFLINE
    known = Told(
        flag,
        None if flag is None else Source.EVENT,
        NOW_S - 30,
        activity_s=NOW_S - 30,
        last_active_s=NOW_S - 30,
        state=state,
        is_confirmed=True,
        mark=(1,),
    )
    return known._replace(**changes)  # type: ignore[arg-type]


def case(held: Told, *answers: Answer, **changes: object) -> Case:
    return Case("ada", "Ada", held, held, answers)._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "answers", "expected"),
    [
        (told(True), (YES, YES), None),
        (told(False), (NO, NO), None),
        (told(True), (NO, NO), "ghost-online"),
        (told(True), (NO,), None),
        (told(False), (YES, YES), "ghost-offline"),
        (told(None), (YES, YES), None),
        (told(None), (NO, NO), None),
        (told(True), (NOTHING, NOTHING), "not-confirmed"),
        (told(None), (NOTHING, NOTHING), "missing-member"),
        (told(True), (NOTHING, YES), None),
        # Somebody who came or left during the pass differs once.
        (told(True), (YES, NO), None),
        (told(True), (YES, NO, NO), "ghost-online"),
        (told(True), (YES, NO, YES), "contradicting-answers"),
        (told(False), (NO, YES, NO), "contradicting-answers"),
        # Hidden people answer like offline ones; who always was like that is no news.
        (told(True), (HIDDEN, HIDDEN), "hidden-or-offline"),
        (told(True, last_active_s=None), (HIDDEN, HIDDEN), "ghost-online"),
        (told(False), (HIDDEN, HIDDEN), None),
        # What is shown as not confirmed claims nothing.
        (told(True, is_confirmed=False), (NO, NO), None),
        (told(True, is_confirmed=False), (NOTHING, NOTHING), "not-confirmed"),
        # The rule, not the age alone, says what is too old.
        (told(True, state=State.OFFLINE), (YES, YES), "stale-activity"),
        (told(True, state=State.IDLE), (YES, YES), None),
    ],
)
def test_a_finding_follows_from_evidence_and_answers(
    held: Told, answers: tuple[Answer, ...], expected: str | None
) -> None:
    assert judge(case(held, *answers), AROUND) == expected


def test_a_hidden_guest_does_not_exist() -> None:
    assert judge(case(told(True), HIDDEN, HIDDEN, guest=True), AROUND) is FindingKind.GHOST_ONLINE


def test_any_evidence_in_between_is_no_difference() -> None:
    held = told(True)
    moved = case(held, NO, NO)._replace(after=held._replace(mark=(2,)))
    assert judge(moved, AROUND) is None


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [
        (OLD_S, None),
        (OLD_S + 1, FindingKind.STALE_ACTIVITY),
        (IMPOSSIBLY_OLD_S, FindingKind.STALE_ACTIVITY),
        (IMPOSSIBLY_OLD_S + 1, FindingKind.INCOHERENT),
    ],
)
def test_online_with_an_old_activity(age_s: float, expected: FindingKind | None) -> None:
    held = told(True, activity_s=NOW_S - age_s)
    assert judge(case(held, *[Answer(True, NOW_S - age_s)] * 2), AROUND) is expected


def test_a_fresh_event_outweighs_an_old_activity() -> None:
    assert judge(case(told(True), *[Answer(True, NOW_S - OLD_S - 1)] * 2), AROUND) is None


def test_who_hides_the_last_activity_is_never_stale() -> None:
    held = told(True, activity_s=NOW_S - 30 * OLD_S, last_active_s=None)
    assert judge(case(held, *[Answer(True, None)] * 2), AROUND) is None


@pytest.mark.parametrize("ahead_s", [CLOCK_BOUND_S, CLOCK_BOUND_S + 1, 86_400.0])
def test_offline_and_active_in_the_future(ahead_s: float) -> None:
    expected = FindingKind.INCOHERENT if ahead_s > CLOCK_BOUND_S else None
    assert judge(case(told(False), *[Answer(False, NOW_S + ahead_s)] * 2), AROUND) is expected


@pytest.mark.parametrize("impossible_s", [0.0, -1.0, 1_000_000.0, float("-inf")])
def test_an_impossible_time_tells_nothing(impossible_s: float) -> None:
    assert judge(case(told(True), *[Answer(True, impossible_s)] * 2), AROUND) is None


def test_a_stranger_is_unknown_if_the_runtime_knows_nobody_of_that_key() -> None:
    stranger = case(told(True), HIDDEN, HIDDEN, is_stranger=True)
    assert judge(stranger, AROUND) is FindingKind.UNKNOWN_MEMBER


def test_a_stranger_may_be_of_a_conversation_that_was_not_read() -> None:
    stranger = case(told(True), YES, YES, is_stranger=True)
    assert judge(stranger, AROUND) is None
    known = Surroundings(gateway_now_s=NOW_S, rosters_are_known=True)
    assert judge(stranger, known) is FindingKind.UNKNOWN_MEMBER


@pytest.mark.parametrize(
    ("uptime_s", "answer", "expected"),
    [
        (3.0, NO, True),
        (3.0, NOTHING, True),
        (3.0, YES, False),
        (JUST_BOOTED_S - 1, NO, True),
        (JUST_BOOTED_S, NO, False),
        (None, NO, False),
    ],
)
def test_a_gateway_that_has_just_started_is_not_trusted(
    uptime_s: float | None, answer: Answer, expected: bool
) -> None:
    cases = [case(told(True), answer, answer), case(told(False), NO, NO)]
    assert is_distrusted(cases, uptime_s) is expected
