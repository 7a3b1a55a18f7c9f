"""Signing in and out, in either contract version (wire contract, sections 1.4, 2.6 and 3.2)."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from presence_tui.domain.translatable import phrase
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.errors import (
    AccountLocked,
    ChallengeExpired,
    ConsentNeeded,
    HidingRefused,
    LinkRefused,
    LoginRefused,
    SignInRefused,
    UnexpectedAnswer,
    WrongCode,
    WrongPassword,
)
from presence_tui.transport.rest_client import Response, RestClient
from presence_tui.wire import encode, responses
from presence_tui.wire.encode import ANALYTICS
from presence_tui.wire.profiles import Profile
from presence_tui.wire.responses import LoggedIn, SecondFactorAsked, read_error
from presence_tui.wire.sanitize import safe_text

_PRIVACY: Final = "/me/preferences/privacy"
_REFUSALS: Final = frozenset({400, 401, 403, 404, 409, 410, 423})


@dataclass(frozen=True, slots=True)
class Welcome:
    """A successful sign-in. ``key`` and ``handle`` are empty if the gateway does not return them."""

    credential: Credential
    key: str
    handle: str
    conversation_id: str | None = None
    """The only conversation a guest can see."""


class Authentication:
    """Log-in, log-out and privacy of one gateway. Every method raises ``GatewayError``. Passwords are not
    kept.
    """

    def __init__(self, client: RestClient, profile: Profile) -> None:
        self._client = client
        self._profile = profile

    @property
    def can_hide(self) -> bool:
        """True if the profile lets an account hide its presence from other members."""
        return self._profile.hides_accounts

    async def log_in(self, user: str, password: str) -> Welcome | SecondFactorAsked:
        """Log in with a password. Raises ``SignInRefused``, with the gateway's reason if it gives one."""
        answer = await self._ask("/auth/login", encode.login(user, password))
        if answer.status == 401:
            raise WrongPassword
        return await self._let_in(answer)

    async def confirm(self, asked: SecondFactorAsked, code: str) -> Welcome:
        """Send the second factor. Raises ``WrongCode``, after which another code may be tried."""
        answer = await self._ask("/auth/login/2fa", encode.second_factor(asked.challenge, code))
        if answer.status in (400, 401, 410):
            raise _refused_code(answer)
        welcome = await self._let_in(answer)
        if isinstance(welcome, SecondFactorAsked):
            raise UnexpectedAnswer(self._client.address.shown, phrase("it asks for one code after another"))
        return welcome

    async def enter(self, link: str, name: str, language: str) -> Welcome:
        """Join a conversation by its link, as a visible guest. Raises ``LinkRefused``."""
        path = f"/anonymous/join/{quote(link, safe='')}"
        answer = await self._ask(path, encode.guest_join(name, language))
        if answer.status in _REFUSALS:
            raise LinkRefused(_said(answer))
        guest = await self._client.read(answer, responses.read_guest_session)
        credential = Credential(CredentialKind.GUEST, guest.token)
        return Welcome(credential, guest.key, guest.handle or safe_text(name), guest.conversation_id)

    async def log_out(self, credential: Credential) -> None:
        """End an account's session, or remove a guest from the conversation."""
        if credential.kind is CredentialKind.GUEST:
            payload = encode.guest_leave(credential.secret)
            path = self._path("/anonymous/leave")
            await self._client.request("POST", path, headers=credential.headers, payload=payload)
            return
        headers = encode.headers_of_session(credential.secret, credential.session)
        await self._client.request("POST", self._path("/auth/logout"), headers=headers)

    async def is_shown(self, credential: Credential) -> bool:
        """Return true if others may see whether the account is online. Call only if ``can_hide``."""
        answer = await self._client.request("GET", self._path(_PRIVACY), headers=credential.headers)
        return await self._client.read(answer, responses.read_online_status)

    async def hide(self, credential: Credential) -> bool:
        """Stop showing others whether the account is online. Call only if ``can_hide``.

        Clients are not notified and keep the last state they received (section 2.6).
        """
        answer = await self._patch_privacy(credential, encode.online_status(False))
        fields = responses.read_violations(answer.body) if answer.status == 403 else frozenset()
        needs_consent = fields == {ANALYTICS}
        if needs_consent:
            payload = encode.online_status(False, without_analytics=True)
            answer = await self._patch_privacy(credential, payload)
        if answer.status == 403:
            raise HidingRefused(_said(answer), fields)
        if await self._client.read(answer, responses.read_online_status):
            raise UnexpectedAnswer(self._client.address.shown, phrase("it goes on showing the account"))
        return needs_consent

    async def _patch_privacy(self, credential: Credential, payload: dict[str, bool]) -> Response:
        return await self._client.request(
            "PATCH",
            self._path(_PRIVACY),
            headers=credential.headers,
            payload=payload,
            accept_refusals=frozenset({403}),
        )

    async def _ask(self, path: str, payload: dict[str, str]) -> Response:
        path = self._path(path)
        return await self._client.request("POST", path, payload=payload, accept_refusals=_REFUSALS)

    def _path(self, path: str) -> str:
        return f"{self._profile.rest_prefix}{path}"

    async def _let_in(self, answer: Response) -> Welcome | SecondFactorAsked:
        if answer.status == 403 and responses.read_violations(answer.body):
            raise ConsentNeeded
        if answer.status in (403, 423):
            raise AccountLocked(_said(answer))
        if answer.status in _REFUSALS:
            raise LoginRefused(_said(answer))
        verdict = await self._client.read(answer, responses.read_login)
        if isinstance(verdict, SecondFactorAsked):
            return verdict
        return _welcome(verdict)


def _welcome(logged_in: LoggedIn) -> Welcome:
    tokens, account = logged_in.tokens, logged_in.account
    credential = Credential(CredentialKind.ACCOUNT, tokens.token, tokens.session)
    return Welcome(credential, account.key if account else "", account.handle if account else "")


def _refused_code(answer: Response) -> SignInRefused:
    """The contract does not name the reasons: only an answer that mentions expiry counts as expired."""
    error = read_error(answer.body)
    expired = answer.status == 410 or "expir" in f"{error.text} {error.code}".lower()
    return ChallengeExpired() if expired else WrongCode()


def _said(answer: Response) -> str:
    return read_error(answer.body).text or str(answer.status)
