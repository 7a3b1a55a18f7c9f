"""Where answers come from when asked: the REST side of a gateway, as the monitor sees it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase
from presence_tui.store.clock import Stamp
from presence_tui.wire.messages import PresenceRow
from presence_tui.wire.profiles import Profile
from presence_tui.wire.responses import Account, Health, RosterPage


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the gateway took, and how far its clock is from ours."""

    round_trip_s: float
    skew_s: float | None
    """The gateway's clock minus ours; ``None`` if it did not tell the time."""


@dataclass(frozen=True, slots=True)
class OwnConversations:
    """The conversations of the account, the most recent first."""

    rows: list[Conversation]
    malformed_rows: int
    cut_short: Phrase | None = None
    """Why there may be more than these, if reading ended before the gateway said that it was done."""


@dataclass(frozen=True, slots=True)
class AskedPage:
    """A page of participants, or a part of a long one, and when it was asked for."""

    asked: Stamp
    page: RosterPage


@dataclass(frozen=True, slots=True)
class AskedPresence:
    """Runtime presence of some participants and when it was asked for."""

    asked: Stamp
    rows: list[PresenceRow]
    malformed_rows: int


class PresenceSource(Protocol):
    """Every method raises ``GatewayError``."""

    @property
    def profile(self) -> Profile:
        """The contract version the gateway speaks, as far as it is known."""
        ...

    async def discover(self) -> Profile:
        """Find out which contract version the gateway speaks, unless it was given."""
        ...

    async def health(self) -> tuple[Health, Timing]: ...

    async def account(self) -> Account:
        """Who the credential belongs to."""
        ...

    async def conversations(self, own_key: str = "") -> OwnConversations:
        """All conversations of the account; ``own_key`` is ours, for their titles."""
        ...

    def participants(self, conversation_id: str) -> AsyncIterator[AskedPage]:
        """All participants of a conversation, page by page, long pages part by part."""
        ...

    def runtime_presence(self, keys: Sequence[str]) -> AsyncIterator[AskedPresence]:
        """Who has a socket right now, slice by slice. Nothing where the gateway cannot be asked."""
        ...

    async def renew_token(self) -> bool:
        """Refresh the token in use; false where this gateway does not for this credential."""
        ...

    async def close(self) -> None: ...
