"""Flaps: participants who return within the window, according to events."""

import pytest

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Source, State
from presence_tui.domain.flaps import FLAP_WINDOW_S, is_flap, is_with_reconnect


def change(
    flag_before: bool | None = False,
    flag: bool = True,
    *,
    cause: Cause = Cause.MOVED,
    held_s: float | None = 5.0,
) -> Change:
    """A return after five seconds, by default."""
    after = State.ONLINE if flag else State.OFFLINE
    return Change(
        100.0,
        cause,
        "ada",
        "Ada",
        State.OFFLINE,
        after,
        flag_before,
        flag,
        None,
        Source.EVENT,
        1,
        held_s=held_s,
    )


def test_a_return_within_the_window_is_a_flap() -> None:
    assert is_flap(change())
    assert is_flap(change(held_s=FLAP_WINDOW_S)), "the window includes its end"


@pytest.mark.parametrize(
    ("no_flap", "why"),
    [
        (change(held_s=FLAP_WINDOW_S + 0.001), "away for longer than the window"),
        (change(held_s=None), "nobody saw when they left"),
        (change(flag_before=None), "the first word"),
        (change(True, False), "leaving"),
        (change(True, True), "another state, in the same panel"),
        (change(cause=Cause.RECONCILED), "what a snapshot corrects may be a gap of ours"),
    ],
)
def test_nothing_else_is_a_flap(no_flap: Change, why: str) -> None:
    assert not is_flap(no_flap), why


@pytest.mark.parametrize(
    ("at_s", "reconnected_s", "is_with"),
    [(100, 100, True), (102, 100, True), (102.1, 100, False), (99.9, 100, False), (100, None, False)],
)
def test_changes_within_two_seconds_are_with_our_own_reconnect(
    at_s: float, reconnected_s: float | None, is_with: bool
) -> None:
    assert is_with_reconnect(at_s, reconnected_s) is is_with
