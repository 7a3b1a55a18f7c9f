"""Report exceptions on the event loop that no task awaits, for example in a store listener."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

from presence_tui.domain.redaction import redact
from presence_tui.text.language import Language
from presence_tui.wire.sanitize import safe_text

_SAID_CELLS: Final = 160

_logger = logging.getLogger(__name__)


class LoopErrors:
    """An exception handler for event loops: logs each error and reports it once in a sentence.

    The same error may recur with every frame; it is then neither reported nor logged with a traceback again.
    """

    def __init__(self, language: Language, notify: Callable[[str], None]) -> None:
        self._say = language.say
        self._notify = notify
        self._reported: set[str] = set()

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, Exception):
            _logger.error("%s", context.get("message"))
            return
        for mistake in _single(error):
            self._report(mistake)

    def _report(self, mistake: Exception) -> None:
        what = safe_text(redact(f"{type(mistake).__name__}: {mistake}"), _SAID_CELLS)
        if what in self._reported:
            _logger.debug("again: %s", what)
            return
        self._reported.add(what)
        _logger.error("%s", what, exc_info=mistake)
        self._notify(
            self._say(
                "A mistake inside presence-tui ({what}). It goes on; --log-file keeps the details.",
                what=what,
            )
        )


def _single(error: Exception) -> list[Exception]:
    """Flatten nested exception groups."""
    if not isinstance(error, ExceptionGroup):
        return [error]
    return [single for part in error.exceptions for single in _single(part)]
