"""Adds up how long the link was in each state, and the gaps."""

from presence_tui.monitor.link import Link, LinkState, LinkStatus
from presence_tui.store.clock import Clock


class LinkTimes:
    """Follows a link from its making."""

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
