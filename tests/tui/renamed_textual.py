"""Runs ``presence-tui`` on a Textual with renamed private names; the names precede the command's
arguments.
"""

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
