"""Shell completion of commands, options and some of their values."""

import asyncio
import os
import shutil
import sqlite3
import sys

import pytest

from presence_tui.domain.participants import Conversation
from presence_tui.history.write_queue import AccountEntry, ConversationsEntry
from tests.integration.cli.command_line import CommandLine
from tests.unit.history.history_fixtures import GATEWAY, writing

SHELLS = ("bash", "zsh", "fish")
ASKED = {
    "bash": lambda words: {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)},
    "zsh": lambda words: {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)},
    "fish": lambda words: {"COMP_WORDS": " ".join(words[:-1]), "COMP_CWORD": words[-1]},
}


def install(shell: CommandLine) -> None:
    """Install the command under its own name."""
    folder = shell.home / "bin"
    folder.mkdir()
    command = folder / "presence-tui"
    command.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.argv[0] = \\"presence-tui\\"; '
        'from presence_tui.cli.main import run; run()" "$@"\n'
    )
    command.chmod(0o755)
    shell.environment["PATH"] = f"{folder}:{os.environ['PATH']}"


async def answer(shell: CommandLine, *command: str, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**shell.environment, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert (process.returncode, err) == (0, b""), err.decode()
    return out.decode()


async def offered(shell: CommandLine, kind: str, *words: str) -> set[str]:
    asked = ASKED[kind](["presence-tui", *words])
    said = await answer(shell, "presence-tui", _PRESENCE_TUI_COMPLETE=f"{kind}_complete", **asked)
    lines = said.splitlines()
    if kind == "zsh":
        return set(lines[1::3])
    return {line.split(",", 1)[1].split("\t")[0] for line in lines if line}


@pytest.mark.parametrize("kind", SHELLS)
async def test_commands_options_and_values_are_offered(shell: CommandLine, kind: str) -> None:
    install(shell)
    begun = await asyncio.gather(
        offered(shell, kind, "wat"),
        offered(shell, kind, "watch", "--pl"),
        offered(shell, kind, "watch", "--theme", "presence-c"),
        offered(shell, kind, "tail", "--rule", "meeshy"),
        offered(shell, kind, "roster", "--format", ""),
        offered(shell, kind, "demo", "--log-level", "e"),
        offered(shell, kind, "audit", "--format", ""),
        offered(shell, kind, "demo", "--fault", "ghost"),
        offered(shell, kind, "metrics", "--format", ""),
    )
    assert list(begun) == [
        {"watch"},
        {"--plain"},
        {"presence-contrast", "presence-colourblind"},
        {"meeshy-2026", "meeshy-2025"},
        {"table", "json", "csv"},
        {"error"},
        {"table", "json"},
        {"ghost-online=", "ghost-offline="},
        {"table", "json"},
    ]


@pytest.mark.parametrize("kind", SHELLS)
async def test_what_a_shell_has_to_read_is_printed(shell: CommandLine, kind: str) -> None:
    install(shell)
    script = await answer(shell, "presence-tui", "completion", kind)
    assert f"_PRESENCE_TUI_COMPLETE={kind}_complete" in script


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
async def test_bash_completes_with_it(shell: CommandLine) -> None:
    install(shell)
    typed = "COMP_WORDS=(presence-tui do); COMP_CWORD=1; _presence_tui_completion presence-tui"
    said = await answer(
        shell, "bash", "-c", f'eval "$(presence-tui completion bash)"; {typed}; echo "${{COMPREPLY[@]}}"'
    )
    assert said.strip() == "doctor"


async def test_another_shell_is_said_to_be_none(shell: CommandLine) -> None:
    ended = await shell.run("completion", "tcsh")
    assert ended.code == 2 and "tcsh" in ended.err


ELSEWHERE = "https://elsewhere.example"
HOSTILE = ("$(reboot)", "; reboot", "--demo", "a b", "*", "`id`", "x\ny", "é,è")


def remember(shell: CommandLine) -> None:
    """Store rosters of two gateways, as a monitor does."""
    path = shell.home / "data" / "presence-tui" / "history.sqlite"
    harbour = Conversation("66aa01", "Harbour crew", "harbour", 24)
    night = Conversation("66aa02", "Nightshift", "", 2)
    hostile = [Conversation(name, name, name, 2) for name in HOSTILE]
    for gateway, known in (
        (GATEWAY, [harbour, night, *hostile]),
        (ELSEWHERE, [Conversation("66bb01", "Été")]),
    ):
        with writing(path, gateway=gateway) as writer:
            writer.post([AccountEntry("u-me", "u-me"), ConversationsEntry(tuple(known))])


@pytest.mark.parametrize("kind", SHELLS)
async def test_conversations_of_the_last_time_are_offered(shell: CommandLine, kind: str) -> None:
    install(shell)
    remember(shell)
    shell.use(GATEWAY)
    begun = await asyncio.gather(
        offered(shell, kind, "watch", ""),
        offered(shell, kind, "serve", "HARB"),
        offered(shell, kind, "tail", "--gateway", ELSEWHERE, ""),
        offered(shell, kind, "roster", "nobody"),
    )
    assert list(begun) == [{"harbour", "Nightshift"}, {"harbour"}, {"Été"}, set()]


async def test_of_which_gateway_the_history_is_asked_may_be_left_open(shell: CommandLine) -> None:
    install(shell)
    remember(shell)
    assert await offered(shell, "bash", "history", "") == {"harbour", "Nightshift", "Été"}
    assert await offered(shell, "bash", "watch", "") == set(), "without a gateway, the demo is selected"


@pytest.mark.parametrize("trouble", ["none there", "damaged", "locked", "a bad setting", "a bad address"])
async def test_no_trouble_reaches_the_shell(shell: CommandLine, trouble: str) -> None:
    install(shell)
    shell.use("ftp://gate.example" if trouble == "a bad address" else GATEWAY)
    if trouble == "none there":
        assert await offered(shell, "bash", "watch", "") == set()
        return
    remember(shell)
    path = shell.home / "data" / "presence-tui" / "history.sqlite"
    if trouble == "damaged":
        path.write_bytes(b"no database" * 1_000)
    elif trouble == "a bad setting":
        shell.write_configuration("rule = 'nonsense'")
    holder = sqlite3.connect(path)
    if trouble == "locked":
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
    # A file that cannot be used is one that says nothing; the command reports it.
    shown = {"harbour", "Nightshift"} if trouble == "a bad setting" else set()
    assert await offered(shell, "bash", "watch", "") == shown
    holder.close()
