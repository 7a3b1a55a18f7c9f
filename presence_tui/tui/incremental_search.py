"""Searches in steps on the event loop, so that a million names never delay a key."""

import asyncio
from collections.abc import Callable
from typing import Final

from presence_tui.store import Facets, RosterIndex
from presence_tui.store.filtered_order import Search

STEP_S: Final = 0.008
"""Maximum time per step."""


class IncrementalSearch:
    """Filters one index. ``on_found`` is called if that took more than one step.

    A new search, sort order or conversation ends the previous search.
    """

    def __init__(self, index: RosterIndex, on_found: Callable[[], object]) -> None:
        self._index = index
        self._on_found = on_found

    def start(self, query: str, facets: Facets) -> None:
        """Apply a filter: at once for few participants, otherwise in later iterations of the loop."""
        self._step(self._index.search(query=query, facets=facets))

    def _step(self, search: Search) -> bool:
        """Return true if the search is over."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + STEP_S
        while not search.advance():
            if loop.time() >= ends_s:
                loop.call_soon(self._continue, search)
                return False
        return True

    def _continue(self, search: Search) -> None:
        # A replaced search is not continued.
        if not search.is_over and self._step(search):
            self._on_found()
