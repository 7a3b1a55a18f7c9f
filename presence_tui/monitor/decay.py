"""Advances the store when a state changes by time alone, with one timer and no polling.

While the link is lost nothing tells who is active, so that states stand still.
"""

import asyncio
from collections.abc import Callable

from presence_tui.monitor.link import Link, LinkState, LinkStatus
from presence_tui.store import ChangeSet, PresenceStore


class DecayTimer:
    """A timer set to the store's next transition. Close it when done."""

    def __init__(self, store: PresenceStore, link: Link, check_sleep: Callable[[], None]) -> None:
        """``check_sleep`` is called before states change; it may end the live time of the link."""
        self._store = store
        self._check_sleep = check_sleep
        self._status = link.status
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._set_for_s: float | None = None
        self._unsubscribe = store.subscribe(self._reset)
        self._forget_link = link.changed.subscribe(self._on_link)
        self._reset()

    def close(self) -> None:
        self._unsubscribe()
        self._forget_link()
        if self._timer is not None:
            self._timer.cancel()

    def _reset(self, _: ChangeSet | None = None) -> None:
        next_s = self._store.states.next_transition_s
        if next_s == self._set_for_s:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._set_for_s = next_s
        if next_s is not None:
            wait_s = max(0.0, next_s - self._store.clock.stamp().wall_s)
            self._timer = self._loop.call_later(wait_s, self._fire)

    def _fire(self) -> None:
        self._timer = self._set_for_s = None
        self._check_sleep()
        if self._status.state is not LinkState.LIVE:
            # Of a reading that was not completed, or of a connection that ended before the sign-in.
            self._store.states.hold()
        self._store.states.advance()
        self._reset()

    def _on_link(self, status: LinkStatus) -> None:
        before, self._status = self._status, status
        if status.state is LinkState.LIVE:
            return
        was_read = status.fresh_until_s is not None and status.fresh_until_s != before.fresh_until_s
        if before.state is LinkState.LIVE or was_read:
            self._store.states.hold(true_until_s=status.fresh_until_s)
