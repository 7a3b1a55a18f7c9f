"""Check for a terminal to draw on."""

import os
import sys

from presence_tui.cli.configuration import CliError
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.language_option import say


def require_terminal() -> None:
    """Raise ``CliError`` if input or output is not a terminal, or one without cursor addressing."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CliError(
            say(
                "The screen needs a terminal. "
                "In scripts and pipes use --plain, or presence-tui tail or roster."
            ),
            ExitCode.NO_TERMINAL,
        )
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise CliError(
            say("The screen needs a terminal that can place a cursor (TERM says none). Use --plain."),
            ExitCode.NO_TERMINAL,
        )
