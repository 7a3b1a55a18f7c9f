"""Changes of those whom no roster has placed: nobody can say yet to which conversation they are news."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from presence_tui.domain.changes import Change
from presence_tui.store.rosters import NEWCOMERS

if TYPE_CHECKING:
    from presence_tui.store.presence_store import PresenceStore

STILL_NEWS_S: Final = 60.0
"""What was held for longer is no news any more."""


class StrangerChanges:
    """Holds the newest change of each until a roster has placed them. For who tells of one conversation."""

    def __init__(self, store: "PresenceStore") -> None:
        self._store = store
        self._held: dict[str, Change] = {}

    def released(self, changes: Sequence[Change]) -> list[Change]:
        """What may be told now: first what was held of those who are placed by now."""
        return [*self.placed(), *self.hold(changes)]

    def placed(self) -> list[Change]:
        """What was held of those who are strangers no more."""
        if not self._held:
            return []
        strangers, known = self._store.rosters.held(NEWCOMERS), self._store.participants
        keys = [key for key in self._held if key not in strangers]
        changes = [self._held.pop(key) for key in keys]
        oldest_s = self._store.clock.stamp().wall_s - STILL_NEWS_S
        return [change for change in changes if change.key in known and change.at_s >= oldest_s]

    def hold(self, changes: Sequence[Change]) -> Sequence[Change]:
        """The changes of those who are no strangers; the others are held."""
        strangers = self._store.rosters.held(NEWCOMERS)
        if not strangers:
            return changes
        self._held.update((change.key, change) for change in changes if change.key in strangers)
        return [change for change in changes if change.key not in strangers]
