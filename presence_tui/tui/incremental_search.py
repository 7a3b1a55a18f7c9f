"""Looks for people in turns of the event loop, so that a keystroke over a million names delays no other."""

import asyncio
from collections.abc import Callable
from typing import Final

from presence_tui.store import Facets, RosterIndex
from presence_tui.store.search import Search

STEP_S: Final = 0.008
"""How long the loop is held at a time."""


class IncrementalSearch:
    """Filters one view. ``on_found`` is called where that took more than a turn.

    The next look ends the last, and so does another order or conversation of the view.
    """

    def __init__(self, index: RosterIndex, on_found: Callable[[], object]) -> None:
        self._index = index
        self._on_found = on_found

    def start(self, query: str, facets: Facets) -> None:
        """Show who passes: among few at once, among many within the next turns."""
        self._step(self._index.search(query=query, facets=facets))

    def _step(self, search: Search) -> bool:
        """True if the search is over."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + STEP_S
        while not search.advance():
            if loop.time() >= ends_s:
                loop.call_soon(self._continue, search)
                return False
        return True

    def _continue(self, search: Search) -> None:
        # Whoever began another search waits for that one.
        if not search.is_over and self._step(search):
            self._on_found()
