"""Online periods: exact where observed, otherwise lower bounds."""

import pytest

from presence_tui.history.coverage import Span
from presence_tui.history.participant_history import FlagRow, OnlinePeriod, online_periods

ALL_DAY = [Span(0, 1_000)]


def came(at_s: float, *, seen: bool = True, before: bool | None = False) -> FlagRow:
    return FlagRow(at_s, before, True, seen)


def left(at_s: float, *, seen: bool = True) -> FlagRow:
    return FlagRow(at_s, True, False, seen)


def test_a_session_that_was_seen_is_exact() -> None:
    (session,) = online_periods([came(100), left(160)], ALL_DAY)
    assert session == OnlinePeriod(100, True, 160, True)
    assert (session.length_s(900), session.is_certain) == (60, True)


def test_a_session_lasts_until_now() -> None:
    (session,) = online_periods([came(100)], ALL_DAY)
    assert (session.ended_s, session.length_s(160), session.is_certain) == (None, 60, True)


def test_an_end_in_a_gap_is_not_before_the_gap() -> None:
    watched = [Span(0, 200), Span(500, 1_000)]
    (session,) = online_periods([came(100), left(501, seen=False)], watched)
    assert session == OnlinePeriod(100, True, 200, False)
    assert (session.length_s(900), session.is_certain) == (100, False)


def test_a_beginning_in_a_gap_is_not_after_it() -> None:
    (session,) = online_periods([came(501, seen=False), left(560)], [Span(0, 200), Span(500, 1_000)])
    assert (session.began_seen, session.length_s(900), session.is_certain) == (False, 59, False)


def test_who_was_online_before_anything_is_kept_has_no_beginning() -> None:
    (session,) = online_periods([left(100)], ALL_DAY)
    assert session == OnlinePeriod(None, False, 100, True)
    assert session.length_s(900) is None


def test_who_was_online_when_we_first_looked_was_so_at_least_since_then() -> None:
    (session,) = online_periods([came(10, seen=False, before=None)], ALL_DAY)
    assert (session.began_s, session.is_certain) == (10, False)


def test_what_two_runs_recorded_counts_once() -> None:
    twice = [came(100), came(100.01), left(160), left(160.02), came(200)]
    assert [session.began_s for session in online_periods(twice, ALL_DAY)] == [100, 200]


def test_an_end_that_was_never_watched_is_not_before_its_beginning() -> None:
    (session,) = online_periods([came(100), left(160, seen=False)], [Span(0, 50)])
    assert (session.ended_s, session.length_s(900)) == (100, 0)
    (session,) = online_periods([came(100), left(160, seen=False)], [])
    assert session.ended_s == 160


def test_a_flag_that_is_not_known_any_more_ends_a_session() -> None:
    (session,) = online_periods([came(100), FlagRow(150, True, None, True)], ALL_DAY)
    assert session.ended_s == 150


def test_nobody_has_no_sessions() -> None:
    assert online_periods([], ALL_DAY) == []
    assert online_periods([FlagRow(5, None, False, False)], ALL_DAY) == []


@pytest.mark.parametrize(
    ("period", "length_s", "is_certain"),
    [
        (OnlinePeriod(None, False, 50.0, True), None, False),
        (OnlinePeriod(10.0, True, None, False), 90.0, True),
        (OnlinePeriod(10.0, True, 50.0, True), 40.0, True),
        (OnlinePeriod(10.0, True, 50.0, False), 40.0, False),
        (OnlinePeriod(10.0, False, 50.0, True), 40.0, False),
        (OnlinePeriod(10.0, False, None, False), 90.0, False),
        (OnlinePeriod(150.0, True, None, False), 0.0, True),
        (OnlinePeriod(150.0, True, 149.0, True), 0.0, True),
    ],
)
def test_length_of_a_period(period: OnlinePeriod, length_s: float | None, is_certain: bool) -> None:
    assert (period.length_s(100.0), period.is_certain) == (length_s, is_certain)
