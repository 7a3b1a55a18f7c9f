"""Desktop notifications by terminal escape sequences.

OSC 9 is iTerm2's (https://iterm2.com/documentation-escape-codes.html), OSC 99 kitty's
(https://sw.kovidgoyal.net/kitty/desktop-notifications/), OSC 777 that of rxvt-unicode, also supported by
foot, Ghostty and WezTerm. A terminal not known to support one gets none, because it might print it.
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
"""Desktops show no more, and kitty limits a chunk to 2,048 bytes."""
_TITLE: Final = "presence-tui"


class OscProtocol(StrEnum):
    """The notification sequence of a terminal."""

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
    # Variables besides TERM_PROGRAM, which tmux replaces by its own name.
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
    """Return the notification sequence of the terminal, or ``None`` if unknown."""
    program = environment.get("TERM_PROGRAM", "").lower()
    if program in _BY_PROGRAM:
        return _BY_PROGRAM[program]
    if environment.get("LC_TERMINAL") == "iTerm2":
        # Forwarded over SSH.
        return OscProtocol.OSC_9
    term = environment.get("TERM", "")
    by_term = (sequence for name, sequence in _BY_TERM if term.startswith(name))
    by_variable = (sequence for name, sequence in _BY_VARIABLE.items() if environment.get(name))
    return next(by_term, None) or next(by_variable, None)


def is_in_tmux(environment: Mapping[str, str]) -> bool:
    """True if the output goes to tmux, which passes on only wrapped sequences."""
    return bool(environment.get("TMUX"))


def notification(sequence: OscProtocol, text: str, *, in_tmux: bool = False) -> str:
    """Return the escape sequence. Control characters in ``text`` are removed."""
    shown = safe_text(text, _TEXT_CELLS)
    match sequence:
        case OscProtocol.OSC_9:
            # A leading "4;" would be read as a progress bar.
            shown = f" {shown}" if re.match(r"\d+;", shown) else shown
            written = f"{_ESC}]9;{shown}{_ST}"
        case OscProtocol.OSC_777:
            # The first semicolon ends the title; some terminals end the text at the next.
            written = f"{_ESC}]777;notify;{_TITLE};{shown.replace(';', ',')}{_ST}"
        case OscProtocol.OSC_99:
            title, body = (base64.b64encode(each.encode()).decode() for each in (_TITLE, shown))
            written = f"{_ESC}]99;i=presence-tui:d=0:e=1;{title}{_ST}"
            written += f"{_ESC}]99;i=presence-tui:p=body:e=1;{body}{_ST}"
    return _through_tmux(written) if in_tmux else written


def _through_tmux(written: str) -> str:
    """Wrap the sequence for tmux, which passes it on if ``allow-passthrough`` is on."""
    return f"{_ESC}Ptmux;{written.replace(_ESC, _ESC * 2)}{_ST}"
