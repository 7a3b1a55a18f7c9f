"""Whether somebody sits in front of this terminal, as far as it tells.

Terminals that tell of focus say so when it changes, and not before; others never do, tmux among them where
its ``focus-events`` is off. Until one has told, who has touched a key a moment ago is taken to be there.
"""

from typing import Final

from presence_tui.store import Clock

PRESENT_FOR_S: Final = 60.0


class TerminalFocus:
    """Told of focus and of what is pressed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._has_focus: bool | None = None
        self._last_input_s = float("-inf")

    @property
    def is_here(self) -> bool:
        if self._has_focus is not None:
            return self._has_focus
        return self._now_s() - self._last_input_s < PRESENT_FOR_S

    def record_focus(self, has_focus: bool) -> None:
        """The terminal says that it has the focus now, or has not any more."""
        self._has_focus = has_focus

    def record_input(self) -> None:
        """A key or a button of the mouse was pressed, which is done in front of it only."""
        self._last_input_s = self._now_s()
        if self._has_focus is False:
            self._has_focus = True

    def _now_s(self) -> float:
        return self._clock.stamp().monotonic_s
