"""The garbage collector, kept away from the screen."""

import gc
from typing import Final

_THRESHOLDS = 1_000, 10, 10
"""A screen at work leaves thousands of objects a second in cycles, most of them in drawn lines. In small
portions they take a few milliseconds each, as long as what is loaded is not looked through with them."""

_GROWN: Final = 2
"""Times as many participants as when the collector last was told to leave alone what there is."""


def collect_later() -> None:
    """Look at nothing while the screen is being loaded; ``collect_in_portions`` is to follow.

    None of what is imported then is garbage, and looking for some in it, over a hundred times, takes a
    quarter of the time to the first paint.
    """
    gc.disable()


def collect_in_portions() -> None:
    """Never look again at what is loaded by now, and in small portions at what came since."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()


class LoadedRosters:
    """Has rosters left alone once they are read: to look through ten thousand participants takes 0.1 s.

    What lies in cycles at that moment is never collected, so it is done seldom: when they have doubled.
    """

    def __init__(self) -> None:
        self._kept = 0

    def read(self, participants: int) -> None:
        """So many participants are known now. Answered at once."""
        if participants >= max(1, self._kept * _GROWN):
            self._kept = participants
            gc.freeze()
