"""Counts requests and their round trips; failures are counted by reason and are in no round trip."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from presence_tui.metrics.durations import DurationRecorder
from presence_tui.transport.errors import GatewayError

_BOUNDS_S: Final = (0.005, 0.025, 0.1, 0.5, 2.5)


class RequestCounters:
    """Requests to one gateway. ``limit`` and ``left`` are those of the shared budget, as last known."""

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
