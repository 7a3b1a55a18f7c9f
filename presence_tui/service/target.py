"""What a service watches and how it connects. Live, demo, tests and replay differ here and in the clock."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from presence_tui.store.clock import Clock

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from collections.abc import Callable, Mapping

    from presence_tui.alerts.delivery import Sender
    from presence_tui.alerts.router import QuietHours
    from presence_tui.alerts.rules import Alert, AlertRule, Channel
    from presence_tui.domain.translatable import Phrase
    from presence_tui.transport.credentials import CredentialHolder
    from presence_tui.transport.feed import Feed
    from presence_tui.transport.presence_source import PresenceSource


class CannotOpen(Exception):
    """A part of the service cannot be opened. The message is a sentence for people, with advice."""


class Connection(NamedTuple):
    """The objects a monitor needs to reach one gateway as one account."""

    feed: "Feed"
    source: "PresenceSource"
    credentials: "CredentialHolder"
    warning: "Phrase | None" = None
    """A warning about this connection, such as a token sent in the clear."""


class ServiceTarget(Protocol):
    """One account at one gateway."""

    @property
    def url(self) -> str:
        """The gateway's address, part of the key for history and view state."""
        ...

    @property
    def owner_hint(self) -> str:
        """A non-secret identifier of the credential's owner, the other part of that key."""
        ...

    @property
    def conversation(self) -> str | None:
        """Id, identifier or title of the conversation to watch; ``None`` for the most recent."""
        ...

    async def connect(self, clock: Clock) -> Connection:
        """Import the network libraries and build feed and source; sends nothing. Raises ``CannotOpen``."""
        ...


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """Path and limits of the history, and whether cached rosters are shown at start."""

    path: Path
    days: float
    """How long changes are kept."""
    max_bytes: int
    shows_cache: bool = False


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Configured alert rules, and how user rules are stored and delivered."""

    rules: "tuple[AlertRule, ...]"
    user_rule_channels: "frozenset[Channel]"
    cooldown_s: float
    quiet_hours: "QuietHours | None"
    user_rules_folder: Path | None
    """``None`` if user rules are not stored."""
    open_senders: "Callable[[], Mapping[Channel, Sender]]"
    """Makes the senders for commands and webhooks. Raises ``CannotOpen``."""
    sentence_of: "Callable[[Alert], str]"
    """Formats an alert for commands and webhooks."""


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """The optional parts of a service; ``None`` turns a part off."""

    gateway: str
    """Display name of the gateway."""
    history: HistorySettings | None = None
    alerts: "Callable[[], AlertSettings] | None" = None
    """Called when alerts are loaded, because reading their settings imports them."""
    view_state_folder: Path | None = None
