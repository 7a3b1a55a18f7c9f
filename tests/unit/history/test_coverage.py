"""Time spans, compared with counting single seconds."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from presence_tui.history.coverage import Span, gaps, merged, within, without
from tests.unit.domain.hypothesis_profile import repeatable

SECONDS = range(60)
SPANS = st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)).map(lambda ends: Span(*sorted(ends))))


def covered(spans: list[Span]) -> set[int]:
    """The seconds that start within the spans."""
    return {second for second in SECONDS if any(began <= second < until for began, until in spans)}


@repeatable
@given(SPANS)
def test_merged_spans_cover_the_same_and_do_not_touch(spans: list[Span]) -> None:
    found = merged(spans)
    assert covered(found) == covered(spans)
    assert all(one.until_s < other.began_s for one, other in pairwise(found))


@repeatable
@given(SPANS, SPANS)
def test_what_is_left_is_outside_of_the_holes(spans: list[Span], holes: list[Span]) -> None:
    assert covered(without(merged(spans), holes)) == covered(spans) - covered(holes)


@repeatable
@given(SPANS)
def test_watched_and_gaps_are_everything(spans: list[Span]) -> None:
    watched = merged(spans)
    lying_between = gaps(watched, 0, 60)
    assert covered(lying_between) == set(SECONDS) - covered(spans)


@repeatable
@given(SPANS, st.integers(0, 59), st.integers(0, 59))
def test_the_parts_within_are_those_within(spans: list[Span], since: int, until: int) -> None:
    assert covered(within(spans, since, until)) == {
        second for second in covered(spans) if since <= second < until
    }


def test_small_holes_are_closed_where_asked_for() -> None:
    spans = [Span(0, 10), Span(15, 20), Span(40, 50)]
    assert merged(spans, bridged_s=5) == [Span(0, 20), Span(40, 50)]
    assert merged(spans, bridged_s=4) == spans
