"""``presence-tui`` on a Textual without some private names: given before the arguments of the command."""

import sys

import textual.drivers.linux_driver  # noqa: F401  (to be renamed in as well)

from presence_tui.cli.main import run
from presence_tui.tui import fast_escape_driver  # noqa: F401  (imports what is renamed)
from tests.renamed import renamed

if __name__ == "__main__":
    _, names, *arguments = sys.argv
    sys.argv = ["presence-tui", *arguments]
    with renamed("textual", names.split(",")):
        run()
