"""The record of one participant."""

import unicodedata
from datetime import UTC, datetime

from msgspec import Struct

from presence_tui.domain.enums import Panel, Source, State, panel_of
from presence_tui.domain.evidence import Evidence


class Record(Struct, gc=False):
    """One participant as known now. The store alone writes it; everyone else reads.

    Flat and outside the garbage collector, because there may be a million: it holds texts, numbers and
    enum members only, never a reference that could lead back to itself. Times ending in ``_s`` are Unix
    seconds; ``last_active_s``, ``activity_s`` and ``not_before_s`` are by the gateway's clock, the rest
    by ours.
    """

    key: str
    name: str = ""
    handle: str = ""
    account_name: str = ""
    """What events call them, where that is another name than the one of the conversation."""
    named_in: str = ""
    """The conversation whose roster told the name; empty where an event did."""
    guest: bool = False
    sort_key: str = ""
    """Folded name, folded handle and key, parted by NUL, which no safe text holds: for order and search."""
    conversations: tuple[str, ...] = ()

    flag: bool | None = None
    flag_since_s: float | None = None
    """When we saw the flag become what it is; ``None`` if it was so when we first looked."""
    counted_flag: bool | None = None
    """The flag as the rosters have counted it; they catch up when they are read."""
    state: State = State.UNKNOWN
    last_active_s: float | None = None
    """``lastActiveAt``: the newest possible one of all told."""
    invalid_active_s: float | None = None
    """The ``lastActiveAt`` told last, where it cannot be true: impossible, or ``UNREADABLE_S``."""
    activity_s: float | None = None
    """Newest sign of life: last active, or the arrival of an event that told none. Its age drives the dot."""

    source: Source | None = None
    """Who decided the flag; ``None`` while nobody has."""
    received_s: float = 0.0
    received_monotonic_s: float = 0.0
    """Watermark: an answer asked for before this moment does not overwrite the flag."""
    epoch: int = 0
    seq: int = 0
    emitted_s: float | None = None
    copies: int = 1
    """How often the event that decided the flag has come."""
    copies_before: int = 0
    """How often the event before it had come, where that was a moment earlier."""
    not_before_s: float = 0.0
    """An event sent before this moment is late."""

    typing_s: float | None = None
    checked_s: float | None = None
    """When a snapshot or a REST answer last spoke of the flag."""
    checked_flag: bool | None = None
    flaps: int = 0
    """How often they flapped."""
    wakes_s: float | None = None
    """When its entry in the heap of transitions falls due; ``None`` if it has none."""

    @property
    def shown_name(self) -> str:
        """The display name, else the handle, else the key."""
        return self.name or self.handle or self.key

    def renamed(self) -> None:
        """Derive the sort key anew; to be called when name or handle changed."""
        self.sort_key = sort_key(self.key, self.name, self.handle)

    @property
    def panel(self) -> Panel:
        return panel_of(self.flag)

    @property
    def last_active_at(self) -> datetime | None:
        """Last active as an aware UTC datetime, by the gateway's clock."""
        return None if self.last_active_s is None else datetime.fromtimestamp(self.last_active_s, UTC)

    @property
    def evidence(self) -> Evidence | None:
        """What decided the flag, or ``None`` while nothing has."""
        if self.source is None:
            return None
        return Evidence(
            source=self.source,
            flag=self.flag,
            last_active_s=self.last_active_s,
            received_s=self.received_s,
            received_monotonic_s=self.received_monotonic_s,
            epoch=self.epoch,
            seq=self.seq,
            emitted_s=self.emitted_s,
        )


def sort_key(key: str, name: str, handle: str) -> str:
    """What a record of this key, name and handle is ordered and found by."""
    shown = name or handle or key
    # Folded in one piece: NUL stays what it is, and nothing is composed over it.
    said = f"{shown}\0{'' if handle == shown else handle}"
    return f"{folded(said)}\0{key}"


def folded(text: str) -> str:
    """The text for sorting and searching: case and accents ignored."""
    if text.isascii():
        return text.lower()
    # Decomposed first, because only then have the capitals among the mathematical letters a lower case.
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
