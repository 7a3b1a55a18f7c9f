"""A name of several words without quotes: the error says how to quote it."""

import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine

DENIED, USAGE = ExitCode.DENIED, ExitCode.USAGE


@pytest.mark.parametrize(
    ("arguments", "code", "quoted"),
    [
        (["why", "Ada", "Okafor"], DENIED, "'Ada Okafor'"),
        (["why", "Ada", "Okafor", "--format", "json"], DENIED, "'Ada Okafor'"),
        (["why", "Maria", "del", "Mar"], USAGE, "'Maria del Mar'"),
        (["wait", "Ada", "online"], USAGE, "'Ada online'"),
        (["wait", "Ada", "Okafor", "online", "--timeout", "9"], USAGE, "'Ada Okafor online'"),
        (["roster", "--who", "Ada", "Okafor"], DENIED, "'Ada Okafor'"),
        (["roster", "--who=Ada", "Okafor"], DENIED, "'Ada Okafor'"),
        (["tail", "--who", "Maria", "del", "Mar"], USAGE, "'Maria del Mar'"),
        (["history", "--who", "Maria", "del", "Mar"], USAGE, "'Maria del Mar'"),
        (["join", "harbour", "--as", "Ada", "Okafor"], USAGE, "'Ada Okafor'"),
        (["--lang", "en", "why", "Ada", "Okafor"], DENIED, "'Ada Okafor'"),
    ],
)
async def test_the_error_has_the_name_in_quotes(
    shell: CommandLine, gateway: Gateway, arguments: list[str], code: ExitCode, quoted: str
) -> None:
    ended = await shell.run(*arguments)
    assert ended.code == code
    assert ended.err.rstrip("\n").endswith(f". Words that belong together need quotes: {quoted}.")


@pytest.mark.parametrize(
    "arguments",
    [
        ["why", "Ada"],
        ["why", "Zork", "harbour"],
        ["wait", "Zork online", "harbour"],
        ["wait", "Zork"],
        ["roster", "nowhere"],
        ["tail", "nowhere", "here"],
        ["why", "Ada", "--nonsense"],
        ["join", "--as"],
    ],
)
async def test_other_errors_say_nothing_of_quotes(
    shell: CommandLine, gateway: Gateway, arguments: list[str]
) -> None:
    assert "need quotes" not in (await shell.run(*arguments)).err


async def test_a_conversation_that_was_configured_is_no_part_of_a_name(
    shell: CommandLine, gateway: Gateway
) -> None:
    ended = await shell.run("why", "Ada", PRESENCE_TUI_CONVERSATION="nowhere")
    assert ended.code == DENIED and "need quotes" not in ended.err
