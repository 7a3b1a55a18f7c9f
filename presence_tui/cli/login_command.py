"""``login``: signs in to a gateway and saves the credential."""

import asyncio
import re
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from presence_tui.cli.configuration import Settings
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.headless import cli_error_for, say_error, warn_of
from presence_tui.cli.language_option import marked, say, say_phrase, say_raw, span
from presence_tui.cli.output import print_sentence
from presence_tui.cli.prompts import (
    NotInteractive,
    ask,
    ask_secret,
    ask_yes_no,
    is_interactive,
    read_secret_from_pipe,
)
from presence_tui.cli.targets import address_from, checked_guest_name, saved_logins
from presence_tui.cli.wiring import rest_client
from presence_tui.storage.saved_logins import SavedLogin, SavedLogins, as_login_name, is_login_name
from presence_tui.store.clock import SystemClock
from presence_tui.text.sign_in_texts import PASSWORD_IN_THE_CLEAR, SIDE_EFFECTS
from presence_tui.transport.addresses import Address
from presence_tui.transport.authentication import Authentication, Welcome
from presence_tui.transport.credentials import Credential, CredentialError, CredentialKind
from presence_tui.transport.errors import GatewayError, WrongCode
from presence_tui.transport.rest_source import discover_profile
from presence_tui.wire.profiles import Profile
from presence_tui.wire.responses import SecondFactorAsked
from presence_tui.wire.sanitize import safe_text

CODES = 3
"""Attempts to enter a code."""

SEEN_AS_GUEST = marked("A guest is seen: by the others of the conversation, under the name it comes with.")


@dataclass(frozen=True, slots=True)
class LoginOptions:
    """Options from the command line; missing ones are prompted for."""

    name: str | None = None
    """Name of the saved login."""
    user: str | None = None
    password_from_pipe: bool = False
    link: str | None = None
    guest_name: str | None = None
    hide: bool = False
    in_file: bool = False


def log_in(settings: Settings, options: LoginOptions) -> None:
    """Prompt, sign in and save the login. Raises ``CliError``."""
    address = address_from(settings.gateway or _asked(say("The gateway's address"), say("an argument")))
    name = _name_for(address, options.name or (settings.saved_login.name if settings.saved_login else None))
    asyncio.run(_log_in(address, name, settings, options))


async def _log_in(address: Address, name: str, settings: Settings, options: LoginOptions) -> None:
    clock = SystemClock()
    client = rest_client(address, settings, clock)
    try:
        profile = await discover_profile(client, clock, settings.profile)
        print_sentence(say("{address} speaks {profile}.", address=address.shown, profile=profile.name))
        authentication = Authentication(client, profile)
        if options.link is not None:
            warn_of(address)
            welcome = await _enter(authentication, options.link, options)
        else:
            welcome = await _log_in_with_password(authentication, address, settings, options)
        await _save_login(name, address, welcome, profile, settings, options)
        if welcome.credential.kind is CredentialKind.ACCOUNT:
            await _offer_to_hide(authentication, welcome, options)
    except GatewayError as error:
        raise cli_error_for(error) from error
    finally:
        await client.close()
    print_sentence(say("Watch with: presence-tui watch --gateway {name}", name=name))


async def _enter(authentication: Authentication, link: str, options: LoginOptions) -> Welcome:
    print_sentence(say_raw(SEEN_AS_GUEST))
    guest_name = checked_guest_name(options.guest_name or _asked(say("Your name as a guest"), "--as"))
    return await authentication.enter(_id_of(link), guest_name, "en")


async def _log_in_with_password(
    authentication: Authentication, address: Address, settings: Settings, options: LoginOptions
) -> Welcome:
    print_sentence(say_phrase(SIDE_EFFECTS))
    if not (address.is_secure or address.is_loopback):
        print_sentence(say_phrase(PASSWORD_IN_THE_CLEAR))
    before = settings.saved_login.handle if settings.saved_login is not None else ""
    user = options.user or before or _asked(say("User name or e-mail"), "--user")
    if not options.user and before:
        print_sentence(say("User name: {name}", name=before))
    answer = await authentication.log_in(user, _password(options))
    return answer if isinstance(answer, Welcome) else await _confirm(authentication, answer, options)


async def _confirm(
    authentication: Authentication, asked: SecondFactorAsked, options: LoginOptions
) -> Welcome:
    for _ in range(CODES - 1):
        try:
            return await authentication.confirm(asked, _code(options))
        except WrongCode as wrong:
            if options.password_from_pipe:
                raise
            print_sentence(say("{problem} Try again.", problem=say_phrase(wrong.sentence)))
    return await authentication.confirm(asked, _code(options))


def _password(options: LoginOptions) -> str:
    if options.password_from_pipe:
        password = read_secret_from_pipe()
    elif is_interactive():
        password = ask_secret(say("Password"))
    else:
        raise NotInteractive(
            say("There is no terminal to ask for the password on; give it by --password-stdin.")
        )
    if not password:
        raise CliError(say("Without a password nobody can sign in."), ExitCode.SIGN_IN)
    return password


def _code(options: LoginOptions) -> str:
    """The code of the second factor, prompted for or read from the line after the password."""
    code = (
        read_secret_from_pipe()
        if options.password_from_pipe
        else ask_secret(say("Code of the second factor"))
    )
    code = re.sub(r"[\s-]", "", code)
    if not code:
        raise NotInteractive(
            say(
                "The gateway asks for the code of a second factor; with --password-stdin, "
                "it is the second line."
            )
        )
    return code


async def _save_login(
    name: str, address: Address, welcome: Welcome, profile: Profile, settings: Settings, options: LoginOptions
) -> None:
    """Save the login and print where. Raises ``CliError``."""
    credential = welcome.credential
    saved_login = SavedLogin(
        name=name,
        url=address.url,
        kind=credential.kind,
        key=welcome.key,
        handle=welcome.handle or options.user or "",
        signed_in_s=time.time(),
        conversation=welcome.conversation_id,
        ca_file=str(settings.ca_file.absolute()) if settings.ca_file is not None else None,
    )
    stored = saved_logins()
    try:
        async with stored.lock(name):
            where = _store_login(stored, saved_login, credential, options)
    except CredentialError as problem:
        raise CliError(
            say("Signed in, but it could not be kept: {reason}", reason=say_phrase(problem.sentence)),
            ExitCode.FAILED,
        ) from problem
    is_account = credential.kind is CredentialKind.ACCOUNT
    who = f"@{saved_login.handle}" if is_account else say("the guest {name}", name=saved_login.handle)
    print_sentence(
        say(
            "Signed in as {who}. The token is kept in {where}. {lifetime}",
            who=who,
            where=where,
            lifetime=_lifetime(credential, profile),
        )
    )


def _store_login(
    stored: SavedLogins, saved_login: SavedLogin, credential: Credential, options: LoginOptions
) -> str:
    """Store the login in the keyring, otherwise in a file; return where. Raises ``CredentialError``."""
    if options.in_file:
        why_not = say("as you asked")
        stored.save(saved_login, credential, in_keyring=False)
    else:
        problem = stored.save_in_keyring_or_file(saved_login, credential)
        if problem is None:
            return say("the keyring")
        why_not = say_phrase(problem.sentence).rstrip(".")
    return say(
        "{path}, which you alone can read ({reason})",
        path=stored.path(saved_login.name),
        reason=why_not[0].lower() + why_not[1:],
    )


def _lifetime(credential: Credential, profile: Profile) -> str:
    if credential.expires_s is None:
        return say("It does not say when it ends.")
    left = span(credential.expires_s - time.time())
    if profile.refreshes_expired_tokens:
        return say("It ends in {left}, and is refreshed by itself.", left=left)
    return say(
        "It ends in {left}; a watch that runs refreshes it before that, else sign in again.", left=left
    )


async def _offer_to_hide(authentication: Authentication, welcome: Welcome, options: LoginOptions) -> None:
    """Print whether the account is shown online, and turn that off if requested.

    A failure here does not undo the login.
    """
    if not authentication.can_hide:
        print_sentence(
            say("This version of the gateway cannot hide an account: it is shown online while you watch.")
        )
        return
    try:
        if not await authentication.is_shown(welcome.credential):
            print_sentence(say("showOnlineStatus is off: the account is not shown online."))
        elif options.hide or _wants_to_hide(options):
            turned_analytics_off = await authentication.hide(welcome.credential)
            print_sentence(say("showOnlineStatus is off now: the account is not shown online from here on."))
            if turned_analytics_off:
                print_sentence(
                    say(
                        "allowAnalytics is off now as well: without consent to data processing the gateway "
                        "changes no preference beside it."
                    )
                )
        else:
            print_sentence(
                say(
                    "showOnlineStatus is on. To turn it off: presence-tui login --hide, or in the apps' "
                    "settings."
                )
            )
    except GatewayError as error:
        print_sentence(
            say(
                "Whether the account is shown online could not be settled: {reason}",
                reason=say_error(error),
            )
        )


def _wants_to_hide(options: LoginOptions) -> bool:
    if options.password_from_pipe or not is_interactive():
        return False
    try:
        return ask_yes_no(
            say("This account is shown online while you watch. Turn showOnlineStatus off, in the apps too?")
        )
    except NotInteractive:
        return False


def _name_for(address: Address, wanted: str | None) -> str:
    """The name of the saved login, by default from the host. Raises ``CliError`` if another gateway uses
    it.
    """
    name = wanted or as_login_name(address.shown)
    if not is_login_name(name):
        raise CliError(
            say("{name!r} is no name: use letters, digits, '.', '_' and '-'.", name=safe_text(name)),
            ExitCode.USAGE,
        )
    try:
        before = saved_logins().find(name)
    except CredentialError:
        # An unreadable login is replaced by the new one.
        before = None
    if before is not None and before.url != address.url:
        raise CliError(
            say(
                "The name {name} stands for {address} already. Choose another by --name, or end it first: "
                "presence-tui logout {name}",
                name=name,
                address=safe_text(before.url),
            ),
            ExitCode.USAGE,
        )
    return name


def _id_of(link: str) -> str:
    """The id in a link, which may be a whole address copied from a browser."""
    return urlsplit(link).path.rstrip("/").rpartition("/")[2] or link


def _asked(question: str, option: str) -> str:
    if not is_interactive():
        raise NotInteractive(
            say(
                "There is no terminal to ask on. {question}: give it by {option}.",
                question=question,
                option=option,
            )
        )
    if answer := ask(question):
        return answer
    raise NotInteractive(say("Nothing was answered; nothing was changed."))
