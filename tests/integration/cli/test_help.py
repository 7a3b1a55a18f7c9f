"""``--help`` lists every command and option; the pages of ``help`` have their own tests."""

import re
from collections.abc import Iterator

import click
import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.main import app
from tests.integration.cli.command_line import COMMAND, CommandLine
from tests.tui.terminal import on_terminal

SHOWN = {name: command for name, command in app.commands.items() if not command.hidden}


def options(command: click.Command) -> Iterator[click.Option]:
    return (each for each in command.params if isinstance(each, click.Option) and not each.hidden)


@pytest.mark.parametrize("name", SHOWN)
def test_each_command_and_each_of_its_options_say_what_they_do(name: str) -> None:
    command = SHOWN[name]
    assert re.fullmatch(r"[A-Z].*\.", (command.help or "").splitlines()[0])
    for option in options(command):
        assert option.help and re.fullmatch(r"[A-Za-z0-9].*\.", option.help), option.name
    for argument in command.params:
        if isinstance(argument, click.Argument) and not isinstance(argument.type, click.Choice):
            assert argument.human_readable_name in (command.help or ""), argument.name


@pytest.mark.parametrize(
    "name", [name for name, each in SHOWN.items() if "gateway" in {p.name for p in each.params}]
)
def test_help_says_what_happens_without_a_gateway(name: str) -> None:
    if name == "login":
        return
    (option,) = (each for each in options(SHOWN[name]) if each.name == "gateway")
    assert re.search(
        "without it, the configured one, else (the newest sign-in, else the demo|the demo that runs|all)",
        option.help or "",
    )


async def test_help_is_asked_for_on_the_command_line(shell: CommandLine) -> None:
    ended = await shell.run("--help")
    assert ended.code == ExitCode.OK
    assert [name for name in SHOWN if not re.search(rf"^  {name} +\w", ended.out, re.MULTILINE)] == []
    assert "wallboard" not in re.findall(r"^  (\w+)", ended.out, re.MULTILINE)
    assert "A wallboard for browsers: presence-tui serve." in " ".join(ended.out.split())


async def test_a_wallboard_in_a_terminal_is_led_to_serve(shell: CommandLine) -> None:
    async with on_terminal(shell.home, {}, (*COMMAND, "wallboard")) as terminal:
        assert await terminal.ended() == ExitCode.USAGE
        assert "presence-tui serve starts it" in terminal.said
