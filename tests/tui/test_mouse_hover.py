"""Mouse movement over the screen, and where it stops."""

import pytest
from textual import events

from presence_tui.tui.fast_escape_driver import HOVER_DELAY_S, MouseHover

pytestmark = pytest.mark.internals


def move(x: int, button: int = 0) -> events.MouseMove:
    return events.MouseMove(None, x, 0, 0, 0, button, False, False, False)


def press(x: int) -> events.MouseDown:
    return events.MouseDown(None, x, 0, 0, 0, 1, False, False, False)


def test_of_a_thousand_cells_that_the_mouse_passes_only_the_last_is_told() -> None:
    hover = MouseHover()
    moves = [move(x) for x in range(1_000)]
    told = [
        message for at, each in enumerate(moves) for message in hover.hand_on([each], at * HOVER_DELAY_S / 2)
    ]
    assert told == []
    rests_s = 999 * HOVER_DELAY_S / 2 + HOVER_DELAY_S
    assert hover.due_s == rests_s
    assert list(hover.hand_on([], rests_s - HOVER_DELAY_S / 4)) == []
    assert list(hover.hand_on([], rests_s)) == [moves[-1]]
    assert hover.due_s is None
    assert list(hover.hand_on([], rests_s + 1)) == []


def test_what_the_mouse_does_comes_after_where_it_has_moved_to() -> None:
    hover = MouseHover()
    passed, reached, pressed = move(1), move(2), press(2)
    assert list(hover.hand_on([passed, reached, pressed], 0.0)) == [reached, pressed]
    assert hover.due_s is None


def test_keys_and_moves_with_a_button_are_not_held_back() -> None:
    hover = MouseHover()
    dragged, key = [move(1, button=1), move(2, button=1)], events.Key("j", "j")
    assert list(hover.hand_on([*dragged, move(3), key], 0.0)) == [*dragged, key]
