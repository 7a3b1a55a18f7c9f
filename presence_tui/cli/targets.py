"""Which gateway, who we are there, and what to watch: settings made sure of, before anything opens."""

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from presence_tui.cli.configuration import Settings, Stop
from presence_tui.cli.embedded import Ready
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.transport.addresses import Address, BadAddress
from presence_tui.transport.credentials import (
    BadTokenFile,
    Credential,
    CredentialKind,
    read_token_file,
)
from presence_tui.transport.tls import BadCertificateFile, tls_context
from presence_tui.wire.profiles import Profile

_CARRIABLE = re.compile(r"[\x21-\x7e]+")
"""What a header can carry: visible ASCII without spaces."""

NO_TOKEN = (
    "There is no token for the gateway. Set PRESENCE_TUI_TOKEN (or PRESENCE_TUI_SESSION_TOKEN for a "
    "guest), or name a file with --token-file."
)


@dataclass(frozen=True, slots=True)
class Target:
    """A gateway, who we are there, and what to watch."""

    address: Address
    credential: Credential
    conversation: str | None
    profile: Profile | None
    token_file: Path | None = None
    """Where the credential came from, if that was a file: it may hold another one later."""


def credential_from(settings: Settings, environment: Mapping[str, str] = os.environ) -> Credential:
    """The credential from the environment or the token file, never from argv. Raises ``Stop``."""
    credential = _credential_from(settings, environment)
    if not _CARRIABLE.fullmatch(credential.secret):
        raise Stop("The token holds characters that no token may hold.", ExitCode.SIGN_IN)
    return credential


def _credential_from(settings: Settings, environment: Mapping[str, str]) -> Credential:
    token_file = _token_file_in_use(settings, environment)
    credential = _credential_in(environment) if token_file is None else _credential_of(token_file)
    if credential is None:
        raise Stop(NO_TOKEN, ExitCode.SIGN_IN)
    return credential


def _token_file_in_use(settings: Settings, environment: Mapping[str, str]) -> Path | None:
    """The token file, unless a token in the environment goes before it."""
    in_use = settings.token_file_asked or _credential_in(environment) is None
    return settings.token_file if in_use else None


def _credential_in(environment: Mapping[str, str]) -> Credential | None:
    if token := environment.get("PRESENCE_TUI_TOKEN", "").strip():
        return Credential(CredentialKind.ACCOUNT, token)
    if session := environment.get("PRESENCE_TUI_SESSION_TOKEN", "").strip():
        return Credential(CredentialKind.GUEST, session)
    return None


def _credential_of(token_file: Path) -> Credential:
    try:
        return Credential(CredentialKind.ACCOUNT, read_token_file(token_file))
    except BadTokenFile as problem:
        raise Stop(str(problem), ExitCode.USAGE) from problem


def target_from(settings: Settings, environment: Mapping[str, str] = os.environ) -> Target:
    """The configured gateway. Raises ``Stop`` where something of it is missing or unusable."""
    return Target(
        address_from(settings.gateway or ""),
        credential_from(settings, environment),
        settings.conversation,
        settings.profile,
        _token_file_in_use(settings, environment),
    )


def embedded_target(ready: Ready, settings: Settings) -> Target:
    """An embedded gateway as a target; a configured conversation belongs to the configured gateway."""
    credential = Credential(CredentialKind.ACCOUNT, ready.token)
    conversation = settings.conversation_asked or ready.conversation
    return Target(address_from(ready.url), credential, conversation, None)


def address_from(text: str) -> Address:
    """The address as given by a person. Raises ``Stop``."""
    try:
        return Address.parse(text)
    except BadAddress as problem:
        raise Stop(str(problem), ExitCode.USAGE) from problem


def trusted(settings: Settings) -> ssl.SSLContext:
    """Whom to trust. Raises ``Stop`` for an unusable CA file."""
    try:
        return tls_context(settings.ca_file)
    except BadCertificateFile as problem:
        raise Stop(str(problem), ExitCode.USAGE) from problem
