"""Flaps: who left and is back within the window, as far as events said so."""

import pytest

from presence_tui.domain.changes import Change
from presence_tui.domain.flaps import FLAP_WINDOW_S, Flaps
from presence_tui.domain.words import Cause, Source, State


def change(
    flag_before: bool | None = False,
    flag: bool = True,
    *,
    cause: Cause = Cause.MOVED,
    held_s: float | None = 5.0,
    key: str = "ada",
) -> Change:
    """Somebody comes back after five seconds, unless told otherwise."""
    after = State.ONLINE if flag else State.OFFLINE
    return Change(
        100.0,
        cause,
        key,
        key.title(),
        State.OFFLINE,
        after,
        flag_before,
        flag,
        None,
        Source.EVENT,
        1,
        held_s=held_s,
    )


def test_each_return_within_the_window_counts_once_and_for_whom_it_was() -> None:
    flaps = Flaps()
    for key in ("ada", "bo", "ada"):
        flaps.note(change(key=key))

    assert [flaps.count(key) for key in ("ada", "bo", "chloe")] == [2, 1, 0]

    flaps.clear()
    assert flaps.count("ada") == 0


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
    flaps = Flaps()
    flaps.note(no_flap)

    assert flaps.count("ada") == 0, why


def test_the_window_includes_its_end_and_can_be_another() -> None:
    at_the_end, narrow = Flaps(), Flaps(window_s=4.0)
    at_the_end.note(change(held_s=FLAP_WINDOW_S))
    narrow.note(change())

    assert (at_the_end.count("ada"), narrow.count("ada")) == (1, 0)
