"""What must be read again because an event says that it changed: collected, and read once."""

import asyncio
from dataclasses import dataclass
from typing import Final

SETTLE_S: Final = 0.5
"""What is wanted within this time is read together."""

PAUSE_S: Final = 5.0
"""The least time between two rounds."""

DUTY: Final = 10
"""A round that took long is followed by a pause so many times as long: a large roster is many requests."""


@dataclass(frozen=True, slots=True)
class Round:
    """What is to be read now."""

    rosters: tuple[str, ...]
    conversations: bool
    """True if the list of conversations is to be read."""


class Rereads:
    """Collects what is wanted until it is asked for."""

    def __init__(self) -> None:
        self._rosters: dict[str, None] = {}
        self._conversations = False
        self._wanted = asyncio.Event()

    def want_roster(self, conversation_id: str) -> None:
        """Somebody may have joined this conversation, or left it."""
        self._rosters[conversation_id] = None
        self._wanted.set()

    def want_conversations(self) -> None:
        """The account may be in other conversations than the list says."""
        self._conversations = True
        self._wanted.set()

    async def next_round(self) -> Round:
        """Wait until anything is wanted, and a moment for what belongs to it; it is wanted no more."""
        await self._wanted.wait()
        await asyncio.sleep(SETTLE_S)
        due = Round(tuple(self._rosters), self._conversations)
        self._rosters.clear()
        self._conversations = False
        self._wanted.clear()
        return due

    async def pause(self, took_s: float) -> None:
        """Wait before the next round; the last one took so long."""
        await asyncio.sleep(max(PAUSE_S, DUTY * took_s))
