"""Pauses the display. The store, the history and the activity feed continue."""

from presence_tui.service.service import PresenceService
from presence_tui.store import ChangeSet, PresenceStore


class Pausing:
    """Counts changes in the watched conversation during a pause."""

    def __init__(self, service: PresenceService) -> None:
        self._service = service
        self.since_s: float | None = None
        """Unix time of its start; ``None`` while not paused."""
        self.titles: tuple[str, str] | None = None
        """The title bar's text at its start; ``None`` while not paused."""
        self.changes = 0

    @property
    def is_on(self) -> bool:
        return self.since_s is not None

    def begin(self, titles: tuple[str, str]) -> None:
        self.titles = titles
        self.since_s = self._store.clock.stamp().wall_s
        self.changes = 0

    def end(self) -> None:
        self.since_s = self.titles = None

    def note(self, changed: ChangeSet) -> None:
        """Count changes, if paused."""
        if self.is_on:
            rosters, records = self._store.rosters, self._store.participants
            conversation_id = self._service.state.conversation_id
            self.changes += sum(
                rosters.is_member(conversation_id, records[change.key]) for change in changed.changes
            )

    @property
    def _store(self) -> PresenceStore:
        return self._service.store
