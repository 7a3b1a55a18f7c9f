"""Changes: one participant's presence changed, and why."""

from typing import NamedTuple

from presence_tui.domain.enums import Cause, Source, State


class Change(NamedTuple):
    """One participant went from one state to another, or from one panel to another.

    A tuple, because a busy gateway makes two hundred thousand of them a second.
    """

    at_s: float
    """When we learned it, in Unix seconds."""
    cause: Cause
    key: str
    name: str
    before: State
    after: State
    flag_before: bool | None
    flag: bool | None
    last_active_s: float | None
    source: Source | None
    epoch: int
    seq: int = 0
    first_told: bool = False
    """True where nothing was known before: the filling of a roster, not a change of heart."""
    held_s: float | None = None
    """Seconds for which the flag before had held, as far as we saw it begin; ``None`` where we did not."""

    @property
    def arrived(self) -> bool:
        """True if the participant came to the Online panel."""
        return self.flag is True and self.flag_before is not True

    @property
    def left(self) -> bool:
        """True if the participant left the Online panel."""
        return self.flag is not True and self.flag_before is True
