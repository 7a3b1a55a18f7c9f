"""How name, marks, handle and notes share a row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from presence_tui.tui.widgets.row_layout import RowLayout, name_cells, row_layout
from tests.unit.domain.hypothesis_profile import repeatable

NARROW, WIDE = RowLayout(18, 0, 0, 0), RowLayout(38, 19, 0, 0)
ADA = ("@ada.okafor", "#012b")


def text(
    name: str,
    layout: RowLayout,
    *,
    mark: str = "",
    handle: str = "",
    notes: tuple[str, ...] = (),
    distinction: tuple[str, ...] = (),
) -> str:
    parts = name_cells(name, mark, handle, distinction, notes, layout)
    assert cell_len("".join(parts)) == layout.names
    return "".join(parts)


def test_columns_appear_in_order_as_the_width_allows() -> None:
    widths = [row_layout(room, is_of_everyone=False) for room in (20, 32, 47, 79, 84)]
    assert [bool(each.handle_at) for each in widths] == [False, True, True, True, True]
    assert [bool(each.since) for each in widths] == [False, False, True, True, True]
    assert [bool(each.places) for each in widths] == [False, False, False, True, True]
    everyone = [row_layout(room, is_of_everyone=True) for room in (20, 72, 92)]
    assert [(bool(each.places), bool(each.handle_at), bool(each.since)) for each in everyone] == [
        (True, False, False),
        (True, True, False),
        (True, True, True),
    ]


def test_handles_are_aligned_and_make_room_for_long_names_and_for_notes() -> None:
    assert text("Ada", WIDE, handle="@ada") == "Ada                @ada               "
    for cells in range(1, 19):
        assert text("A" * cells, WIDE, handle="@ada").index("@") == 19, (
            "as wide as the column, but for a space"
        )
    assert text("Ada Lovelace of Harbour", WIDE, handle="@ada") == "Ada Lovelace of Harbour    @ada       "
    notes = ("guest", "mod")
    assert text("Ada", WIDE, handle="@ada.okafor", notes=notes) == "Ada                          guest mod"
    assert text("Ada Lovelace", WIDE, handle="@ada", notes=notes) == "Ada Lovelace       @ada      guest mod"


@pytest.mark.parametrize("width", [58, 40, 56, 80, 120])
@pytest.mark.parametrize("notes", [(), ("mod",), ("you", "mod"), ("guest", "invalid time")])
def test_in_rows_of_one_width_handles_are_in_one_column(width: int, notes: tuple[str, ...]) -> None:
    layout = row_layout(width, is_of_everyone=False)
    places = {
        text("N" * cells, layout, handle="@" + "h" * handle, notes=notes).find("@")
        for cells in range(1, layout.handle_at)
        for handle in (2, 7, 12)
    }
    assert places <= {layout.handle_at, -1}


def test_a_handle_that_does_not_fit_whole_is_left_out() -> None:
    assert text("Ada Lovelace of the Harbour", WIDE, handle="@ada.lovelace") == (
        "Ada Lovelace of the Harbour           "
    )


def test_namesakes_are_told_apart_in_any_width() -> None:
    assert text("Ada", WIDE, handle=ADA[0], distinction=ADA) == "Ada                @ada.okafor        "
    assert text("Ada", NARROW, handle=ADA[0], distinction=ADA) == "Ada @ada.okafor   "
    assert text("Ada Okafor", NARROW, handle=ADA[0], distinction=ADA) == "Ada Okafor #012b  "
    assert text("Ada Lovelace", RowLayout(12, 0, 0, 0), distinction=ADA[1:]) == "Ada L… #012b"
    assert text("Ada", WIDE, handle="@shared", distinction=ADA[1:]) == "Ada #012b".ljust(38)


def test_the_mark_of_a_rule_stands_behind_the_name_and_notes_make_room() -> None:
    assert text("Ada Okafor", NARROW, mark="♪", notes=("pinned", "mod")) == "Ada Okafor ♪   mod"
    assert text("Ada Okafor", RowLayout(10, 0, 0, 0), mark="♪", notes=("mod",)) == "Ada Oka… ♪"


@repeatable
@given(
    st.text("aä漢é ", min_size=1, max_size=30).map(str.strip).filter(bool),
    st.sampled_from(["", "♪"]),
    st.sampled_from([(), ("#012b",), ("@ada", "#012b"), ("@a-handle-of-some-length", "#66aa012b")]),
    st.sampled_from(["", "@ada", "@a-handle-of-some-length"]),
    st.lists(st.sampled_from(["mod", "guest", "not confirmed", "✎"]), max_size=3).map(tuple),
    st.integers(12, 60),
    st.booleans(),
)
def test_nothing_but_the_name_is_ever_cut(
    name: str,
    mark: str,
    distinction: tuple[str, ...],
    handle: str,
    notes: tuple[str, ...],
    cells: int,
    column: bool,
) -> None:
    layout = RowLayout(cells, 17 if column else 0, 0, 0)
    found = text(name, layout, mark=mark, handle=handle, distinction=distinction, notes=notes)
    assert mark in found
    assert not distinction or any(each in found for each in distinction)
    if "…" not in found:
        assert found.startswith(name)
    elif not column:
        assert handle not in found or not handle or handle in distinction
