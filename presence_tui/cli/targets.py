"""Which gateway a command uses, and as whom: addresses, tokens, saved logins and the names of guests."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace
from platformdirs import user_data_path

from presence_tui.cli.configuration import Settings
from presence_tui.cli.embedded_gateway import Ready
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.storage.saved_logins import SavedLogin, SavedLogins, is_login_name
from presence_tui.storage.user_files import (
    BadCertificateFile,
    BadTokenFile,
    TokenFile,
    read_token_file,
    tls_context,
)
from presence_tui.transport.addresses import Address, BadAddress
from presence_tui.transport.credentials import Credential, CredentialError, CredentialKind, CredentialStore
from presence_tui.wire.profiles import Profile
from presence_tui.wire.sanitize import safe_text
from presence_tui.wire.tokens import is_carriable


class NoToken(CliError):
    """The gateway is known, but there is no token for it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, ExitCode.SIGN_IN)


class Target(msgspec.Struct, frozen=True):
    """A gateway, a credential for it, and the conversation to watch."""

    address: Address
    credential: Credential
    conversation: str | None
    profile: Profile | None
    credential_store: CredentialStore | None = None
    """Where the credential came from, if it can be read again later."""
    saved_login: SavedLogin | None = None
    """The saved login the credential came from, if any."""


def target_from(settings: Settings, environment: Mapping[str, str] = os.environ) -> Target:
    """The configured target. Raises ``CliError`` if a part is missing or invalid."""
    if (saved_login := saved_login_in_use(settings, environment)) is not None:
        return _target_of(saved_login, settings)
    address = address_from(settings.gateway or "")
    token_file = _token_file_in_use(settings, environment)
    credential = _credential_in(environment) if token_file is None else _credential_of(token_file)
    if credential is None:
        no_token = say(
            "There is no token for the gateway. Sign in with presence-tui login, set PRESENCE_TUI_TOKEN (or "
            "PRESENCE_TUI_SESSION_TOKEN for a guest), or name a file with --token-file."
        )
        sentences = (unknown_name(settings), no_token)
        raise NoToken(" ".join(filter(None, sentences)))
    if not is_carriable(credential.secret):
        raise CliError(say("The token holds characters that no token may hold."), ExitCode.SIGN_IN)
    place = None if token_file is None else TokenFile(token_file)
    return Target(address, credential, settings.conversation, settings.profile, place)


def saved_login_in_use(settings: Settings, environment: Mapping[str, str] = os.environ) -> SavedLogin | None:
    """The saved login whose token is used; ``None`` for a token from elsewhere. Reads no keyring.

    A gateway given by the name of a saved login uses the token of that login, because one in the
    environment may belong to another gateway. One given by address uses it if there is no other token.
    """
    if settings.token_file_asked:
        return None
    if settings.saved_login is not None:
        return settings.saved_login
    if settings.token_file is not None or _credential_in(environment) is not None:
        return None
    url = address_from(settings.gateway or "").url
    return next((each for each in saved_logins().readable() if each.url == url), None)


def _target_of(saved_login: SavedLogin, settings: Settings) -> Target:
    logins = saved_logins()
    try:
        credential = logins.credential(saved_login)
    except CredentialError as problem:
        raise CliError(say_phrase(problem.sentence), ExitCode.SIGN_IN) from problem
    # A guest has one conversation; a configured one belongs to another gateway.
    usual = saved_login.conversation or settings.conversation
    return Target(
        address_from(saved_login.url),
        credential,
        settings.conversation_asked or usual,
        settings.profile,
        logins.credential_store(saved_login.name),
        saved_login,
    )


def _token_file_in_use(settings: Settings, environment: Mapping[str, str]) -> Path | None:
    """The token file, unless a token in the environment takes precedence."""
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
        raise CliError(say_phrase(problem.sentence), ExitCode.USAGE) from problem


def embedded_target(ready: Ready, settings: Settings) -> Target:
    """The target of an embedded gateway, without the conversation configured for another gateway."""
    credential = Credential(CredentialKind.ACCOUNT, ready.token)
    conversation = settings.conversation_asked or ready.conversation
    return Target(address_from(ready.url), credential, conversation, None)


def address_from(text: str) -> Address:
    """Parse an address given by the user. Raises ``CliError``."""
    try:
        return Address.parse(text)
    except BadAddress as problem:
        raise CliError(say_phrase(problem.sentence), ExitCode.USAGE) from problem


def tls_context_for(settings: Settings) -> ssl.SSLContext:
    """The TLS context of the settings. Raises ``CliError`` for an unusable CA file."""
    try:
        return tls_context(settings.ca_file)
    except BadCertificateFile as problem:
        raise CliError(say_phrase(problem.sentence), ExitCode.USAGE) from problem


def saved_logins() -> SavedLogins:
    """The current user's saved logins."""
    return SavedLogins(user_data_path("presence-tui") / "gateways")


def names_known() -> str:
    """A sentence that lists the saved logins."""
    names = saved_logins().names()
    return say("There are: {names}.", names=", ".join(names)) if names else say("There is no sign-in at all.")


def unknown_name(settings: Settings) -> str | None:
    """An error sentence if ``gateway`` looks like the name of a saved login but is none."""
    text = settings.gateway or ""
    if settings.saved_login is not None or not is_login_name(text):
        return None
    return f"{no_sign_in(text)} {names_known()}"


def no_sign_in(name: str) -> str:
    return say("There is no sign-in called {name!r}.", name=name)


def by_name(settings: Settings) -> Settings:
    """Replace the name of a saved login in ``gateway`` by its address.

    Raises ``CliError`` for a saved login that cannot be read.
    """
    saved_login = None if settings.gateway is None else named(settings.gateway)
    return settings if saved_login is None else _on(saved_login, settings)


def by_name_or_newest(settings: Settings) -> Settings:
    """Like ``by_name``; without a configured gateway, select the newest saved login, if any."""
    if settings.gateway is not None:
        return by_name(settings)
    newest = next(iter(saved_logins().readable()), None)
    return settings if newest is None else _on(newest, settings)


def named(name: str) -> SavedLogin | None:
    """Return the saved login with this name, or ``None``. Raises ``CliError``."""
    try:
        return saved_logins().find(name)
    except CredentialError as problem:
        raise CliError(say_phrase(problem.sentence), ExitCode.SIGN_IN) from problem


def _on(saved_login: SavedLogin, settings: Settings) -> Settings:
    ca_file = settings.ca_file or saved_login.trusted_file
    return replace(settings, gateway=saved_login.url, ca_file=ca_file, saved_login=saved_login)


def checked_guest_name(name: str) -> str:
    """Return the name with U+FFFD for bytes of the command line that are no text.

    Raises ``CliError`` if nothing of it can be seen.
    """
    if not safe_text(name):
        raise CliError(say("A guest needs a name that others can see."), ExitCode.USAGE)
    return name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
