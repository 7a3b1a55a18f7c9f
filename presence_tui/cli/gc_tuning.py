"""Tune the garbage collector so that it does not delay the screen."""

import gc
from typing import Final

from presence_tui.service.events import PhaseChanged, Resynced, ServiceEvent
from presence_tui.service.service import PresenceService
from presence_tui.service.state import Phase

_PORTION: Final = 5_000, 10
"""Thresholds of the first two generations.

A busy screen creates thousands of objects per second in cycles, most of them drawn lines. Small collections
take a few milliseconds, as long as loaded objects are frozen. With smaller ones, changes that wait for a
frame would be scanned several times.
"""

_ALL: Final = 3
"""After this many second-generation collections a full one pays; it takes 15 to 40 ms."""

_ALL_AT_LAST: Final = 5 * _ALL
"""A full collection then runs without waiting for an idle moment."""

_GROWN: Final = 2
"""Factor of participants since the last freeze at which rosters are frozen again."""


def postpone_collection() -> None:
    """Disable collection while the screen is loading; call ``collect_in_steps`` afterwards.

    Imports create no garbage, and over a hundred collections would take a quarter of the time to the first
    paint.
    """
    gc.disable()


def collect_in_steps() -> None:
    """Freeze what is loaded, and collect later objects in small portions."""
    gc.freeze()
    gc.set_threshold(*_PORTION, _ALL_AT_LAST)
    gc.enable()


def follow_service(service: PresenceService, *, replaces_another: bool = False) -> None:
    """Freeze objects when the service has loaded: first its code, then its rosters.

    ``replaces_another``: objects of an earlier service are frozen, and are collected first.
    """
    rosters = RosterCollection()

    def on_event(event: ServiceEvent) -> None:
        match event:
            case PhaseChanged(Phase.MONITOR):
                if replaces_another:
                    gc.unfreeze()
                    gc.collect()
                collect_in_steps()
            case Resynced():
                rosters.on_roster_read(len(service.store.participants))

    service.events.subscribe(on_event)


def collect_when_idle() -> None:
    """Run a full collection if it pays. Call it while the user is idle."""
    if gc.get_count()[2] >= _ALL:
        gc.collect()


class RosterCollection:
    """Freezes rosters after they are read: scanning ten thousand participants takes 0.1 s.

    Cycles that exist at a freeze are never collected, so rosters are frozen only when they have doubled.
    """

    def __init__(self) -> None:
        self._kept = 0

    def on_roster_read(self, participants: int) -> None:
        """Freeze if the number of participants has grown enough."""
        if participants >= max(1, self._kept * _GROWN):
            self._kept = participants
            gc.freeze()
