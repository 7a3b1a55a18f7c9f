"""Changes, the panel of a flag, and flaps."""

import pytest

from presence_tui.domain.changes import FLAP_WINDOW_S, Change, is_flap, is_with_reconnect
from presence_tui.domain.enums import Cause, Panel, Source, State, panel_of


def change(flag_before: bool | None, flag: bool | None) -> Change:
    return Change(
        at_s=1.0,
        cause=Cause.MOVED,
        key="ada",
        name="Ada",
        before=State.UNKNOWN,
        after=State.ONLINE,
        flag_before=flag_before,
        flag=flag,
        last_active_s=None,
        source=Source.EVENT,
        epoch=1,
    )


@pytest.mark.parametrize(
    ("flag_before", "flag", "arrived", "left"),
    [
        (None, True, True, False),
        (False, True, True, False),
        (True, True, False, False),
        (True, False, False, True),
        (False, False, False, False),
        (None, False, False, False),
        (None, None, False, False),
        (True, None, False, True),
    ],
)
def test_arriving_and_leaving_follow_the_online_panel(
    flag_before: bool | None, flag: bool | None, arrived: bool, left: bool
) -> None:
    told = change(flag_before, flag)

    assert (told.arrived, told.left) == (arrived, left)


@pytest.mark.parametrize(
    ("flag", "panel"), [(True, Panel.ONLINE), (False, Panel.OFFLINE), (None, Panel.OFFLINE)]
)
def test_flag_alone_decides_the_panel(flag: bool | None, panel: Panel) -> None:
    assert panel_of(flag) is panel


def returned(
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
    assert is_flap(returned())
    assert is_flap(returned(held_s=FLAP_WINDOW_S)), "the window includes its end"


@pytest.mark.parametrize(
    ("no_flap", "why"),
    [
        (returned(held_s=FLAP_WINDOW_S + 0.001), "away for longer than the window"),
        (returned(held_s=None), "nobody saw when they left"),
        (returned(flag_before=None), "the first word"),
        (returned(True, False), "leaving"),
        (returned(True, True), "another state, in the same panel"),
        (returned(cause=Cause.RECONCILED), "what a snapshot corrects may be a gap of ours"),
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
