"""A crash prints one sentence, without credentials in it or in the log, wherever the exception is raised."""

import asyncio
import sys
from pathlib import Path

import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.tui.terminal import Terminal, on_terminal

SECRET = "zz-Sentinel-9q"
"""Short enough for a full print of local variables."""
BREAK = """
import functools, importlib, inspect, os, sys

def break_function(place):
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner = importlib.import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    original = getattr(owner, name)

    def broken(*arguments, **named):
        headers = {{"Authorization": "Bearer {secret}", "X-Session-Token": "{secret}", "seen": arguments}}
        token = os.environ.get("PRESENCE_TUI_TOKEN")
        raise ZeroDivisionError(f"{{headers}} {{arguments}} {{named}} with {{token}}")

    async def broken_coroutine(*arguments, **named):
        broken(*arguments, **named)

    function = broken_coroutine if inspect.iscoroutinefunction(original) else broken
    setattr(owner, name, functools.wraps(original)(function))

break_function("{place}")
sys.argv = ["presence-tui", {arguments}]
from presence_tui.cli.main import run
run()
"""
PASSWORD = "demo"
TYPED = "a-long-password-of-ours"
SENTENCE = "presence-tui ended because of an error of its own (ZeroDivisionError"


def broken(place: str, *arguments: str) -> tuple[str, ...]:
    """A command with a function replaced by one that raises, with a credential in its frame and message."""
    script = BREAK.format(place=place, arguments=", ".join(map(repr, arguments)), secret=SECRET)
    return sys.executable, "-c", script


def surroundings(gateway: Gateway) -> dict[str, str]:
    return {"PRESENCE_TUI_GATEWAY": gateway.url, "PRESENCE_TUI_TOKEN": gateway.token}


def assert_clean(text: str, *secrets: str) -> None:
    # A secret that is wrapped is as readable.
    text = text.replace(" ", "").replace("\r\n", "")
    for secret in (SECRET, *secrets):
        assert secret not in text
        # The signature of a token must not be shown.
        assert secret.rpartition(".")[2] not in text


async def crashed(terminal: Terminal) -> str:
    """The main screen after a crash."""
    assert await terminal.ended() == ExitCode.FAILED
    assert terminal.is_restored
    return in_one_line(terminal.said.rpartition("\x1b[?1049l")[2])


def in_one_line(said: str) -> str:
    """Sentences are wrapped at the width of the terminal."""
    return said.replace("\r\n", " ")


SCREEN_PLACES = [
    "presence_tui.cli.targets:target_from",
    "presence_tui.cli.wiring:LiveTarget.connect",
    "presence_tui.history.history:History.load_cached",
    "presence_tui.monitor.monitor:PresenceMonitor.run",
    "presence_tui.transport.rest_client:RestClient.request",
    "presence_tui.transport.credentials:Credential.nearly_expired",
    "presence_tui.transport.socket_feed:SocketFeed.open",
    "presence_tui.tui.screens.watch_screen:WatchScreen.compose",
    "presence_tui.tui.screens.watch_screen:WatchScreen.on_mount",
    "presence_tui.tui.widgets.title_bar:TitleBar.render",
    "presence_tui.tui.app:PresenceApp.on_mount",
    "presence_tui.tui.app:PresenceApp._run_idle_work",
    "presence_tui.tui.app:PresenceApp._start_service",
    "presence_tui.tui.fast_escape_driver:FastEscapeDriver.process_message",
]


@pytest.mark.parametrize("place", SCREEN_PLACES)
async def test_a_crash_of_the_screen_is_one_sentence(gateway: Gateway, tmp_path: Path, place: str) -> None:
    log = tmp_path / "log"
    command = broken(place, "watch", "--log-file", str(log))
    async with on_terminal(tmp_path, surroundings(gateway), command, size=(200, 30)) as terminal:
        if place.endswith("target_from"):
            # Before the screen opens.
            assert await terminal.ended() == ExitCode.FAILED
            shown = in_one_line(terminal.said)
        else:
            if place.endswith("process_message"):
                await terminal.shows("LIVE")
                terminal.type("j")
            shown = await crashed(terminal)
        assert SENTENCE in shown and f"details are in the log {log}." in shown
        assert shown.count(SENTENCE) == 1 and shown.count("rror") == 2, "the sentence, and nothing else"
        assert_clean(terminal.said, gateway.token)
    text = log.read_text()
    assert "Traceback" in text and "ZeroDivisionError" in text and "[masked]" in text
    assert_clean(text, gateway.token)


@pytest.mark.parametrize("key", ["q", "s", "ctrl+p"])
async def test_a_crash_of_an_action_is_one_sentence(gateway: Gateway, tmp_path: Path, key: str) -> None:
    """Crashes in actions, and in the worker of ``q``."""
    places = {
        "q": "presence_tui.tui.service_app:ServiceApp._leave_in_order",
        "s": "presence_tui.tui.controllers.views:ViewController.sort",
        "ctrl+p": "presence_tui.tui.app:PresenceApp.action_command_palette",
    }
    command = broken(places[key], "watch")
    async with on_terminal(tmp_path, surroundings(gateway), command, size=(200, 30)) as terminal:
        await terminal.shows("LIVE")
        terminal.type("\x10" if key == "ctrl+p" else key)
        shown = await crashed(terminal)
        assert SENTENCE in shown and "--log-file" in shown
        assert_clean(terminal.said, gateway.token)


TYPED_PLACES = [
    "presence_tui.tui.screens.connect_dialog:ConnectDialog._sign_in",
    "presence_tui.tui.screens.connect_dialog:ConnectDialog.on_unmount",
    "presence_tui.service.sign_ins:SignIns.sign_in",
    "presence_tui.service.sign_ins:SignIns._welcomed",
    "presence_tui.cli.screen_gateways:ScreenGateways.watch",
    "presence_tui.transport.authentication:Authentication.log_in",
]


@pytest.mark.parametrize("place", TYPED_PLACES)
async def test_a_crash_while_signing_in_shows_no_password(
    gateway: Gateway, tmp_path: Path, place: str
) -> None:
    log = tmp_path / "log"
    command = broken(place, "watch", "--log-file", str(log))
    environment = {**surroundings(gateway), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    async with on_terminal(tmp_path, environment, command, size=(200, 30)) as terminal:
        await terminal.shows("participants read")
        terminal.type("C")
        await terminal.shows("Another gateway…")
        terminal.type("\x1b[B\r")
        await terminal.shows("https://gate.example")
        password = TYPED if place.endswith(("sign_in", "log_in")) else PASSWORD
        terminal.type(f"{gateway.url}\robserver\r{password}\r")
        shown = await crashed(terminal)
        assert SENTENCE in shown
        assert_clean(terminal.said, gateway.token, TYPED)
    text = log.read_text()
    assert "Traceback" in text
    assert_clean(text, gateway.token, TYPED)


async def test_the_sentence_is_french_where_the_terminal_is(gateway: Gateway, tmp_path: Path) -> None:
    command = broken("presence_tui.monitor.monitor:PresenceMonitor.run", "watch")
    environment = {**surroundings(gateway), "PRESENCE_TUI_LANG": "fr"}
    async with on_terminal(tmp_path, environment, command, size=(200, 30)) as terminal:
        assert "presence-tui s’est arrêté" in await crashed(terminal)


HEADLESS = [
    ("watch --plain", "monitor.monitor:PresenceMonitor.run"),
    ("tail", "transport.rest_client:RestClient.request"),
    ("tail", "transport.socket_feed:SocketFeed.open"),
    ("roster", "transport.rest_client:RestClient.request"),
    ("doctor", "transport.rest_client:RestClient.request"),
    ("join link --as Ada", "transport.authentication:Authentication.enter"),
    ("history", "cli.history_command:show"),
    ("info", "cli.info_command:show"),
    ("gateway", "gateway.server:Gateway.start"),
    ("serve --port 0", "cli.serve_command:_showing"),
    ("wallboard", "cli.serve_command:show_wallboard"),
    ("login http://127.0.0.1:9 --user ada --password-stdin", "transport.rest_client:RestClient.request"),
    ("login {url} --user ada --password-stdin", "transport.authentication:Authentication._ask"),
    ("notify-test --by webhook", "alerts.webhook:Webhook._headers"),
]


@pytest.mark.parametrize(("words", "place"), HEADLESS)
async def test_a_crash_of_any_command_is_one_sentence(
    shell: CommandLine, gateway: Gateway, words: str, place: str
) -> None:
    log = shell.home / "log"
    arguments = [*words.format(url=gateway.url).split(), "--log-file", str(log)]
    shell.environment |= {
        "PRESENCE_TUI_WEBHOOK": f"http://127.0.0.1:9/hook/{SECRET}",
        "PRESENCE_TUI_WEBHOOK_SECRET": SECRET,
    }
    command = broken(f"presence_tui.{place}", *arguments)
    ended = await shell.run_command(*command, typed=f"{SECRET}\n")
    assert ended.code == ExitCode.FAILED, ended
    (line,) = [line for line in ended.err.splitlines() if "rror" in line]
    assert line.startswith(SENTENCE) and str(log) in line
    text = log.read_text()
    assert "Traceback" in text
    assert_clean(ended.out + ended.err + text, gateway.token)


@pytest.mark.parametrize(
    "place", ["tui.widgets.title_bar:TitleBar.render", "monitor.monitor:PresenceMonitor.run"]
)
async def test_a_crash_of_the_wallboard_is_one_sentence(
    shell: CommandLine, gateway: Gateway, place: str
) -> None:
    """As run by ``serve``, on pipes: its output goes to the server's log."""
    shell.environment["TEXTUAL_DRIVER"] = "presence_tui.tui.wallboard_app:WallboardDriver"
    log = shell.home / "log"
    command = broken(f"presence_tui.{place}", "wallboard", "--log-file", str(log))
    # Its input stays open, like that of a connected browser.
    async with shell.running(command=command) as running:
        assert running.process.stdout is not None and running.process.stderr is not None
        drawn, said = await asyncio.gather(running.process.stdout.read(), running.process.stderr.read())
        assert await running.process.wait() == ExitCode.FAILED
    (line,) = said.decode().splitlines()
    assert line.startswith(SENTENCE)
    assert b"ZeroDivisionError" not in drawn
    assert_clean((drawn + said).decode(errors="replace") + log.read_text(), gateway.token)
