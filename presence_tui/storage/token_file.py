"""The token file: written by another program, readable only by its owner."""

from pathlib import Path

from presence_tui.domain.redaction import register_secret
from presence_tui.domain.system_reasons import reason_of
from presence_tui.domain.translatable import phrase
from presence_tui.storage.private_files import NotPrivate, read_private
from presence_tui.transport.credentials import (
    Credential,
    CredentialError,
    CredentialKind,
    CredentialStore,
)
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text


class BadTokenFile(CredentialError):
    """The token file cannot be used."""


class TokenFile(CredentialStore):
    """A file written by another program; a refreshed token is not stored there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Credential | None:
        return Credential(CredentialKind.ACCOUNT, read_token_file(self.path))


def read_token_file(path: Path) -> str:
    """Read the token from a private file. Raises ``BadTokenFile``."""
    shown = safe_text(str(path), MESSAGE_CELLS)
    try:
        token = read_private(path).decode("utf-8").strip()
    except NotPrivate as problem:
        raise BadTokenFile(
            phrase("The token file can be read by others. Protect it with: chmod 600 {path}", path=shown)
        ) from problem
    except (OSError, UnicodeDecodeError) as problem:
        reason = reason_of(problem) if isinstance(problem, OSError) else phrase("it is not text")
        raise BadTokenFile(
            phrase("The token file {path} cannot be read: {reason}.", path=shown, reason=reason)
        ) from problem
    if not token:
        raise BadTokenFile(phrase("The token file {path} is empty.", path=shown))
    register_secret(token)
    return token
