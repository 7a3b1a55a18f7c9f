"""Advances the store when a state changes by time alone, with one timer and no polling."""

import asyncio

from presence_tui.store import ChangeSet, PresenceStore


class DecayTimer:
    """A timer set to the store's next transition. Close it when done."""

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._set_for_s: float | None = None
        self._unsubscribe = store.subscribe(self._reset)
        self._reset()

    def close(self) -> None:
        self._unsubscribe()
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
        self._store.states.advance()
        self._reset()
