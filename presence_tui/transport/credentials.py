"""What proves who we are. Secrets live here and go to the gateway; they are never shown or logged."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum

from presence_tui.domain.redaction import register_secret
from presence_tui.domain.translatable import Phrase
from presence_tui.transport.errors import SignInNeeded
from presence_tui.wire.encode import (
    handshake_of_account,
    handshake_of_guest,
    headers_of_account,
    headers_of_guest,
)
from presence_tui.wire.tokens import token_expiry_s, token_owner

_logger = logging.getLogger(__name__)

REFRESH_MARGIN_S = 300.0
"""A token with less life left than this is refreshed before it is used for a handshake."""


class CredentialKind(StrEnum):
    ACCOUNT = "account"
    GUEST = "guest"


class CredentialError(ValueError):
    """A credential cannot be had or kept; the sentence says why and what to do."""

    def __init__(self, sentence: Phrase) -> None:
        self.sentence = sentence
        super().__init__(str(sentence))


@dataclass(frozen=True, slots=True)
class Credential:
    """A JWT of an account, or the session token of a guest."""

    kind: CredentialKind
    secret: str = field(repr=False)
    session: str = field(default="", repr=False)
    """Of an account that logged in: the token of its session, which a refresh and a logout take along."""

    def __post_init__(self) -> None:
        register_secret(self.secret)
        register_secret(self.session)

    @property
    def expires_s(self) -> float | None:
        """Unix time at which it expires, by its own word; ``None`` if it does not say."""
        return token_expiry_s(self.secret) if self.kind is CredentialKind.ACCOUNT else None

    @property
    def owner_hint(self) -> str:
        """Whose it is, as far as it says so itself: the user id in a JWT, else a digest of the secret.

        The same for the same owner or secret, without asking anybody; nothing leads back to the secret.
        """
        owner = token_owner(self.secret) if self.kind is CredentialKind.ACCOUNT else ""
        if owner:
            return owner
        # Where a token does not say: a library loaded for it alone.
        from hashlib import blake2b

        return blake2b(self.secret.encode(), digest_size=16).hexdigest()

    def nearly_expired(self, gateway_now_s: float) -> bool:
        """True if it is past its end or about to be."""
        expires_s = self.expires_s
        return expires_s is not None and expires_s - gateway_now_s < REFRESH_MARGIN_S

    @property
    def handshake(self) -> dict[str, str]:
        """The ``auth`` object of a Socket.IO connection."""
        if self.kind is CredentialKind.GUEST:
            return handshake_of_guest(self.secret)
        return handshake_of_account(self.secret)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a REST request."""
        if self.kind is CredentialKind.GUEST:
            return headers_of_guest(self.secret)
        return headers_of_account(self.secret)


class CredentialStore:
    """Where a credential comes from. As it is here, nothing is looked for again, and nothing kept.

    ``read`` and ``write`` may take their time and are called in threads.
    """

    advice: Phrase | None = None
    """What to do about a credential from here that is refused, where there is something better to do."""

    def read(self) -> Credential | None:
        """What is there now; ``None`` where that cannot change. Raises ``CredentialError``."""
        return None

    def write(self, credential: Credential) -> None:
        """Keep a refreshed one. Raises ``CredentialError``."""

    def lock(self) -> AbstractAsyncContextManager[object]:
        """A block that nobody else who shares the place is in, to refresh what is there."""
        return nullcontext()


class CredentialHolder:
    """The credential in use, shared by socket and REST, so that both see it refreshed."""

    def __init__(self, credential: Credential, store: CredentialStore | None = None) -> None:
        self.current = credential
        self._found = credential
        self._store = store
        self.on_error: Callable[[Phrase], None] = _logger.warning
        """Told when a refreshed token is in use and could not be kept."""

    def renew(self, token: str, session: str = "") -> None:
        """Use a refreshed token from now on; its session is the one before, unless another is given."""
        self.current = Credential(self.current.kind, token, session or self.current.session)

    async def save(self) -> None:
        """Put what is in use where it came from. Where that fails it is told, and what is in use stays."""
        if self._store is None:
            return
        try:
            await asyncio.to_thread(self._store.write, self.current)
        except CredentialError as problem:
            self.on_error(problem.sentence)
        else:
            self._found = self.current

    async def reload(self) -> bool:
        """Use what is now where the credential came from; false if that is what was there before.

        Raises ``CredentialError``.
        """
        if self._store is None:
            return False
        found = await asyncio.to_thread(self._store.read)
        if found is None or found == self._found:
            # What is in use may be newer than that: the gateway refreshes tokens, files do not follow.
            return False
        self.current = self._found = found
        return True

    def advise(self, refusal: SignInNeeded) -> None:
        """Let a refusal of the credential say what to do about it."""
        advice = None if self._store is None else self._store.advice
        refusal.advice = advice or refusal.advice

    def lock(self) -> AbstractAsyncContextManager[object]:
        """A block to refresh in, which others who share the credential wait for."""
        return nullcontext() if self._store is None else self._store.lock()
