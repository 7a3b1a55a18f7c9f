"""The table of participants: records, names and rosters, within limits."""

from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeVar

from presence_tui.domain.enums import Source, State
from presence_tui.domain.limits import Bounds, LimitCounters
from presence_tui.domain.participants import Participant
from presence_tui.store.namesakes import Namesakes
from presence_tui.store.records import Origin, Record, sort_key
from presence_tui.store.rosters import NEWCOMERS, Rosters
from presence_tui.wire.sanitize import name_within

Row = TypeVar("Row")

_MOST_CELLS: Final = 2
"""Terminal cells of the widest character."""


class ParticipantTable:
    """All records and rosters of a store. What exceeds limits is counted in ``limit_counters``."""

    def __init__(self, bounds: Bounds, limit_counters: LimitCounters, unknown_state: State) -> None:
        self.records: dict[str, Record] = {}
        self.namesakes = Namesakes(self.records)
        self.rosters = Rosters(self.records)
        self.unknown_state = unknown_state
        """The state of participants without evidence."""
        self._bounds = bounds
        self._limit_counters = limit_counters
        self._short_chars = bounds.name_cells // _MOST_CELLS
        """A name of at most this many characters cannot be too wide."""
        self.preferred: str | None = None
        """The conversation whose names take precedence, because it is watched."""
        self._renamed: dict[str, str] = {}
        self.strangers_met = 0
        self.languages: dict[str, tuple[str, Origin]] = {}
        """Presence key to language and what told it; not in the records, because many gateways send none."""

    def ensure(self, key: str, *, name: str = "", handle: str = "", origin: Origin | None = None) -> Record:
        """The record of a key, created if needed. Updates name and handle where given, by ``origin``."""
        record = self.records.get(key)
        if record is None:
            if len(name) > self._short_chars or len(handle) > self._short_chars:
                name, handle = self._cut(name, ""), self._cut(handle, "")
            record = self.records[key] = Record(
                key,
                name,
                handle,
                sort_key=sort_key(key, name, handle),
                state=self.unknown_state,
                name_origin=origin if name else None,
                handle_origin=origin if handle else None,
            )
            self.namesakes.add(record)
            self.rosters.add(record)
        elif (name and name != record.name) or (handle and handle != record.handle):
            self.rename(record, name=name, handle=handle, origin=origin)
        return record

    def newcomer(self, key: str) -> Record | None:
        """A record for a participant that appeared in an event; ``None`` if there is no room."""
        if not self.has_room():
            return None
        self.strangers_met += 1
        record = self.ensure(key)
        self.rosters.join(record, NEWCOMERS)
        return record

    def has_room(self) -> bool:
        """True if there is room for another participant from events or snapshots; otherwise counts one left
        out.
        """
        if len(self.records) < self._bounds.roster:
            return True
        self._limit_counters.left_out += 1
        return False

    def join(self, record: Record, conversation_id: str) -> None:
        """Make a participant a member, if the roster has room."""
        if self.within_bounds([record], lambda record: record.key, self.rosters.held(conversation_id)):
            self.rosters.join(record, conversation_id)

    def within_bounds(
        self, rows: Sequence[Row], key_of: Callable[[Row], str], held: Collection[str]
    ) -> Sequence[Row]:
        """Return rows of held keys, and of others while there is room; the rest is counted as left out."""
        found = admitted(rows, key_of, held, self._bounds.roster)
        self._limit_counters.left_out += len(rows) - len(found)
        return found

    def add_members(
        self, participants: Sequence[Participant], conversation_id: str, asked_s: float
    ) -> list[Record]:
        """Add or update members from a roster that was requested then."""
        records: list[Record] = []
        origin = Origin(Source.ROSTER, asked_s, conversation_id)
        languages: dict[str, tuple[str, Origin]] = {}
        for key, name, handle, _role, guest, language in participants:
            record = self.records.get(key)
            if record is None:
                record = self.ensure(key, name=name, handle=handle, origin=origin)
            else:
                self.rename(record, handle=handle, origin=origin)
                self._name_in(record, origin, name)
                if handle:
                    record.handle_origin = origin
            if guest:
                record.guest = True
            if language:
                self.languages[key] = languages.setdefault(language, (language, origin))
            records.append(record)
        self.rosters.join_all(records, conversation_id, [each.role for each in participants])
        return records

    def rename(
        self, record: Record, *, name: str = "", handle: str = "", origin: Origin | None = None
    ) -> None:
        """Update name or handle; empty values are ignored."""
        if len(name) > self._short_chars or len(handle) > self._short_chars:
            name, handle = self._cut(name, record.name), self._cut(handle, record.handle)
        if (name and name != record.name) or (handle and handle != record.handle):
            self._renamed.setdefault(record.key, record.sort_key)
            self.namesakes.remove(record)
            if name and name != record.name:
                record.name, record.name_origin = name, origin
            if handle and handle != record.handle:
                record.handle, record.handle_origin = handle, origin
            record.renamed()
            self.namesakes.add(record)

    def name_account(self, record: Record, name: str, origin: Origin) -> None:
        """Set the name from an event. A name from a roster takes precedence; then this one is kept beside
        it.
        """
        if not name:
            return
        if not record.named_in:
            self.rename(record, name=name, origin=origin)
        elif name != record.account_name:
            stored = self._cut(name, record.account_name) if len(name) > self._short_chars else name
            record.account_name = "" if stored == record.name else stored

    def _name_in(self, record: Record, origin: Origin, name: str) -> None:
        """Set the name from a roster; that of the preferred conversation takes precedence."""
        preferred, conversation_id = self.preferred, origin.conversation_id
        if not name or (record.named_in == preferred and conversation_id != preferred):
            return
        before, by_event = record.name, not record.named_in
        record.name_origin = origin
        if name != before:
            self.rename(record, name=name, origin=origin)
            if by_event:
                record.account_name = before
            elif record.account_name == record.name:
                record.account_name = ""

    def drain_renamed(self) -> dict[str, str]:
        """Drain sort key changes: presence key to the previous sort key."""
        renamed, self._renamed = self._renamed, {}
        return renamed

    def clear(self) -> None:
        """Forget everyone."""
        self.records.clear()
        self.namesakes.clear()
        self.rosters = Rosters(self.records)
        self._renamed.clear()
        self.languages.clear()

    def _cut(self, name: str, held: str) -> str:
        """Cut a name to the limit; counted, unless the result is already held."""
        cut_name, cells = name_within(name, self._bounds.name_cells)
        if cut_name != name and cut_name != held:
            self._limit_counters.cut_names += 1
            self._limit_counters.widest_name = max(self._limit_counters.widest_name, cells)
        return cut_name


def admitted(
    rows: Sequence[Row], key_of: Callable[[Row], str], held: Collection[str], most: int
) -> Sequence[Row]:
    """Return the rows of held keys, in order, and of others until ``most`` keys would be held."""
    room = most - len(held)
    if len(rows) <= room:
        return rows
    newcomers: set[str] = set()
    found: list[Row] = []
    for row in rows:
        key = key_of(row)
        if key not in held and key not in newcomers:
            if len(newcomers) >= room:
                continue
            newcomers.add(key)
        found.append(row)
    return found
