"""What a user arranged, by gateway and account: pins, and sort order and filters of conversations."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import msgspec

from presence_tui.domain.translatable import Phrase
from presence_tui.store.filters import Facets
from presence_tui.store.sort_keys import Sort

WRITE_DELAY_S: Final = 1.0
"""Delay that combines changes, because a filter is typed letter by letter."""


class Arrangement(NamedTuple):
    """Sort order and filters of a view, restored in the next run."""

    sort: str = Sort.NAME
    query: str = ""
    facets: Facets = Facets()


class Edits(msgspec.Struct):
    """Changes by the user that are not written yet."""

    pins: dict[str, bool] = {}
    """Presence key to whether it is pinned."""
    arrangements: dict[str, Arrangement | None] = {}
    """Conversation id to its arrangement; ``None`` for the default one."""

    def __bool__(self) -> bool:
        return bool(self.pins or self.arrangements)


Write = Callable[[Edits], Awaitable[Phrase | None]]
"""Merges edits into the file and returns the error, if any. Other processes may write it too."""


class ViewState:
    """View state of the last run and its changes; ``write`` receives them after ``WRITE_DELAY_S``."""

    def __init__(
        self,
        write: Write,
        *,
        pins: frozenset[str] = frozenset(),
        arrangements: dict[str, Arrangement] | None = None,
        problem: Phrase | None = None,
    ) -> None:
        """``trouble`` is an error from reading; it is reported once ``report_to`` is called."""
        self.pins = pins
        self.problem = problem
        self._arrangements = dict(arrangements or {})
        self._write = write
        self._edits = Edits()
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._report: Callable[[Phrase], object] = lambda problem: None

    def report_to(self, report: Callable[[Phrase], object]) -> None:
        """Call ``report`` with each error from now on, and with an earlier one not yet reported."""
        self._report = report
        problem, self.problem = self.problem, None
        if problem is not None:
            report(problem)

    def arrangement(self, conversation_id: str) -> Arrangement | None:
        """Last arrangement of a conversation; ``None`` for the default."""
        return self._arrangements.get(conversation_id)

    def set_pin(self, key: str, pinned: bool) -> None:
        """Record that a participant was pinned or unpinned."""
        self._edits.pins[key] = pinned
        self._schedule_write()

    def set_arrangement(self, conversation_id: str, arrangement: Arrangement) -> None:
        """Record the arrangement of a conversation."""
        remembered = None if arrangement == Arrangement() else arrangement
        if self._arrangements.get(conversation_id) == remembered:
            return
        if remembered is None:
            del self._arrangements[conversation_id]
        else:
            self._arrangements[conversation_id] = remembered
        self._edits.arrangements[conversation_id] = remembered
        self._schedule_write()

    async def close(self) -> None:
        """Write pending changes. Call it once, at the end."""
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            await self._writing
        await self._write_edits()

    def _schedule_write(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WRITE_DELAY_S, self._start_write)

    def _start_write(self) -> None:
        self._timer = None
        if self._writing is not None and not self._writing.done():
            # The previous write is not done: write one at a time.
            self._schedule_write()
            return
        self._writing = asyncio.get_running_loop().create_task(self._write_edits())

    async def _write_edits(self) -> None:
        edits, self._edits = self._edits, Edits()
        if not edits:
            return
        error = await self._write(edits)
        if error is not None:
            # Retried with the next change; later changes take precedence.
            self._edits.pins = {**edits.pins, **self._edits.pins}
            self._edits.arrangements = {**edits.arrangements, **self._edits.arrangements}
            self._report(error)
