"""The REST side of a gateway, as the monitor sees it."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from presence_tui.domain.clock_offset import ClockSource
from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase
from presence_tui.store.clock import Stamp
from presence_tui.transport.rate_limits import RequestCounters
from presence_tui.wire.messages import PresenceRow
from presence_tui.wire.profiles import Profile
from presence_tui.wire.responses import Account, Health, RosterPage

PRESENCE_SLICE: Final = 50
"""Ids per presence request; 200 took the gateway five seconds (section 3.5)."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Round trip of a request, and the clock skew of the gateway."""

    round_trip_s: float
    skew_s: float | None
    """The gateway's clock minus ours; ``None`` if the answer has no server time."""
    error_s: float | None = None
    """How far the skew may be off, at most; ``None`` where nothing was measured."""
    source: ClockSource = ClockSource.HEALTH
    """What told the time."""


@dataclass(frozen=True, slots=True)
class OwnConversations:
    """The conversations of the account, the most recent first."""

    rows: list[Conversation]
    malformed_rows: int
    cut_short: Phrase | None = None
    """Why the list may be incomplete, if reading ended before the last page."""


@dataclass(frozen=True, slots=True)
class AskedPage:
    """A page of participants, or a part of a long one, and when it was requested."""

    asked: Stamp
    page: RosterPage


@dataclass(frozen=True, slots=True)
class AskedPresence:
    """Runtime presence of some participants and when it was requested."""

    asked: Stamp
    rows: list[PresenceRow]
    malformed_rows: int


class PresenceSource(Protocol):
    """Requests to the gateway. Every method raises ``GatewayError``."""

    on_pause: Callable[[float], None]
    """Called with the seconds of a pause for the gateway's budget, before the pause."""

    counters: RequestCounters
    """Requests so far. Read-only."""

    @property
    def profile(self) -> Profile:
        """The contract version of the gateway; a default until it is discovered."""
        ...

    async def discover(self) -> Profile:
        """Detect the contract version of the gateway, unless it was given."""
        ...

    async def rediscover(self) -> bool:
        """Find it out again, unless it was given; true if another version answers by now. Raises nothing."""
        ...

    async def health(self) -> tuple[Health, Timing]: ...

    def time_of_answers(self) -> Timing | None:
        """The clock skew by the ``Date`` of the last answer that had one; ``None`` before."""
        ...

    async def account(self) -> Account:
        """The account that the credential belongs to."""
        ...

    async def conversations(self, own_key: str = "") -> OwnConversations:
        """All conversations of the account. ``own_key`` is our presence key, for their titles."""
        ...

    def participants(self, conversation_id: str) -> AsyncIterator[AskedPage]:
        """All participants of a conversation, page by page, long pages part by part."""
        ...

    def runtime_presence(self, keys: Sequence[str]) -> AsyncIterator[AskedPresence]:
        """Who has a socket right now, in slices. Yields nothing if the gateway offers no such query."""
        ...

    async def renew_token(self) -> bool:
        """Refresh the token in use. False if the gateway does not refresh this credential."""
        ...

    async def close(self) -> None: ...
