"""Saved logins of this machine, and the one selected by the settings."""

from msgspec.structs import replace
from platformdirs import user_data_path

from presence_tui.cli.configuration import Settings
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.storage.saved_logins import SavedLogin, SavedLogins, is_login_name
from presence_tui.transport.credentials import CredentialError


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
