"""``audit``: three answers side by side, as JSON lines or a table, and an exit code for CI."""

import msgspec
import pytest

from presence_tui.audit.findings import FindingKind
from presence_tui.cli.audit_command import AuditLine, FindingLine
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.faults import FaultName
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
    assert "24 of 24 others checked, 0 findings, 3 requests, " in ended.err


async def test_a_gateway_that_has_just_started_is_not_trusted(shell: CommandLine, gateway: Gateway) -> None:
    gateway.faults.runtime_is_empty = True
    ended = await shell.run("audit", "-f", "json")
    assert ended.code == ExitCode.FAILED
    assert [line["checked"] for line in ended.lines] == [0]
    assert "has just started" in ended.err and "Nobody could be checked." in ended.err


async def test_a_gateway_without_runtime_presence_is_checked_by_its_list(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    gateway = await start_gateway(profile="meeshy-2025")
    for person in gateway.people().values():
        person.devices = 1 if person.guest else person.devices
    shell.use(gateway.url, gateway.token)
    ended = await shell.run("audit", "-f", "json", "--fail-on", "any")
    assert ended.code == ExitCode.OK
    (line,) = ended.lines
    guests = sum(person.guest for person in gateway.people().values())
    others = len(gateway.people()) - 1
    assert guests and (line["participants"], line["checked"]) == (others, others - guests)
    assert "There is no runtime presence to ask for" in ended.err
    assert "could not be checked: this gateway does not note when guests leave." in ended.err


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


FAULTS = {
    "ghost-online": "ghost-online",
    "ghost-offline": "ghost-offline",
    "omit": "not-confirmed",
    "missing": "missing-member",
    "split": "contradicting-answers",
    "stale": "stale-activity",
    "incoherent": "incoherent",
    "hide": "hidden-or-offline",
    "stranger": "unknown-member",
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_found_under_its_name(shell: CommandLine, fault: str) -> None:
    async with shell.running("gateway", "--rate", "0", "--fault", f"{fault}=2") as gateway:
        ready = await gateway.line()
        shell.use(ready["url"], ready["token"])
        ended = await shell.run("audit", "-f", "json", "--fail-on", FAULTS[fault])
    assert ended.code == ExitCode.NOT_HELD
    assert f"Found: {FAULTS[fault]}." in ended.err
    *findings, audit = ended.lines
    assert audit["findings"] == {FAULTS[fault]: 2}
    for line in findings:
        told = msgspec.convert(line, FindingLine)
        assert (told.finding, told.confirmed) == (FAULTS[fault], True)
        assert told.user_id and told.name and told.cause


async def test_a_ghost_is_shown_with_three_answers(shell: CommandLine) -> None:
    async with shell.running("gateway", "--rate", "0", "--fault=ghost-online=1") as gateway:
        ready = await gateway.line()
        shell.use(ready["url"], ready["token"])
        as_json = await shell.run("audit", "-f", "json")
        as_table = await shell.run("audit", "--lang", "fr")
    (finding, _) = as_json.lines
    assert as_json.code == as_table.code == ExitCode.OK, "found, but nothing was to fail"
    assert [finding[name] for name in ("socket", "runtime", "rule")] == ["online", "offline", "online"]
    assert finding["evidence_at"] < finding["at"]
    for word in (finding["name"], "ghost-online", "en ligne", "hors ligne", "perdu"):
        assert word in as_table.out


async def test_passes_go_on_until_one_finds_what_fails(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("audit", "-f", "json", "--every", "5s", "--fail-on", "any") as audit:
        assert (await audit.line())["findings"] == {}
        ghost = next(each for each in gateway.people().values() if not (each.devices or each.hidden))
        gateway.create_ghost(ghost.key)
        finding = await audit.until_line(lambda line: line["kind"] == "finding")
        ended = await shell.ended(audit)
    assert finding["user_id"] == ghost.key
    assert ended.code == ExitCode.NOT_HELD


@pytest.mark.parametrize("command", ["demo", "gateway"])
async def test_an_unknown_fault_is_refused_with_the_list(shell: CommandLine, command: str) -> None:
    sentence = (await shell.run(command, "--fault", "ghosts=2")).sentence(ExitCode.USAGE)
    assert all(name in sentence for name in ("ghosts=2", *FaultName))
