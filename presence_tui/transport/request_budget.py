"""The budget of REST requests, which everyone behind the same address shares (wire contract, section 3.6)."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from presence_tui.transport.retry_after import number

USUAL_LIMIT: Final = 300
"""Requests a minute that a gateway allows, unless it announces another number."""

BUDGET_RESERVE: Final = 20
"""Requests of the shared budget that are left to the others behind the same address."""

WINDOW_S: Final = 60.0
LONGEST_PAUSE_S: Final = 3_600.0


class RequestBudget:
    """What is left for a long series of requests, by the gateway's word and by our own count.

    A gateway that announces nothing is asked no more often than one that does. Times are monotonic seconds.
    """

    def __init__(self) -> None:
        self._limit = USUAL_LIMIT
        self._asked_s: deque[float] = deque()
        self._is_low = False
        self._returns_s = 0.0

    def note_request(self, now_s: float) -> None:
        self._asked_s.append(now_s)
        while self._asked_s[0] <= now_s - WINDOW_S:
            self._asked_s.popleft()

    def note_answer(self, headers: Mapping[str, str], now_s: float) -> None:
        """Take over what the answer tells: the limit, what is left of it, and when it is whole again."""
        limit = number(headers.get("x-ratelimit-limit"))
        left = number(headers.get("x-ratelimit-remaining"))
        returns_s = number(headers.get("x-ratelimit-reset"))
        if limit is not None and limit >= 1:
            self._limit = int(limit)
        if left is not None and returns_s is not None:
            self._is_low = left <= BUDGET_RESERVE
            self._returns_s = now_s + min(returns_s, LONGEST_PAUSE_S)

    def pause_s(self, now_s: float) -> float:
        """Seconds until a series may ask again; not above 0 if it may now."""
        told_s = self._returns_s - now_s if self._is_low else 0.0
        return max(told_s, self._own_pause_s(now_s))

    def _own_pause_s(self, now_s: float) -> float:
        most = max(1, self._limit - BUDGET_RESERVE)
        if len(self._asked_s) < most:
            return 0.0
        return self._asked_s[-most] + WINDOW_S - now_s
