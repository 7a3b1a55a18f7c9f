"""Credentials of an account or a guest. Secrets go to the gateway only; they are never shown or logged."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum

from presence_tui.domain.redaction import register_secret
from presence_tui.domain.translatable import Phrase, PhraseError
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
"""A token that expires sooner than this is refreshed before it is used for a handshake."""


class CredentialKind(StrEnum):
    ACCOUNT = "account"
    GUEST = "guest"


class CredentialError(PhraseError):
    """A credential cannot be read or stored; ``sentence`` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A JWT of an account, or the session token of a guest."""

    kind: CredentialKind
    secret: str = field(repr=False)
    session: str = field(default="", repr=False)
    """The session token of a logged-in account, sent with refresh and logout requests."""

    def __post_init__(self) -> None:
        register_secret(self.secret)
        register_secret(self.session)

    @property
    def expires_s(self) -> float | None:
        """Unix time of expiry according to the token itself, or ``None`` if it has none."""
        return token_expiry_s(self.secret) if self.kind is CredentialKind.ACCOUNT else None

    @property
    def owner_hint(self) -> str:
        """A stable identifier of the owner: the user id in a JWT, otherwise a digest of the secret.

        It needs no request, and the secret cannot be recovered from it.
        """
        owner = token_owner(self.secret) if self.kind is CredentialKind.ACCOUNT else ""
        if owner:
            return owner
        # Imported here because only tokens without an owner need it.
        from hashlib import blake2b

        return blake2b(self.secret.encode(), digest_size=16).hexdigest()

    def nearly_expired(self, gateway_now_s: float) -> bool:
        """True if the token has expired or expires within ``REFRESH_MARGIN_S``."""
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
    """Where a credential comes from. This base class reads and stores nothing.

    ``read`` and ``write`` may block and are called in threads.
    """

    advice: Phrase | None = None
    """What to do about a refused credential from this store, if better than the default advice."""

    def read(self) -> Credential | None:
        """Return the stored credential, or ``None`` if it cannot change. Raises ``CredentialError``."""
        return None

    def write(self, credential: Credential) -> None:
        """Store a refreshed credential. Raises ``CredentialError``."""

    def lock(self) -> AbstractAsyncContextManager[object]:
        """Return a context manager that excludes other processes while the credential is refreshed."""
        return nullcontext()


class CredentialHolder:
    """The credential in use, shared by socket and REST so that both use a refreshed one."""

    def __init__(self, credential: Credential, store: CredentialStore | None = None) -> None:
        self.current = credential
        self._found = credential
        self._store = store
        self.on_error: Callable[[Phrase], None] = _logger.warning
        """Called when a refreshed token is in use but could not be stored."""

    def renew(self, token: str, session: str = "") -> None:
        """Use a refreshed token from now on. The session stays the same unless a new one is given."""
        self.current = Credential(self.current.kind, token, session or self.current.session)

    async def save(self) -> None:
        """Write the credential in use back to its store. On failure, call ``on_error`` and go on using it."""
        if self._store is None:
            return
        try:
            await asyncio.to_thread(self._store.write, self.current)
        except CredentialError as problem:
            self.on_error(problem.sentence)
        else:
            self._found = self.current

    async def reload(self) -> bool:
        """Read the store again; return false if the credential there has not changed.

        Raises ``CredentialError``.
        """
        if self._store is None:
            return False
        found = await asyncio.to_thread(self._store.read)
        if found is None or found == self._found:
            # The token in use may be newer than the stored one: not every store is written after a refresh.
            return False
        self.current = self._found = found
        return True

    def advise(self, refusal: SignInNeeded) -> None:
        """Add the store's advice to a refusal of the credential."""
        advice = None if self._store is None else self._store.advice
        refusal.advice = advice or refusal.advice

    def lock(self) -> AbstractAsyncContextManager[object]:
        """Return a context manager that excludes others who share the credential during a refresh."""
        return nullcontext() if self._store is None else self._store.lock()
