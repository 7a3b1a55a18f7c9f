"""Evidence: one report about a participant's presence."""

from dataclasses import dataclass

from presence_tui.domain.enums import Source


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing we were told, by whom, and when.

    Times ending in ``_s`` are Unix seconds of the wall clock; ``monotonic_s`` is the monotonic clock.
    """

    source: Source
    flag: bool | None
    """``isOnline`` as told; ``None`` where the source says nothing of it (typing)."""
    last_active_s: float | None
    """``lastActiveAt`` as told, by the gateway's clock."""
    received_s: float
    """When it arrived; for a REST answer, when it was asked for."""
    received_monotonic_s: float
    epoch: int
    """The authenticated connection it belongs to; 0 before the first."""
    seq: int = 0
    """Arrival number of the event; 0 for what is no event."""
    emitted_s: float | None = None
    """When the gateway sent it, by its own clock, where the event says so."""
