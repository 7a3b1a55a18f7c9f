"""Hourly states of a day: only what was observed."""

from presence_tui.domain.enums import State
from presence_tui.history.coverage import Span
from presence_tui.history.participant_history import StateRow, hourly_states

HOUR_S = 3_600.0
HOURS_S = [hour * HOUR_S for hour in range(25)]
ALL_DAY = [Span(0, 24 * HOUR_S)]
ON, AWAY, IDLE, OFF, UNKNOWN = State
MARKS = {ON: "+", AWAY: "~", OFF: ".", UNKNOWN: "?", None: " "}


def lane(rows: list[StateRow], watched: list[Span] = ALL_DAY, now_h: float = 24, now: State = OFF) -> str:
    cells = hourly_states(rows, watched, HOURS_S, now_h * HOUR_S, now)
    return "".join(MARKS[cell] for cell in cells)


def at(hour: float, before: State, after: State) -> StateRow:
    return StateRow(hour * HOUR_S, before, after)


def test_a_day_without_changes_is_as_it_is_now() -> None:
    assert lane([]) == "." * 24
    assert lane([], now=ON) == "+" * 24


def test_a_day_nobody_watched_is_unknown() -> None:
    assert lane([], []) == "?" * 24
    assert lane([], [], now=ON) == "?" * 24


def test_hours_to_come_are_empty() -> None:
    assert lane([], now_h=6.5) == "......." + " " * 17
    assert lane([], now_h=0) == " " * 24


def test_an_hour_with_any_time_online_is_online() -> None:
    rows = [at(2.5, OFF, ON), at(2.6, ON, AWAY), at(4.2, AWAY, OFF)]
    assert lane(rows)[:7] == "..+~~.."
    assert lane([at(2.5, OFF, ON), at(2.501, ON, OFF)])[:5] == "..+.."


def test_idle_counts_as_away() -> None:
    assert lane([at(1.5, OFF, IDLE), at(1.6, IDLE, OFF)])[:3] == ".~."


def test_what_was_before_today_holds_at_its_beginning() -> None:
    assert lane([StateRow(-5 * HOUR_S, OFF, ON), at(3, ON, OFF)])[:5] == "+++.."


def test_before_the_first_change_it_was_as_the_change_says() -> None:
    assert lane([at(3, ON, OFF)])[:5] == "+++.."
    assert lane([at(3, UNKNOWN, OFF)])[:5] == "???.."


def test_an_hour_half_watched_is_unknown_unless_somebody_was_seen() -> None:
    watched = [Span(0, 2.5 * HOUR_S), Span(5.5 * HOUR_S, 24 * HOUR_S)]
    assert lane([], watched)[:8] == "..????.."
    assert lane([], watched, now=ON)[:8] == "+++??+++"


def test_a_hiccup_does_not_make_an_hour_unknown() -> None:
    watched = [Span(0, 2.5 * HOUR_S), Span(2.55 * HOUR_S, 24 * HOUR_S)]
    assert lane([], watched) == "." * 24


def test_who_is_said_to_be_unknown_is_unknown_though_watched() -> None:
    assert lane([at(2, OFF, UNKNOWN), at(4, UNKNOWN, OFF)])[:6] == "..??.."


def test_up_to_a_tenth_of_an_offline_hour_may_be_unwatched() -> None:
    for watched_s, mark in ((3_240.0, "."), (3_239.0, "?"), (3_600.0, ".")):
        assert lane([], [Span(0, watched_s)], now_h=1)[:2] == f"{mark} "
    assert lane([], [Span(0, 1_620.0)], now_h=0.5)[:2] == ". ", (
        "of an hour that has just begun, its part until now"
    )
    assert lane([], [Span(0, 1_619.0)], now_h=0.5)[:2] == "? "
