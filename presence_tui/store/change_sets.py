"""Change sets: everything that changed since the last flush, in one object."""

from dataclasses import dataclass, field

from presence_tui.domain.changes import Change


@dataclass(slots=True)
class ChangeSet:
    """Changes between two versions of the store.

    ``changes`` holds every change in order. ``touched`` holds the key of every
    participant with any update (a name, a role, fresher evidence), once each.
    """

    version: int = 0
    changes: list[Change] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    cleared: bool = False

    def __bool__(self) -> bool:
        return bool(self.touched or self.cleared)
