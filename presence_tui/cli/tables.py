"""Tables for people, on a terminal and in a pipe."""

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    # Typing only; loaded when a table is printed.
    from rich.table import Table

_WIDEST: Final = 100_000
"""Columns. A pipe has no width; a table is as wide as what is in it."""


def print_table(table: "Table") -> None:
    """Print a table: as wide as the terminal, or uncut where there is none."""
    from rich.console import Console

    from presence_tui.tui.disputed_width import print_in_columns

    print_in_columns(Console() if sys.stdout.isatty() else Console(width=_WIDEST), table)
