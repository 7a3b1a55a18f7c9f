"""The bytes that alerts write to a terminal: the bell and one notification, whole and between frames."""

import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from tests.tui.hostile import HOSTILE
from tests.tui.terminal import Terminal, on_terminal
from tests.tui.test_terminal_bytes import SEQUENCE, assert_only_drawing

pytestmark = pytest.mark.internals

NOTIFY_TEST = (sys.executable, "-m", "presence_tui", "notify-test")
RULES = """
[notifications]
by = ["toast", "bell", "terminal"]
[[watch]]
when = "comes"
cooldown_s = 0
"""
OURS = re.compile(r"\x1b\]777;notify;presence-tui;([^\x1b;]*)\x1b\\")


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """Everybody except the observer has a hostile name and is offline."""
    gateway = Gateway(GatewaySettings(rate=0, participants=len(HOSTILE) + 1))
    people = [person for person in gateway.people().values() if person is not gateway.observer]
    for person, name in zip(people, HOSTILE.values(), strict=False):
        person.display_name = person.first_name = name.encode("utf-8", "replace").decode()
    await gateway.start()
    for person in people:
        gateway.set_online(person.key, False)
    yield gateway
    await gateway.stop()


def configure(folder: Path, text: str) -> None:
    path = folder / "xdg_config_home" / "presence-tui" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)


def without_alerts(terminal: Terminal) -> None:
    """Remove the bytes that alerts may write from the output."""
    said = OURS.sub("", terminal.written.decode())
    # BEL also ends a mouse pointer sequence; those are kept.
    bells = [match.span() for match in SEQUENCE.finditer(said)]
    inside = {place for begin, end in bells for place in range(begin, end)}
    kept = "".join(each for place, each in enumerate(said) if each != "\a" or place in inside)
    terminal.written[:] = kept.encode()


async def test_only_a_bell_and_one_notification_leave_between_frames(
    gateway: Gateway, tmp_path: Path
) -> None:
    configure(tmp_path, RULES)
    environment = {
        "PRESENCE_TUI_GATEWAY": gateway.url,
        "PRESENCE_TUI_TOKEN": gateway.token,
        "PRESENCE_TUI_CONVERSATION": gateway.conversation,
        "TERM_PROGRAM": "WezTerm",
    }
    async with on_terminal(tmp_path, environment, size=(160, 45)) as terminal:
        await terminal.shows("LIVE")
        await terminal.shows("Red Rita")
        for key in list(gateway.people()):
            if key != gateway.observer.key:
                gateway.set_online(key, True)
        await terminal.shows("\x1b]777;notify;")
        await terminal.shows(" came online (")
        terminal.type("q")
        assert await terminal.ended() == 0
        assert terminal.is_restored
        (said,) = OURS.findall(terminal.said)
        assert " came online (" in said
        assert said.isprintable()
        without_alerts(terminal)
        assert_only_drawing(terminal)


async def test_a_terminal_that_is_not_known_is_sent_no_notification(gateway: Gateway, tmp_path: Path) -> None:
    configure(tmp_path, RULES)
    environment = {"PRESENCE_TUI_GATEWAY": gateway.url, "PRESENCE_TUI_TOKEN": gateway.token}
    async with on_terminal(tmp_path, environment, size=(160, 45)) as terminal:
        await terminal.shows("not known to show notifications")
        terminal.type("q")
        assert await terminal.ended() == 0
        assert_only_drawing(terminal)


async def test_notify_test_rings_and_notifies_through_tmux(tmp_path: Path) -> None:
    configure(tmp_path, '[notifications]\nterminal = "osc9"\ncommand = ["true"]')
    environment = {"TMUX": "/tmp/tmux/default,1,0", "TERM": "tmux-256color"}
    async with on_terminal(tmp_path, environment, NOTIFY_TEST) as terminal:
        assert await terminal.ended() == 0
        said = terminal.said
        assert said.count("\x1bPtmux;\x1b\x1b]9;This is a test of presence-tui.\x1b\x1b\\\x1b\\") == 1
        assert re.search(r"ok  bell +rung", said)
        assert re.search(r"ok  terminal +osc9 sent through tmux", said)
        assert "allow-passthrough on" in said
        assert re.search(r"ok  command +exit 0", said)
        assert re.search(r"--  webhook +not set up", said)
        assert said.count("\a") == 1
