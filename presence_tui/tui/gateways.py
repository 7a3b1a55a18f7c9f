"""What an app needs to connect to gateways: sign-ins, and a service for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from presence_tui.domain.translatable import Phrase

if TYPE_CHECKING:
    # typing only; these import the network libraries
    from presence_tui.service.service import PresenceService
    from presence_tui.service.sign_ins import CodeAsked, SignedIn, SignInForm
    from presence_tui.storage.saved_logins import SavedLogin


@dataclass(frozen=True, slots=True)
class KnownGateway:
    """A gateway for which there is a credential."""

    name: str
    """The name of the saved sign-in; empty for a token that is configured otherwise."""
    address: str
    """Host and port."""
    user: str
    """A handle or the name of a guest; empty if it is not known."""
    is_guest: bool
    saved_login: "SavedLogin | None"


class Gateways(Protocol):
    """The gateways that an app may show, one at a time. Coroutines raise ``SignInFailed``."""

    @property
    def current(self) -> KnownGateway | None:
        """The gateway of the last service; ``None`` for the demo and a sign-in that is not saved."""
        ...

    async def known(self) -> Sequence[KnownGateway]:
        """Gateways with a credential: the configured one, then saved sign-ins, the newest first."""
        ...

    def warning_of(self, address: str) -> Phrase | None:
        """A warning about a typed address, such as a password sent in the clear."""
        ...

    async def use(self, gateway: KnownGateway) -> "SignedIn":
        """Check that the gateway accepts the credential."""
        ...

    async def sign_in(self, form: "SignInForm") -> "SignedIn | CodeAsked":
        """Sign in with a password."""
        ...

    async def confirm(self, asked: "CodeAsked", code: str) -> "SignedIn":
        """Send the code of a second factor."""
        ...

    async def end_session(self, login: "SavedLogin") -> Phrase | None:
        """End the session at the gateway. Returns why it could not be told, ``None`` if it was."""
        ...

    async def forget(self, login: "SavedLogin") -> None:
        """Remove a saved sign-in and its secrets."""
        ...

    def watch(self, signed_in: "SignedIn") -> "PresenceService":
        """A new service for a gateway, not yet started."""
        ...

    def demo(self) -> "PresenceService":
        """A new service for an embedded gateway, not yet started."""
        ...
