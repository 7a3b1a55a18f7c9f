"""Participants as lines for tables, JSON and CSV. Spreadsheets show the cells and run none as a formula."""

import codecs
import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO, Final

import msgspec

from presence_tui.store.records import Record
from presence_tui.wire.timestamps import wire_from_seconds


class RosterLine(msgspec.Struct):
    """One participant. ``flag`` and ``source`` are null without evidence."""

    user_id: str
    name: str
    handle: str
    role: str
    guest: bool
    flag: bool | None
    state: str
    last_active_at: str | None
    source: str | None


def roster_line(record: Record, role: str) -> RosterLine:
    """Convert a record with its role."""
    last_active = None if record.last_active_s is None else wire_from_seconds(record.last_active_s)
    return RosterLine(
        user_id=record.key,
        name=record.name,
        handle=record.handle,
        role=role,
        guest=record.guest,
        flag=record.flag,
        state=record.state,
        last_active_at=last_active,
        source=record.source,
    )


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
