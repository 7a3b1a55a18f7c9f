"""Frames in pictures become paths without gaps; other text stays text."""

import re

import pytest

from screenshots.box_drawing import CELL_HEIGHT, CELL_WIDTH, with_drawn_frames

pytestmark = pytest.mark.internals

STYLE = ".t-r1 { fill: #112233 }"


def drawn(said: str, x: float = 12.2, y: float = 18.5) -> str:
    return with_drawn_frames(f'{STYLE}<text class="t-r1" x="{x}" y="{y}" textLength="9">{said}</text>\n')


def test_a_text_without_frames_stays_as_it_is() -> None:
    text = f'{STYLE}<text class="t-r1" x="0" y="20" textLength="9">Ada&#160;&amp;&#160;Bo</text>\n'
    assert with_drawn_frames(text) == text


def test_an_upright_line_reaches_from_row_to_row() -> None:
    assert "<text" not in drawn("│")
    assert f"M18.3 0.0V{CELL_HEIGHT}" in drawn("│") and 'stroke="#112233"' in drawn("│")


def test_a_run_is_one_line_and_the_letters_beside_it_stay() -> None:
    found = drawn("───&amp;佐─")
    assert ">&#160;&#160;&#160;&amp;佐&#160;<" in found
    assert re.findall(r' d="([^"]+)"', found) == ["M12.2 12.2H48.8", "M85.4 12.2H97.6"]


def test_corners_meet_the_lines_beside_them() -> None:
    for corner, end in (("╭", "V24.4"), ("╮", "V24.4"), ("╰", "V0.0"), ("╯", "V0.0")):
        found = drawn(corner)
        assert end in found and ("M24.4" if corner in "╭╰" else "M12.2 ") in found, corner


def test_blocks_fill_their_part_of_a_cell() -> None:
    assert 'width="24.4" height="24.40"' in drawn("██")
    assert drawn("▌▌").count("<rect") == 2 and 'width="6.1"' in drawn("▌")
    assert f'x="{CELL_WIDTH}" y="12.2"' in drawn("▄")
