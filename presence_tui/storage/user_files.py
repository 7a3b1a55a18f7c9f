"""Files that the user names in the settings: a token and certificate authorities. Only read."""

import ssl
from pathlib import Path
from typing import Final

from presence_tui.domain.redaction import register_secret
from presence_tui.domain.system_reasons import reason_of
from presence_tui.domain.translatable import PhraseError, phrase
from presence_tui.storage.private_files import NotPrivate, read_private, read_regular
from presence_tui.transport.credentials import (
    Credential,
    CredentialError,
    CredentialKind,
    CredentialStore,
)
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text

LARGEST_CA_FILE: Final = 2**24
"""Bytes. A system's whole CA bundle is a fiftieth of that."""


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


class BadCertificateFile(PhraseError):
    """The CA file cannot be used."""


def tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Build a context that trusts the system's authorities and, if given, the one in ``ca_file`` (PEM).

    Raises ``BadCertificateFile``. There is no way to disable verification.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cadata=read_regular(ca_file, LARGEST_CA_FILE).decode("ascii"))
        except (OSError, ValueError, ssl.SSLError) as problem:
            reason = reason_of(problem) if isinstance(problem, OSError) and problem.strerror else problem
            raise BadCertificateFile(
                phrase("The CA file {path} cannot be used: {reason}.", path=ca_file, reason=reason)
            ) from problem
    return context
