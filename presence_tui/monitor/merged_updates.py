"""Counts updates of a participant that were replaced by a newer one before anybody drew them."""

from presence_tui.store import ChangeSet


class MergedUpdates:
    """A listener of the store, at its first version."""

    def __init__(self, version: int) -> None:
        self._version = version
        self.flushes = 0
        """Change sets that were delivered: at most one a frame."""
        self.updates = 0
        """Updates of participants, of presence or of anything else."""
        self.merged = 0
        """How many of them were delivered together with a newer one of the same participant."""

    def on_changes(self, changed: ChangeSet) -> None:
        updates, self._version = changed.version - self._version, changed.version
        self.flushes += 1
        if not changed.cleared:
            self.updates += updates
            self.merged += max(0, updates - len(changed.touched))
