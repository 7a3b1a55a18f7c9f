"""One reading of all figures. Counts and durations are those since the start."""

import resource
import sys
from pathlib import Path
from typing import Final

import msgspec

from presence_tui.metrics.durations import DurationSummary

_STATM: Final = Path("/proc/self/statm")


class Durations(msgspec.Struct, frozen=True, kw_only=True):
    """Where time goes."""

    gateway_to_receipt: DurationSummary
    """By the gateway's clock, corrected by the measured skew; only of events with an emission time,
    and of one of those that arrived together.
    """
    receipt_to_store: DurationSummary
    """From a decoded status event to its state; without the waiting for a frame."""
    store_to_paint: DurationSummary
    """From the first change of a frame to its painting; without a screen, none."""
    rest_round_trip: DurationSummary
    """Of accepted answers, to their last byte; without pauses for the budget."""
    ping_interval: DurationSummary
    """Between pings, which the gateway sends: their own round trip cannot be seen from here."""
    ping_lateness: DurationSummary
    """How much longer these intervals were than announced."""
    ping_round_trip: DurationSummary
    """Of WebSocket pings of ours, one for each ping of the gateway; while polling, of our POSTs."""


class ClockReading(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway's clock against ours, as last measured."""

    skew_s: float | None
    """The gateway's clock minus ours."""
    error_s: float | None
    """How far the skew may be off; null where nothing bounds it from above."""
    low_s: float | None
    """The skew is at least this."""
    high_s: float | None
    """The skew is at most this."""
    bounded_by: list[str]
    """What bounds it: ``health``, ``date``, ``heartbeat``, ``emission``."""
    round_trip_s: float | None
    """Of the health request that measured it."""


class LinkReading(msgspec.Struct, frozen=True, kw_only=True):
    """The connection, over all attempts."""

    state: str
    states_s: dict[str, float]
    """Seconds in each state."""
    live_s: float
    gaps: int
    """How often it ceased to be live."""
    gaps_s: float
    """Seconds not live, since it was live first."""
    availability: float | None
    """Share of time live, since it was live first."""
    reconnects: int
    """How often it got live again."""
    ends: dict[str, int]
    """Ended connections and failed attempts, by reason."""
    last_live_at_s: float | None
    """Unix time when it last got live."""
    heard_at_s: float | None
    """Unix time when anything was last received."""
    silence_limit_s: float | None
    """A dead peer may be shown online for so long; null while not connected."""


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """A number of packets."""

    count: int
    bytes: int


class RecoveriesReading(msgspec.Struct, frozen=True, kw_only=True):
    """Connection state recovery: what a lost connection missed is sent again by the next one."""

    recovered: int
    """Connections that continued the session of the one before."""
    refused: int
    """Connections that asked for that and began a new session."""
    replayed: int
    """Events that were sent again; each is also one of those received."""


class EventsReading(msgspec.Struct, frozen=True, kw_only=True):
    """Received events by name and by verdict. Each adds up to ``received``."""

    received: int
    names: dict[str, Traffic]
    verdicts: dict[str, int]
    control: Traffic
    """Received packets that are no events, such as pings."""
    sent: Traffic
    pings: int
    malformed_rows: int
    """Unreadable rows of lists; their events count as applied."""


class RequestsReading(msgspec.Struct, frozen=True, kw_only=True):
    """REST requests. The budget is what the gateway announced; null where it announces none."""

    sent: int
    failures: dict[str, int]
    budget_limit: int | None
    budget_left: int | None


class UpdatesReading(msgspec.Struct, frozen=True, kw_only=True):
    """From the store to its readers."""

    updates: int
    """Updates of participants."""
    merged: int
    """Updates that were delivered together with a newer one of the same participant."""
    deliveries: int
    """Sets of changes: at most one a frame."""
    skipped_frames: int
    """Frames not painted because the terminal was behind."""


class ParticipantsReading(msgspec.Struct, frozen=True, kw_only=True):
    """The watched conversation."""

    online: int
    offline: int
    unknown: int


class MemoryReading(msgspec.Struct, frozen=True, kw_only=True):
    """Memory of the process."""

    resident_bytes: int
    peak_bytes: int


class MetricsReading(msgspec.Struct, frozen=True, kw_only=True):
    """All figures at one moment."""

    at_s: float
    seconds: float
    """Since the start."""
    durations: Durations
    clock: ClockReading
    link: LinkReading
    recoveries: RecoveriesReading
    events: EventsReading
    requests: RequestsReading
    updates: UpdatesReading
    participants: ParticipantsReading
    memory: MemoryReading


def read_memory() -> MemoryReading:
    """Memory of this process."""
    resident = resident_bytes()
    # Linux updates the peak late, so that more may be in use than it says.
    return MemoryReading(resident_bytes=resident, peak_bytes=max(resident, peak_bytes()))


def resident_bytes() -> int:
    """Memory in use now, or the peak on systems that do not provide it."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return peak_bytes()


def peak_bytes() -> int:
    """Peak of the memory in use."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
