"""What proves who we are. Secrets live here and go to the gateway; they are never shown or logged."""

import stat
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from presence_tui.wire.encode import (
    handshake_of_account,
    handshake_of_guest,
    headers_of_account,
    headers_of_guest,
)
from presence_tui.wire.tokens import token_expiry_s

REFRESH_MARGIN_S = 300.0
"""A token with less life left than this is refreshed before it is used for a handshake."""


class CredentialKind(StrEnum):
    ACCOUNT = "account"
    GUEST = "guest"


class BadTokenFile(ValueError):
    """The token file cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A JWT of an account, or the session token of a guest."""

    kind: CredentialKind
    secret: str = field(repr=False)

    @property
    def expires_s(self) -> float | None:
        """Unix time at which it expires, by its own word; ``None`` if it does not say."""
        return token_expiry_s(self.secret) if self.kind is CredentialKind.ACCOUNT else None

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


class CredentialHolder:
    """The credential in use, shared by socket and REST, so that both see it refreshed."""

    def __init__(self, credential: Credential) -> None:
        self.current = credential

    def renew(self, token: str) -> None:
        """Use a refreshed token from now on."""
        self.current = Credential(self.current.kind, token)


def read_token_file(path: Path) -> str:
    """The token in a file that its owner alone can read. Raises ``BadTokenFile``."""
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadTokenFile(f"{path} can be read by others. Protect it with: chmod 600 {path}")
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not text"
        raise BadTokenFile(f"The token file {path} cannot be read: {reason}.") from problem
    if not token:
        raise BadTokenFile(f"The token file {path} is empty.")
    return token
