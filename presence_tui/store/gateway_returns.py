"""Who comes back with the gateway: their sockets went with it, and they connect again after us."""

from typing import Final

RETURN_WINDOW_S: Final = 60.0
"""How long after a gap a client may take to connect again: the apps wait at most 45 s."""
BOOT_TOLERANCE_S: Final = 5.0
"""How much earlier than the end of our link a gateway may seem to have booted."""


class GatewayReturns:
    """Remembers who was online until a gap and was found offline after it. Times are Unix seconds of ours."""

    def __init__(self) -> None:
        self._began_s = 0.0
        self._true_until_s: float | None = None
        self._booted_s: float | None = None
        self._lost: dict[str, float] = {}
        """By presence key: until when they were known to be online."""

    def begin_epoch(self, now_s: float, true_until_s: float | None) -> None:
        """A connection was authenticated; what was known before was true until then."""
        self._began_s, self._true_until_s = now_s, true_until_s

    def note_boot(self, booted_s: float) -> None:
        """The gateway says that it runs since then."""
        self._booted_s = booted_s

    def found_offline(self, key: str, now_s: float) -> None:
        """An answer says offline of somebody who was online."""
        if self._true_until_s is not None and now_s - self._began_s <= RETURN_WINDOW_S:
            self._lost[key] = self._true_until_s

    def is_return(self, key: str, now_s: float) -> bool:
        """True if somebody who comes online now had been so until the gap. Asked once of each."""
        until_s = self._lost.pop(key, None)
        if until_s is None:
            return False
        if now_s - until_s <= RETURN_WINDOW_S:
            return True
        has_restarted = self._booted_s is not None and self._booted_s >= until_s - BOOT_TOLERANCE_S
        return has_restarted and now_s - self._began_s <= RETURN_WINDOW_S

    def clear(self) -> None:
        """Nobody is known any more."""
        self._lost.clear()
