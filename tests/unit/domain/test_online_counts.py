"""Counts over time: means by column, gaps, and the bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.domain.online_counts import _MOST_COLUMNS, STEPS_S, UNSEEN_AFTER_S, OnlineCounts
from tests.unit.domain.hypothesis_profile import repeatable

Records = list[tuple[float, int | None]]


def recorded(records: Records) -> OnlineCounts:
    counts = OnlineCounts()
    for at_s, online in records:
        counts.record(at_s, online)
    return counts


def test_nothing_recorded_has_no_columns() -> None:
    assert OnlineCounts().columns(10) == (STEPS_S[0], [], 0)
    assert recorded([(100, None)]).columns(10).means == [], "an unknown count does not begin the graph"


def test_a_first_count_is_a_column_at_once() -> None:
    assert recorded([(100, 7)]).columns(10) == (5, [7.0], 7)


def test_a_column_is_the_mean_weighted_by_time() -> None:
    counts = recorded([(100, 4), (101, 4), (102, 4), (103, 4), (104, 9), (105, 9)])
    assert counts.columns(10) == (5, [5.0, 9.0], 9)


def test_a_lost_link_leaves_a_gap() -> None:
    records: Records = [
        *((at, 3) for at in range(100, 111)),
        *((at, None) for at in range(111, 121)),
        (121, 2),
    ]
    assert recorded(records).columns(10).means == [3.0, 3.0, 3.0, None, 2.0]


def test_time_without_records_is_a_gap() -> None:
    counts = recorded([(100, 3), (104, 3), (104 + 4 * UNSEEN_AFTER_S, 5)])
    assert counts.columns(10).means == [3.0, None, None, None, 5.0]
    assert recorded([(100, 3), (100 + UNSEEN_AFTER_S, 3)]).columns(10).means == [3.0, 3.0]


def test_of_changes_within_a_second_the_latest_is_kept() -> None:
    counts = recorded([(100, 1), (100.2, 50), (100.4, 2), (105, 2)])
    assert counts.columns(10) == (5, [2.0, 2.0], 2)


@pytest.mark.parametrize(
    ("seconds", "step_s"),
    [(49, 5), (50, 15), (149, 15), (150, 60), (1_799, 180), (1_800, 600), (99_999, 600)],
)
def test_columns_grow_with_the_time_to_show(seconds: int, step_s: int) -> None:
    counts = recorded([(at, 1) for at in [*range(0, seconds, 5), seconds]])
    columns = counts.columns(10)
    assert columns.step_s == step_s and len(columns.means) <= 10
    assert columns.means[-1] == 1.0


def test_a_large_count_that_is_no_longer_shown_does_not_set_the_scale() -> None:
    records: Records = [(0, 90), (4, 90), *((at, 2) for at in range(8, 3 * STEPS_S[-1], 4))]
    assert recorded(records).columns(2).most == 2


def test_the_number_of_columns_is_bounded() -> None:
    counts = recorded([(at, at % 3) for at in range(2 * STEPS_S[0] * _MOST_COLUMNS)])
    columns = counts.columns(60)
    assert len(counts._columns[STEPS_S[0]]) == _MOST_COLUMNS
    assert columns.step_s == 180 and len(columns.means) == 29
    assert columns.means[1:-1] == [1.0] * 27


def test_a_long_time_with_one_count_costs_no_more_columns() -> None:
    end_s = 2 * STEPS_S[-1] * _MOST_COLUMNS
    counts = recorded([*((at, 4) for at in range(0, end_s, 5)), (end_s, 5)])
    assert {len(columns) for columns in counts._columns.values()} == {_MOST_COLUMNS}
    assert counts.columns(3).means == [4.0, 4.0, 5.0]


@given(st.lists(st.tuples(st.floats(0, 40), st.none() | st.integers(0, 99)), min_size=1), st.integers(1, 30))
def test_columns_hold_only_what_was_recorded(steps: list[tuple[float, int | None]], number: int) -> None:
    counts, at_s = OnlineCounts(), 0.0
    for wait_s, online in steps:
        at_s += wait_s
        counts.record(at_s, online)
    columns = counts.columns(number)
    told = [online for _, online in steps if online is not None]
    assert len(columns.means) <= number and columns.most in (0, *told)
    known = [mean for mean in columns.means if mean is not None]
    assert all(0 <= mean <= columns.most + 1e-9 for mean in known)
    if steps[-1][1] is not None:
        assert columns.means[-1] is not None, "a known count is shown"


@repeatable
@given(
    st.lists(
        st.tuples(st.integers(2, 16) | st.integers(2, 900), st.none() | st.integers(0, 9)),
        min_size=1,
        max_size=40,
    ),
    st.integers(0, 2_000),
    st.integers(1, 30),
)
def test_columns_are_the_means_of_all_half_seconds(
    steps: list[tuple[int, int | None]], begin: int, number: int
) -> None:
    """A slow model: the count of each half second, of which columns are the means."""
    counts, at = OnlineCounts(), begin
    halves: dict[int, int | None] = {}
    known_from, online = None, None
    for wait, told in steps:
        halves |= dict.fromkeys(range(at, at + wait), online if wait / 2 <= UNSEEN_AFTER_S else None)
        at, online = at + wait, told
        counts.record(at / 2, told)
        if known_from is None and told is not None:
            known_from = at
    if known_from is None:
        assert counts.columns(number) == (STEPS_S[0], [], 0)
        return
    for step_s in STEPS_S:
        first, last = known_from // (2 * step_s), at // (2 * step_s)
        if last - first < number:
            break
    first = max(first, last - number + 1)
    means: list[float | None] = []
    for column in range(first, last + 1):
        inside = range(2 * step_s * column, 2 * step_s * (column + 1))
        known = [count for half in inside if (count := halves.get(half)) is not None]
        means.append(sum(known) / len(known) if known else None)
    if means[-1] is None and online is not None:
        means[-1] = float(online)
    columns = counts.columns(number)
    assert columns.step_s == step_s
    assert columns.means == pytest.approx(means)
