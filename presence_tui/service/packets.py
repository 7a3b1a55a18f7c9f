"""Packets as people see them: filtered, and with what is known about their participants.

Everything is derived when it is read. Front ends use a ``PacketReader`` for lines and a ``PacketIndex`` for
rows.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Final

from presence_tui.domain.enums import Direction, Verdict
from presence_tui.domain.packet_filter import Matches, parse_filter
from presence_tui.domain.redaction import redact
from presence_tui.monitor.packet_log import PacketLog, PacketRecord
from presence_tui.store import PresenceStore, Record
from presence_tui.store.records import folded
from presence_tui.wire.packet_reading import Listed, event_of, keys_in, people_in, read_facts, summary_of

_EXACT: Final = "="
"""Before a presence key in ``~p``: this participant only."""


_SEARCHED_AT_ONCE: Final = 5_000
"""Packets searched by one call: some milliseconds, then a key is answered."""
_CHARS_AT_ONCE: Final = 2**20
"""The same for their texts: a packet about many may be as long as thousands of others."""


class Packet:
    """One packet, read as needed."""

    def __init__(self, record: PacketRecord, store: PresenceStore, marked: Collection[int] = ()) -> None:
        self._record = record
        self._store = store
        self._marked = marked

    @property
    def seq(self) -> int:
        return self._record.seq

    @property
    def at_s(self) -> float:
        return self._record.at_s

    @property
    def epoch(self) -> int:
        return self._record.epoch

    @property
    def size(self) -> int:
        return self._record.size

    @property
    def direction(self) -> Direction:
        return Direction.OUT if self._record.verdict == Verdict.SENT else Direction.IN

    @property
    def verdict(self) -> Verdict:
        return _VERDICTS[self._record.verdict]

    @property
    def is_marked(self) -> bool:
        return self.seq in self._marked

    @cached_property
    def event(self) -> str:
        """The event's name, otherwise the kind of packet; empty if it cannot be read."""
        return event_of(self._record.text)

    @cached_property
    def key(self) -> str:
        """Presence key of the participant it is about; empty if there is none."""
        return read_facts(self._record.text).key

    @property
    def participant(self) -> Record | None:
        return self._store.get_user_by_id(self.key) if self.key else None

    @cached_property
    def listed(self) -> Listed:
        """How many participants it lists, if it is about many; none for any other packet."""
        return people_in(self._record.text)

    @cached_property
    def text(self) -> str:
        """As received, without credentials. Not sanitized."""
        return redact(self._record.text)

    @property
    def summary(self) -> str:
        """One sanitized line."""
        return summary_of(self._record.text, is_malformed=self.verdict is Verdict.MALFORMED)

    def is_about(self, word: str) -> bool:
        """A packet about many is about each of them; where it was kept in part, about those in that part."""
        keys = (self.key,) if self.key else keys_in(self._record.text)
        if word.startswith(_EXACT):
            return word[1:] in keys
        wanted = folded(word.removeprefix("@"))
        return any(key == word or self._is_called(key, wanted) for key in keys)

    def _is_called(self, key: str, wanted: str) -> bool:
        record = self._store.get_user_by_id(key)
        names = (record.name, record.handle, record.account_name) if record is not None else ()
        return any(wanted in folded(name) for name in names)

    def contains(self, word: str) -> bool:
        return word in self._record.text.casefold()


class PacketReader:
    """Reads the packets of a log in order, each once."""

    def __init__(self, log: PacketLog, store: PresenceStore, expression: str = "") -> None:
        """Raises ``FilterError``."""
        self._log = log
        self._store = store
        self._matches = parse_filter(expression)
        self._next = 0
        self.missed = 0
        """Packets that were dropped before they were read."""

    def read(self) -> Iterator[Packet]:
        """The packets since the last call that match."""
        self.missed += max(0, self._log.first - self._next)
        start, self._next = self._next, self._log.next
        for record in self._log.between(start, self._next):
            packet = Packet(record, self._store)
            if self._matches(packet):
                yield packet


class PacketIndex:
    """The packets of a log that match an expression, as rows: oldest first, numbered from 0."""

    def __init__(self, log: PacketLog, store: PresenceStore) -> None:
        self._log = log
        self._store = store
        self.expression = ""
        self._matches: Matches | None = None
        """``None`` if all packets match."""
        self._found: deque[int] = deque()
        """Sequence numbers of the packets that match, as of the last ``update``."""
        self._perhaps: deque[int] = deque()
        """Those that do not match but may be about a wanted participant, because their list was cut."""
        self._next = 0
        self.marked: set[int] = set()
        """Sequence numbers of marked packets."""

    @property
    def log(self) -> PacketLog:
        return self._log

    def filter_by(self, expression: str) -> None:
        """Show only packets that match, once they are searched by ``update``. Raises ``FilterError``, and
        then changes nothing.
        """
        matches = parse_filter(expression)
        self.expression = expression
        self._matches = matches if expression.strip() else None
        self._search_again()

    def show(self, log: PacketLog) -> None:
        """Read a frozen copy of the log, or the log again."""
        self._log = log

    def mark(self, seq: int) -> bool:
        """Mark a packet, or unmark it; returns whether it is marked now."""
        self.marked ^= {seq}
        if "~m" in self.expression:
            self._search_again()
        return seq in self.marked

    def update(self) -> bool:
        """Take in what was recorded since the last call, and drop what the log dropped.

        True if there is more to search than may be searched at once.
        """
        first, stop = self._log.first, self._log.next
        if self.marked and min(self.marked) < first:
            self.marked = {seq for seq in self.marked if seq >= first}
        if self._matches is None:
            return False
        found, matches = self._found, self._matches
        for numbers in (found, self._perhaps):
            while numbers and numbers[0] < first:
                numbers.popleft()
        start, chars = max(self._next, first), 0
        for record in self._log.between(start, min(stop, start + _SEARCHED_AT_ONCE)):
            self._next, chars = record.seq + 1, chars + len(record.text)
            packet = Packet(record, self._store, self.marked)
            if matches(packet):
                found.append(record.seq)
            elif "~p" in self.expression and not packet.listed.is_whole:
                self._perhaps.append(record.seq)
            if chars >= _CHARS_AT_ONCE:
                break
        return self._next < stop

    def count(self) -> int:
        """Number of rows."""
        if self._matches is None:
            return self._log.next - self._log.first
        return len(self._found)

    @property
    def perhaps(self) -> int:
        """Packets that do not match but may be about a wanted participant, because their list was cut."""
        return len(self._perhaps)

    def rows(self, start: int, stop: int) -> list[Packet]:
        """The packets at ``start <= row < stop``, as far as there are any."""
        start = max(0, start)
        if self._matches is None:
            first = self._log.first
            records = self._log.between(first + start, first + max(start, stop))
            return [Packet(record, self._store, self.marked) for record in records]
        seqs = [self._found[row] for row in range(start, min(stop, len(self._found)))]
        return [packet for seq in seqs if (packet := self.packet(seq)) is not None]

    def row_near(self, seq: int) -> int:
        """The row of a packet, otherwise of the next one, otherwise the last."""
        row = seq - self._log.first if self._matches is None else bisect_left(self._found, seq)
        return max(0, min(row, self.count() - 1))

    def seq_at(self, row: int) -> int | None:
        """Number of the packet in a row; ``None`` beyond the last."""
        if not 0 <= row < self.count():
            return None
        return self._log.first + row if self._matches is None else self._found[row]

    def packet(self, seq: int) -> Packet | None:
        """The packet with a sequence number, if it is still kept."""
        record = self._log.get(seq)
        return None if record is None else Packet(record, self._store, self.marked)

    def row_of(self, seq: int) -> int | None:
        """The row of a packet; ``None`` if it is not among them."""
        if self._matches is None:
            return seq - self._log.first if self._log.first <= seq < self._log.next else None
        row = bisect_left(self._found, seq)
        return row if row < len(self._found) and self._found[row] == seq else None

    def earlier_about(self, packet: Packet) -> Packet | None:
        """The last applied packet of the same event and participant before this one, if it is kept."""
        if not packet.key:
            return None
        step = 1_000
        for stop in range(packet.seq, self._log.first, -step):
            for record in reversed(list(self._log.between(stop - step, stop))):
                # Searching the text is much faster than reading it.
                if packet.key in record.text and record.verdict == Verdict.APPLIED:
                    other = Packet(record, self._store)
                    if other.key == packet.key and other.event == packet.event:
                        return other
        return None

    def _search_again(self) -> None:
        self._found.clear()
        self._perhaps.clear()
        self._next = self._log.first


_VERDICTS: Final = {str(verdict): verdict for verdict in Verdict}
