"""Follows the gateway's clock, and tells the store the skew by which its times are corrected."""

from collections.abc import Callable, Iterable
from typing import Final

from presence_tui.domain.clock_offset import ClockEstimate, ClockOffset, ClockSource
from presence_tui.store import PresenceStore, Stamp
from presence_tui.transport.presence_source import Timing
from presence_tui.wire.messages import Status

SAMPLE_S: Final = 1.0
"""One emission time in this time is enough."""


class GatewayClock:
    """Measures when somebody asks, and takes times that arrive unasked; sends nothing by itself.

    ``longest_delay_s`` tells how long something may be on its way over the current connection: its ping
    interval and ping time-out, if they are known.
    """

    def __init__(
        self, store: PresenceStore, longest_delay_s: Callable[[], float | None] = lambda: None
    ) -> None:
        self._store = store
        self._longest_delay_s = longest_delay_s
        self._offset = ClockOffset()
        self._due_s = 0.0
        self.round_trip_s: float | None = None
        """Of the last request that measured it."""

    @property
    def estimate(self) -> ClockEstimate | None:
        """What bounds the skew; ``None`` if it was never measured."""
        return self._offset.estimate

    def on_timing(self, timing: Timing) -> None:
        """A request was answered. Without a time in the answer, the skew stays."""
        self.round_trip_s = timing.round_trip_s
        if timing.skew_s is None:
            return
        error_s = timing.round_trip_s if timing.error_s is None else timing.error_s
        self._offset.measure(timing.source, timing.skew_s, error_s, self._store.clock.stamp().wall_s)
        if (estimate := self.estimate) is not None:
            self._store.states.set_skew(estimate.skew_s)

    def on_statuses(self, statuses: Iterable[Status], now: Stamp) -> None:
        """Status events arrived that were sent just before. Most calls return at once."""
        if now.monotonic_s < self._due_s:
            return
        self._due_s = now.monotonic_s + SAMPLE_S
        told = [status.emitted_s for status in statuses if status.emitted_s is not None]
        if not told:
            return
        wanted = max(1, self._offset.lacks_told)
        for emitted_s in told[-wanted:]:
            self._tell(ClockSource.EMISSION, emitted_s, now)
        if self._offset.lacks_told:
            self._due_s = now.monotonic_s
        self._correct()

    def on_server_time(self, told_s: float, now: Stamp) -> None:
        """The gateway told its time in an event."""
        self._tell(ClockSource.HEARTBEAT, told_s, now)
        self._correct()

    def on_set_back(self, by_s: float) -> None:
        """Our clock was set back, the gateway's was not."""
        self._offset.set_back(by_s)
        self._store.states.on_clock_set_back(by_s)

    def _tell(self, source: ClockSource, told_s: float, now: Stamp) -> None:
        self._offset.tell(source, told_s, now.wall_s, self._longest_delay_s())

    def _correct(self) -> None:
        """Change the skew only if the one in use has become impossible: every state is derived again."""
        estimate, states = self.estimate, self._store.states
        if estimate is None:
            return
        if states.measured_skew_s is None or not estimate.allows(states.measured_skew_s):
            states.set_skew(estimate.skew_s)
