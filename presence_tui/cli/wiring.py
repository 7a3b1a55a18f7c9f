"""Puts a watch together from settings: the live feed, the REST source, the credential."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from presence_tui.cli.configuration import Settings, Stop
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.monitor.watch import Watch
from presence_tui.store import PresenceStore
from presence_tui.store.clock import Clock
from presence_tui.transport.addresses import Address, BadAddress
from presence_tui.transport.credentials import (
    BadTokenFile,
    Credential,
    CredentialHolder,
    CredentialKind,
    read_token_file,
)
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.rest_source import RestSource
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.transport.tls import BadCertificateFile, tls_context
from presence_tui.wire.profiles import Profile

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


def credential_from(settings: Settings, environment: Mapping[str, str] = os.environ) -> Credential:
    """The credential from the environment or the token file, never from argv. Raises ``Stop``."""
    if token := environment.get("PRESENCE_TUI_TOKEN", "").strip():
        return Credential(CredentialKind.ACCOUNT, token)
    if session := environment.get("PRESENCE_TUI_SESSION_TOKEN", "").strip():
        return Credential(CredentialKind.GUEST, session)
    if settings.token_file is None:
        raise Stop(NO_TOKEN, ExitCode.SIGN_IN)
    try:
        return Credential(CredentialKind.ACCOUNT, read_token_file(settings.token_file))
    except BadTokenFile as problem:
        raise Stop(str(problem), ExitCode.USAGE) from problem


def target_from(settings: Settings) -> Target:
    """The configured gateway. Raises ``Stop`` where something of it is missing or unusable."""
    address = address_from(settings.gateway or "")
    return Target(address, credential_from(settings), settings.conversation, settings.profile)


def address_from(text: str) -> Address:
    """The address as given by a person. Raises ``Stop``."""
    try:
        return Address.parse(text)
    except BadAddress as problem:
        raise Stop(str(problem), ExitCode.USAGE) from problem


def rest_source(
    target: Target, settings: Settings, credentials: CredentialHolder, clock: Clock
) -> RestSource:
    """The REST side alone. Raises ``Stop`` for an unusable CA file."""
    try:
        tls = tls_context(settings.ca_file)
    except BadCertificateFile as problem:
        raise Stop(str(problem), ExitCode.USAGE) from problem
    client = RestClient(target.address, tls, max_body_bytes=settings.max_frame_bytes)
    return RestSource(client, credentials, clock, target.profile)


def make_watch(target: Target, settings: Settings, store: PresenceStore) -> Watch:
    """A watch of the target. Raises ``Stop`` for an unusable CA file."""
    credentials = CredentialHolder(target.credential)
    source = rest_source(target, settings, credentials, store.clock)
    feed = SocketFeed(target.address, tls_context(settings.ca_file), max_frame_bytes=settings.max_frame_bytes)
    return Watch(store, feed, source, credentials, wanted=target.conversation)
