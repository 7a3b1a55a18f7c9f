"""Changes of memberships, roles and names."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Participant
from presence_tui.store.clock import Clock, Stamp
from presence_tui.store.epochs import Epochs
from presence_tui.store.participant_table import ParticipantTable
from presence_tui.store.records import Origin, Record
from presence_tui.store.rosters import NEWCOMERS, RosterRead
from presence_tui.store.subscribers import Publisher
from presence_tui.wire.messages import RosterRow


class MemberUpdates:
    """Changes who belongs to which conversation. Presence is applied by ``PresenceStore``."""

    def __init__(self, table: ParticipantTable, clock: Clock, publisher: Publisher, epochs: Epochs) -> None:
        self._table = table
        self._clock = clock
        self._publisher = publisher
        self._epochs = epochs
        self.unlisted: set[str] = set()
        """Strangers whom a whole roster did not list when it was read. Read-only."""

    def merge(
        self, rows: Iterable[Participant | RosterRow], conversation_id: str, asked: Stamp | None
    ) -> tuple[list[Record], list[RosterRow]]:
        """Add or update members; returns records and rows as far as they were accepted, in pairs.

        ``asked`` is when the roster was requested; ``None`` for an event.
        """
        listed = [row if isinstance(row, RosterRow) else RosterRow(row) for row in rows]
        rosters, now = self._table.rosters, self._clock.stamp()
        if asked is None:
            for row in listed:
                rosters.note_membership_event(conversation_id, row.participant.key, now.monotonic_s)
        elif newer := rosters.changed_since(conversation_id, asked.monotonic_s):
            left = newer.difference(rosters.held(conversation_id))
            listed = [
                _without_role(row) if self._has_newer_role(row, conversation_id, newer) else row
                for row in listed
                if row.participant.key not in left
            ]
        held = rosters.held(conversation_id)
        found = list(self._table.within_bounds(listed, lambda row: row.participant.key, held))
        asked_s = (asked or now).wall_s
        return self._table.add_members([row.participant for row in found], conversation_id, asked_s), found

    def _has_newer_role(self, row: RosterRow, conversation_id: str, newer: Collection[str]) -> bool:
        key = row.participant.key
        return key in newer and bool(self._table.rosters.role(conversation_id, key))

    def set_roster_read(self, conversation_id: str, asked: Stamp, *, is_whole: bool) -> None:
        """Record that a roster was read to its end; ``is_whole`` if it lists all members.

        ``asked`` is when its first page was requested.
        """
        self._table.rosters.set_read(conversation_id, RosterRead(asked, is_whole))

    def remove(self, key: str, conversation_id: str, *, asked: Stamp | None = None) -> bool:
        """Remove a member; false if it was none. The participant stays in the store.

        ``asked`` is when the roster without the member was requested; ``None`` for an event.
        """
        rosters, now = self._table.rosters, self._clock.stamp()
        if asked is None:
            rosters.note_membership_event(conversation_id, key, now.monotonic_s)
        elif key in rosters.changed_since(conversation_id, asked.monotonic_s):
            return False
        record = self._table.records.get(key)
        if record is None or not rosters.leave(record, conversation_id):
            return False
        if conversation_id == NEWCOMERS:
            self.unlisted.add(key)
        if not record.conversations:
            # No events arrive about participants without a shared conversation.
            self._epochs.unconfirm(key, now)
        self._publisher.publish(record)
        return True

    def language_origin(self, key: str) -> Origin | None:
        """What told a participant's language; ``None`` if it is unknown."""
        known = self._table.languages.get(key)
        return known[1] if known is not None else None

    def apply_names(self, names: Mapping[str, tuple[str, str]]) -> None:
        """Update handles and names of known accounts by an event: key to (handle, name)."""
        origin = Origin(Source.EVENT, self._clock.stamp().wall_s)
        with self._publisher.subscribers.batch():
            for key, (handle, name) in names.items():
                record = self._table.records.get(key)
                if record is not None:
                    self._table.rename(record, handle=handle, origin=origin)
                    self._table.name_account(record, name, origin)
                    self._publisher.publish(record)

    def prefer_names_of(self, conversation_id: str) -> None:
        """Give names from this conversation's roster precedence."""
        self._table.preferred = conversation_id

    def set_role(self, key: str, conversation_id: str, role: str) -> None:
        """Change a member's role by an event. Ignored for non-members."""
        record = self._table.records.get(key)
        if record is not None and conversation_id in record.conversations:
            now_s = self._clock.stamp().monotonic_s
            self._table.rosters.note_membership_event(conversation_id, key, now_s)
            self._table.rosters.join(record, conversation_id, role)
            self._publisher.publish(record)


def _without_role(row: RosterRow) -> RosterRow:
    """The row of a member whose role an event changed later."""
    return msgspec.structs.replace(row, participant=row.participant._replace(role=""))
