"""What a user arranged, by gateway and account: pins, and the order and filters of a conversation."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import msgspec

from presence_tui.domain.translatable import Phrase
from presence_tui.store.filters import Facets
from presence_tui.store.sort_keys import Sort

WRITE_DELAY_S: Final = 1.0
"""How long changes are gathered: a filter is typed letter by letter."""


class Arrangement(NamedTuple):
    """Order and filters of a view: what restores it in the next run."""

    sort: str = Sort.NAME
    query: str = ""
    facets: Facets = Facets()


class Edits(msgspec.Struct):
    """What a person changed and nobody has written yet."""

    pins: dict[str, bool] = {}
    """Presence key to whether it is pinned now."""
    arrangements: dict[str, Arrangement | None] = {}
    """Conversation to how it is looked at; ``None`` where that is nothing to remember."""

    def __bool__(self) -> bool:
        return bool(self.pins or self.arrangements)


Write = Callable[[Edits], Awaitable[Phrase | None]]
"""Adds edits to what is kept; answers what went wrong, if anything did. Others may write as well."""


class ViewState:
    """The state of the last run, and its changes; ``write`` receives them a second after they were made."""

    def __init__(
        self,
        write: Write,
        *,
        pins: frozenset[str] = frozenset(),
        arrangements: dict[str, Arrangement] | None = None,
        trouble: Phrase | None = None,
    ) -> None:
        """``trouble`` is what went wrong in reading it; it is reported once somebody listens."""
        self.pins = pins
        self.trouble = trouble
        self._arrangements = dict(arrangements or {})
        self._write = write
        self._edits = Edits()
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._report: Callable[[Phrase], object] = lambda trouble: None

    def report_to(self, report: Callable[[Phrase], object]) -> None:
        """Call ``report`` with whatever goes wrong from now on, and with what went wrong before."""
        self._report = report
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            report(trouble)

    def arrangement(self, conversation_id: str) -> Arrangement | None:
        """Order and filters a conversation had last; ``None`` for the usual ones."""
        return self._arrangements.get(conversation_id)

    def set_pin(self, key: str, pinned: bool) -> None:
        """A participant was pinned or unpinned."""
        self._edits.pins[key] = pinned
        self._schedule_write()

    def set_arrangement(self, conversation_id: str, arrangement: Arrangement) -> None:
        """A conversation has this order and these filters now."""
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
        """Write what is left. To be called once, at the end."""
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
            # A slow disk; one after the other.
            self._schedule_write()
            return
        self._writing = asyncio.get_running_loop().create_task(self._write_edits())

    async def _write_edits(self) -> None:
        edits, self._edits = self._edits, Edits()
        if not edits:
            return
        trouble = await self._write(edits)
        if trouble is not None:
            # Tried again with the next change; what was changed since then wins.
            self._edits.pins = {**edits.pins, **self._edits.pins}
            self._edits.arrangements = {**edits.arrangements, **self._edits.arrangements}
            self._report(trouble)
