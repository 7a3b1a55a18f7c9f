"""Runs ``presence-tui watch`` up to its first paint, writes the names of the loaded modules, and exits.

Usage: the output file, then the arguments of the command.
"""

import sys
from pathlib import Path

from presence_tui.cli.main import run
from presence_tui.tui.app import PresenceApp

if __name__ == "__main__":
    _, file, *arguments = sys.argv

    def leave(app: PresenceApp) -> None:
        Path(file).write_text("\n".join(sys.modules))
        app.exit()

    # The first step of an app after its first paint.
    PresenceApp._start_service = leave  # type: ignore[assignment, method-assign]
    sys.argv = ["presence-tui", *arguments]
    run()
