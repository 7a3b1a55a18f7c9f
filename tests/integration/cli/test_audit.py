"""``audit``: three answers side by side, as JSON lines or a table, and an exit code for CI."""

import msgspec
import pytest

from presence_tui.audit.findings import FindingKind
from presence_tui.cli.audit_command import AuditLine
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.integration.watch.conftest import StartGateway


async def test_an_honest_gateway_has_no_findings(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("audit", "--format", "json", "--fail-on", "any")
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    (line,) = ended.lines
    assert list(line) == list(AuditLine.__struct_fields__)
    told = msgspec.convert(line, AuditLine)
    others = len(gateway.people()) - 1
    assert (told.kind, told.participants, told.checked, told.findings) == ("audit", others, others, {})
    assert told.requests == 3


async def test_the_table_ends_with_a_sentence(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("audit")
    assert (ended.code, ended.out) == (ExitCode.OK, "")
    assert "24 of 24 checked, 0 findings, 3 requests, " in ended.err


async def test_a_gateway_that_has_just_started_is_not_trusted(shell: CommandLine, gateway: Gateway) -> None:
    gateway.faults.runtime_is_empty = True
    ended = await shell.run("audit", "-f", "json")
    assert ended.code == ExitCode.FAILED
    assert [line["checked"] for line in ended.lines] == [0]
    assert "has just started" in ended.err and "Nobody could be checked." in ended.err


async def test_a_gateway_without_runtime_presence_checks_nobody(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    gateway = await start_gateway(profile="meeshy-2025")
    shell.use(gateway.url, gateway.token)
    ended = await shell.run("audit", "-f", "json")
    assert ended.code == ExitCode.FAILED
    assert "who has a socket" in ended.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "csv"], ["csv", "table or json"]),
        (["--fail-on", "ghosts"], ["ghosts", *FindingKind]),
        (["--every", "often"], ["often", "30s"]),
        (["--every", "4s"], ["4s", "5s at least"]),
    ],
)
async def test_a_wrong_option_says_what_there_is(
    shell: CommandLine, arguments: list[str], words: list[str]
) -> None:
    sentence = (await shell.run("audit", *arguments)).sentence(ExitCode.USAGE)
    assert all(word in sentence for word in words)


async def test_an_unknown_conversation_is_refused(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("audit", "nowhere")
    assert (ended.code, ended.out) == (ExitCode.DENIED, "")
    assert "Check the conversation's id" in ended.err


async def test_a_refused_token_ends_it(shell: CommandLine, gateway: Gateway) -> None:
    shell.use(gateway.url, gateway.mint_token(forged=True))
    assert (await shell.run("audit")).code == ExitCode.SIGN_IN


async def test_a_gateway_that_is_not_there_ends_it(shell: CommandLine) -> None:
    shell.use("http://127.0.0.1:1", "a.b.c")
    assert (await shell.run("audit")).code == ExitCode.FAILED
