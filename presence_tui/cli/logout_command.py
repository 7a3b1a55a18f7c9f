"""``logout``: ends a session at the gateway and removes the saved login."""

import asyncio

from msgspec.structs import replace

from presence_tui.cli.configuration import Settings
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.headless import warn_of
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.cli.output import print_sentence
from presence_tui.cli.targets import address_from, names_known, no_sign_in, saved_logins
from presence_tui.cli.wiring import rest_client
from presence_tui.service.sign_ins import end_session
from presence_tui.storage.saved_logins import SavedLogin
from presence_tui.store.clock import SystemClock
from presence_tui.transport.credentials import Credential, CredentialError


def log_out(settings: Settings, wanted: str | None) -> None:
    """End the session, if the gateway can be reached, and remove the login. Raises ``CliError``."""
    name = wanted or _only_one()
    logins = saved_logins()
    try:
        saved_login = logins.find(name)
        if saved_login is None:
            raise CliError(f"{no_sign_in(name)} {names_known()}", ExitCode.USAGE)
        credential = logins.credential(saved_login)
    except CredentialError as problem:
        print_sentence(
            say(
                "{problem} The gateway is not told; what is kept here is removed.",
                problem=say_phrase(problem.sentence),
            )
        )
    else:
        asyncio.run(_end_session(saved_login, credential, settings))
    try:
        logins.remove(name)
    except CredentialError as problem:
        raise CliError(
            say("Not everything was removed: {reason}", reason=say_phrase(problem.sentence)), ExitCode.FAILED
        ) from problem
    print_sentence(say("Signed out of {name}; nothing of it is kept here.", name=name))


async def _end_session(saved_login: SavedLogin, credential: Credential, settings: Settings) -> None:
    clock = SystemClock()
    address = address_from(saved_login.url)
    warn_of(address)
    trusting = replace(settings, ca_file=settings.ca_file or saved_login.trusted_file)
    client = rest_client(address, trusting, clock)
    try:
        problem = await end_session(client, clock, credential, settings.profile)
    finally:
        await client.close()
    if problem is not None:
        print_sentence(say_phrase(problem))


def _only_one() -> str:
    names = saved_logins().names()
    if len(names) != 1:
        raise CliError(say("Which one is to be signed out?") + f" {names_known()}", ExitCode.USAGE)
    return names[0]
