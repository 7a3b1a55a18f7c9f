"""The command ``presence-tui``, and ``python -m presence_tui``."""

import gc

# Nothing of what is imported is garbage, and looking for some in it takes its time, now and ever again.
gc.disable()
from presence_tui.cli.main import run  # noqa: E402

gc.freeze()
gc.enable()

if __name__ == "__main__":
    run()
