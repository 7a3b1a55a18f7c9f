"""Whether there is a terminal to draw on."""

import sys

from presence_tui.cli.configuration import Stop
from presence_tui.cli.exit_codes import ExitCode


def require_terminal() -> None:
    """Raises ``Stop`` where input or output is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Stop(
            "The screen needs a terminal. In scripts and pipes use presence-tui tail or roster.",
            ExitCode.NO_TERMINAL,
        )
