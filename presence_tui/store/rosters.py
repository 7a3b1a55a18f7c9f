"""Rosters: the members of each conversation, and their counts by panel."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import filterfalse
from sys import intern
from typing import Final

from presence_tui.domain.participants import Conversation
from presence_tui.store.clock import Stamp
from presence_tui.store.records import Record

NEWCOMERS: Final = ""
"""Pseudo conversation of participants who appeared in an event and are in no roster yet."""


EVENTS_KEPT: Final = 10_000
"""Limit of remembered membership events per conversation: more than occur during one read."""

CONVERSATIONS_KEPT: Final = 1_000
"""Limit of conversations with remembered membership events, which may be of any conversation."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Participants by where they are listed. ``offline`` excludes the unknown; their panel lists both."""

    online: int = 0
    offline: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        return self.online + self.offline + self.unknown

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.online + other.online, self.offline + other.offline, self.unknown + other.unknown)


class ListedCounters:
    """How many are listed where, kept in O(1) a change."""

    __slots__ = ("_by_listed",)

    def __init__(self) -> None:
        self._by_listed: dict[bool | None, int] = {True: 0, False: 0, None: 0}

    def add(self, listed: bool | None, count: int = 1) -> None:
        self._by_listed[listed] += count

    @property
    def counts(self) -> Counts:
        return Counts(self._by_listed[True], self._by_listed[False], self._by_listed[None])


class Roster:
    """Members of one conversation: presence key to role, empty if unknown."""

    __slots__ = ("counters", "last_moved_s", "roles")

    def __init__(self) -> None:
        self.roles: dict[str, str] = {}
        self.counters = ListedCounters()
        self.last_moved_s: float | None = None
        """When a member was last seen to come or leave; ``None`` if never."""


@dataclass(frozen=True, slots=True)
class RosterRead:
    """The last time that a roster was read to its end."""

    asked: Stamp
    """Before its first request."""
    is_whole: bool
    """True if it listed all members."""


class Rosters:
    """Every roster, and its counts."""

    def __init__(self, records: Mapping[str, Record]) -> None:
        self._rosters: dict[str, Roster] = {NEWCOMERS: Roster()}
        self._records = records
        self._everyone = ListedCounters()
        self._held: dict[tuple[str, ...], tuple[str, ...]] = {}
        """Each combination of conversations once, shared by all members of exactly these."""
        self._moved: dict[str, tuple[str, ...]] = {}
        self._reads: dict[str, RosterRead] = {}
        self._counted: set[str] = set()
        """Rosters whose counts changed."""
        self._event_times_s: dict[str, dict[str, float]] = {}
        """Conversation id to presence key to the time of the last membership event (monotonic), latest
        last.
        """

    def set_read(self, conversation_id: str, read: RosterRead) -> None:
        """Record that a roster was read to its end."""
        self._reads[conversation_id] = read

    def last_read(self, conversation_id: str | None) -> RosterRead | None:
        """When a roster was last read to its end; ``None`` if never."""
        return self._reads.get(conversation_id or "")

    def is_in_part(self, conversation: Conversation) -> bool:
        """True if the gateway lists fewer members than it counts.

        A complete roster is newer than the count in the list of conversations.
        """
        read = self._reads.get(conversation.id)
        if not self.knows(conversation.id) or (read is not None and read.is_whole):
            return False
        return self.counts(conversation.id).total < conversation.member_count

    def add(self, record: Record) -> None:
        """Count a record that is new to the store."""
        self._everyone.add(record.counted)

    def join(self, record: Record, conversation_id: str, role: str = "") -> None:
        """Make a record a member, or update its role unless that is empty."""
        self.join_all([record], conversation_id, [role])

    def join_all(self, records: Sequence[Record], conversation_id: str, roles: Sequence[str]) -> None:
        """The same for many records, each with a role."""
        if not records:
            return
        roster = self._rosters.get(conversation_id)
        if roster is None:
            roster = self._rosters[conversation_id] = Roster()
        members = roster.roles
        joined: list[bool | None] = []
        for record, role in zip(records, roles, strict=True):
            held = record.conversations
            if conversation_id not in held:
                self._hold(record, (*held, conversation_id))
                joined.append(record.counted)
                members[record.key] = intern(role)
            elif role:
                members[record.key] = intern(role)
            if NEWCOMERS in held and conversation_id != NEWCOMERS:
                self.leave(record, NEWCOMERS)
        if joined:
            self._counted.add(conversation_id)
            for listed, count in Counter(joined).items():
                roster.counters.add(listed, count)

    def leave(self, record: Record, conversation_id: str) -> bool:
        """End a membership; false if there was none."""
        if conversation_id not in record.conversations:
            return False
        roster = self._rosters[conversation_id]
        del roster.roles[record.key]
        self._counted.add(conversation_id)
        roster.counters.add(record.counted, -1)
        self._hold(record, tuple(held for held in record.conversations if held != conversation_id))
        return True

    def note_membership_event(self, conversation_id: str, key: str, now_monotonic_s: float) -> None:
        """Record a membership event, which is newer than answers requested before."""
        times_s = self._event_times_s.setdefault(conversation_id, {})
        times_s.pop(key, None)
        times_s[key] = now_monotonic_s
        if len(times_s) > EVENTS_KEPT:
            del times_s[next(iter(times_s))]
        if len(self._event_times_s) > CONVERSATIONS_KEPT:
            # Those of rosters that were read may be needed by the next answer.
            del self._event_times_s[next(filterfalse(self.knows, self._event_times_s), conversation_id)]

    def changed_since(self, conversation_id: str, asked_monotonic_s: float) -> set[str]:
        """Presence keys with a membership event newer than an answer requested then."""
        newer = set()
        for key, at_s in reversed(self._event_times_s.get(conversation_id, {}).items()):
            if at_s <= asked_monotonic_s:
                break
            newer.add(key)
        return newer

    def changed_s(self, conversation_id: str, key: str) -> float | None:
        """When the last membership event of a participant arrived (monotonic); ``None`` if none is kept."""
        return self._event_times_s.get(conversation_id, {}).get(key)

    def recount(self, touched: Iterable[Record], now_s: float | None) -> None:
        """Count these where they are listed now, in all their rosters.

        ``now_s`` is ``None`` if nobody came or left: another rule lists them.
        """
        moves: dict[tuple[bool | None, bool | None], list[tuple[str, ...]]] = defaultdict(list)
        for record in touched:
            before, listed = record.counted, record.listed
            if listed is not before:
                record.counted = listed
                moves[before, listed].append(record.conversations)
        for (before, listed), held in moves.items():
            for conversations, count in Counter(held).items():
                self._counted.update(conversations)
                rosters = [self._rosters[one] for one in conversations]
                for counters in (self._everyone, *(roster.counters for roster in rosters)):
                    counters.add(before, -count)
                    counters.add(listed, count)
                if before is not None and now_s is not None:
                    # Else it is the filling of a roster, and nobody came or left.
                    for roster in rosters:
                        roster.last_moved_s = now_s

    def counts(self, conversation_id: str | None) -> Counts:
        """Counts of a conversation, or of everyone if ``None``. O(1)."""
        if conversation_id is None:
            return self._everyone.counts
        roster = self._rosters.get(conversation_id)
        return roster.counters.counts if roster else Counts()

    def last_moved_s(self, conversation_id: str) -> float | None:
        """Unix time when a member was last seen to come or leave; ``None`` if never."""
        roster = self._rosters.get(conversation_id)
        return roster.last_moved_s if roster else None

    def knows(self, conversation_id: str) -> bool:
        """True once the conversation has had a member."""
        return conversation_id in self._rosters

    def held(self, conversation_id: str) -> Collection[str]:
        """Members, as a read-only view."""
        roster = self._rosters.get(conversation_id)
        return roster.roles if roster else ()

    def held_or_all(self, conversation_id: str | None) -> Collection[str]:
        """Members, as a read-only view; everybody if ``None``."""
        return self._records.keys() if conversation_id is None else self.held(conversation_id)

    def members(self, conversation_id: str) -> list[str]:
        """Members, in order of addition."""
        roster = self._rosters.get(conversation_id)
        return list(roster.roles) if roster else []

    def is_member(self, conversation_id: str | None, record: Record) -> bool:
        """True if an index of the conversation lists the record."""
        return is_listed(conversation_id, record.conversations)

    def role(self, conversation_id: str | None, key: str) -> str:
        """Role of a member; empty if unknown."""
        roster = self._rosters.get(conversation_id) if conversation_id else None
        return roster.roles.get(key, "") if roster else ""

    def roles(self, conversation_id: str | None) -> set[str]:
        """All roles of a conversation's members. O(n)."""
        roster = self._rosters.get(conversation_id) if conversation_id else None
        return set(roster.roles.values()) if roster else set()

    def records(self, conversation_id: str | None) -> list[Record]:
        """Records listed by an index of the conversation; all if ``None``."""
        if conversation_id is None:
            return list(self._records.values())
        listed = {held for held in self._held if is_listed(conversation_id, held)}
        return [record for record in self._records.values() if record.conversations in listed]

    def drain_moved(self) -> dict[str, tuple[str, ...]]:
        """Drain membership changes: presence key to the previous conversations."""
        moved, self._moved = self._moved, {}
        return moved

    def drain_counted(self) -> set[str]:
        """Drain the rosters whose counts changed."""
        counted, self._counted = self._counted, set()
        return counted

    def _hold(self, record: Record, conversations: tuple[str, ...]) -> None:
        self._moved.setdefault(record.key, record.conversations)
        record.conversations = self._held.setdefault(conversations, conversations)


def is_listed(conversation_id: str | None, held: tuple[str, ...]) -> bool:
    """True if an index of the conversation lists members of exactly these; always if ``None``."""
    return conversation_id is None or conversation_id in held
