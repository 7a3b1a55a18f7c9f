"""The garbage collector, kept away from the screen."""

import gc
from typing import Final

from presence_tui.service.events import PhaseChanged, Resynced, ServiceEvent
from presence_tui.service.service import PresenceService
from presence_tui.service.state import Phase

_PORTION: Final = 5_000, 10
"""A screen at work leaves thousands of objects a second in cycles, most of them in drawn lines. In small
portions they take a few milliseconds each, as long as what is loaded is not looked through with them.
In smaller ones, changes that wait for a frame would be looked at several times before they are gone."""

_ALL: Final = 3
"""So many larger portions, and it pays to look at all that came since the rosters: for 15 to 40 ms."""

_ALL_AT_LAST: Final = 5 * _ALL
"""It has to be done without waiting for a rest."""

_GROWN: Final = 2
"""Times as many participants as when the collector last was told to leave alone what there is."""


def postpone_collection() -> None:
    """Look at nothing while the screen is being loaded; ``collect_in_steps`` is to follow.

    None of what is imported then is garbage, and looking for some in it, over a hundred times, takes a
    quarter of the time to the first paint.
    """
    gc.disable()


def collect_in_steps() -> None:
    """Never look again at what is loaded by now, and in small portions at what came since."""
    gc.freeze()
    gc.set_threshold(*_PORTION, _ALL_AT_LAST)
    gc.enable()


def follow_service(service: PresenceService) -> None:
    """Tune the collector by what a service has loaded: its code first, then its rosters."""
    rosters = RosterCollection()

    def on_event(event: ServiceEvent) -> None:
        match event:
            case PhaseChanged(Phase.MONITOR):
                collect_in_steps()
            case Resynced():
                rosters.on_roster_read(len(service.store.participants))

    service.events.subscribe(on_event)


def collect_when_idle() -> None:
    """Look at all that came since, if it pays: to be called while nobody waits for an answer."""
    if gc.get_count()[2] >= _ALL:
        gc.collect()


class RosterCollection:
    """Has rosters left alone once they are read: to look through ten thousand participants takes 0.1 s.

    What lies in cycles at that moment is never collected, so it is done seldom: when they have doubled.
    """

    def __init__(self) -> None:
        self._kept = 0

    def on_roster_read(self, participants: int) -> None:
        """So many participants are known now. Answered at once."""
        if participants >= max(1, self._kept * _GROWN):
            self._kept = participants
            gc.freeze()
