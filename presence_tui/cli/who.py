"""``--who``: limits a command to some participants."""

from collections.abc import Sequence

from presence_tui.store.records import folded


class Who:
    """Participants by id, handle (with or without "@") or name, ignoring case and accents."""

    def __init__(self, asked: Sequence[str] = ()) -> None:
        """Without names, all participants match."""
        self.asked = tuple(asked)
        self._keys = frozenset(asked)
        self._names = frozenset(folded(each.removeprefix("@").strip()) for each in asked) - {""}

    def includes(self, key: str, name: str, handle: str) -> bool:
        if not self.asked:
            return True
        return key in self._keys or folded(name) in self._names or folded(handle) in self._names
