"""Commands without a screen when a gateway refuses a valid token temporarily, and a bad one for good."""

import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.test_plain import sentence_with
from tests.integration.watch.conftest import StartGateway

SAID = "refuses a token that should still be good"


@pytest.fixture(params=["meeshy-2026", "meeshy-2025"])
async def either(request: pytest.FixtureRequest, start_gateway: StartGateway, shell: CommandLine) -> Gateway:
    gateway = await start_gateway(profile=request.param)
    shell.use(gateway.url, gateway.token)
    return gateway


async def test_tail_continues_and_reports_it(shell: CommandLine, either: Gateway) -> None:
    """It once exited with 3."""
    either.faults.refuse_sign_ins = True
    async with shell.running("tail") as tail:
        await tail.until_told(SAID)
        await tail.until_line(lambda line: line.get("state") == "reconnecting" and SAID in line["reason"])
        either.faults.refuse_sign_ins = False
        await tail.until_line(lambda line: line.get("state") == "live")
        either.faults.refuse_sign_ins = True
        either.connections.cut()
        await tail.until_told(SAID)
        either.faults.refuse_sign_ins = False
        await tail.until_line(lambda line: line.get("state") == "live")
        tail.interrupt()
        assert (await shell.ended(tail)).code == ExitCode.OK


async def test_plain_continues_and_reports_it(shell: CommandLine, either: Gateway) -> None:
    async with shell.running("watch", "--plain") as plain:
        await sentence_with(plain, "Live: ")
        either.faults.refuse_sign_ins = True
        either.connections.cut()
        await sentence_with(plain, SAID)
        either.faults.refuse_sign_ins = False
        await sentence_with(plain, "Live: ")
        plain.interrupt()
        assert (await shell.ended(plain)).code == ExitCode.OK


@pytest.mark.parametrize("command", [("tail",), ("watch", "--plain")], ids=["tail", "plain"])
async def test_a_token_that_was_never_good_is_the_end(
    shell: CommandLine, either: Gateway, command: tuple[str, ...]
) -> None:
    shell.use(either.url, either.mint_token(forged=True))
    ended = await shell.run(*command)
    assert ended.code == ExitCode.SIGN_IN
    assert SAID not in ended.out + ended.err
