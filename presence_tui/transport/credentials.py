"""What proves who we are. Secrets live here and go to the gateway; they are never shown or logged."""

import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from presence_tui.domain.phrases import Phrase, phrase
from presence_tui.wire.encode import (
    handshake_of_account,
    handshake_of_guest,
    headers_of_account,
    headers_of_guest,
)
from presence_tui.wire.text import MESSAGE_CELLS, safe_text
from presence_tui.wire.tokens import token_expiry_s

REFRESH_MARGIN_S = 300.0
"""A token with less life left than this is refreshed before it is used for a handshake."""


class CredentialKind(StrEnum):
    ACCOUNT = "account"
    GUEST = "guest"


class BadTokenFile(ValueError):
    """The token file cannot be used; the sentence says why and what to do."""

    def __init__(self, sentence: Phrase) -> None:
        self.sentence = sentence
        super().__init__(str(sentence))


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


Reload = Callable[[], Credential | None]
"""Looks again where a credential came from; ``None`` where that cannot change. Raises ``BadTokenFile``."""


class CredentialHolder:
    """The credential in use, shared by socket and REST, so that both see it refreshed."""

    def __init__(self, credential: Credential, reload: Reload = lambda: None) -> None:
        self.current = credential
        self._found = credential
        self._reload = reload

    def renew(self, token: str) -> None:
        """Use a refreshed token from now on."""
        self.current = Credential(self.current.kind, token)

    def reload(self) -> bool:
        """Use what is now where the credential came from; false if that is what was there before.

        Raises ``BadTokenFile``.
        """
        found = self._reload()
        if found is None or found == self._found:
            # What is in use may be newer than that: the gateway refreshes tokens, files do not follow.
            return False
        self.current = self._found = found
        return True


def read_token_file(path: Path) -> str:
    """The token in a file that its owner alone can read. Raises ``BadTokenFile``."""
    shown = safe_text(str(path), MESSAGE_CELLS)
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadTokenFile(
                phrase("The token file can be read by others. Protect it with: chmod 600 {path}", path=shown)
            )
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or phrase("it is not text")
        raise BadTokenFile(
            phrase("The token file {path} cannot be read: {reason}.", path=shown, reason=reason)
        ) from problem
    if not token:
        raise BadTokenFile(phrase("The token file {path} is empty.", path=shown))
    return token
