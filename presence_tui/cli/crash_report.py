"""One sentence for an unhandled error. The log has the traceback.

The traceback contains no local variables, and the log masks credentials.
"""

import logging
import traceback
from pathlib import Path
from typing import Final

from presence_tui.cli.language_option import say
from presence_tui.cli.logs import log_file_in_use
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text

_PACKAGE: Final = Path(__file__).parents[1]

_logger = logging.getLogger("presence_tui.crash")


def report_crash(error: BaseException) -> str:
    """Log the error and return a sentence to show."""
    _logger.critical("%s", type(error).__name__, exc_info=error)
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
