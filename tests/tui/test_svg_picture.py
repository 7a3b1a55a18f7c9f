"""Frames in pictures become paths without gaps; text is as wide as its cells."""

import re

import pytest

from presence_tui.tui.exports.svg_picture import CELL_HEIGHT, CELL_WIDTH, self_contained

pytestmark = pytest.mark.internals

STYLE = ".t-r1 { fill: #112233 }"


def drawn(said: str, x: float = 12.2, y: float = 18.5) -> str:
    return self_contained(f'{STYLE}<text class="t-r1" x="{x}" y="{y}" textLength="9">{said}</text>\n')


def texts(picture: str) -> list[tuple[str, float, float]]:
    """Each text with its left edge and its width in cells."""
    found = re.findall(r'x="([\d.]+)" y="[\d.]+" textLength="([\d.]+)"[^>]*>([^<]+)<', picture)
    return [
        (said.replace("&#160;", " "), round(float(x) / CELL_WIDTH, 2), round(float(width) / CELL_WIDTH, 2))
        for x, width, said in found
    ]


def test_a_text_without_frames_stays_as_it_is() -> None:
    text = (
        f'{STYLE}<text class="t-r1" x="0.0" y="20" textLength="97.6" clip-path="url(#a)">'
        "Ada&#160;&amp;&#160;Bo</text>\n"
    )
    assert self_contained(text) == text


def test_wide_characters_have_the_width_of_their_cells_and_a_text_of_their_own() -> None:
    assert texts(drawn("佐藤&#160;花", x=0)) == [("佐藤", 0, 4), ("花", 5, 2)]
    assert texts(drawn("Li&#160;小明&#160;mod", x=0)) == [("Li", 0, 2), ("小明", 3, 4), ("mod", 8, 3)]


def test_marks_stay_with_their_letter() -> None:
    assert texts(drawn("e\N{COMBINING ACUTE ACCENT}te", x=0)) == [("e\N{COMBINING ACUTE ACCENT}te", 0, 3)]


def test_no_font_is_downloaded() -> None:
    style = "@font-face { src: url(https://fonts.example/a.woff2); } .t { font-family: Fira Code, monospace }"
    found = self_contained(style)
    assert "url(" not in found and "Fira Code" not in found and "monospace" in found


def test_an_upright_line_reaches_from_row_to_row() -> None:
    assert "<text" not in drawn("│")
    assert f"M18.3 0.0V{CELL_HEIGHT}" in drawn("│") and 'stroke="#112233"' in drawn("│")


def test_a_run_is_one_line_and_the_letters_beside_it_stay() -> None:
    found = drawn("───&amp;佐─")
    assert texts(found) == [("&amp;", 4, 1), ("佐", 5, 2)]
    assert re.findall(r' d="([^"]+)"', found) == ["M12.2 12.2H48.8", "M85.4 12.2H97.6"]


def test_corners_meet_the_lines_beside_them() -> None:
    for corner, end in (("╭", "V24.4"), ("╮", "V24.4"), ("╰", "V0.0"), ("╯", "V0.0")):
        found = drawn(corner)
        assert end in found and ("M24.4" if corner in "╭╰" else "M12.2 ") in found, corner


def test_blocks_fill_their_part_of_a_cell() -> None:
    assert 'width="24.4" height="24.40"' in drawn("██")
    assert drawn("▌▌").count("<rect") == 2 and 'width="6.1"' in drawn("▌")
    assert f'x="{CELL_WIDTH}" y="12.2"' in drawn("▄")
