"""Listings of participants as CSV, JSON or Markdown. Names are safe text; each format escapes them again."""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from presence_tui.store.export import RosterLine, write_csv

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>()#|~&:!@])")
"""Markdown syntax; the colon, because ``https:`` would make a link of a name."""
_BARE_ADDRESS: Final = re.compile(r"(www)\.", re.IGNORECASE)


class Format(StrEnum):
    """Output formats; the value is also the file suffix."""

    CSV = "csv"
    JSON = "json"
    MARKDOWN = "md"


@dataclass(frozen=True, slots=True)
class Listing:
    """Participants in shown order, with heading and time."""

    heading: str
    as_of: str
    """Time of the last confirmed state, in wire format: not now, while the link is lost."""
    remark: str
    """That time and what is left out, as a sentence."""
    lines: list[RosterLine]


def written(listing: Listing, as_format: Format) -> bytes:
    """Write the listing in UTF-8. Slow for many participants; safe in threads."""
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
    """Escape Markdown."""
    return _BARE_ADDRESS.sub(r"\1\\.", _MARKUP.sub(r"\\\1", text))


_WRITERS: Final[Mapping[Format, Callable[[Listing], bytes]]] = {
    Format.CSV: _csv,
    Format.JSON: _json,
    Format.MARKDOWN: _markdown,
}
