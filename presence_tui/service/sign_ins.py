"""Sign in to a gateway, save the sign-in, use a saved one, and sign out; for any front end.

Imports the network libraries.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from presence_tui.domain.redaction import register_secret
from presence_tui.domain.translatable import NOTHING, Phrase, phrase
from presence_tui.service.target import CannotOpen
from presence_tui.storage.saved_logins import SavedLogin, SavedLogins, as_login_name
from presence_tui.store.clock import Clock
from presence_tui.transport.addresses import Address, BadAddress
from presence_tui.transport.authentication import Authentication, Welcome
from presence_tui.transport.credentials import (
    Credential,
    CredentialError,
    CredentialHolder,
    CredentialKind,
    CredentialStore,
)
from presence_tui.transport.errors import (
    BoundExceeded,
    CertificateRefused,
    ChallengeExpired,
    ConsentNeeded,
    GatewayError,
    LoginRefused,
    NameNotFound,
    NoTls,
    PortRefused,
    ProxyRefused,
    RateLimited,
    SignInNeeded,
    SignInRefused,
    UnexpectedAnswer,
    Unreachable,
    WrongCode,
)
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.rest_source import RestSource, discover_profile
from presence_tui.wire.profiles import Profile
from presence_tui.wire.responses import SecondFactorAsked

OpenClient = Callable[[Address, Path | None], RestClient]
"""Makes a client for a gateway whose certificate the CA file may vouch for. Raises ``CannotOpen``."""

_MOST_NAMES: Final = 1_000

_WITH_ADVICE: Final = (
    NameNotFound,
    PortRefused,
    CertificateRefused,
    NoTls,
    ProxyRefused,
    UnexpectedAnswer,
    BoundExceeded,
    ConsentNeeded,
)
"""Errors whose advice helps here; the others' advice is about a monitor that tries again."""


class Field(StrEnum):
    """What a user types to sign in."""

    ADDRESS = "address"
    USER = "user"
    PASSWORD = "password"
    CODE = "code"


class SignInFailed(Exception):
    """The sign-in failed; ``sentence`` and ``advice`` are shown to the user.

    ``field`` is what to correct, if that is known. ``retry_after_s`` is how long to wait before another
    attempt. ``is_refused`` means that the gateway was reached and does not accept a saved sign-in any more.
    """

    def __init__(
        self,
        sentence: Phrase,
        advice: Phrase = NOTHING,
        *,
        field: Field | None = None,
        retry_after_s: float | None = None,
        is_refused: bool = False,
    ) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.advice = advice
        self.field = field
        self.retry_after_s = retry_after_s
        self.is_refused = is_refused


@dataclass(frozen=True, slots=True)
class SignInForm:
    """What a user typed to sign in with a password."""

    address: str
    user: str
    password: str = field(repr=False)
    is_kept: bool = True
    """True to save the sign-in: the token, never the password."""


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """The password was right, and the gateway asks for a code; pass this with it to ``confirm``."""

    form: SignInForm
    address: Address
    profile: Profile
    challenge: SecondFactorAsked


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A credential that the gateway accepts."""

    address: Address
    credential: Credential
    conversation: str | None = None
    """The only conversation of a guest."""
    store: CredentialStore | None = None
    """Where a refreshed token is written."""
    saved_login: SavedLogin | None = None
    trouble: Phrase | None = None
    """Why the sign-in could not be saved."""


class SignIns:
    """The sign-ins of one user. Methods raise ``SignInFailed``, and can be cancelled."""

    def __init__(
        self,
        saved_logins: SavedLogins,
        open_client: OpenClient,
        clock: Clock,
        ca_file: Path | None = None,
    ) -> None:
        """``ca_file`` is saved with new sign-ins, and trusted when they are used."""
        self._saved_logins = saved_logins
        self._open_client = open_client
        self._clock = clock
        self._ca_file = ca_file

    async def sign_in(self, form: SignInForm, profile: Profile | None = None) -> SignedIn | CodeAsked:
        """Sign in with a password. ``profile`` is detected if it is not known."""
        _check_text(form.user, Field.USER)
        _check_text(form.password, Field.PASSWORD)
        register_secret(form.password)
        address = parse_address(form.address)
        async with self._client(address, self._ca_file) as client:
            profile = await discover_profile(client, self._clock, profile)
            answer = await Authentication(client, profile).log_in(form.user, form.password)
        if isinstance(answer, SecondFactorAsked):
            return CodeAsked(form, address, profile, answer)
        return await self._welcomed(answer, form, address)

    async def confirm(self, asked: CodeAsked, code: str) -> SignedIn:
        """Send the code of a second factor; after a wrong one, another may be tried."""
        code = "".join(character for character in code if character.isalnum())
        _check_text(code, Field.CODE)
        register_secret(code)
        async with self._client(asked.address, self._ca_file) as client:
            welcome = await Authentication(client, asked.profile).confirm(asked.challenge, code)
        return await self._welcomed(welcome, asked.form, asked.address)

    async def use_saved(self, saved_login: SavedLogin, profile: Profile | None = None) -> SignedIn:
        """Check that the gateway accepts a saved sign-in; an expired token is refreshed."""
        try:
            credential = await asyncio.to_thread(self._saved_logins.credential, saved_login)
        except CredentialError as problem:
            raise SignInFailed(problem.sentence, is_refused=True) from problem
        unchecked = SignedIn(
            parse_address(saved_login.url),
            credential,
            saved_login.conversation,
            self._saved_logins.credential_store(saved_login.name),
            saved_login,
        )
        return await self.check(unchecked, profile)

    async def check(self, signed_in: SignedIn, profile: Profile | None = None) -> SignedIn:
        """Check that the gateway accepts a credential; an expired token is refreshed.

        That of a guest is not checked before the socket is opened: the gateway has no request for that.
        """
        holder = CredentialHolder(signed_in.credential, signed_in.store)
        login = signed_in.saved_login
        ca_file = self._ca_file if login is None else login.trusted_file
        async with self._client(signed_in.address, ca_file) as client:
            source = RestSource(client, holder, self._clock, profile)
            await source.discover()
            if signed_in.credential.kind is CredentialKind.ACCOUNT:
                await source.account()
        return replace(signed_in, credential=holder.current)

    async def end_session(self, saved_login: SavedLogin, profile: Profile | None = None) -> Phrase | None:
        """End the session at the gateway. Returns why that failed, ``None`` if it succeeded."""
        try:
            # As saved: one that was made here has no secrets in memory, and its token may be refreshed since.
            saved = await asyncio.to_thread(self._saved_logins.find, saved_login.name)
            saved_login = saved_login if saved is None else saved
            credential = await asyncio.to_thread(self._saved_logins.credential, saved_login)
            address = parse_address(saved_login.url)
            client = await self._opened(address, saved_login.trusted_file)
        except CredentialError as problem:
            return problem.sentence
        except SignInFailed as failed:
            return failed.sentence
        try:
            return await end_session(client, self._clock, credential, profile)
        finally:
            await client.close()

    async def forget(self, saved_login: SavedLogin) -> None:
        """Remove a saved sign-in and its secrets."""
        try:
            await asyncio.to_thread(self._saved_logins.remove, saved_login.name)
        except CredentialError as problem:
            raise SignInFailed(
                phrase("Not everything was removed: {reason}", reason=problem.sentence)
            ) from problem

    async def _welcomed(self, welcome: Welcome, form: SignInForm, address: Address) -> SignedIn:
        """The credential of a successful sign-in, saved if the user wants that."""
        signed_in = SignedIn(address, welcome.credential)
        if not form.is_kept:
            return signed_in
        handle = welcome.handle or form.user
        login = SavedLogin(
            name=await asyncio.to_thread(self._name_for, address, welcome.key, handle),
            url=address.url,
            kind=welcome.credential.kind,
            key=welcome.key,
            handle=handle,
            signed_in_s=self._clock.stamp().wall_s,
            ca_file=None if self._ca_file is None else str(self._ca_file.absolute()),
        )
        try:
            async with self._saved_logins.lock(login.name):
                await asyncio.to_thread(self._saved_logins.save_in_keyring_or_file, login, welcome.credential)
        except CredentialError as problem:
            why = phrase("Signed in, but it could not be kept: {reason}", reason=problem.sentence)
            return replace(signed_in, trouble=why)
        store = self._saved_logins.credential_store(login.name)
        return replace(signed_in, store=store, saved_login=login)

    def _name_for(self, address: Address, key: str, handle: str) -> str:
        """The name of this account's saved sign-in, otherwise one that is not in use."""
        for each in self._saved_logins.readable():
            is_same = each.url == address.url and each.kind is CredentialKind.ACCOUNT
            if is_same and (each.key == key if key else each.handle == handle):
                return each.name
        taken = set(self._saved_logins.names())
        host = as_login_name(address.shown)
        wanted = [host, as_login_name(f"{handle}-{address.shown}")]
        wanted += [f"{host}-{number}" for number in range(2, _MOST_NAMES)]
        return next((name for name in wanted if name not in taken), host)

    @asynccontextmanager
    async def _client(self, address: Address, ca_file: Path | None) -> AsyncIterator[RestClient]:
        """A client whose errors are raised as ``SignInFailed``."""
        client = await self._opened(address, ca_file)
        try:
            yield client
        except GatewayError as error:
            raise _failure(error) from error
        finally:
            await client.close()

    async def _opened(self, address: Address, ca_file: Path | None) -> RestClient:
        try:
            # Reads the system's certificates.
            return await asyncio.to_thread(self._open_client, address, ca_file)
        except CannotOpen as stop:
            raise SignInFailed(Phrase("{problem}", {"problem": str(stop)})) from stop


def parse_address(text: str) -> Address:
    """Parse an address. Raises ``SignInFailed``."""
    try:
        return Address.parse(text)
    except BadAddress as problem:
        raise SignInFailed(problem.sentence, field=Field.ADDRESS) from problem


async def end_session(
    client: RestClient, clock: Clock, credential: Credential, profile: Profile | None
) -> Phrase | None:
    """End a session at the gateway. Returns why that failed, ``None`` if it succeeded."""
    try:
        found = await discover_profile(client, clock, profile)
        await Authentication(client, found).log_out(credential)
    except SignInNeeded:
        return phrase("The gateway had ended this session already.")
    except GatewayError as error:
        return phrase("The gateway could not be told: {reason}", reason=error.sentence)
    return None


def _failure(error: GatewayError) -> SignInFailed:
    advice = error.advice if isinstance(error, _WITH_ADVICE) else NOTHING
    return SignInFailed(
        error.sentence,
        advice,
        field=_field_to_correct(error),
        retry_after_s=error.retry_after_s,
        is_refused=isinstance(error, SignInNeeded),
    )


def _field_to_correct(error: GatewayError) -> Field | None:
    match error:
        case WrongCode():
            return Field.CODE
        case LoginRefused():
            return Field.USER
        case ChallengeExpired() | SignInRefused() | SignInNeeded():
            return Field.PASSWORD
        case RateLimited():
            return None
        case Unreachable() | UnexpectedAnswer():
            return Field.ADDRESS
        case _:
            return None


def _check_text(text: str, field: Field) -> None:
    """Raises ``SignInFailed`` for text that cannot be sent."""
    try:
        text.encode()
    except UnicodeEncodeError as problem:
        # Without the cause, which contains the secret.
        del problem
        raise SignInFailed(phrase("This holds characters that cannot be sent."), field=field) from None
