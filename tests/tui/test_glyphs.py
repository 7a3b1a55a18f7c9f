"""The marks in both glyph sets."""

import sys
from io import BytesIO, TextIOWrapper

import pytest
from rich.cells import cell_len

from presence_tui.domain.enums import State, Verdict
from presence_tui.tui.glyphs import ASCII, UNICODE, Glyphs, glyphs_for


def marks(glyphs: Glyphs) -> list[str]:
    single = [mark for mark in glyphs if isinstance(mark, str)]
    return [*glyphs.states.values(), *glyphs.verdicts.values(), *single]


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_state_has_a_mark_of_its_own_one_cell_wide(glyphs: Glyphs) -> None:
    assert set(glyphs.states) == set(State)
    assert set(glyphs.verdicts) == set(Verdict)
    assert len(set(glyphs.verdicts.values())) == len(Verdict)
    assert len(set(glyphs.states.values())) == len(State)
    assert {cell_len(mark) for mark in marks(glyphs)} == {1}


def test_the_ascii_marks_are_ascii() -> None:
    assert "".join(marks(ASCII)).isascii()


@pytest.mark.parametrize(
    ("wanted", "encoding", "terminal", "glyphs"),
    [
        (False, "UTF-8", "xterm", UNICODE),
        (False, "utf8", "xterm", UNICODE),
        (True, "UTF-8", "xterm", ASCII),
        (False, "ISO-8859-1", "xterm", ASCII),
        (False, "ANSI_X3.4-1968", "xterm", ASCII),
        (False, "UTF-8", "linux", ASCII),
    ],
)
def test_ascii_is_for_who_asks_and_for_terminals_that_know_no_more(
    monkeypatch: pytest.MonkeyPatch, wanted: bool, encoding: str, terminal: str, glyphs: Glyphs
) -> None:
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(BytesIO(), encoding=encoding))
    assert glyphs_for(wanted, {"TERM": terminal}) is glyphs
