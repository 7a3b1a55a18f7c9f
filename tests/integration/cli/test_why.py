"""``why``: the evidence behind what is shown about somebody, as text or JSON lines."""

import msgspec
import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.raw_tail_command import PacketLine
from presence_tui.cli.why_command import CountsLine, ExplanationLine
from presence_tui.domain.enums import Source
from presence_tui.domain.rules import RULES
from presence_tui.gateway.directory import Person
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.schemas import validate
from tests.integration.cli.test_wait import somebody, until_connected


def explanations(lines: list[dict[str, object]]) -> list[ExplanationLine]:
    return [msgspec.convert(line, ExplanationLine) for line in lines if line["kind"] == "explanation"]


async def test_the_lines_name_evidence_rules_and_counts(shell: CommandLine, gateway: Gateway) -> None:
    person = somebody(gateway, is_online=True)
    ended = await shell.run("why", f"@{person.handle}", "--format", "json")
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    for line in ended.lines:
        validate(line)
    (told,) = explanations(ended.lines)
    assert (told.user_id, told.flag, told.state) == (person.key, True, told.rules[0].state)
    assert [each.rule for each in told.rules] == list(RULES)
    assert told.evidence is not None and told.evidence.source is Source.SNAPSHOT
    assert told.handle == person.handle and told.language
    assert {told.name_from, told.handle_from, told.language_from, told.role_from} == {Source.ROSTER}
    assert told.name_at == told.handle_at == told.language_at
    assert None not in (told.name_at, told.role_at)
    (counts,) = [msgspec.convert(line, CountsLine) for line in ended.lines if line["kind"] == "counts"]
    assert counts.whole and counts.read_at is not None
    assert counts.online + counts.offline + counts.unknown == len(gateway.people())


async def test_the_packets_that_are_named_follow(shell: CommandLine, gateway: Gateway) -> None:
    person = somebody(gateway, is_online=False)
    async with shell.running("why", person.key, "-f", "json", "--duration", "3") as waiting:
        await until_connected(gateway)
        gateway.set_online(person.key, True)
        ended = await shell.ended(waiting)
    (told,) = explanations(ended.lines)
    assert told.flag is True and told.evidence is not None
    packets = {
        line["seq"]: msgspec.convert(line, PacketLine) for line in ended.lines if line["kind"] == "packet"
    }
    assert told.evidence.packet in packets
    packet = packets[told.evidence.packet]
    assert (packet.user_id, packet.verdict) == (person.key, "applied")


async def test_the_text_says_the_same(shell: CommandLine, gateway: Gateway) -> None:
    person: Person = somebody(gateway, is_online=True)
    ended = await shell.run("why", person.display_name)
    assert ended.code == ExitCode.OK
    for words in (
        person.display_name,
        "State: ",
        "Why: flag true",
        "Next: ",
        "Told by: snapshot, ",
        "packet ",
    ):
        assert words in ended.out
    french = await shell.run("why", person.display_name, "--lang", "fr")
    assert "Ensuite" in french.out
    for said in (ended.out, french.out):
        rules = [row for row in said.splitlines() if row.strip().startswith(tuple(RULES))]
        assert [row.count(":") for row in rules] == [1] * len(RULES)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["Nobody at all"], ExitCode.USAGE, "is called Nobody at all. Give whole names"),
        (["Adda"], ExitCode.USAGE, "is called Adda; similar: Ada Okafor"),
        (["Ada", "--format", "csv"], ExitCode.USAGE, "choose table or json"),
    ],
)
async def test_what_cannot_be_answered_is_said(
    shell: CommandLine, gateway: Gateway, arguments: list[str], code: ExitCode, words: str
) -> None:
    ended = await shell.run("why", *arguments)
    assert ended.code == code
    assert words in ended.err and ended.out == ""
