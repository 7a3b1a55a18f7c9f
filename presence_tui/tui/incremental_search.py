"""Looks for people in turns of the event loop, so that a keystroke over a million names delays no other."""

import asyncio
from collections.abc import Callable
from typing import Final

from presence_tui.store import Facets, RosterIndex
from presence_tui.store.search import Search

TURN_S: Final = 0.008
"""How long the loop is held at a time."""


class IncrementalSearch:
    """Filters one view. ``on_found`` is called where that took more than a turn.

    The next look ends the last, and so does another order or conversation of the view.
    """

    def __init__(self, order: RosterIndex, on_found: Callable[[], object]) -> None:
        self._order = order
        self._on_found = on_found

    def look(self, query: str, facets: Facets) -> None:
        """Show who passes: among few at once, among many within the next turns."""
        self._turn(self._order.search(query=query, facets=facets))

    def _turn(self, search: Search) -> bool:
        """True if the search is over."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + TURN_S
        while not search.advance():
            if loop.time() >= ends_s:
                loop.call_soon(self._go_on, search)
                return False
        return True

    def _go_on(self, search: Search) -> None:
        # Whoever began another search waits for that one.
        if not search.is_over and self._turn(search):
            self._on_found()
