"""Logging to the log file or nowhere, never to the terminal, which shows one sentence of a crash.

Python and its libraries write to the terminal in five ways by default: loggers without a handler,
warnings, handlers that fail to write, exceptions in threads, and exceptions in destructors.
"""

import io
import logging
import os
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.domain.redaction import redact, register_secret
from presence_tui.domain.system_reasons import reason_of
from presence_tui.storage.private_files import NotPrivate, open_private
from presence_tui.text.local_time import is_ambiguous, utc_offset
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.monitor.roster_refresh import RefreshReport
    from presence_tui.service.events import ServiceEvent
    from presence_tui.service.service import PresenceService
    from presence_tui.store import ChangeSet

LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
LIBRARY_LEVEL: Final = logging.WARNING
"""Below this level, libraries log addresses and packets, which may contain a token."""

_SECRETS_IN_ENVIRONMENT: Final = (
    "PRESENCE_TUI_TOKEN",
    "PRESENCE_TUI_SESSION_TOKEN",
    "PRESENCE_TUI_WEBHOOK",
    "PRESENCE_TUI_WEBHOOK_SECRET",
)

_event_logger = logging.getLogger("presence_tui.watch")
_stray_logger = logging.getLogger("presence_tui.unheard")
_crash_logger = logging.getLogger("presence_tui.crash")
_PACKAGE: Final = Path(__file__).parents[1]


def redirect_stray_output() -> None:
    """Keep libraries from writing to the terminal, for the rest of the process."""
    logging.getLogger().addHandler(logging.NullHandler())
    logging.captureWarnings(True)
    logging.raiseExceptions = False
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_thread


def mask_secrets_of(environment: Mapping[str, str]) -> None:
    """Mask the credentials in environment variables, also in records logged before they are used."""
    for name in _SECRETS_IN_ENVIRONMENT:
        register_secret(environment.get(name, "").strip())


def log_to(path: Path | None, level: str) -> None:
    """Log to a file that only its owner can read, if given. Raises ``CliError`` if it cannot be opened."""
    if path is None:
        return
    root = logging.getLogger()
    root.addHandler(_file_handler(path))
    root.setLevel(max(LEVELS[level], LIBRARY_LEVEL))
    logging.getLogger("presence_tui").setLevel(LEVELS[level])


def log_events(service: "PresenceService") -> None:
    """Log the conversation, refreshes and notices, and at level debug each change by presence key."""
    service.events.subscribe(_log_event)


def _log_event(event: "ServiceEvent") -> None:
    from presence_tui.service import events

    match event:
        case events.ConversationChanged(conversation):
            _event_logger.info("watching %s", conversation.id)
        case events.Resynced(report):
            _log_refresh(report)
        case events.Notice(phrase, is_trouble=False):
            _event_logger.warning("%s", phrase)
        case events.PresenceChanged(changed) if _event_logger.isEnabledFor(logging.DEBUG):
            _log_changes(changed)


def _log_refresh(report: "RefreshReport") -> None:
    if report.error is not None:
        _event_logger.warning("reading failed: %s", report.error.sentence)
    else:
        _event_logger.info("read %d participants, %d corrected", report.participants, report.corrected)


def _log_changes(changed: "ChangeSet") -> None:
    for change in changed.changes:
        _event_logger.debug("%s %s: %s to %s", change.cause, change.key, change.before, change.after)


def _file_handler(path: Path) -> logging.Handler:
    try:
        descriptor = open_private(path, os.O_WRONLY | os.O_APPEND)
    except NotPrivate as problem:
        raise CliError(
            say("Others can read or write the log file {path}. Protect it with: chmod 600 {path}", path=path),
            ExitCode.USAGE,
        ) from problem
    except OSError as problem:
        raise CliError(
            say(
                "The log file {path} cannot be written: {reason}.",
                path=path,
                reason=say_phrase(reason_of(problem)),
            ),
            ExitCode.USAGE,
        ) from problem
    handler = LogFile(path, os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace"))
    handler.setFormatter(_PrintableFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    return handler


class LogFile(logging.StreamHandler[TextIO]):
    """The handler of the log file; ``is_whole`` is false once a record could not be written."""

    def __init__(self, path: Path, file: TextIO) -> None:
        super().__init__(file)
        self.path = path
        self.is_whole = True

    def handleError(self, record: logging.LogRecord) -> None:
        self.is_whole = False


def log_file_in_use() -> Path | None:
    """Path of the log; ``None`` if nothing is logged or a record could not be written."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, LogFile) and handler.is_whole:
            return handler.path
    return None


class LoggedText(io.TextIOBase):
    """A text stream that writes each line to the log, for libraries that print."""

    def write(self, text: str) -> int:
        for line in text.splitlines():
            _stray_logger.error("%s", line)
        return len(text)


class _PrintableFormatter(logging.Formatter):
    """Masks credentials and escapes control characters, because logs are read on terminals."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        text = super().formatTime(record, datefmt)
        return f"{text} {utc_offset(record.created)}" if is_ambiguous(record.created) else text

    def format(self, record: logging.LogRecord) -> str:
        text = redact(super().format(record))
        return "".join(each if each.isprintable() or each == "\n" else ascii(each)[1:-1] for each in text)


def _log_unraisable(mistake: "sys.UnraisableHookArgs") -> None:
    _stray_logger.error(
        "%s %r", mistake.err_msg or "Exception ignored in", mistake.object, exc_info=mistake.exc_value
    )


def _log_thread(mistake: threading.ExceptHookArgs) -> None:
    name = mistake.thread.name if mistake.thread is not None else "a thread"
    _stray_logger.error("Exception in %s", name, exc_info=mistake.exc_value)


def report_crash(error: BaseException) -> str:
    """Log an unhandled error and return a sentence to show.

    The traceback in the log contains no local variables.
    """
    _crash_logger.critical("%s", type(error).__name__, exc_info=error)
    what = _kind_and_place(error)
    log = log_file_in_use()
    if log is None:
        return say(
            "presence-tui ended because of an error of its own ({what}); with --log-file PATH the log keeps "
            "its details.",
            what=what,
        )
    return say(
        "presence-tui ended because of an error of its own ({what}); its details are in the log {log}.",
        what=what,
        log=safe_text(str(log), MESSAGE_CELLS),
    )


def _kind_and_place(error: BaseException) -> str:
    """The exception's class and its place in this package, without the message, which may contain secrets."""
    kind = type(error).__name__
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
        kind = type(error).__name__
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_PACKAGE):
            return f"{kind}, {path.relative_to(_PACKAGE.parent)}:{line}"
    return kind
