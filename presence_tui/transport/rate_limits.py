"""Rate limits of a gateway: our requests, the shared budget of them, and the pauses it asks for."""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from presence_tui.metrics.durations import DurationRecorder
from presence_tui.transport.errors import GatewayError

USUAL_LIMIT: Final = 300
"""Requests per minute a gateway allows if it announces no other number."""

BUDGET_RESERVE: Final = 20
"""Requests of the shared budget left for other clients behind the same address."""

WINDOW_S: Final = 60.0

LONGEST_PAUSE_S: Final = 3_600.0
"""A longer pause is cut to this."""

_BOUNDS_S: Final = (0.005, 0.025, 0.1, 0.5, 2.5)


class RequestCounters:
    """Requests to one gateway; failures are counted by reason and are in no round trip.

    ``limit`` and ``left`` are those of the shared budget, as last known.
    """

    def __init__(self) -> None:
        self.sent = 0
        self.round_trips = DurationRecorder(_BOUNDS_S)
        """From sending to the last byte of an accepted answer."""
        self.limit: int | None = None
        """Requests a minute that the gateway announced."""
        self.left: int | None = None
        """How many of them it said are left."""

    @contextmanager
    def request(self) -> Iterator[None]:
        """Count the request of this block, and the error it fails with."""
        self.sent += 1
        try:
            yield
        except GatewayError as error:
            self.round_trips.failures[error.kind] += 1
            raise


class RequestBudget:
    """What is left for a long series of requests, from the gateway's headers and our own count.

    The budget is shared by all clients behind one address (wire contract, section 3.6). Our count
    applies also to a gateway that announces no limit. Times are monotonic seconds.
    """

    def __init__(self, counters: RequestCounters | None = None) -> None:
        """``counters`` get the limit and what is left of it, as the gateway announced them."""
        self._counters = counters or RequestCounters()
        self._limit = USUAL_LIMIT
        self._asked_s: deque[float] = deque()
        self._is_low = False
        self._returns_s = 0.0

    def record_request(self, now_s: float) -> None:
        self._asked_s.append(now_s)
        while self._asked_s[0] <= now_s - WINDOW_S:
            self._asked_s.popleft()

    def record_answer(self, headers: Mapping[str, str], now_s: float) -> None:
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


def asked_pause_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Return the seconds to wait, at most ``LONGEST_PAUSE_S``; 0 for a past date, ``None`` if unreadable.

    ``Retry-After`` has seconds or a date (RFC 9110, section 10.2.3). A date is compared with
    the ``Date`` of the same answer, so that clocks need not agree; without one, with ``now_s`` (Unix
    seconds). Lookup in ``headers`` must ignore case.
    """
    asked = headers.get("retry-after")
    seconds = number(asked)
    if seconds is not None:
        return min(seconds, LONGEST_PAUSE_S)
    until_s = http_date_s(asked)
    if until_s is None:
        return None
    there_s = http_date_s(headers.get("date"))
    return min(max(0.0, until_s - (now_s if there_s is None else there_s)), LONGEST_PAUSE_S)


def number(text: str | None) -> float | None:
    """Parse a finite, non-negative number, or return ``None``."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def http_date_s(text: str | None) -> float | None:
    """Parse an HTTP date to Unix seconds, or return ``None``."""
    try:
        moment = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):
        return None
    # "-0000" means an unknown zone; HTTP dates are in UTC.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
