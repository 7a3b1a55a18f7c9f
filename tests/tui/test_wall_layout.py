"""Layout of a wallboard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.tui.widgets.wall_layout import (
    DIGIT_ROWS,
    Grid,
    WallLayout,
    digit_cells,
    digit_rows,
    wall_layout,
)
from tests.unit.domain.hypothesis_profile import repeatable

PEOPLE = st.integers(0, 2_000)


def height_of(grid: Grid) -> int:
    """Rows from the first to the last participant, without the heading."""
    return (grid.rows - 1) * grid.spacing + 1 if grid.rows else 0


@repeatable
@given(width=st.integers(1, 300), height=st.integers(1, 100), online=PEOPLE, left=PEOPLE, offline=PEOPLE)
def test_no_part_lies_over_another_or_beyond_the_edge(
    width: int, height: int, online: int, left: int, offline: int
) -> None:
    layout = wall_layout(width, height, online=online, left=left, offline=offline)
    taken: dict[tuple[int, int], str] = {}

    def take(name: str, x: int, y: int, right: int) -> None:
        assert 0 <= y < height, (name, y)
        for column in range(x, right):
            assert column < width, name
            assert taken.setdefault((column, y), name) == name

    for y in range(DIGIT_ROWS * layout.digit_scale or 1):
        right = digit_cells(online, layout.digit_scale) if layout.digit_scale else width
        take("count", 0, y, right)
    for name, grid in (("online", layout.online), ("left", layout.left), ("offline", layout.offline)):
        if grid.rows and name != "online":
            take(name, grid.x, grid.y - 1, grid.x + grid.width)
        for index in range(grid.capacity):
            x, y = grid.place(index)
            take(name, x, y, x + grid.cell_width)


@pytest.mark.parametrize(
    ("size", "online", "scale", "columns", "spacing"),
    [((200, 54), 8, 2, 4, 3), ((200, 54), 90, 2, 5, 2), ((200, 54), 300, 1, 8, 1), ((80, 20), 30, 1, 3, 1)],
)
def test_fewer_people_are_drawn_larger(
    size: tuple[int, int], online: int, scale: int, columns: int, spacing: int
) -> None:
    layout = wall_layout(*size, online=online, left=0, offline=10)
    assert (layout.digit_scale, layout.online.columns, layout.online.spacing) == (scale, columns, spacing)


def test_nobody_online_is_left_out_while_there_is_room() -> None:
    def hidden(layout: WallLayout, online: int) -> int:
        return max(0, online - layout.online.capacity)

    for online in range(250):
        assert hidden(wall_layout(200, 54, online=online, left=3, offline=500), online) == 0
    assert hidden(wall_layout(60, 10, online=99, left=3, offline=500), 99) > 0


def test_digits_have_rows_of_one_length() -> None:
    for number in (0, 7, 10, 1_234_567_890):
        for scale in (1, 2):
            rows = digit_rows(number, scale)
            assert len(rows) == DIGIT_ROWS * scale
            assert {len(row) for row in rows} == {digit_cells(number, scale)}
