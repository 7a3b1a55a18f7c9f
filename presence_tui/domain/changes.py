"""Changes of one participant's presence, and their causes."""

from typing import NamedTuple

from presence_tui.domain.enums import Cause, Source, State


class Change(NamedTuple):
    """One participant's change of state or panel.

    A tuple, because a busy gateway makes two hundred thousand of them a second.
    """

    at_s: float
    """Unix time when we received it."""
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
    """True for the first evidence, which fills a roster and is no real change."""
    held_s: float | None = None
    """Seconds for which the earlier flag held; ``None`` if its start was not observed."""
    noticed_s: float | None = None
    """Seconds since the start was noticed, if that was not observed: the flag held for at least so long."""

    @property
    def known_s(self) -> float | None:
        """Seconds for which the earlier flag held at least; ``None`` if it held from the beginning."""
        return self.noticed_s if self.held_s is None else self.held_s

    @property
    def has_turned(self) -> bool:
        """True if the participant arrived or left; others only became more or less active."""
        return (self.flag is True) is not (self.flag_before is True)

    @property
    def arrived(self) -> bool:
        """True if the participant moved to the Online panel."""
        return self.flag is True and self.flag_before is not True

    @property
    def left(self) -> bool:
        """True if the participant left the Online panel."""
        return self.flag is not True and self.flag_before is True
