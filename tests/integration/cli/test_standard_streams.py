"""Standard streams that are closed, full, redirected, limited in encoding, or without their terminal."""

import os
import signal
import sys
from pathlib import Path

import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.output import OutputClosed, output_lost, until_output_is_lost
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.tui.terminal import on_terminal
from tests.unit.history.history_fixtures import rows

COMMAND = (sys.executable, "-m", "presence_tui")
GONE_S = 5.0
"""Time limit for a command to end after its terminal closed."""
IGNORING_HANGUP = ("sh", "-c", 'trap "" HUP; exec "$@"', "sh", *COMMAND)
WRITING = ["info", "--help", "watch --help", "completion bash", "roster", "roster -f csv", "roster -f json"]
WRITING += [
    "history --since all",
    "doctor",
    "tail",
    "watch --plain",
    "gateway",
    "serve --port 0",
    "notify-test",
]


def surroundings(gateway: Gateway) -> dict[str, str]:
    return {"PRESENCE_TUI_GATEWAY": gateway.url, "PRESENCE_TUI_TOKEN": gateway.token}


def redirected(words: str, redirection: str) -> tuple[str, ...]:
    return "sh", "-c", f'exec "$@" {redirection}', "sh", *COMMAND, *words.split()


@pytest.mark.parametrize("words", WRITING)
async def test_output_that_takes_nothing_is_one_sentence(
    shell: CommandLine, gateway: Gateway, words: str
) -> None:
    if words.startswith("history"):
        await record_something(shell)
    ended = await shell.run_command(*redirected(words, ">/dev/full"))
    assert ended.code == ExitCode.FAILED, ended
    lines = [line for line in ended.err.splitlines() if line.startswith("Standard output")]
    assert lines == ["Standard output cannot be written: No space left on device."]


@pytest.mark.parametrize("words", ["info", "--help", "tail", "watch --plain", "roster -f json", "gateway"])
async def test_closed_output_is_one_sentence(shell: CommandLine, gateway: Gateway, words: str) -> None:
    ended = await shell.run_command(*redirected(words, ">&-"))
    assert ended.sentence(ExitCode.FAILED) == "Standard output cannot be written: it is closed."


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&-", "<&- 2>&-"])
async def test_other_streams_are_not_needed(shell: CommandLine, gateway: Gateway, redirection: str) -> None:
    ended = await shell.run_command(*redirected("roster -f csv", redirection))
    assert ended.code == ExitCode.OK, ended
    assert ended.out.startswith("state,") or "name" in ended.out.splitlines()[0]


@pytest.mark.parametrize("redirection", ["<&-", ">&-", "<&- >&- 2>&-", ">/dev/full"])
@pytest.mark.parametrize("words", ["watch", "demo"])
async def test_the_screen_needs_input_and_output(
    shell: CommandLine, gateway: Gateway, words: str, redirection: str
) -> None:
    ended = await shell.run_command(*redirected(words, redirection))
    assert ended.code == ExitCode.NO_TERMINAL
    assert len(ended.err.splitlines()) == (0 if "2>" in redirection else 1)


@pytest.mark.parametrize("redirection", ["2>{file}", "2>&-", "2>/dev/full"])
async def test_the_screen_is_drawn_where_standard_error_leads_elsewhere(
    gateway: Gateway, tmp_path: Path, redirection: str
) -> None:
    file = tmp_path / "errors"
    command = redirected("watch", redirection.format(file=file))
    async with on_terminal(tmp_path, surroundings(gateway), command) as terminal:
        await terminal.shows("LIVE")
        terminal.type("q")
        assert await terminal.ended() == ExitCode.OK
        assert terminal.is_restored
    assert not file.exists() or file.read_bytes() == b""


@pytest.mark.parametrize("encoding", ["ascii", "ascii:strict"])
async def test_what_an_encoding_lacks_is_replaced(
    shell: CommandLine, gateway: Gateway, encoding: str
) -> None:
    table = await shell.run("roster", PYTHONIOENCODING=encoding)
    assert table.code == ExitCode.OK and "?" in table.out, table
    names = {person.display_name for person in gateway.people().values()}
    foreign = {name for name in names if not name.isascii()}
    assert foreign
    for layout in ("csv", "json"):
        ended = await shell.run("roster", "-f", layout, PYTHONIOENCODING=encoding)
        assert ended.code == ExitCode.OK
        assert any(name in ended.out for name in foreign), layout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
async def test_the_screen_is_ascii_where_the_encoding_has_no_more(
    gateway: Gateway, tmp_path: Path, encoding: str
) -> None:
    environment = {**surroundings(gateway), "PYTHONIOENCODING": encoding}
    async with on_terminal(tmp_path, environment, (*COMMAND, "watch")) as terminal:
        await terminal.shows("LIVE")
        await terminal.shows("Online (")
        terminal.type("q")
        assert await terminal.ended() == ExitCode.OK
        assert bytes(terminal.written).isascii() and "\\u" not in terminal.said


@pytest.mark.parametrize(
    ("words", "shown"), [("watch", "LIVE"), ("watch --plain", "Live: "), ("tail", '"live"')]
)
@pytest.mark.parametrize("command", [COMMAND, IGNORING_HANGUP], ids=["hangup", "hangup ignored"])
async def test_a_command_ends_with_its_terminal(
    gateway: Gateway, tmp_path: Path, words: str, shown: str, command: tuple[str, ...]
) -> None:
    """Nothing happens at this gateway, so the command never writes."""
    # The command is not the leader of the session of ``sh``, so it receives no signal.
    async with on_terminal(tmp_path, surroundings(gateway), (*command, *words.split())) as terminal:
        await terminal.shows(shown)
        assert await terminal.hang_up(GONE_S) == ExitCode.FAILED
    assert unfinished_runs(tmp_path) == 0


async def test_join_ends_with_its_terminal(gateway: Gateway, tmp_path: Path) -> None:
    command = (*IGNORING_HANGUP, "join", gateway.conversation, "--as", "Ada")
    environment = {"PRESENCE_TUI_GATEWAY": gateway.url}
    async with on_terminal(tmp_path, environment, command) as terminal:
        await terminal.shows("is there")
        assert await terminal.hang_up(GONE_S) == ExitCode.FAILED


async def test_a_pipe_whose_reader_leaves_is_noticed_without_a_write() -> None:
    reading, writing = os.pipe()
    try:
        assert output_lost(writing) is None
        os.close(reading)
        with pytest.raises(OutputClosed):
            await until_output_is_lost(writing)
    finally:
        os.close(writing)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("words", "shown"), [("watch", "LIVE"), ("watch --plain", "Live: "), ("tail", '"live"')]
)
async def test_a_signal_ends_the_run_in_the_history(
    gateway: Gateway, tmp_path: Path, words: str, shown: str, number: signal.Signals
) -> None:
    async with on_terminal(tmp_path, surroundings(gateway), (*COMMAND, *words.split())) as terminal:
        await terminal.shows(shown)
        terminal.signal(number)
        assert await terminal.ended() == ExitCode.OK
        assert terminal.has_its_modes
        assert terminal.is_restored or words != "watch"
    assert unfinished_runs(tmp_path) == 0


def unfinished_runs(folder: Path) -> int:
    (path,) = folder.rglob("history.sqlite")
    assert rows(path, "SELECT count(*) FROM runs") == [1]
    (unfinished,) = rows(path, "SELECT count(*) FROM runs WHERE ended_s IS NULL")
    return int(unfinished)


async def record_something(shell: CommandLine) -> None:
    async with shell.running("tail") as tail:
        await tail.until_line(lambda line: line.get("state") == "live")
        tail.terminate()
        await shell.ended(tail)
