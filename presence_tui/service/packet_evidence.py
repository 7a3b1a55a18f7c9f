"""Finds and decodes the kept packets about one participant, for explanations.

A page is updated several times a second, so the log is searched once, and after that only for new packets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presence_tui.domain.enums import Verdict
from presence_tui.domain.evidence import is_possible
from presence_tui.monitor.packet_log import PacketLog, PacketRecord
from presence_tui.wire import names
from presence_tui.wire.messages import Status, Typing
from presence_tui.wire.packet_reading import event_of, message_of

SAME_MOMENT_S: Final = 1.0
"""A packet is recorded after it was applied, and the measured clock skew may have changed since."""

_READ: Final = 200
"""Packets about one participant that are decoded."""

_EVENTS: Final = frozenset({names.STATUS, names.STATUS_AS_FIRST_SPECIFIED, names.TYPING_START})


@dataclass(frozen=True, slots=True)
class PacketAbout:
    """A packet about the participant, decoded."""

    record: PacketRecord
    message: Status | Typing

    @property
    def seq(self) -> int:
        return self.record.seq

    @property
    def at_s(self) -> float:
        return self.record.at_s

    @property
    def is_applied(self) -> bool:
        return self.record.verdict == Verdict.APPLIED

    @property
    def flag(self) -> bool | None:
        return self.message.flag if isinstance(self.message, Status) else None

    @property
    def last_active_s(self) -> float | None:
        return self.message.last_active_s if isinstance(self.message, Status) else None

    def counts_by_arrival(self, skew_s: float) -> bool:
        """True if its arrival is a sign of life: of typing, or online without a possible time."""
        told_s = self.last_active_s
        is_told = told_s is not None and is_possible(told_s, self.at_s + skew_s)
        return self.is_applied and self.flag is not False and not is_told

    def is_at(self, at_s: float) -> bool:
        return abs(self.at_s - at_s) <= SAME_MOMENT_S


class PacketEvidence:
    """Finds packets in a log; remembers what was found about the participant asked for last."""

    def __init__(self, log: PacketLog) -> None:
        self.log = log
        self._key = ""
        self._next = 0
        """Number of the first packet that was not searched yet."""
        self._found: list[PacketAbout] = []
        self._snapshots: dict[tuple[float, int], int] = {}

    def about(self, key: str) -> Sequence[PacketAbout]:
        """The latest status and typing events about a participant, newest first."""
        log = self.log
        if key != self._key:
            self._key, self._next, self._found = key, log.first, []
        new: list[PacketAbout] = []
        for record in log.mentioning(key, log.next - self._next):
            if record.seq < self._next or len(new) == _READ:
                break
            if event_of(record.text) in _EVENTS:
                message = message_of(record.text)
                if isinstance(message, Status | Typing) and message.key == key:
                    new.append(PacketAbout(record, message))
        self._next = log.next
        self._found = [each for each in (*new, *self._found)[:_READ] if each.seq >= log.first]
        return self._found

    def snapshot(self, arrived_s: float, epoch: int) -> int | None:
        """Number of the packet of a snapshot whose rows arrived then, if it is kept.

        A long one is recorded when its last part has arrived.
        """
        if not self._reaches_back_to(arrived_s):
            return None
        found = self._snapshots.get((arrived_s, epoch))
        if found is None:
            for record in self.log.mentioning(names.SNAPSHOT, self.log.next - self.log.first):
                if record.at_s < arrived_s:
                    break
                if record.epoch == epoch and event_of(record.text) == names.SNAPSHOT:
                    found = record.seq
            if found is not None:
                self._snapshots = {(arrived_s, epoch): found}
        return found

    def _reaches_back_to(self, at_s: float) -> bool:
        """True if no packet since then was dropped."""
        oldest = self.log.get(self.log.first)
        return self.log.first == 0 or (oldest is not None and oldest.at_s < at_s)
