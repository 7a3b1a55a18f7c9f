"""Notifications that a terminal shows outside of its window, by the sequences that terminals know.

OSC 9 is iTerm2's (https://iterm2.com/documentation-escape-codes.html), OSC 99 kitty's
(https://sw.kovidgoyal.net/kitty/desktop-notifications/), OSC 777 that of rxvt-unicode, which foot, Ghostty
and WezTerm took over. A terminal that is not known to have one is sent none: it might draw it.
"""

import base64
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from presence_tui.wire.sanitize import safe_text

_ESC: Final = "\x1b"
_ST: Final = f"{_ESC}\\"
_TEXT_CELLS: Final = 200
"""No desktop shows more, and kitty takes 2,048 bytes a piece."""
_TITLE: Final = "presence-tui"


class OscProtocol(StrEnum):
    """Which sequence a terminal understands."""

    OSC_9 = "osc9"
    OSC_99 = "osc99"
    OSC_777 = "osc777"


_BY_PROGRAM: Final = {
    "iterm.app": OscProtocol.OSC_9,
    "warpterminal": OscProtocol.OSC_9,
    "wezterm": OscProtocol.OSC_777,
    "ghostty": OscProtocol.OSC_777,
    "kitty": OscProtocol.OSC_99,
}
_BY_VARIABLE: Final = {
    # What terminals set besides TERM_PROGRAM, which tmux replaces by its own name.
    "KITTY_WINDOW_ID": OscProtocol.OSC_99,
    "GHOSTTY_RESOURCES_DIR": OscProtocol.OSC_777,
    "WEZTERM_PANE": OscProtocol.OSC_777,
    "ITERM_SESSION_ID": OscProtocol.OSC_9,
}
_BY_TERM: Final = (
    ("xterm-kitty", OscProtocol.OSC_99),
    ("xterm-ghostty", OscProtocol.OSC_777),
    ("wezterm", OscProtocol.OSC_777),
    ("foot", OscProtocol.OSC_777),
    ("rxvt-unicode", OscProtocol.OSC_777),
)


def protocol_for(environment: Mapping[str, str]) -> OscProtocol | None:
    """What the terminal of this environment understands; ``None`` where that is not known."""
    program = environment.get("TERM_PROGRAM", "").lower()
    if program in _BY_PROGRAM:
        return _BY_PROGRAM[program]
    if environment.get("LC_TERMINAL") == "iTerm2":
        # Goes along over SSH.
        return OscProtocol.OSC_9
    term = environment.get("TERM", "")
    by_term = (sequence for name, sequence in _BY_TERM if term.startswith(name))
    by_variable = (sequence for name, sequence in _BY_VARIABLE.items() if environment.get(name))
    return next(by_term, None) or next(by_variable, None)


def is_in_tmux(environment: Mapping[str, str]) -> bool:
    """True where what is written goes to tmux, which hands on only what is wrapped for it."""
    return bool(environment.get("TMUX"))


def notification(sequence: OscProtocol, text: str, *, in_tmux: bool = False) -> str:
    """The characters to write. Whatever ``text`` holds, no control character of it is among them."""
    said = safe_text(text, _TEXT_CELLS)
    match sequence:
        case OscProtocol.OSC_9:
            # "4;" and such at the beginning would be no text but a progress bar.
            said = f" {said}" if re.match(r"\d+;", said) else said
            written = f"{_ESC}]9;{said}{_ST}"
        case OscProtocol.OSC_777:
            # The first semicolon ends the title, and some end the text at the next.
            written = f"{_ESC}]777;notify;{_TITLE};{said.replace(';', ',')}{_ST}"
        case OscProtocol.OSC_99:
            title, body = (base64.b64encode(each.encode()).decode() for each in (_TITLE, said))
            written = f"{_ESC}]99;i=presence-tui:d=0:e=1;{title}{_ST}"
            written += f"{_ESC}]99;i=presence-tui:p=body:e=1;{body}{_ST}"
    return _through_tmux(written) if in_tmux else written


def _through_tmux(written: str) -> str:
    """Wrapped so that tmux hands it on, where its ``allow-passthrough`` is on."""
    return f"{_ESC}Ptmux;{written.replace(_ESC, _ESC * 2)}{_ST}"
