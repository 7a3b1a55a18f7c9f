"""What a monitor records about itself, for ``service/metrics.py`` to read."""

from collections.abc import Callable
from dataclasses import dataclass

from presence_tui.domain.clock_offset import ClockEstimate
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.link import Link, LinkState, LinkStatus
from presence_tui.store import ChangeSet
from presence_tui.store.clock import Clock
from presence_tui.transport.rate_limits import RequestCounters


class LinkTimes:
    """Adds up how long a link was in each state since it was made, and the gaps."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self._clock = clock
        self._state = link.status.state
        self._since_s = self._first_live_s = clock.stamp().monotonic_s
        self._spent_s: dict[LinkState, float] = dict.fromkeys(LinkState, 0.0)
        self.lives = 0
        """How often the link got live; each after the first is a reconnect."""
        self.gaps = 0
        """How often it ceased to be live."""
        self.last_live_s: float | None = None
        """Unix time when it last got live."""
        link.changed.subscribe(self._on_link)

    def spent_s(self) -> dict[LinkState, float]:
        """Seconds in each state until now."""
        return self._spent_until(self._clock.stamp().monotonic_s)

    def live_and_gaps_s(self) -> tuple[float, float]:
        """Seconds live, and seconds not live since the link was live first."""
        now_s = self._clock.stamp().monotonic_s
        live_s = self._spent_until(now_s)[LinkState.LIVE]
        gaps_s = max(0.0, now_s - self._first_live_s - live_s) if self.lives else 0.0
        # Both are sums of many differences.
        return live_s, round(gaps_s, 6)

    def availability(self) -> float | None:
        """Share of time live, since it was live first; ``None`` before that."""
        live_s, gaps_s = self.live_and_gaps_s()
        if not self.lives:
            return None
        return live_s / (live_s + gaps_s) if live_s + gaps_s > 0 else 1.0

    def _spent_until(self, now_s: float) -> dict[LinkState, float]:
        spent_s = dict(self._spent_s)
        spent_s[self._state] += now_s - self._since_s
        return spent_s

    def _on_link(self, status: LinkStatus) -> None:
        if status.state is self._state:
            return
        now = self._clock.stamp()
        self._spent_s[self._state] += now.monotonic_s - self._since_s
        self.gaps += self._state is LinkState.LIVE
        self._state, self._since_s = status.state, now.monotonic_s
        if status.state is LinkState.LIVE:
            if not self.lives:
                self._first_live_s = now.monotonic_s
            self.lives += 1
            self.last_live_s = now.wall_s


class MergedUpdates:
    """Counts updates of a participant that were replaced by a newer one before anybody drew them.

    A listener of the store, at its first version.
    """

    def __init__(self, version: int) -> None:
        self._version = version
        self.flushes = 0
        """Change sets that were delivered: at most one a frame."""
        self.updates = 0
        """Updates of participants, of presence or of anything else."""
        self.merged = 0
        """How many of them were delivered together with a newer one of the same participant."""

    def on_changes(self, changed: ChangeSet) -> None:
        updates, self._version = changed.version - self._version, changed.version
        self.flushes += 1
        if not changed.cleared:
            self.updates += updates
            self.merged += max(0, updates - len(changed.touched))


@dataclass(frozen=True)
class MonitorMetrics:
    """References to the recorders of a monitor's parts."""

    events: EventCounters
    requests: RequestCounters
    link: LinkTimes
    updates: MergedUpdates
    clock: Callable[[], tuple[float | None, ClockEstimate | None]] = lambda: (None, None)
    """Round trip of the last health request, and what bounds the clock skew."""
    silence_limit_s: Callable[[], float | None] = lambda: None
    """How long the connection may be silent: ping interval and ping time-out; ``None`` if not connected."""
