"""Print tables on a terminal and in a pipe."""

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    # typing only; loaded when a table is printed
    from rich.table import Table

_WIDEST: Final = 100_000
"""Columns. Without a terminal, a table is as wide as its content."""


def print_table(table: "Table") -> None:
    """Print a table, as wide as the terminal, or without truncation if there is none."""
    from rich.console import Console

    from presence_tui.tui.disputed_width import print_in_columns

    print_in_columns(Console() if sys.stdout.isatty() else Console(width=_WIDEST), table)
