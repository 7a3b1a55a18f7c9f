"""Clipboard: the way to it, and size limits."""

import base64
import re

import pytest

from presence_tui.tui.exports.clipboard import MOST_BYTES, Way, way_to_clipboard, within_bounds


@pytest.mark.parametrize(
    ("environment", "way"),
    [
        ({"TERM": "xterm-256color"}, Way()),
        ({}, Way()),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/tmux,1,0"}, Way("tmux", "set-clipboard on")),
        ({"TERM": "screen", "STY": "1.pts"}, Way("screen")),
        ({"TERM": "linux"}, None),
        ({"TERM": "dumb"}, None),
    ],
)
def test_the_way_depends_on_what_stands_between(environment: dict[str, str], way: Way | None) -> None:
    assert way_to_clipboard(environment) == way


@pytest.mark.parametrize("way", [Way(), Way("tmux", "set-clipboard on")])
def test_the_sequence_holds_the_text_and_nothing_that_a_terminal_could_obey(way: Way) -> None:
    sequence = way.sequence("Chloé \x1b]0;x\x07")

    found = re.fullmatch(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", sequence)
    assert found and base64.b64decode(found[1]).decode() == "Chloé \x1b]0;x\x07"


def test_gnu_screen_is_handed_pieces() -> None:
    text = "Ada Okafor\n" * 200
    pieces = re.findall(r"\x1bP(.*?)\x1b\\", Way("screen").sequence(text), re.DOTALL)

    assert max(map(len, pieces)) <= 700
    assert "".join(pieces) == Way().sequence(text)


def test_whole_lines_are_copied_as_many_as_a_terminal_takes() -> None:
    assert within_bounds([]) == ("", 0)
    assert within_bounds(["ada", "bo"]) == ("ada\nbo", 2)
    assert within_bounds(["é" * (MOST_BYTES // 2), "bo"]) == ("é" * (MOST_BYTES // 2), 1)
    assert within_bounds(["a" * (MOST_BYTES + 1)]) == ("", 0)

    text, lines = within_bounds([f"line {number}" for number in range(100_000)])
    assert MOST_BYTES - 12 < len(text.encode()) <= MOST_BYTES
    assert text.count("\n") == lines - 1
