"""A listing of people as CSV, JSON or Markdown. Names are safe text; each format makes them harmless anew."""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from presence_tui.store.roster_lines import RosterLine
from presence_tui.wire.csv_rows import write_csv

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>()#|~&:!@])")
"""What Markdown reads as more than text; the colon, because ``https:`` makes a link of a name."""
_BARE_ADDRESS: Final = re.compile(r"(www)\.", re.IGNORECASE)


class Format(StrEnum):
    """Each is also the suffix of its files."""

    CSV = "csv"
    JSON = "json"
    MARKDOWN = "md"


@dataclass(frozen=True, slots=True)
class Listing:
    """People in the order they are shown in, and what is to be known about them."""

    heading: str
    as_of: str
    """Up to when what it says is vouched for, as times are on the wire: not now, where the link is lost."""
    remark: str
    """Up to when, and what is left out: a sentence for people."""
    lines: list[RosterLine]


def written(listing: Listing, as_format: Format) -> bytes:
    """The listing in UTF-8. Takes a while for many, and touches nothing but what it is given."""
    return _WRITERS[as_format](listing)


def _csv(listing: Listing) -> bytes:
    out = io.BytesIO()
    columns = [*RosterLine.__struct_fields__, "as_of"]
    write_csv(
        out, columns, ({**msgspec.structs.asdict(line), "as_of": listing.as_of} for line in listing.lines)
    )
    return out.getvalue()


def _json(listing: Listing) -> bytes:
    lines = [{**msgspec.structs.asdict(line), "as_of": listing.as_of} for line in listing.lines]
    return msgspec.json.format(msgspec.json.encode(lines)) + b"\n"


def _markdown(listing: Listing) -> bytes:
    columns = ("state", "name", "handle", "role", "last_active_at")
    head = [
        f"# {_plain(listing.heading)}",
        "",
        _plain(listing.remark),
        "",
    ]
    table = [f"| {' | '.join(column.replace('_', ' ') for column in columns)} |", "|---" * len(columns) + "|"]
    for line in listing.lines:
        cells = msgspec.structs.asdict(line)
        cells["role"] = f"{line.role} (guest)".strip() if line.guest else line.role
        table.append(f"| {' | '.join(_plain(cells[column] or '') for column in columns)} |")
    return ("\n".join([*head, *table]) + "\n").encode()


def _plain(text: str) -> str:
    """The text as Markdown shows it and never reads it."""
    return _BARE_ADDRESS.sub(r"\1\\.", _MARKUP.sub(r"\\\1", text))


_WRITERS: Final[Mapping[Format, Callable[[Listing], bytes]]] = {
    Format.CSV: _csv,
    Format.JSON: _json,
    Format.MARKDOWN: _markdown,
}
