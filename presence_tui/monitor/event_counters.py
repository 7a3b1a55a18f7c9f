"""Counters of received events: each event is counted in exactly one outcome, and under one name."""

from collections import Counter, deque
from collections.abc import Sequence
from statistics import median
from typing import Final

from presence_tui.domain.enums import Outcome
from presence_tui.metrics.durations import DurationRecorder
from presence_tui.wire.decode import KNOWN
from presence_tui.wire.names import STATUS

_MAX_LATENCIES: Final = 200

OTHER: Final = "other"
"""The name under which events of unknown names are counted: a gateway can invent any number of them."""

UNREADABLE: Final = "unreadable"
"""Event name for data that is not a packet."""

_ARRIVAL_BOUNDS_S: Final = (0.01, 0.05, 0.25, 1.0, 10.0)
_STORE_BOUNDS_S: Final = (0.00005, 0.00025, 0.001, 0.01, 0.1)
_PING_BOUNDS_S: Final = (5.0, 15.0, 25.0, 30.0, 60.0)
_LATENESS_BOUNDS_S: Final = (0.01, 0.1, 1.0, 5.0, 20.0)
_ROUND_TRIP_BOUNDS_S: Final = (0.005, 0.025, 0.1, 0.5, 2.5)

NO_PONG: Final = "no pong"
"""Why a WebSocket ping has no round trip."""


class EventCounters:
    """Counters of one monitor's events."""

    def __init__(self) -> None:
        self._outcomes: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
        self._latencies_ms: deque[float] = deque(maxlen=_MAX_LATENCIES)
        self.malformed_rows = 0
        """Unreadable rows of lists, in events and answers; their events count as applied."""
        self.too_large = 0
        """Frames and answers rejected because they exceeded the size limit."""

        self.ends: Counter[str] = Counter()
        """Ended connections and failed attempts, by the kind of their error."""

        self.status_rate = StatusRate()
        """Recent rate of status events that changed something."""
        self.recoveries = 0
        """Connections that continued the session of the one before."""
        self.refused_recoveries = 0
        """Connections that were to do so and began a new session."""
        self.replayed = 0
        """Events that were sent again because they were missed. Each is also counted by its outcome."""

        self.events: Counter[str] = Counter()
        """Received events by name. They add up to ``received``."""
        self.event_bytes: Counter[str] = Counter()
        """Their bytes by name, as packets."""
        self.control: int = 0
        """Received packets that are no events: pings, attachments, handshakes."""
        self.control_bytes: int = 0
        self.sent: int = 0
        self.sent_bytes: int = 0
        self.arrival = DurationRecorder(_ARRIVAL_BOUNDS_S)
        """From the gateway's clock to receipt, of status events with a possible emission time, and of one of
        those that arrived together.
        """
        self.store_time = DurationRecorder(_STORE_BOUNDS_S)
        """From a decoded status event to its state in the store."""
        self.pings: int = 0
        self.ping_gaps = DurationRecorder(_PING_BOUNDS_S)
        """From one ping of a connection to the next."""
        self.ping_lateness = DurationRecorder(_LATENESS_BOUNDS_S)
        """How much longer that was than announced; 0 for an early one."""
        self.transport_round_trips = DurationRecorder(_ROUND_TRIP_BOUNDS_S)
        """Of our WebSocket pings, and while polling of our POSTs."""

    def count(self, outcomes: Sequence[Outcome]) -> None:
        """Count one event for each outcome."""
        left = len(outcomes)
        for outcome in self._outcomes:
            if not left:
                return
            found = outcomes.count(outcome)
            self._outcomes[outcome] += found
            left -= found

    def record_latency(self, latency_s: float) -> None:
        """Record the latency of an event with an emission time."""
        self._latencies_ms.append(latency_s * 1000)
        self.arrival.add(latency_s)

    def record_event(self, name: object, size: int) -> None:
        """Record the name and the bytes of one event. The name is whatever a gateway sends in its place."""
        known = name if isinstance(name, str) and (name in KNOWN or name == UNREADABLE) else OTHER
        self.events[known] += 1
        self.event_bytes[known] += size

    def record_statuses(self, count: int, size: int) -> None:
        """Record status events that arrived together, and their bytes."""
        self.events[STATUS] += count
        self.event_bytes[STATUS] += size

    def of(self, outcome: Outcome) -> int:
        return self._outcomes[outcome]

    @property
    def received(self) -> int:
        """All received events."""
        return sum(self._outcomes.values())

    @property
    def latency_ms(self) -> float | None:
        """Median latency of the last events with an emission time."""
        return max(0.0, median(self._latencies_ms)) if self._latencies_ms else None


RATE_WINDOW_S: Final = 600.0
_SLOT_S: Final = 10.0


class StatusRate:
    """The rate of status events in the last minutes that were watched, to estimate what a gap has hidden.

    Counts events while the link vouches for them. Times are monotonic seconds.
    """

    def __init__(self) -> None:
        self._slots: deque[tuple[float, int]] = deque()
        """Seconds and events of each closed slot, oldest first. All but the last one have their full length,
        so that their number is bounded, however often a link ends at once.
        """
        self._slots_s = 0.0
        self._began_s: float | None = None
        """Start of the open slot; ``None`` during a gap."""
        self._count = 0

    def resume(self, now_s: float) -> None:
        """Events are complete from now on."""
        if self._began_s is None:
            self._began_s, self._count = now_s, 0

    def add(self, count: int, now_s: float) -> None:
        """So many events arrived. During a gap they are not counted."""
        if self._began_s is not None:
            if now_s - self._began_s >= _SLOT_S:
                self._close_slot(self._began_s, now_s)
            self._count += count

    def pause(self, now_s: float) -> None:
        """Events were complete until then."""
        if self._began_s is not None:
            self._close_slot(self._began_s, now_s)
            self._began_s = None

    @property
    def observed(self) -> tuple[int, float]:
        """Events and seconds of the closed slots."""
        return sum(count for _, count in self._slots), self._slots_s

    def _close_slot(self, began_s: float, now_s: float) -> None:
        lasted_s = max(0.0, now_s - began_s)
        self._slots_s += lasted_s
        count = self._count
        if self._slots and self._slots[-1][0] < _SLOT_S:
            short_s, short_count = self._slots.pop()
            lasted_s, count = lasted_s + short_s, count + short_count
        self._slots.append((lasted_s, count))
        self._began_s, self._count = now_s, 0
        while self._slots_s - self._slots[0][0] >= RATE_WINDOW_S:
            self._slots_s -= self._slots.popleft()[0]
