"""Copies from the older gateway, one per shared conversation, that overtake each other."""

import pytest

from presence_tui.domain.enums import Outcome
from presence_tui.store.evidence import lacks_copies
from tests.unit.store.store_harness import StoreHarness

APPLIED, COPY = Outcome.APPLIED, Outcome.DUPLICATE


def told(flags: str, *, apart_s: float = 0.01, rests: int = 600) -> tuple[StoreHarness, list[Outcome]]:
    """Outcomes of these events for a participant who has been offline for a minute."""
    harness = StoreHarness()
    harness.event("ada", True)
    harness.clock.advance(rests)
    harness.event("ada", False)
    harness.clock.advance(60)
    outcomes = []
    for flag in flags.split():
        outcomes.append(harness.event("ada", flag == "1"))
        harness.clock.advance(apart_s)
    return harness, outcomes


@pytest.mark.parametrize("flags", ["1 1 1 0 1 0 0 0", "1 1 0 1 0 0", "1 1 1 1 0 1 0 1 0 0 0 0 0 0"])
def test_interleaved_copies_are_one_arrival_and_one_departure(flags: str) -> None:
    harness, outcomes = told(flags)
    assert harness.record("ada").flaps == 1
    assert harness.record("ada").flag is False
    assert outcomes.count(APPLIED) == 2
    assert [change.flag for change in harness.changes][2:] == [True, False]


def test_event_after_all_copies_of_departure_is_return() -> None:
    harness, outcomes = told("1 1 1 0 0 0 1 1 1")
    assert outcomes == [APPLIED, COPY, COPY] * 3
    assert harness.record("ada").flag is True
    assert harness.record("ada").flaps == 2


def test_events_without_copies_are_distinct() -> None:
    harness, outcomes = told("1 0 1 0")
    assert outcomes == [APPLIED] * 4
    assert harness.record("ada").flaps == 2


def test_event_long_after_copies_of_arrival_is_return() -> None:
    harness, _ = told("1 1 1")
    harness.clock.advance(30)
    assert harness.event("ada", False) is APPLIED
    harness.clock.advance(0.3)
    assert harness.event("ada", True) is APPLIED


def test_event_outside_copy_window_is_return() -> None:
    harness, _ = told("1 1 1 0")
    harness.clock.advance(1)
    assert harness.event("ada", True) is APPLIED


def test_event_after_the_clock_was_set_back_is_return() -> None:
    harness, _ = told("1 1 1 0")
    harness.clock.wall_s -= 3_600
    assert harness.event("ada", True) is APPLIED


def test_events_with_emission_time_are_distinguished_by_it() -> None:
    harness, _ = told("1 1 1 0")
    assert harness.event("ada", True, last_active_s=harness.now_s) is APPLIED
    harness, _ = told("1 1 1 0")
    assert harness.event("ada", True, emitted_s=harness.now_s) is APPLIED


def test_new_epoch_has_no_copies_of_older_events() -> None:
    harness, _ = told("1 1 1 0")
    harness.store.epochs.begin()
    assert harness.event("ada", True) is APPLIED


def test_event_after_answer_is_not_copy() -> None:
    harness, _ = told("1 1 1")
    harness.clock.advance(0.01)
    harness.runtime("ada", False)
    assert harness.event("ada", True) is APPLIED


def test_copies_before_answer_are_not_compared_with_later_events() -> None:
    harness, _ = told("1 1 1")
    harness.clock.advance(30)
    harness.runtime("ada", False)
    harness.clock.advance(0.3)
    assert harness.event("ada", True) is APPLIED
    harness.clock.advance(0.3)
    assert harness.event("ada", False) is APPLIED


def test_events_taken_for_overtaken_copies_are_checked_unless_the_copies_they_lack_arrive() -> None:
    """Who leaves a conversation between two events has fewer copies of the second: then it was no copy."""
    harness, outcomes = told("1 1 1 0 0 1 1")
    assert outcomes == [APPLIED, COPY, COPY, APPLIED, COPY, COPY, COPY]
    store = harness.store
    assert harness.record("ada").flag is False
    assert [*store.take_overtaken()] == ["ada"]
    assert store.take_overtaken() == ()
    assert lacks_copies(harness.record("ada"))
    harness.runtime("ada", True)
    assert harness.record("ada").flag is True
    assert not lacks_copies(harness.record("ada"))


def test_overtaken_copies_that_are_followed_by_the_lacking_ones_need_no_check() -> None:
    harness, _ = told("1 1 0 1 0 0")
    assert [*harness.store.take_overtaken()] == ["ada"]
    assert not lacks_copies(harness.record("ada"))
