"""Detects clients that reconnect after a gap, because their sockets ended with the gateway's."""

from typing import Final

RETURN_WINDOW_S: Final = 60.0
"""Time for clients to reconnect after a gap: the apps wait at most 45 s."""
BOOT_TOLERANCE_S: Final = 5.0
"""Tolerance between the end of our link and the gateway's boot time."""


class GatewayReturns:
    """Remembers who was online before a gap and offline after it. Times are Unix seconds by our clock."""

    def __init__(self) -> None:
        self._began_s = 0.0
        self._true_until_s: float | None = None
        self._booted_s: float | None = None
        self._lost: dict[str, float] = {}
        """Presence key to the time until which they were known online."""

    def begin_epoch(self, now_s: float, true_until_s: float | None) -> None:
        """Begin an epoch; the state before it was current until ``true_until_s``."""
        self._began_s, self._true_until_s = now_s, true_until_s

    def record_boot(self, booted_s: float) -> None:
        """Record when the gateway booted."""
        self._booted_s = booted_s

    def found_offline(self, key: str, now_s: float) -> None:
        """Record that an answer reports a participant offline who was online."""
        if self._true_until_s is not None and now_s - self._began_s <= RETURN_WINDOW_S:
            self._lost[key] = self._true_until_s

    def is_return(self, key: str, now_s: float) -> bool:
        """True if a participant coming online was online until the gap. Consumes the record."""
        until_s = self._lost.pop(key, None)
        if until_s is None:
            return False
        if now_s - until_s <= RETURN_WINDOW_S:
            return True
        has_restarted = self._booted_s is not None and self._booted_s >= until_s - BOOT_TOLERANCE_S
        return has_restarted and now_s - self._began_s <= RETURN_WINDOW_S

    def clear(self) -> None:
        self._lost.clear()
