"""The REST request budget, shared by all clients behind one address (wire contract, section 3.6)."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from presence_tui.transport.request_counters import RequestCounters
from presence_tui.transport.retry_after import LONGEST_PAUSE_S, number

USUAL_LIMIT: Final = 300
"""Requests per minute a gateway allows if it announces no other number."""

BUDGET_RESERVE: Final = 20
"""Requests of the shared budget left for other clients behind the same address."""

WINDOW_S: Final = 60.0


class RequestBudget:
    """What is left for a long series of requests, from the gateway's headers and our own count.

    Our count applies also to a gateway that announces no limit. Times are monotonic seconds.
    """

    def __init__(self, counters: RequestCounters | None = None) -> None:
        """``counters`` get the limit and what is left of it, as the gateway announced them."""
        self._counters = counters or RequestCounters()
        self._limit = USUAL_LIMIT
        self._asked_s: deque[float] = deque()
        self._is_low = False
        self._returns_s = 0.0

    def note_request(self, now_s: float) -> None:
        self._asked_s.append(now_s)
        while self._asked_s[0] <= now_s - WINDOW_S:
            self._asked_s.popleft()

    def note_answer(self, headers: Mapping[str, str], now_s: float) -> None:
        """Read limit, remaining requests and reset time from the headers of an answer."""
        limit = number(headers.get("x-ratelimit-limit"))
        left = number(headers.get("x-ratelimit-remaining"))
        returns_s = number(headers.get("x-ratelimit-reset"))
        if limit is not None and limit >= 1:
            self._limit = self._counters.limit = int(limit)
        if left is not None:
            self._counters.left = max(0, int(left))
        if left is not None and returns_s is not None:
            self._is_low = left <= BUDGET_RESERVE
            self._returns_s = now_s + min(returns_s, LONGEST_PAUSE_S)

    def pause_s(self, now_s: float) -> float:
        """Seconds until a series may send the next request; 0 or less if it may now."""
        reported_s = self._returns_s - now_s if self._is_low else 0.0
        return max(reported_s, self._own_pause_s(now_s))

    def _own_pause_s(self, now_s: float) -> float:
        most = max(1, self._limit - BUDGET_RESERVE)
        if len(self._asked_s) < most:
            return 0.0
        return self._asked_s[-most] + WINDOW_S - now_s
