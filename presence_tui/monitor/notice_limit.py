"""Limits the notices that a gateway can cause, which would push all other news out of the activity."""

from collections.abc import Callable
from typing import Final

from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.store.clock import Clock

MOST_NOTICES: Final = 5
"""Notices in ``WINDOW_S``; the next one is replaced by a sentence, further ones are dropped."""
WINDOW_S: Final = 60.0


class NoticeLimit:
    """Passes on the first notices of each window."""

    def __init__(self, clock: Clock, emit: Callable[[Phrase], None]) -> None:
        self._clock = clock
        self._emit = emit
        self._began_s = clock.stamp().monotonic_s
        self._count = 0

    def emit(self, notice: Phrase) -> None:
        """Emit the notice, unless there were too many of late."""
        now_s = self._clock.stamp().monotonic_s
        if now_s - self._began_s >= WINDOW_S:
            self._began_s, self._count = now_s, 0
        self._count += 1
        if self._count <= MOST_NOTICES:
            self._emit(notice)
        elif self._count == MOST_NOTICES + 1:
            self._emit(phrase("The gateway says more than is shown here; tail --raw has all of it."))
