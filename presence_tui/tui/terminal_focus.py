"""Whether the user is at this terminal, as far as is known.

Terminals with focus reports send one when the focus changes, not before. Others send none, such as tmux
with ``focus-events`` off. Until a report arrives, recent input counts as presence.
"""

from typing import Final

from presence_tui.store import Clock

PRESENT_FOR_S: Final = 60.0


class TerminalFocus:
    """Tracks focus reports and input."""

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
        """Record a focus report."""
        self._has_focus = has_focus

    def record_input(self) -> None:
        """Record a key press or mouse button, which only happens at the terminal."""
        self._last_input_s = self._now_s()
        if self._has_focus is False:
            self._has_focus = True

    def _now_s(self) -> float:
        return self._clock.stamp().monotonic_s
