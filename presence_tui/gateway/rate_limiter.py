"""Rate limits: a number of requests per user and time window."""

from dataclasses import dataclass
from math import ceil

from presence_tui.store.clock import Clock


@dataclass(frozen=True, slots=True)
class RateLimitResult:
    """The result of one request."""

    allowed: bool
    remaining: int
    reset_s: int
    """Whole seconds until the next window."""


class RateLimiter:
    """A fixed window that starts with the first request, like the gateways' limiter."""

    def __init__(self, limit: int, clock: Clock, window_s: float = 60.0) -> None:
        self.limit = limit
        self._clock = clock
        self._window_s = window_s
        self._windows: dict[str, tuple[float, int]] = {}

    def hit(self, user: str) -> RateLimitResult:
        """Count one request."""
        now_s = self._clock.stamp().wall_s
        opened_s, used = self._windows.get(user, (now_s, 0))
        if now_s - opened_s >= self._window_s:
            self._forget_old_windows(now_s)
            opened_s, used = now_s, 0
        used += 1
        self._windows[user] = (opened_s, used)
        reset_s = max(1, ceil(opened_s + self._window_s - now_s))
        return RateLimitResult(used <= self.limit, max(0, self.limit - used), reset_s)

    def _forget_old_windows(self, now_s: float) -> None:
        self._windows = {
            user: window for user, window in self._windows.items() if now_s - window[0] < self._window_s
        }
