"""The glyphs of the screen. Each state has a glyph, a word and a colour, never only one of them."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from presence_tui.domain.enums import State, Verdict
from presence_tui.tui.ascii_drawing import speaks_unicode


class Glyphs(NamedTuple):
    """One set of glyphs, each one cell wide."""

    states: Mapping[State, str]
    verdicts: Mapping[Verdict, str]
    link_live: str
    link_other: str
    typing: str
    came: str
    left: str
    corrected: str
    disagrees: str
    notice: str
    selected: str
    pinned: str
    rule: str
    marked: str
    unmarked: str
    bar_full: str
    bar_empty: str
    block: str


UNICODE = Glyphs(
    states={
        State.ONLINE: "●",
        State.AWAY: "◐",
        State.IDLE: "◌",
        State.OFFLINE: "○",
        State.UNKNOWN: "?",
    },
    verdicts={
        Verdict.APPLIED: "✓",
        Verdict.DUPLICATE: "=",
        Verdict.LATE: "‹",
        Verdict.MALFORMED: "✗",
        Verdict.UNKNOWN: "?",
        Verdict.REFUSED: "!",
        Verdict.STALE: "~",
        Verdict.CONTROL: "·",
        Verdict.SENT: "›",
    },
    link_live="●",
    link_other="◌",
    typing="✎",
    came="●",
    left="○",
    corrected="↻",
    disagrees="≠",
    notice="!",
    selected="▸",
    pinned="▲",
    rule="♪",
    marked="■",
    unmarked="□",
    bar_full="━",
    bar_empty="─",
    block="█",
)
ASCII = Glyphs(
    states={
        State.ONLINE: "*",
        State.AWAY: "+",
        State.IDLE: "~",
        State.OFFLINE: ".",
        State.UNKNOWN: "?",
    },
    verdicts={
        Verdict.APPLIED: "+",
        Verdict.DUPLICATE: "=",
        Verdict.LATE: "<",
        Verdict.MALFORMED: "x",
        Verdict.UNKNOWN: "?",
        Verdict.REFUSED: "!",
        Verdict.STALE: "~",
        Verdict.CONTROL: ".",
        Verdict.SENT: ">",
    },
    link_live="*",
    link_other="~",
    typing="/",
    came="*",
    left=".",
    corrected="=",
    disagrees="!",
    notice="!",
    selected=">",
    pinned="^",
    rule="!",
    marked="x",
    unmarked="-",
    bar_full="=",
    bar_empty="-",
    block="#",
)


def glyphs_for(ascii_wanted: bool, environment: Mapping[str, str] = os.environ) -> Glyphs:
    """ASCII if requested, if the terminal's encoding is not UTF-8, and on the Linux console.

    The console's fonts have 256 or 512 characters, which seldom include the glyphs of states.
    """
    if ascii_wanted or environment.get("TERM") == "linux" or not speaks_unicode():
        return ASCII
    return UNICODE
