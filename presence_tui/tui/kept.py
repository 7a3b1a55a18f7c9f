"""What a person keeps between runs, for each account of each gateway: pins, and how a conversation is seen.

The screen reads it and notes what a person changes. Where it is kept is the business of whoever opens it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from presence_tui.domain.phrases import Phrase
from presence_tui.tui.views.screen_view import Arrangement

WRITTEN_AFTER_S: Final = 1.0
"""How long changes are gathered: a filter is typed letter by letter."""


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


class Kept:
    """Begins with what was kept; ``write`` is handed what changes, a second after it did."""

    def __init__(
        self,
        write: Write,
        *,
        pins: frozenset[str] = frozenset(),
        arrangements: dict[str, Arrangement] | None = None,
        trouble: Phrase | None = None,
    ) -> None:
        """``trouble`` is what went wrong when it was read, to be told once there is a screen."""
        self.pins = pins
        self.trouble = trouble
        self._arrangements = dict(arrangements or {})
        self._write = write
        self._edits = Edits()
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._tell: Callable[[Phrase], object] = lambda trouble: None

    def tell_troubles(self, tell: Callable[[Phrase], object]) -> None:
        """Call this with whatever goes wrong from now on, and with what went wrong before."""
        self._tell = tell
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            tell(trouble)

    def arrangement(self, conversation_id: str) -> Arrangement | None:
        """How a conversation was looked at last, if anything of that is to be remembered."""
        return self._arrangements.get(conversation_id)

    def note_pin(self, key: str, pinned: bool) -> None:
        """A person pinned somebody, or does not any more."""
        self._edits.pins[key] = pinned
        self._write_soon()

    def note_arrangement(self, conversation_id: str, arrangement: Arrangement) -> None:
        """A person looks at a conversation in this way now."""
        remembered = None if arrangement == Arrangement() else arrangement
        if self._arrangements.get(conversation_id) == remembered:
            return
        if remembered is None:
            del self._arrangements[conversation_id]
        else:
            self._arrangements[conversation_id] = remembered
        self._edits.arrangements[conversation_id] = remembered
        self._write_soon()

    async def close(self) -> None:
        """Write what is left. To be called once, at the end."""
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            await self._writing
        await self._write_edits()

    def _write_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WRITTEN_AFTER_S, self._begin_to_write)

    def _begin_to_write(self) -> None:
        self._timer = None
        if self._writing is not None and not self._writing.done():
            # A slow disk; one after the other.
            self._write_soon()
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
            self._tell(trouble)


OpenKept = Callable[[], Awaitable[Kept | None]]
"""Reads what is kept of the account; called after the first paint."""


async def nothing_kept() -> None:
    """Nothing is kept between runs."""
