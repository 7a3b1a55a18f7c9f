"""``presence-tui watch`` up to its first paint: writes the modules that are loaded by then, and leaves.

Called with the file to write, before the arguments of the command.
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

    # What an app begins with once its first screen is painted.
    PresenceApp._start_service = leave  # type: ignore[assignment, method-assign]
    sys.argv = ["presence-tui", *arguments]
    run()
