"""The record of one participant."""

import unicodedata
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec import Struct

from presence_tui.domain.enums import Panel, Source, State, panel_of
from presence_tui.domain.evidence import Evidence


class Origin(NamedTuple):
    """What told a name, handle, language or role, and when."""

    source: Source
    at_s: float | None
    """By our clock; for an answer, when it was requested. ``None`` while a roster is read."""
    conversation_id: str = ""
    """The conversation whose roster told it; empty otherwise."""


class Record(Struct, gc=False):
    """The current record of one participant. Only the store writes it.

    Flat and untracked by the garbage collector, because there may be a million: only strings, numbers, enum
    members and shared tuples of them, so no reference cycles. Times ending in ``_s`` are Unix
    seconds; ``last_active_s``, ``activity_s``, ``left_s`` and ``not_before_s`` are by the gateway's
    clock, the rest by ours.
    """

    key: str
    name: str = ""
    handle: str = ""
    account_name: str = ""
    """Name from events, if different from the one of the conversation."""
    guest: bool = False
    sort_key: str = ""
    """Folded name, folded handle and key, separated by NUL, which safe text never contains: for sorting and
    search.
    """
    conversations: tuple[str, ...] = ()

    flag: bool | None = None
    flag_since_s: float | None = None
    """When the flag was seen to change to this value; ``None`` if never."""
    flag_noticed_s: float | None = None
    """When a change to this value that nobody saw was noticed: it holds since then at the latest. ``None`` if
    the change was seen, or if the flag has never changed.
    """
    state: State = State.UNKNOWN
    listed: bool | None = None
    """Where the rule in force lists them: in Online, in Offline, or (never told) at the end of Offline."""
    counted: bool | None = None
    """``listed`` as the rosters have counted it; they catch up when they are read."""
    last_active_s: float | None = None
    """``lastActiveAt``: the latest possible one received."""
    invalid_active_s: float | None = None
    """The last ``lastActiveAt`` if it was impossible, or ``UNREADABLE_S``."""
    activity_s: float | None = None
    """Newest sign of life: last active, or arrival of an event without one. Its age decides the dot."""

    left_s: float | None = None
    """When they were seen to leave; ``None`` if they are here, or if nobody saw it. No sign of life: no rule
    may list them by it.
    """

    source: Source | None = None
    """Source of the flag; ``None`` without evidence."""
    received_s: float = 0.0
    received_monotonic_s: float = 0.0
    """Watermark: an answer requested before this does not overwrite the flag."""
    epoch: int = 0
    seq: int = 0
    emitted_s: float | None = None
    copies: int = 1
    """Copies received of the event that decided the flag."""
    copies_before: int = 0
    """Copies received of the event before, if several within ``DUPLICATE_WINDOW_S``; otherwise 0."""
    not_before_s: float = 0.0
    """An event sent before this is late."""

    typing_s: float | None = None
    checked_s: float | None = None
    """When a snapshot or REST answer last reported the flag."""
    checked_flag: bool | None = None
    flaps: int = 0
    """Number of flaps."""
    wakes_s: float | None = None
    """When its entry in the heap of transitions is due; ``None`` without an entry."""

    name_origin: Origin | None = None
    handle_origin: Origin | None = None
    """What told the current one first, or the latest roster with it."""

    @property
    def named_in(self) -> str:
        """The conversation whose roster told the name; empty if none did."""
        return self.name_origin.conversation_id if self.name_origin is not None else ""

    @property
    def shown_name(self) -> str:
        """The display name, otherwise handle, otherwise key."""
        return self.name or self.handle or self.key

    def renamed(self) -> None:
        """Update the sort key after name or handle changed."""
        self.sort_key = sort_key(self.key, self.name, self.handle)

    @property
    def panel(self) -> Panel:
        return panel_of(self.listed)

    @property
    def contradicts_flag(self) -> bool:
        """True if the rule in force lists them elsewhere than a flag that was told would."""
        return self.flag is not None and self.listed is not self.flag

    @property
    def latest_s(self) -> float | None:
        """Newest sign of life, or when they were seen to leave if they hide all others."""
        return self.left_s if self.activity_s is None else self.activity_s

    @property
    def last_active_at(self) -> datetime | None:
        """Last active as an aware UTC datetime, by the gateway's clock."""
        return None if self.last_active_s is None else datetime.fromtimestamp(self.last_active_s, UTC)

    @property
    def evidence(self) -> Evidence | None:
        """The evidence for the flag, or ``None``."""
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
    """The sort and search key of a record."""
    shown = name or handle or key
    # Folded in one piece: NUL stays unchanged, and nothing composes across it.
    text = f"{shown}\0{'' if handle == shown else handle}"
    return f"{folded(text)}\0{key}"


def folded(text: str) -> str:
    """Fold a text for sorting and searching: ignores case and accents."""
    if text.isascii():
        return text.lower()
    # Decomposed first, because mathematical capitals have a lower case only then.
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
