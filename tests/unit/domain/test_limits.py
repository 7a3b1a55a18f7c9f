"""Which limits were reached, and what is said about each."""

from presence_tui.domain.limits import Bounds, LimitCounters, limit_texts

BOUNDS = Bounds(roster=20_000, name_cells=80, queue=10_000)


def test_each_limit_that_was_reached_has_its_count_and_sentence() -> None:
    counters = LimitCounters(left_out=1_001, cut_names=2_002, widest_name=190, full_queues=3_003)
    assert {name: (count, str(text)) for name, (count, text) in limit_texts(counters, BOUNDS).items()} == {
        "max_roster": (
            1_001,
            "More than 20,000 participants (max_roster): rows and events left out so far, 1,001.",
        ),
        "max_name_cells": (
            2_002,
            "Names wider than 80 cells (max_name_cells) are cut: 2,002 so far, the widest has 190.",
        ),
        "max_queue": (
            3_003,
            "10,000 changes waited to be shown (max_queue), 3,003 times so far; none is lost.",
        ),
    }
    assert counters.total == 6_006


def test_of_a_limit_that_was_not_reached_nothing_is_said() -> None:
    assert limit_texts(LimitCounters(), BOUNDS) == {}
    assert list(limit_texts(LimitCounters(cut_names=1), BOUNDS)) == ["max_name_cells"]
    assert LimitCounters().total == 0
