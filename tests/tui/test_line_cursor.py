"""The cursor of a list of lines, and which lines are in sight, without a screen."""

import pytest

from presence_tui.tui.widgets.cursor_lines import Cursor, Window


@pytest.mark.parametrize(
    ("window", "index", "top"),
    [
        (Window(10, 5), 12, 10),
        (Window(10, 5), 10, 10),
        (Window(10, 5), 14, 10),
        (Window(10, 5), 9, 9),
        (Window(10, 5), 15, 11),
        (Window(10, 1), 11, 11),
    ],
)
def test_a_window_moves_no_further_than_needed(window: Window, index: int, top: int) -> None:
    assert window.top_revealing(index) == top
    assert window._replace(top=top).holds(index)


@pytest.mark.parametrize(
    ("before", "after", "top"),
    [
        # Rows above were added or removed: the lines move with the cursor.
        (12, 15, 13),
        (12, 11, 9),
        # There is nothing above the first line.
        (12, 1, 0),
        # Out of sight, nothing is to be held still.
        (3, 7, 10),
        (15, 20, 10),
        # The row is gone.
        (12, None, 10),
    ],
)
def test_a_chosen_row_keeps_its_line(before: int, after: int | None, top: int) -> None:
    indexes: dict[str, int | None] = {"ada": before}
    cursor = Cursor(indexes.get)
    cursor.place("ada")
    indexes["ada"] = after
    assert cursor.follow(Window(10, 5)) == top
    assert cursor.index == after
    assert cursor.key == "ada"


def test_a_suggested_row_moves_away_from_its_line() -> None:
    indexes = {"ada": 12}
    cursor = Cursor(indexes.get)
    cursor.place("ada")
    cursor.is_chosen = False
    indexes["ada"] = 15
    assert cursor.follow(Window(10, 5)) == 10
    assert cursor.index == 15


def test_without_a_key_there_is_no_row() -> None:
    cursor = Cursor({"": 3}.get)
    cursor.place(None)
    assert not cursor.is_chosen
    assert cursor.follow(Window(0, 5)) == 0
    assert cursor.index is None
