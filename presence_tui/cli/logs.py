"""Where everything goes that is said to nobody: into the log file, or nowhere. Never to the terminal.

Python and its libraries write to the terminal in five ways that nobody asked for: loggers without a handler,
warnings, a logger that cannot write, exceptions in threads, and exceptions in what is being thrown away.
"""

import io
import logging
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from presence_tui.cli.configuration import Stop
from presence_tui.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    # Only to say what they are: their imports take time.
    from presence_tui.monitor.reading import ReadingReport
    from presence_tui.monitor.watch import Watch
    from presence_tui.store import ChangeSet

LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
LIBRARY_LEVEL: Final = logging.WARNING
"""Below it, libraries log addresses and packets, and a packet may hold a token."""

_happened = logging.getLogger("presence_tui.watch")
_unheard = logging.getLogger("presence_tui.unheard")


def keep_off_the_terminal() -> None:
    """From here on nobody but us writes to it. Undone by nothing: it holds for the process."""
    logging.getLogger().addHandler(logging.NullHandler())
    logging.captureWarnings(True)
    logging.raiseExceptions = False
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_thread


def log_to(path: Path | None, level: str) -> None:
    """Log into a file that only its owner can read, where one is named. Raises ``Stop`` if it cannot be."""
    if path is None:
        return
    root = logging.getLogger()
    root.addHandler(_file_handler(path))
    root.setLevel(max(LEVELS[level], LIBRARY_LEVEL))
    logging.getLogger("presence_tui").setLevel(LEVELS[level])


def log_watch(watch: "Watch") -> None:
    """From here on: what it watches, what it reads, and at level debug each change, by presence key."""
    watch.conversation_changed.subscribe(lambda watched: _happened.info("watching %s", watched.id))
    watch.resynced.subscribe(_log_reading)
    watch.noticed.subscribe(lambda phrase: _happened.warning("%s", phrase))
    if _happened.isEnabledFor(logging.DEBUG):
        watch.store.subscribe(_log_changes)


def _log_reading(report: "ReadingReport") -> None:
    if report.error is not None:
        _happened.warning("reading failed: %s", report.error.sentence)
    else:
        _happened.info("read %d participants, %d corrected", report.participants, report.corrected)


def _log_changes(changed: "ChangeSet") -> None:
    for change in changed.changes:
        _happened.debug("%s %s: %s to %s", change.cause, change.key, change.before, change.after)


def _file_handler(path: Path) -> logging.Handler:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as problem:
        raise Stop(f"The log file {path} cannot be written: {problem.strerror}.", ExitCode.USAGE) from problem
    handler = logging.StreamHandler(os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace"))
    handler.setFormatter(_OneMeaning("%(asctime)s %(levelname)s %(name)s %(message)s"))
    return handler


class LoggedText(io.TextIOBase):
    """Where what a library prints goes: to the log, line by line."""

    def write(self, text: str) -> int:
        for line in text.splitlines():
            _unheard.error("%s", line)
        return len(text)


class _OneMeaning(logging.Formatter):
    """What a library quotes may hold bytes that a terminal obeys, and a log is read on one."""

    def format(self, record: logging.LogRecord) -> str:
        said = super().format(record)
        return "".join(each if each.isprintable() or each == "\n" else ascii(each)[1:-1] for each in said)


def _log_unraisable(mistake: "sys.UnraisableHookArgs") -> None:
    _unheard.error(
        "%s %r", mistake.err_msg or "Exception ignored in", mistake.object, exc_info=mistake.exc_value
    )


def _log_thread(mistake: threading.ExceptHookArgs) -> None:
    name = mistake.thread.name if mistake.thread is not None else "a thread"
    _unheard.error("Exception in %s", name, exc_info=mistake.exc_value)
