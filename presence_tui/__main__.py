"""The command ``presence-tui``, and ``python -m presence_tui``."""

import gc

# Imported objects are no garbage, so the collector need not scan them, now or later.
gc.disable()
from presence_tui.cli.main import run  # noqa: E402

gc.freeze()
gc.enable()

if __name__ == "__main__":
    run()
