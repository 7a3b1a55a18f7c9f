"""Until when states are current: the first end of a connection or membership after the evidence."""

import pytest

from presence_tui.store import Stamp
from presence_tui.store.epochs import HeldStates, Hold

LINK_30, MEMBERS_20, LINK_60 = Hold(930, 929), Hold(920, 919), Hold(960, 959)


@pytest.fixture
def held() -> HeldStates:
    """Connections ended at 30 and 60 by the monotonic clock, and the membership of Ada and Ben at 20."""
    held = HeldStates()
    held.add_members([("ada", 10.0), ("ben", 10.0)], Stamp(920, 20), MEMBERS_20)
    held.add(Stamp(930, 30), LINK_30)
    held.add(Stamp(960, 60), LINK_60)
    return held


@pytest.mark.parametrize(
    ("key", "received_s", "hold"),
    [
        ("ada", 10, MEMBERS_20),
        ("ada", 19.5, MEMBERS_20),
        ("ada", 20, LINK_30),
        ("ada", 29.5, LINK_30),
        ("ada", 30, LINK_60),
        ("ada", 60, None),
        ("cy", 10, LINK_30),
        ("cy", 30, LINK_60),
        ("cy", 60, None),
        ("cy", 61, None),
    ],
)
def test_the_first_end_after_the_evidence_holds(
    held: HeldStates, key: str, received_s: float, hold: Hold | None
) -> None:
    assert held.of(key, received_s) == hold
    assert held.latest_monotonic_s == 60


def test_a_held_state_is_not_held_anew(held: HeldStates) -> None:
    later = Hold(970, 969)
    held.add_members([("ada", 10.0), ("cy", 60.0), ("dee", 10.0)], Stamp(970, 70), later)
    assert held.latest_monotonic_s == 70
    assert [held.of("ada", 10), held.of("cy", 60), held.of("dee", 10)] == [MEMBERS_20, later, LINK_30]
    assert (held.of("cy", 69.5), held.of("cy", 70)) == (later, None)


def test_released_they_are_held_like_all_others(held: HeldStates) -> None:
    assert (held.release({"ada", "cy"}), held.release({"ada", "cy"})) == (["ada"], [])
    assert (held.of("ada", 10), held.of("ben", 10)) == (LINK_30, MEMBERS_20)


def test_times_move_with_the_clock(held: HeldStates) -> None:
    held.set_back(100.0)
    assert held.of("ada", 10) == Hold(820, 819)
    assert held.of("cy", 30) == Hold(860, 859)


def test_cleared_only_the_ends_of_connections_are_left(held: HeldStates) -> None:
    held.clear()
    assert held.of("ada", 10) == LINK_30
