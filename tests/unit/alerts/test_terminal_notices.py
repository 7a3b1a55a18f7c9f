"""Notification protocols by terminal, and escaping of their texts."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.alerts.terminal_notices import OscProtocol, is_in_tmux, notification, protocol_for
from tests.unit.domain.hypothesis_profile import repeatable


@pytest.mark.parametrize(
    ("environment", "sequence"),
    [
        ({"TERM_PROGRAM": "iTerm.app", "TERM": "xterm-256color"}, OscProtocol.OSC_9),
        ({"TERM_PROGRAM": "WezTerm"}, OscProtocol.OSC_777),
        ({"TERM_PROGRAM": "ghostty"}, OscProtocol.OSC_777),
        ({"TERM_PROGRAM": "WarpTerminal"}, OscProtocol.OSC_9),
        ({"TERM": "xterm-kitty"}, OscProtocol.OSC_99),
        ({"TERM": "xterm-ghostty"}, OscProtocol.OSC_777),
        ({"TERM": "foot-extra"}, OscProtocol.OSC_777),
        ({"TERM": "rxvt-unicode-256color"}, OscProtocol.OSC_777),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2", "SSH_TTY": "/dev/pts/1"}, OscProtocol.OSC_9),
        ({"TERM_PROGRAM": "tmux", "TERM": "tmux-256color", "KITTY_WINDOW_ID": "3"}, OscProtocol.OSC_99),
        ({"TERM_PROGRAM": "tmux", "TERM": "screen", "WEZTERM_PANE": "0"}, OscProtocol.OSC_777),
        ({"TERM_PROGRAM": "Apple_Terminal", "TERM": "xterm-256color"}, None),
        ({"TERM_PROGRAM": "vscode", "TERM": "xterm-256color"}, None),
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "linux"}, None),
        ({}, None),
    ],
)
def test_the_terminal_is_known_by_its_environment(
    environment: dict[str, str], sequence: OscProtocol | None
) -> None:
    assert protocol_for(environment) is sequence


def test_the_sequences_are_those_of_their_terminals() -> None:
    assert notification(OscProtocol.OSC_9, "Ada came") == "\x1b]9;Ada came\x1b\\"
    assert notification(OscProtocol.OSC_777, "a; b") == "\x1b]777;notify;presence-tui;a, b\x1b\\"
    title, body = base64.b64encode(b"presence-tui").decode(), base64.b64encode("Chloé".encode()).decode()
    assert notification(OscProtocol.OSC_99, "Chloé") == (
        f"\x1b]99;i=presence-tui:d=0:e=1;{title}\x1b\\\x1b]99;i=presence-tui:p=body:e=1;{body}\x1b\\"
    )


def test_tmux_is_handed_it_wrapped() -> None:
    assert notification(OscProtocol.OSC_9, "Ada", in_tmux=True) == "\x1bPtmux;\x1b\x1b]9;Ada\x1b\x1b\\\x1b\\"
    assert is_in_tmux({"TMUX": "/tmp/tmux-0/default,1,0"})
    assert not is_in_tmux({"TERM": "tmux-256color"})


@pytest.mark.parametrize("text", ["4;1;50", "12; people came", "9;"])
def test_a_text_that_begins_like_a_progress_bar_is_none(text: str) -> None:
    assert notification(OscProtocol.OSC_9, text).startswith("\x1b]9; ")


_hostile = st.text(alphabet=st.characters(categories=["Cc", "Cf", "Zl", "Lu", "Po", "Nd"]), max_size=300)


@repeatable
@given(_hostile, st.sampled_from(OscProtocol), st.booleans())
def test_whatever_a_text_holds_the_sequence_is_one_and_ends_where_it_ends(
    text: str, sequence: OscProtocol, in_tmux: bool
) -> None:
    written = notification(sequence, text, in_tmux=in_tmux)
    if in_tmux:
        wrapped = re.fullmatch("\x1bPtmux;(.*)\x1b\\\\", written, re.DOTALL)
        assert wrapped
        written = wrapped[1].replace("\x1b\x1b", "\x1b")
    shape = {
        OscProtocol.OSC_9: "\x1b]9;[^\x1b]*\x1b\\\\",
        OscProtocol.OSC_777: "\x1b]777;notify;presence-tui;[^\x1b;]*\x1b\\\\",
        OscProtocol.OSC_99: "(\x1b]99;[^\x1b]*\x1b\\\\){2}",
    }[sequence]
    assert re.fullmatch(shape, written)
    assert written.replace("\x1b]", "").replace("\x1b\\", "").isprintable()
    assert len(written.encode()) < 2_048
