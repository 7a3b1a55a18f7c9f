"""The one writer of CSV: always UTF-8, and no text in it is a formula to a spreadsheet."""

import codecs
import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO, Final

_FORMULA: Final = re.compile(r"(^|[;\t])(\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""The first sign of a formula, in either width, at the start of a cell.

A spreadsheet may also split a text at semicolons or tabs: in many languages these are its separators.
"""


def write_csv(out: BinaryIO, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a header and a line for each row. A column that a row lacks is empty; ``None`` is, too."""
    writer = csv.DictWriter(codecs.getwriter("utf-8")(out, "replace"), columns)
    writer.writeheader()
    for row in rows:
        writer.writerow({column: _shown(cell) for column, cell in row.items()})


def _shown(cell: object) -> object:
    """The cell as a spreadsheet shows it and never runs it."""
    return _FORMULA.sub(r"\1'\2", cell) if isinstance(cell, str) else cell
