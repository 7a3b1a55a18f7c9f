"""The pages of ``help`` describe everything that exists, and nothing else."""

import ast
import json
import os
import pty
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import msgspec
import pytest

from presence_tui.alerts.command import environment as alert_environment
from presence_tui.alerts.delivery import AlertObject, MatchObject, Notice
from presence_tui.alerts.rules import Channel, Trigger
from presence_tui.audit.findings import FindingKind, Runtime
from presence_tui.cli import history_command
from presence_tui.cli.audit_command import AuditLine, FindingLine
from presence_tui.cli.configuration_file import ConfigurationFile, NotificationsTable, RuleLimits, WatchTable
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.flaps_command import FlapLine, FlapsLine, WaveLine
from presence_tui.cli.help_command import TOPICS, page
from presence_tui.cli.main import app
from presence_tui.cli.metrics_command import MetricsLine
from presence_tui.cli.raw_tail_command import PacketLine
from presence_tui.cli.tail_command import AlertLine, ChangeLine, GapLine, LinkLine, MembershipLine
from presence_tui.cli.wait_command import WaitLine
from presence_tui.cli.why_command import CountsLine, ExplanationLine
from presence_tui.domain.enums import Cause, Direction, Source, State, Verdict
from presence_tui.domain.evidence import OverruledReason
from presence_tui.domain.packet_filter import OPERATORS
from presence_tui.flaps.report import FlapCause
from presence_tui.gateway.faults import FaultName, read_faults
from presence_tui.monitor.link import LinkState
from presence_tui.store.export import RosterLine
from presence_tui.text.language import Language
from presence_tui.tui.commands import commands
from presence_tui.tui.themes import theme_names
from tests.integration.cli.command_line import COMMAND, ROOT, CommandLine
from tests.integration.cli.watch_settings import watch_settings

README = (ROOT / "README.md").read_text("utf-8")
PACKAGE = ROOT / "presence_tui"
VARIABLE = re.compile(r"PRESENCE_TUI_[A-Z_]*[A-Z]")


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def section(text: str, heading: str) -> str:
    """The text below a heading, up to the next heading of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def first_column(text: str) -> list[str]:
    """Quoted words in the first column of tables."""
    return [name for row in re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)
            for name in re.findall(r"`([^`]+)`", row)]  # fmt: skip


def rows(text: str) -> Iterator[list[str]]:
    for line in re.findall(r"^\| (.+) \|$", text, re.MULTILINE):
        yield line.split(" | ")


def fields(kind: type[msgspec.Struct]) -> set[str]:
    return set(kind.__struct_fields__)


def test_there_is_a_page_for_each_topic_and_no_other() -> None:
    assert {path.stem for path in (PACKAGE / "cli/help_pages").iterdir()} == set(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_has_a_title_a_summary_and_links_to_pages_that_are_there(topic: str) -> None:
    title, empty, summary, *_ = page(topic).splitlines()
    assert re.fullmatch(r"# [A-Z].*", title) and not empty
    assert re.fullmatch(r"[A-Z][^`]{10,75}\.", summary)
    assert set(re.findall(r"presence-tui help ([a-z-]+)", page(topic))) <= set(TOPICS)


async def test_help_alone_lists_the_topics(shell: CommandLine) -> None:
    ended = await shell.run("help")
    assert (ended.code, ended.err) == (ExitCode.OK, "")
    assert re.findall(r"^  ([a-z-]+) +[A-Z].*\.$", ended.out, re.MULTILINE) == list(TOPICS)


async def test_a_page_in_a_pipe_is_plain_markdown(shell: CommandLine) -> None:
    ended = await shell.run("help", "json")
    assert (ended.code, ended.err, ended.out) == (ExitCode.OK, "", page("json"))


def test_a_page_on_a_terminal_is_rendered(shell: CommandLine) -> None:
    shown = bytearray()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(
            COMMAND[0], [*COMMAND, "help", "exit-codes"], {**shell.environment, "TERM": "xterm-256color"}
        )
    try:
        while part := os.read(terminal, 4096):
            shown += part
    except OSError:
        # The terminal closes with the process.
        pass
    finally:
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
    text = shown.decode()
    assert os.waitstatus_to_exitcode(status) == ExitCode.OK
    assert "\x1b[1m" in text and "Exit codes" in text
    assert "# Exit codes" not in text and "|---|" not in text


async def test_an_unknown_topic_is_refused_with_the_list(shell: CommandLine) -> None:
    sentence = (await shell.run("help", "colours")).sentence(ExitCode.USAGE)
    assert "'colours'" in sentence and all(topic in sentence for topic in TOPICS)


async def test_the_name_of_a_command_shows_its_help(shell: CommandLine) -> None:
    ended = await shell.run("help", "roster")
    assert ended.code == ExitCode.OK and "--format" in ended.out


async def test_a_hidden_command_is_no_topic(shell: CommandLine) -> None:
    assert "'wallboard-x'" in (await shell.run("help", "wallboard-x")).sentence(ExitCode.USAGE)
    assert (await shell.run("help", "wallboard")).out == page("wallboard")


async def test_in_french_it_says_that_the_pages_are_english(shell: CommandLine) -> None:
    asked = (
        ("--lang", "fr", "help", "keys"),
        ("help", "--lang", "fr", "keys"),
    )
    for words in asked:
        ended = await shell.run(*words)
        assert (ended.code, ended.out) == (ExitCode.OK, page("keys"))
        assert "anglais" in ended.err and len(ended.err.splitlines()) == 1
    shell.write_configuration('language = "fr"')
    assert "anglais" in (await shell.run("help")).err


async def test_a_configuration_that_cannot_be_used_hides_no_page(shell: CommandLine) -> None:
    shell.write_configuration("colour = 3")
    ended = await shell.run("help", "configuration")
    assert (ended.code, ended.out) == (ExitCode.OK, page("configuration"))


def test_every_setting_is_there_and_no_other(shell: CommandLine) -> None:
    """Each key has an example; the program reads the examples, and rejects unknown keys."""
    said: dict[str, set[str]] = {"": set(), "rule_limits": set(), "notifications": set(), "watch": set()}
    for topic in TOPICS:
        for example in blocks(page(topic), "toml"):
            watch_settings(environment={}, path=shell.write_configuration(example))
            tables = msgspec.toml.decode(example)
            said[""] |= tables.keys() & fields(ConfigurationFile)
            for name in ("rule_limits", "notifications"):
                said[name] |= tables.get(name, {}).keys()
            said["watch"].update(*(rule.keys() for rule in tables.get("watch", [])))
    assert said == {
        "": fields(ConfigurationFile),
        "rule_limits": fields(RuleLimits),
        "notifications": fields(NotificationsTable),
        "watch": fields(WatchTable),
    }


def test_every_default_is_the_one_of_the_code(shell: CommandLine) -> None:
    """For settings whose example is their default: all numbers and switches."""
    (example, *_) = blocks(page("configuration"), "toml")
    settings = watch_settings(environment={}, path=shell.write_configuration(example))
    usual = watch_settings(environment={}, path=shell.write_configuration(""))
    same = ("ascii", "plain", "reduced_motion", "frames_per_second", "rule", "bounds",
            "history", "history_days", "history_bytes")  # fmt: skip
    assert {name: getattr(settings, name) for name in same} == {name: getattr(usual, name) for name in same}


def variables_in_code() -> set[str]:
    """Environment variables of options, in strings of the sources, and of alert commands."""
    found = {f"PRESENCE_TUI_{name.upper()}" for name in fields(ConfigurationFile) if name.startswith("max_")}
    found |= alert_environment(Notice("", 0.0, "", (), (), b""), {}).keys()
    for command in app.commands.values():
        for parameter in command.params:
            found |= {parameter.envvar} if isinstance(parameter.envvar, str) else set(parameter.envvar or ())
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} if VARIABLE.fullmatch(node.value) else set()
    return found


def test_every_environment_variable_is_there_and_no_other() -> None:
    said = set(VARIABLE.findall(section(page("configuration"), "Environment")))
    assert said == variables_in_code()
    elsewhere = {name for topic in TOPICS for name in VARIABLE.findall(page(topic))}
    assert elsewhere | set(VARIABLE.findall(README)) <= said


def test_every_key_and_command_of_the_screen_is_there_and_no_other() -> None:
    movable, _, _ = page("keys").partition("These keys are fixed")
    said = {command.strip("`"): key.strip("`") for key, command, _ in list(rows(movable))[1:]}
    assert said == {command.name: command.key_shown for command in commands(Language("en"))}


FIELDS: Mapping[str, tuple[str, set[str]]] = {
    "kind change": ("tail", fields(ChangeLine)),
    "kind gap": ("tail", fields(GapLine)),
    "kind link": ("tail", fields(LinkLine)),
    "kind membership": ("tail", fields(MembershipLine)),
    "kind alert": ("tail", fields(AlertLine)),
    "kind packet": ("tail --raw", fields(PacketLine)),
    "alert": ("webhook", fields(AlertObject)),
    "ring": ("webhook", fields(MatchObject)),
    "roster": ("roster", fields(RosterLine) | {"as_of"}),
    "kind finding": ("audit", fields(FindingLine)),
    "kind audit": ("audit", fields(AuditLine)),
    "kind explanation": ("why", fields(ExplanationLine)),
    "kind counts": ("why", fields(CountsLine)),
    "kind wait": ("wait", fields(WaitLine)),
    "kind metrics": ("metrics", fields(MetricsLine)),
    "kind flap": ("flaps", fields(FlapLine)),
    "kind wave": ("flaps", fields(WaveLine)),
    "kind flaps": ("flaps", fields(FlapsLine)),
    "history": ("history", set(history_command.FIELDS)),
}


@pytest.mark.parametrize("heading", FIELDS)
def test_every_json_field_is_there_and_no_other(heading: str) -> None:
    said = first_column(section(page("json"), heading))
    assert len(said) == len(set(said))
    assert set(said) == FIELDS[heading][1]


async def test_the_line_of_the_gateway_has_the_fields_that_are_said(shell: CommandLine) -> None:
    async with shell.running("gateway") as gateway:
        assert set(await gateway.line()) == set(first_column(section(page("json"), "gateway")))


def test_every_value_of_json_is_there_and_no_other() -> None:
    text = page("json")

    def said(heading: str, field: str) -> set[str]:
        (row,) = (row for row in rows(section(text, heading)) if row[0] == f"`{field}`")
        return set(re.findall(r"`([a-z-]+)`", row[-1]))

    assert said("kind change", "before") == set(State)
    assert said("kind change", "cause") == set(Cause)
    assert said("kind change", "source") == set(Source)
    assert said("kind link", "state") == set(LinkState)
    assert said("kind packet", "verdict") == set(Verdict)
    assert said("kind packet", "direction") == set(Direction)
    assert said("ring", "kind") == set(Trigger)
    assert said("kind finding", "runtime") == set(Runtime)
    assert said("kind finding", "rule") == set(State)
    assert said("kind flap", "cause") == set(FlapCause)
    assert said("kind explanation", "overruled") == set(OverruledReason)


def test_every_finding_is_there_and_no_other() -> None:
    assert first_column(section(page("debugging"), "The audit")) == list(FindingKind)


def test_every_cause_of_flaps_is_there_and_no_other() -> None:
    assert first_column(section(page("debugging"), "Who flaps, and why")) == list(FlapCause)


def test_every_fault_is_there_and_no_other() -> None:
    said = first_column(section(page("debugging"), "Faults for practice"))
    assert [fault.split("=")[0] for fault in said] == list(FaultName)
    assert read_faults(said, 100)


def test_verdicts_and_expressions_of_packets_are_those_of_the_code() -> None:
    assert first_column(section(page("inspector"), "Verdicts")) == list(Verdict)
    said = {words.split()[0] for words in first_column(section(page("inspector"), "Expressions"))}
    assert said == set(OPERATORS)


def test_the_examples_of_json_are_those_of_the_code() -> None:
    kinds: dict[str, type[msgspec.Struct]] = {"change": ChangeLine, "link": LinkLine, "packet": PacketLine}
    tail, raw_tail, audit, why, wait, metrics, flaps = blocks(page("json"), "json")
    for line, kind in zip(why.splitlines(), (ExplanationLine, CountsLine), strict=True):
        assert list(json.loads(line)) == [*kind.__struct_fields__]
        msgspec.json.decode(line, type=kind, strict=True)
    for line, kind in zip(flaps.splitlines(), (FlapLine, WaveLine, FlapsLine), strict=True):
        assert list(json.loads(line)) == [*kind.__struct_fields__]
        msgspec.json.decode(line, type=kind, strict=True)
    finding, ended = audit.splitlines()
    assert msgspec.json.decode(finding, type=FindingLine) and list(json.loads(finding)) == [
        *FindingLine.__struct_fields__
    ]
    assert msgspec.json.decode(ended, type=AuditLine) and list(json.loads(ended)) == [
        *AuditLine.__struct_fields__
    ]
    for line, kind in ((wait, WaitLine), (metrics, MetricsLine)):
        assert list(json.loads(line)) == [*kind.__struct_fields__]
        msgspec.json.decode(line, type=kind, strict=True)
    for line in map(json.loads, [*tail.splitlines(), *raw_tail.splitlines()]):
        assert set(line) == fields(kinds[line["kind"]])
        msgspec.convert(line, kinds[line["kind"]], strict=True)
    (webhook,) = blocks(page("alerts"), "json")
    alert = msgspec.json.decode(webhook, type=AlertObject, strict=True)
    assert json.loads(webhook).keys() == fields(AlertObject)
    assert json.loads(webhook)["rings"][0].keys() == fields(MatchObject)
    assert alert.rings[0].kind in set(Trigger)


def test_channels_states_causes_and_themes_are_those_of_the_code() -> None:
    assert first_column(section(page("alerts"), "Channels")) == list(Channel)
    states = [row[1] for row in list(rows(section(page("states"), "States, rules and the link")))[1:]]
    assert states == list(State)
    assert first_column(section(page("states"), "Causes")) == list(Cause)
    ours = {name for name in theme_names() if name.startswith("presence-")}
    assert set(first_column(section(page("terminals"), "Themes"))) == ours


def exit_codes(text: str) -> list[int]:
    return [int(code) for code in re.findall(r"^\| (\d) \|", text, re.MULTILINE)]


def test_every_exit_code_is_there_and_no_other() -> None:
    assert exit_codes(page("exit-codes")) == exit_codes(section(README, "Commands")) == sorted(ExitCode)


@pytest.mark.parametrize("text", [page("commands"), section(README, "Commands")], ids=["page", "README"])
def test_every_command_is_there_and_no_other(text: str) -> None:
    table = text.partition("| command |")[2].partition("\n\n")[0]
    listed = {word for row in re.findall(r"^\| (.+?) \|", table, re.MULTILINE)
              for word in re.findall(r"`([a-z]+(?:-[a-z]+)*)", row)}  # fmt: skip
    shown = {name for name, command in app.commands.items() if not command.hidden}
    assert listed - {"presence-tui", "zsh", "fish"} == shown


def options_of(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


def test_no_option_is_said_that_does_not_exist() -> None:
    existing = {"--help"}.union(options_of(app), *map(options_of, app.commands.values()))
    texts = [README, *map(page, TOPICS)]
    of_presence_tui = {
        option
        for text in texts
        for option in re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", text.replace("pip install", ""))
    }
    assert of_presence_tui <= existing


def test_the_library_example_runs() -> None:
    store, service = blocks(page("library"), "python")
    exec(compile(store, "library.md", "exec"), {})
    ast.parse(f"async def _():\n{service.replace(chr(10), chr(10) + ' ').join(['    ', ''])}")


def test_the_names_of_the_library_are_there() -> None:
    from importlib import import_module

    for name in re.findall(r"`(presence_tui\.[a-z_.]+)\.([A-Z]\w+)`", page("library")):
        assert hasattr(import_module(name[0]), name[1])


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    assert len(README.encode()) <= 10_000
    for document in (ROOT / "README.md", *ROOT.glob(".github/*.md"), ROOT / "screenshots/README.md",
                     ROOT / "tests/bench/README.md"):  # fmt: skip
        linked = re.findall(r"\]\(((?!https?:|#)[^)#]+)", document.read_text("utf-8"))
        assert [link for link in linked if not (document.parent / Path(link)).exists()] == [], document


def test_the_readme_names_each_topic() -> None:
    assert first_column_links(section(README, "Reference")) == set(TOPICS)


def first_column_links(text: str) -> set[str]:
    return set(re.findall(r"\[([a-z-]+)\]\(presence_tui/cli/help_pages/\1\.md\)", text))
