"""Parse points of time in the past."""

import re
from datetime import datetime
from typing import Final

from presence_tui.cli.configuration import CliError
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.language_option import say
from presence_tui.wire.sanitize import safe_text

ALL: Final = "all"
_SPAN: Final = re.compile(r"(\d{1,6})\s*(s|min|h|d|w)")
_SECONDS: Final = {"s": 1, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def since_s(text: str, now_s: float) -> float:
    """Unix seconds: ``90min``, ``6h``, ``2d`` (ago), ``2026-11-22``, ``2026-11-22T10:15`` or ``all``.

    Dates without a zone are local. Raises ``CliError``.
    """
    if text == ALL:
        return 0.0
    if span := _SPAN.fullmatch(text):
        return now_s - int(span[1]) * _SECONDS[span[2]]
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as problem:
        raise CliError(
            say(
                "{text!r} is no time: write 90min, 6h, 2d, 2026-11-22, 2026-11-22T10:15 or all.",
                text=safe_text(text),
            ),
            ExitCode.USAGE,
        ) from problem
