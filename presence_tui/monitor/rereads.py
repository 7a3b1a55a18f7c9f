"""What must be read again because an event says that it changed: collected, and read once."""

import asyncio
from dataclasses import dataclass
from typing import Final

SETTLE_S: Final = 0.5
"""What is wanted within this time is read together."""

PAUSE_S: Final = 5.0
"""The least time between two rounds."""

IN_PART_PAUSE_S: Final = 60.0

DUTY: Final = 10
"""A round that took long is followed by a pause so many times as long: a large roster is many requests."""


@dataclass(frozen=True, slots=True)
class Round:
    """What is to be read now."""

    rosters: tuple[str, ...]
    people: tuple[str, ...]
    """Presence keys of those whose presence is to be asked for."""
    conversations: bool
    """True if the list of conversations is to be read."""


class Rereads:
    """Collects what is wanted until it is asked for."""

    def __init__(self) -> None:
        self._rosters: dict[str, None] = {}
        self._people: dict[str, None] = {}
        self._conversations = False
        self._wanted = asyncio.Event()
        self._patient: asyncio.TimerHandle | None = None

    def want_roster(self, conversation_id: str) -> None:
        """Somebody may have joined this conversation, or left it."""
        self._rosters[conversation_id] = None
        self._wanted.set()

    def want_roster_of_stranger(self, conversation_id: str, *, is_whole: bool) -> None:
        """Somebody of whom no roster is known may be of this conversation.

        Where the gateway lists only some of its members, strangers are nothing unusual: then it is asked
        no more often than once in ``IN_PART_PAUSE_S``.
        """
        if is_whole:
            self.want_roster(conversation_id)
        elif self._patient is None:
            loop = asyncio.get_running_loop()
            self._patient = loop.call_later(IN_PART_PAUSE_S, self._want_patiently, conversation_id)

    def close(self) -> None:
        """Nothing is wanted any more."""
        if self._patient is not None:
            self._patient.cancel()

    def _want_patiently(self, conversation_id: str) -> None:
        self._patient = None
        self.want_roster(conversation_id)

    def want_presence(self, key: str) -> None:
        """Nothing has told what somebody is."""
        self._people[key] = None
        self._wanted.set()

    def want_conversations(self) -> None:
        """The account may be in other conversations than the list says."""
        self._conversations = True
        self._wanted.set()

    async def next_round(self) -> Round:
        """Wait until anything is wanted, and a moment for what belongs to it; it is wanted no more."""
        await self._wanted.wait()
        await asyncio.sleep(SETTLE_S)
        due = Round(tuple(self._rosters), tuple(self._people), self._conversations)
        self._rosters.clear()
        self._people.clear()
        self._conversations = False
        self._wanted.clear()
        return due

    async def pause(self, took_s: float) -> None:
        """Wait before the next round; the last one took so long."""
        await asyncio.sleep(max(PAUSE_S, DUTY * took_s))
