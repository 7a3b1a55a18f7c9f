"""Holds changes of participants in no roster, until a roster shows their conversation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from presence_tui.domain.changes import Change
from presence_tui.store.rosters import NEWCOMERS

if TYPE_CHECKING:
    from presence_tui.store.presence_store import PresenceStore

STILL_NEWS_S: Final = 60.0
"""A change held for longer is dropped."""


class StrangerChanges:
    """Keeps the newest change per participant until a roster lists them. For readers of one conversation."""

    def __init__(self, store: "PresenceStore") -> None:
        self._store = store
        self._held: dict[str, Change] = {}

    def released(self, changes: Sequence[Change]) -> list[Change]:
        """Return the changes to report now, preceded by held changes of participants now listed."""
        return [*self.placed(), *self.hold(changes)]

    def placed(self) -> list[Change]:
        """Return the held changes of participants that are now listed."""
        if not self._held:
            return []
        strangers, known = self._store.rosters.held(NEWCOMERS), self._store.participants
        keys = [key for key in self._held if key not in strangers]
        changes = [self._held.pop(key) for key in keys]
        oldest_s = self._store.clock.stamp().wall_s - STILL_NEWS_S
        return [change for change in changes if change.key in known and change.at_s >= oldest_s]

    def hold(self, changes: Sequence[Change]) -> Sequence[Change]:
        """Return the changes of listed participants; hold the others."""
        strangers = self._store.rosters.held(NEWCOMERS)
        if not strangers:
            return changes
        self._held.update((change.key, change) for change in changes if change.key in strangers)
        return [change for change in changes if change.key not in strangers]
