"""The times of an attempt to sign in: how long it takes, and a pause that the gateway asked for after it."""

from presence_tui.store.clock import Clock


class AttemptTimes:
    """All times are in seconds on the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start_s = 0.0
        self._pause_end_s: float | None = None

    def start(self) -> None:
        """Start an attempt, which ends a pause."""
        self._start_s = self._now_s()
        self._pause_end_s = None

    def start_pause(self, pause_s: float) -> None:
        self._pause_end_s = self._now_s() + pause_s

    def end_pause(self) -> None:
        self._pause_end_s = None

    @property
    def waited_s(self) -> float:
        """Time since the start of the attempt."""
        return self._now_s() - self._start_s

    @property
    def pause_left_s(self) -> float | None:
        """Time until the end of the pause, negative after it; ``None`` without one."""
        return None if self._pause_end_s is None else self._pause_end_s - self._now_s()

    def _now_s(self) -> float:
        return self._clock.stamp().monotonic_s
