"""Writes CSV in UTF-8, without texts that spreadsheets would run as formulas."""

import codecs
import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO, Final

_FORMULA: Final = re.compile(r"(^|[;\t])(\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""The start of a formula, in either width, at the start of a cell.

Spreadsheets may also split text at semicolons or tabs, the separators of many locales.
"""


def write_csv(out: BinaryIO, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a header and one line per row. Missing columns and ``None`` are empty."""
    writer = csv.DictWriter(codecs.getwriter("utf-8")(out, "replace"), columns)
    writer.writeheader()
    for row in rows:
        writer.writerow({column: _shown(cell) for column, cell in row.items()})


def _shown(cell: object) -> object:
    """Escape a cell, so that a spreadsheet shows it and never runs it."""
    return _FORMULA.sub(r"\1'\2", cell) if isinstance(cell, str) else cell
