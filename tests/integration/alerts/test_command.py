"""Alert commands, run as real processes."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from presence_tui.alerts.command import Command, Complaint, arguments
from presence_tui.alerts.delivery import DeliveryError, Notice
from presence_tui.wire.sanitize import safe_text

BODY = b'{"text": "Ada came online"}'


def notice(text: str = "Ada came online") -> Notice:
    return Notice("an-id", 0.0, text, ("comes", "leaves"), ("Ada", "desk"), BODY)


def python(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", program, *arguments]


TELL = """
import json, os, sys
told = {"arguments": sys.argv[2:], "input": sys.stdin.read(), "environment": dict(os.environ)}
told["has_terminal"] = os.isatty(0) or os.isatty(1) or os.isatty(2)
told["own_session"] = os.getsid(0) == os.getpid()
print("never seen"); print("nor this", file=sys.stderr)
open(sys.argv[1], "w").write(json.dumps(told))
"""


async def test_it_is_told_by_argument_environment_and_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESENCE_TUI_TOKEN", "s3cr3t")
    monkeypatch.setenv("PRESENCE_TUI_WEBHOOK", "https://hooks.example/s3cr3t")
    out = tmp_path / "told.json"
    text = "Ada $(touch /tmp/x); `id` came online"
    said = await Command(python(TELL, str(out), "--", "{text}", "it is {text}!")).send(notice(text))
    told = json.loads(out.read_text())
    assert said == "exit 0"
    assert told["arguments"] == ["--", text, f"it is {text}!"]
    assert told["input"].encode() == BODY + b"\n"
    environment = told["environment"]
    assert environment["PRESENCE_TUI_ALERT_TEXT"] == text
    assert environment["PRESENCE_TUI_ALERT_KINDS"] == "comes,leaves"
    assert environment["PRESENCE_TUI_ALERT_RULES"] == "Ada,desk"
    assert environment["PATH"] == os.environ["PATH"]
    assert "s3cr3t" not in out.read_text()
    assert (told["has_terminal"], told["own_session"]) == (False, True)
    assert capfd.readouterr() == ("", "")


def test_a_name_that_looks_like_an_option_is_none() -> None:
    assert arguments(["say", "{text}"], "--help came online") == ["say", " --help came online"]
    assert arguments(["{text}", "{text}"], "Ada") == ["{text}", "Ada"], (
        "the program itself is never substituted"
    )


async def test_one_that_fails_says_how_and_what_it_complained_about() -> None:
    failing = python("import sys; sys.exit('no such \\x1b]0;device\\x07')")
    with pytest.raises(DeliveryError, match=r"failed with 1: no such .*device") as failed:
        await Command(failing).send(notice())
    assert str(failed.value).isprintable()


@pytest.mark.parametrize(
    ("written", "shown"),
    [(b"no XX...", "no XX"), (b"no \xff device\n", "no \ufffd device"), (b"", "-"), (b"...", "-")],
)
async def test_a_complaint_is_shown_as_text(written: bytes, shown: str) -> None:
    failing = python(f"import os; os.write(2, {written!r}); os._exit(7)")
    with pytest.raises(DeliveryError) as failed:
        await Command(failing).send(notice())
    assert str(failed.value) == f"The command {safe_text(sys.executable)} failed with 7: {shown}."


async def test_a_missing_command_is_reported() -> None:
    with pytest.raises(DeliveryError, match="cannot be started: No such file"):
        await Command(["/nowhere/presence-tui-nothing"]).send(notice())


async def test_one_that_reads_nothing_is_no_trouble() -> None:
    big = Notice("an-id", 0.0, "text", (), (), b"x" * 1_000_000)
    assert await Command(python("import os; os.close(0)")).send(big) == "exit 0"


async def test_one_that_takes_too_long_is_ended_with_what_it_has_started(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    # Its child keeps the fifo open as long as it lives.
    forks = f"import os, time; os.fork(); open({str(fifo)!r}, 'w'); time.sleep(600)"
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(DeliveryError) as ended:
            await Command(python(forks), 0.5).send(notice())
        program = safe_text(sys.executable)
        assert str(ended.value) == f"The command {program} was ended: it took longer than 0.5 s."
        os.set_blocking(reader, True)
        assert await asyncio.wait_for(asyncio.to_thread(os.read, reader, 1), 10) == b"", (
            "no process holds the pipe open"
        )
    finally:
        os.close(reader)


async def test_one_that_complains_without_end_is_not_kept_waiting() -> None:
    chatter = python("import sys; [sys.stderr.write('x' * 1000) for _ in range(2000)]; sys.exit(3)")
    with pytest.raises(DeliveryError, match="failed with 3: xxx") as failed:
        await Command(chatter).send(notice())
    assert len(str(failed.value)) < 400


async def test_what_it_leaves_behind_goes_on_and_is_not_waited_for(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    # A sound player, for example: it keeps standard error open, and outlives the command.
    leaves = f"import os\nif os.fork() == 0:\n    print('played', file=open({str(fifo)!r}, 'w'))"
    assert await Command(python(leaves)).send(notice()) == "exit 0"
    assert await asyncio.wait_for(asyncio.to_thread(fifo.read_text), 10) == "played\n"


async def test_each_end_of_the_pipe_for_complaints_is_closed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second time it might be an end of something else, which got its number."""
    closed: list[int] = []
    close = os.close

    def record(number: int) -> None:
        closed.append(number)
        close(number)

    with Complaint() as complaint:
        reader, writer = complaint._reader, complaint.writer
        monkeypatch.setattr(os, "close", record)
        complaint.hand_over()
        complaint.hand_over()
    monkeypatch.undo()
    assert closed == [writer, reader]
