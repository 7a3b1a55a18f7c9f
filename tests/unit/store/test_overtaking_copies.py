"""Copies from the older gateway, one per shared conversation, that overtake each other."""

import pytest

from presence_tui.domain.enums import Outcome
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
def test_they_are_one_coming_and_one_leaving(flags: str) -> None:
    harness, outcomes = told(flags)
    assert harness.record("ada").flaps == 1
    assert harness.record("ada").flag is False
    assert outcomes.count(APPLIED) == 2
    assert [change.flag for change in harness.changes][2:] == [True, False]


def test_a_return_after_all_copies_of_the_leaving_is_a_return() -> None:
    harness, outcomes = told("1 1 1 0 0 0 1 1 1")
    assert outcomes == [APPLIED, COPY, COPY] * 3
    assert harness.record("ada").flag is True
    assert harness.record("ada").flaps == 2


def test_without_copies_every_event_is_one_of_its_own() -> None:
    harness, outcomes = told("1 0 1 0")
    assert outcomes == [APPLIED] * 4
    assert harness.record("ada").flaps == 2


def test_a_return_long_after_the_copies_of_the_coming_is_a_return() -> None:
    harness, _ = told("1 1 1")
    harness.clock.advance(30)
    assert harness.event("ada", False) is APPLIED
    harness.clock.advance(0.3)
    assert harness.event("ada", True) is APPLIED


def test_a_return_later_than_copies_can_be_is_a_return() -> None:
    harness, _ = told("1 1 1 0")
    harness.clock.advance(1)
    assert harness.event("ada", True) is APPLIED


def test_events_that_tell_a_time_are_told_apart_by_it() -> None:
    harness, _ = told("1 1 1 0")
    assert harness.event("ada", True, last_active_s=harness.now_s) is APPLIED
    harness, _ = told("1 1 1 0")
    assert harness.event("ada", True, emitted_s=harness.now_s) is APPLIED


def test_a_new_connection_tells_no_copies_of_the_old_one() -> None:
    harness, _ = told("1 1 1 0")
    harness.store.epochs.begin()
    assert harness.event("ada", True) is APPLIED


def test_what_an_answer_said_in_between_is_no_copy() -> None:
    harness, _ = told("1 1 1")
    harness.clock.advance(0.01)
    harness.runtime("ada", False)
    assert harness.event("ada", True) is APPLIED


def test_copies_of_before_an_answer_are_not_compared_with_what_came_after_it() -> None:
    harness, _ = told("1 1 1")
    harness.clock.advance(30)
    harness.runtime("ada", False)
    harness.clock.advance(0.3)
    assert harness.event("ada", True) is APPLIED
    harness.clock.advance(0.3)
    assert harness.event("ada", False) is APPLIED
