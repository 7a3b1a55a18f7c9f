"""Evidence: one report about a participant's presence."""

from dataclasses import dataclass

from presence_tui.domain.enums import Source


@dataclass(frozen=True, slots=True)
class Evidence:
    """One report of presence, with source and time.

    Times ending in ``_s`` are Unix seconds of the wall clock; ``monotonic_s`` is the monotonic clock.
    """

    source: Source
    flag: bool | None
    """``isOnline`` as reported; ``None`` if the source does not include it (typing)."""
    last_active_s: float | None
    """``lastActiveAt`` as reported, by the gateway's clock."""
    received_s: float
    """When it arrived; for a REST answer, when it was requested."""
    received_monotonic_s: float
    epoch: int
    """The epoch it belongs to; 0 before the first."""
    seq: int = 0
    """Sequence number of the event; 0 for other sources."""
    emitted_s: float | None = None
    """When the gateway sent it, by its own clock, if the event has that time."""
