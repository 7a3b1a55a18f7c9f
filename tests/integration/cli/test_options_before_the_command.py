"""Options mean the same before and after the command; a command rejects options it does not have."""

import asyncio
import itertools
import json
import signal
from collections.abc import Callable

import click
import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.main import app
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import COMMAND, CommandLine
from tests.integration.cli.test_plain import sentence_with
from tests.tui.terminal import on_terminal

ALL = [
    (name, parameter.opts[0], [] if parameter.is_flag else ["7"])
    for name, command in app.commands.items()
    for parameter in command.params
    if isinstance(parameter, click.Option)
]


@pytest.fixture
def passed_to_the_command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Run a command line up to its command, and return the words that the command parses."""

    def run(*words: str) -> list[str]:
        (name,) = set(words) & set(app.commands)
        passed: list[str] = []

        def record(context: click.Context, args: list[str]) -> list[str]:
            passed.extend(args)
            raise click.exceptions.Exit

        monkeypatch.setattr(app.commands[name], "parse_args", record)
        app.main(words, "presence-tui", standalone_mode=False)
        return passed

    return run


def test_each_option_of_each_command_reaches_it_from_before_it(
    passed_to_the_command: Callable[..., list[str]],
) -> None:
    assert len(ALL) > 60
    for name, option, value in ALL:
        assert passed_to_the_command(option, *value, name, "rest") == [option, *value, "rest"], (name, option)


def test_an_option_name_takes_a_value_in_all_commands_or_in_none() -> None:
    """Otherwise the start of the command would be ambiguous."""
    kinds = {(option, bool(value)) for _, option, value in ALL}
    assert [option for option, takes in kinds if (option, not takes) in kinds] == []


@pytest.mark.parametrize("words", [["--"], []])
def test_the_command_has_the_last_word(
    passed_to_the_command: Callable[..., list[str]], words: list[str]
) -> None:
    before = ["--lang", "fr", "--ascii", *words]
    assert passed_to_the_command(*before, "demo", "--lang", "en") == [
        "--lang",
        "fr",
        "--ascii",
        "--lang",
        "en",
    ]


async def test_plain_and_language_before_the_command_are_obeyed(shell: CommandLine, gateway: Gateway) -> None:
    for words in itertools.permutations((["--plain"], ["--lang", "fr"], ["watch"])):
        async with shell.running(*itertools.chain(*words)) as plain:
            await sentence_with(plain, "En direct")
            plain.process.send_signal(signal.SIGTERM)
            assert (await shell.ended(plain)).code == ExitCode.OK


async def test_a_theme_there_is_not_is_told_on_either_side(shell: CommandLine) -> None:
    for words in (["--theme", "pink", "demo"], ["demo", "--theme", "pink"]):
        async with on_terminal(shell.home, {}, (*COMMAND, *words)) as terminal:
            assert await terminal.ended() == ExitCode.USAGE
            assert "There is no theme 'pink'" in terminal.said


async def test_a_gateway_before_the_command_goes_before_the_environment(
    shell: CommandLine, gateway: Gateway
) -> None:
    shell.environment["PRESENCE_TUI_GATEWAY"] = "http://127.0.0.1:9"
    ended = await shell.run("--gateway", gateway.url, "-f", "json", "roster")
    assert ended.code == ExitCode.OK, ended
    assert len(json.loads(ended.out)) > 3


async def test_an_option_the_command_does_not_have_is_refused(shell: CommandLine) -> None:
    ends = await asyncio.gather(
        shell.run("--theme", "presence-dark", "roster"),
        shell.run("--plain", "tail"),
        shell.run("--ascii", "info"),
        # Without a command, they apply to the watch.
        shell.run("--participants", "5"),
    )
    for ended, option in zip(ends, ("--theme", "--plain", "--ascii", "--participants"), strict=True):
        assert (ended.code, ended.out) == (ExitCode.USAGE, ""), ended
        assert "No such option" in ended.err and option in ended.err, ended
