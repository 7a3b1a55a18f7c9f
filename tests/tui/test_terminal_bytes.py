"""All bytes that the real command writes to a terminal."""

import re
import signal
import sys
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from tests.tui.hostile import HOSTILE
from tests.tui.terminal import Terminal, on_terminal

pytestmark = pytest.mark.slow

SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|[ -/]*[0-~])"
)
DRAWING = re.compile(
    r"\x1b(?:\[(?:[0-9;]*[mHG]|2J|\?[0-9]+[hl]|\?[0-9]+\$p|[<>][0-9]*u)|\]22;[a-z]+\x07|\]11;\?\x1b\\)"
)
"""Colours, cursor movement, columns and clearing; private modes and their queries; keyboard protocol; mouse
pointer; query of the background colour.
"""


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """All members of the main conversation have hostile names, and the conversations have hostile titles."""
    gateway = Gateway(GatewaySettings(rate=0, participants=len(HOSTILE) + 1))
    names = list(HOSTILE.values())
    people = [person for person in gateway.people().values() if person is not gateway.observer]
    for person, name in zip(people, names, strict=False):
        sendable = name.encode("utf-8", "replace").decode()
        person.display_name = person.first_name = sendable
    for place, conversation in enumerate(gateway.observer.conversations[1:]):
        conversation.title = names[place]
    await gateway.start()
    yield gateway
    await gateway.stop()


def surroundings(gateway: Gateway) -> dict[str, str]:
    return {
        "PRESENCE_TUI_GATEWAY": gateway.url,
        "PRESENCE_TUI_TOKEN": gateway.token,
        "PRESENCE_TUI_CONVERSATION": gateway.conversation,
    }


def assert_only_drawing(terminal: Terminal) -> None:
    """The output is only text and sequences for positions, colours and our modes."""
    said = terminal.written.decode("utf-8")
    assert {each for each in set(SEQUENCE.findall(said)) if not DRAWING.fullmatch(each)} == set()
    text = SEQUENCE.sub("", said)
    odd = {
        f"U+{ord(character):04X}"
        for character in text
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn") and character not in "\r\n"
    }
    assert odd == set()


def hurl(gateway: Gateway) -> None:
    """Send every hostile text in every event that carries a text."""
    conversation = gateway.conversation
    for place, name in enumerate(HOSTILE.values()):
        text = name.encode("utf-8", "replace").decode()
        status = {"userId": f"hostile-{place}", "username": text, "isOnline": True}
        # A typing participant is a member, so the names below are drawn.
        gateway.connections.broadcast(
            "typing:start", {**status, "conversationId": conversation, "displayName": text}
        )
        gateway.connections.broadcast("user:status", status)
        gateway.connections.broadcast("user:status", {**status, "userId": text[:200]})
        gateway.connections.broadcast("error", {"message": text, "code": text})
        gateway.connections.broadcast(
            "typing:start", {**status, "conversationId": conversation, "displayName": text}
        )
        gateway.connections.broadcast(
            "conversation:join-error", {"conversationId": text, "reason": text, "message": text}
        )
        gateway.connections.broadcast(text[:100], {"x": text})
    # The notices above are limited; a member who types is shown in a panel.
    last = {"userId": "last-lou", "username": "Last Lou", "displayName": "Last Lou", "isOnline": True}
    gateway.connections.broadcast("typing:start", {**last, "conversationId": conversation})
    gateway.connections.broadcast("user:status", last)


async def test_hostile_names_reach_the_terminal_as_pictures_and_q_restores_it(
    gateway: Gateway, tmp_path: Path
) -> None:
    async with on_terminal(tmp_path, surroundings(gateway), size=(170, 45)) as terminal:
        await terminal.shows("Online (")
        await terminal.shows("LIVE")
        await terminal.shows("Red Rita")
        hurl(gateway)
        await terminal.shows("Last Lou")
        terminal.type("j")
        await terminal.shows(" is online: event #")
        terminal.type("q")
        assert await terminal.ended() == 0
        assert terminal.is_restored
        assert_only_drawing(terminal)
        assert "Traceback" not in terminal.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
async def test_a_signal_restores_the_terminal(
    gateway: Gateway, tmp_path: Path, number: signal.Signals
) -> None:
    async with on_terminal(tmp_path, surroundings(gateway)) as terminal:
        await terminal.shows("LIVE")
        terminal.signal(number)
        assert await terminal.ended() == 0
        assert terminal.is_restored
        assert "Traceback" not in terminal.said


async def test_a_signal_ends_it_on_a_terminal_that_takes_nothing(gateway: Gateway, tmp_path: Path) -> None:
    async with on_terminal(tmp_path, surroundings(gateway), size=(400, 120)) as terminal:
        await terminal.shows("LIVE")
        terminal.stall()
        # Whole screens, far more than the terminal's buffer holds.
        terminal.type("?\x1b" * 8)
        terminal.signal(signal.SIGTERM)
        assert await terminal.left(limit_s=8) == 0
        assert terminal.has_its_modes


BROKEN = {
    "while it draws": "presence_tui.tui.widgets.roster_panel.RosterPanel.drawn",
    "in the watch": "presence_tui.monitor.inbound.Inbound.handle",
}
SABOTAGE = """
import importlib, sys
module, kind, name = {path!r}.rsplit(".", 2)
def broken(*args, **options):
    raise ZeroDivisionError("sabotage")
owner = getattr(importlib.import_module(module), kind)
assert callable(getattr(owner, name))
setattr(owner, name, broken)
sys.argv = ["presence-tui", "watch"]
from presence_tui.cli.main import run
run()
"""


@pytest.mark.parametrize("place", BROKEN)
async def test_a_mistake_of_ours_restores_the_terminal_and_is_told(
    gateway: Gateway, tmp_path: Path, place: str
) -> None:
    command = (sys.executable, "-c", SABOTAGE.format(path=BROKEN[place]))
    async with on_terminal(tmp_path, surroundings(gateway), command) as terminal:
        assert await terminal.ended() == 1
        assert terminal.is_restored
        told = terminal.said.rpartition("\x1b[?1049l")[2]
        assert "ZeroDivisionError" in told and "sabotage" not in told


@pytest.mark.parametrize(
    ("environment", "code", "sentence"),
    [
        ({"PRESENCE_TUI_CA_FILE": "/tmp/[/no such.pem"}, 2, "/tmp/[/no such.pem"),
        ({"PRESENCE_TUI_THEME": "no-such-theme"}, 2, "no-such-theme"),
    ],
    ids=["bad CA file", "bad theme"],
)
async def test_what_is_wrong_is_said_in_a_sentence_and_an_exit_code(
    tmp_path: Path, environment: dict[str, str], code: int, sentence: str
) -> None:
    configured = {"PRESENCE_TUI_GATEWAY": "http://127.0.0.1:9", "PRESENCE_TUI_TOKEN": "x.y.z"}
    async with on_terminal(tmp_path, {**configured, **environment}, size=(200, 30)) as terminal:
        assert await terminal.ended() == code
        assert sentence in terminal.said
        assert "Traceback" not in terminal.said


@pytest.mark.parametrize("keys", ['sort = "r"', 'sort = ["x", "nonsense"]', 'sorting = "x"'])
async def test_keys_that_cannot_be_are_a_sentence_before_the_screen(tmp_path: Path, keys: str) -> None:
    configuration = tmp_path / "xdg_config_home" / "presence-tui" / "config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(f"[keys]\n{keys}\n")
    configured = {"PRESENCE_TUI_GATEWAY": "http://127.0.0.1:9", "PRESENCE_TUI_TOKEN": "x.y.z"}
    async with on_terminal(tmp_path, configured, size=(300, 30)) as terminal:
        assert await terminal.ended() == 2
        assert terminal.said.startswith(f"In {configuration}: [keys] ") and terminal.said.count("\n") == 1


async def test_a_terminal_that_cannot_place_a_cursor_is_told_of_plain(tmp_path: Path) -> None:
    async with on_terminal(tmp_path, {"TERM": "dumb"}, size=(300, 30)) as terminal:
        assert await terminal.ended() == 5
        assert "--plain" in terminal.said and "\x1b" not in terminal.said


async def test_a_terminal_without_an_alternate_screen_is_left_empty(gateway: Gateway, tmp_path: Path) -> None:
    """As GNU screen is unless told otherwise: the prompt would stand within the rows that were shown."""
    async with on_terminal(tmp_path, surroundings(gateway)) as terminal:
        await terminal.shows("LIVE")
        terminal.type("q")
        assert await terminal.ended() == 0
        # pyte has no alternate screen either. Of "CSI < u", which it does not know, it shows the letter.
        assert terminal.text.split() == ["u"]
