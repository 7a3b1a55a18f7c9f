"""A section of a view: those of one flag, in order."""

from collections.abc import Iterable, Mapping

from sortedcontainers import SortedList

_SINGLY_BELOW = 1 / 16
"""Up to this share of a section, moving one by one is cheaper than merging everybody."""


class Section:
    """Places in order, and who has which. One that moves costs O(log n)."""

    __slots__ = ("order", "places")

    def __init__(self) -> None:
        self.order: SortedList = SortedList()
        self.places: dict[str, str] = {}
        """Presence key to place."""

    def __len__(self) -> int:
        return len(self.order)

    def fill(self, places: dict[str, str]) -> None:
        """Hold these and nobody else."""
        self.places = places
        self.order = SortedList(places.values())

    def change(self, gone: Iterable[str], come: Mapping[str, str]) -> None:
        """Let go of some keys, all of them held, and take others with their places."""
        gone_places = {self.places.pop(key) for key in gone}
        self.places.update(come)
        if len(gone_places) + len(come) <= len(self.order) * _SINGLY_BELOW:
            for place in gone_places:
                self.order.remove(place)
            for place in come.values():
                self.order.add(place)
        else:
            # Two sorted runs, which Python's sort merges in linear time.
            kept = [place for place in self.order if place not in gone_places]
            self.order = SortedList(kept + sorted(come.values()))
