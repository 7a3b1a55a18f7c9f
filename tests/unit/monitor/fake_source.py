"""A REST source with scripted answers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from presence_tui.domain.participants import Participant
from presence_tui.store import PresenceStore
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.presence_source import AskedPage, AskedPresence
from presence_tui.wire.messages import PresenceRow, RosterRow
from presence_tui.wire.responses import RosterPage

Answer = RosterPage | GatewayError | asyncio.CancelledError
Presence = list[PresenceRow] | AskedPresence | GatewayError
Meanwhile = Callable[[], None]


def page(
    *keys: str,
    total: int | None = None,
    capped: bool = False,
    malformed: int = 0,
    flag: bool | None = None,
    cursor: str | None = None,
    complete: bool = True,
) -> RosterPage:
    rows = [RosterRow(Participant(key, name=key.title(), role="member"), flag) for key in keys]
    return RosterPage(rows, malformed, cursor, total, capped, complete)


class FakeSource:
    """The part of a ``PresenceSource`` used by a refresh. ``meanwhile`` runs before each answer."""

    def __init__(self, store: PresenceStore, *pages: Answer, runtime: Sequence[Presence] = ()):
        self._store = store
        self._pages = pages
        self._runtime = runtime
        self.asked_of: list[str] = []
        self.pages_asked = 0
        self.meanwhile: Meanwhile = lambda: None

    async def participants(self, conversation_id: str) -> AsyncIterator[AskedPage]:
        for answer in self._pages:
            self.pages_asked += 1
            asked = self._store.clock.stamp()
            self.meanwhile()
            if isinstance(answer, GatewayError | asyncio.CancelledError):
                raise answer
            yield AskedPage(asked, answer)

    async def runtime_presence(self, keys: Sequence[str]) -> AsyncIterator[AskedPresence]:
        self.asked_of = list(keys)
        for answer in self._runtime:
            asked = self._store.clock.stamp()
            self.meanwhile()
            if isinstance(answer, GatewayError):
                raise answer
            yield answer if isinstance(answer, AskedPresence) else AskedPresence(asked, answer, 0)
