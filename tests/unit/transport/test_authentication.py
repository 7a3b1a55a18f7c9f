"""Sign-in and sign-out in both contract versions, against a scripted server."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from presence_tui.transport import errors
from presence_tui.transport.authentication import Authentication, Welcome
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.rest_client import RestClient
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026, Profile
from presence_tui.wire.responses import SecondFactorAsked
from tests.unit.transport.jwt import token
from tests.unit.transport.tiny_server import Reply, TinyServer
from tests.unit.wire.payloads import example

HTML = "<!doctype html><title>Welcome to nginx</title>"
SECRET = "a-password-nobody-may-see"
NEW, OLD = MEESHY_2026.rest_prefix, MEESHY_2025.rest_prefix
LOGIN, CODE, LINK = f"{NEW}/auth/login", f"{NEW}/auth/login/2fa", f"{NEW}/anonymous/join/harbour"
PRIVACY = f"{NEW}/me/preferences/privacy"
ASKED = SecondFactorAsked("short-lived")
ACCOUNT = Credential(CredentialKind.ACCOUNT, token(7), "opaque-session")


def refusal(status: int, text: str = "", code: str = "", **headers: str) -> Reply:
    body = {"success": False, "error": text, "message": text, "code": code}
    return Reply(status, body, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def door(client: RestClient) -> Authentication:
    return Authentication(client, MEESHY_2026)


async def refused(attempt: Awaitable[object]) -> GatewayError:
    """The error of an attempt, which must not contain the typed secret."""
    with pytest.raises(GatewayError) as error:
        await attempt
    assert SECRET not in f"{error.value!r}{error.value}{error.value.__cause__!r}"
    return error.value


# --- a name and a password ---


@pytest.mark.parametrize(
    ("profile", "name", "session"), [(MEESHY_2026, "login-n", "opaque-session"), (MEESHY_2025, "login-o", "")]
)
async def test_a_login_gives_a_credential(
    client: RestClient, server: TinyServer, profile: Profile, name: str, session: str
) -> None:
    server.on(f"{profile.rest_prefix}/auth/login", Reply(body=example(name)))
    welcome = await Authentication(client, profile).log_in("observer01", SECRET)
    assert isinstance(welcome, Welcome)
    assert welcome.credential == Credential(CredentialKind.ACCOUNT, "HEADER.PAYLOAD.SIGNATURE", session)
    assert (welcome.handle, welcome.conversation_id) == ("observer01", None)
    assert json.loads(server.asked[0].body) == {"username": "observer01", "password": SECRET}
    assert SECRET not in server.asked[0].path + json.dumps(server.asked[0].headers)


async def test_who_a_login_belongs_to_may_be_left_open(door: Authentication, server: TinyServer) -> None:
    server.on(LOGIN, Reply(body={"success": True, "data": {"token": "T"}}))
    welcome = await door.log_in("ada", SECRET)
    assert isinstance(welcome, Welcome)
    assert (welcome.key, welcome.handle) == ("", "")


REFUSALS: dict[str, tuple[Reply, type[GatewayError], str]] = {
    "wrong password": (refusal(401, "Identifiants invalides"), errors.WrongPassword, "name and password"),
    "locked": (refusal(423, "Locked for an hour."), errors.AccountLocked, "Locked for an hour."),
    "banned": (refusal(403, "Account disabled"), errors.AccountLocked, "Account disabled"),
    "too short": (
        Reply(400, {"error": "Validation Error", "message": "body/username must NOT be shorter"}),
        errors.LoginRefused,
        "body/username must NOT be shorter",
    ),
    "too often": (
        refusal(429, "RATE_LIMIT_EXCEEDED", retry_after="840"),
        errors.RateLimited,
        "a pause of 840 s",
    ),
    "too often, in the body": (
        Reply(429, {"success": False, "error": "RATE_LIMIT_EXCEEDED", "retryAfter": 17}),
        errors.RateLimited,
        "a pause of 17 s",
    ),
    "no such way": (Reply(404, HTML), errors.LoginRefused, "404"),
    "broken": (refusal(500, "Internal Server Error"), errors.GatewayBroken, "500"),
    "out of service": (Reply(503, HTML), errors.GatewayBroken, "503"),
    "a web page": (Reply(200, HTML), errors.GarbledAnswer, "does not answer like a gateway"),
    "no token": (Reply(body={"success": True, "data": {}}), errors.GarbledAnswer, "shape"),
    "elsewhere": (Reply(302, headers={"Location": "https://else.example"}), errors.UnexpectedAnswer, "else"),
    "a token with a line break": (
        Reply(body={"data": {"token": "T\r\nX-Evil: 1"}}),
        errors.GarbledAnswer,
        "shape",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_failed_login_has_a_reason(door: Authentication, server: TinyServer, case: str) -> None:
    reply, kind, said = REFUSALS[case]
    server.on(LOGIN, reply)
    error = await refused(door.log_in("ada", SECRET))
    assert type(error) is kind
    assert said in str(error.sentence)


async def test_a_pause_that_was_asked_for_is_not_asked_away(door: Authentication, server: TinyServer) -> None:
    server.on(LOGIN, refusal(429, retry_after="840"), Reply(body=example("login-n")))
    for _ in range(2):
        assert isinstance(await refused(door.log_in("ada", SECRET)), errors.RateLimited)
    assert len(server.asked) == 1


async def test_a_gateway_that_is_down_is_reported(make_client: Any, server: TinyServer) -> None:
    async with TinyServer().running() as gone:
        address = gone.address
    door = Authentication(make_client(address=address), MEESHY_2026)
    assert isinstance(await refused(door.log_in("ada", SECRET)), errors.PortRefused)


# --- a second factor ---


async def test_a_second_factor_is_requested_and_sent(door: Authentication, server: TinyServer) -> None:
    server.on(LOGIN, Reply(body=example("login-2fa")))
    server.on(CODE, refusal(401, "Code invalide", "INVALID_2FA_CODE"), Reply(body=example("login-n")))
    asked = await door.log_in("ada", SECRET)
    assert asked == ASKED
    assert isinstance(await refused(door.confirm(ASKED, "111111")), errors.WrongCode)
    welcome = await door.confirm(ASKED, "246810")
    assert welcome.credential.session == "opaque-session"
    assert json.loads(server.asked[-1].body) == {"twoFactorToken": "short-lived", "code": "246810"}


CODES: dict[str, tuple[Reply, type[GatewayError]]] = {
    "wrong": (refusal(401, "Code invalide"), errors.WrongCode),
    "no code at all": (refusal(400, "body/code must match"), errors.WrongCode),
    "too late, by the code": (refusal(401, "Too late", "TWO_FACTOR_EXPIRED"), errors.ChallengeExpired),
    "too late, in French": (refusal(401, "Jeton expiré"), errors.ChallengeExpired),
    "too late, by the status": (refusal(410), errors.ChallengeExpired),
    "locked": (refusal(423, "Locked"), errors.AccountLocked),
    "too often": (refusal(429, retry_after="60"), errors.RateLimited),
    "gone": (refusal(404, "No such user"), errors.LoginRefused),
    "a web page": (Reply(200, HTML), errors.GarbledAnswer),
    "asked again": (Reply(body=example("login-2fa")), errors.UnexpectedAnswer),
}


@pytest.mark.parametrize("case", CODES)
async def test_a_refused_code_has_a_reason(door: Authentication, server: TinyServer, case: str) -> None:
    reply, kind = CODES[case]
    server.on(CODE, reply)
    assert type(await refused(door.confirm(ASKED, "246810"))) is kind


# --- a link ---


async def test_a_guest_enters_by_a_link(door: Authentication, server: TinyServer) -> None:
    guest = {
        "sessionToken": "guest-session",
        "participant": {"id": "66cc01", "username": "ano_Sam"},
        "conversation": {"id": "66dd01"},
        "linkId": "harbour",
    }
    server.on(LINK, Reply(201, {"success": True, "data": guest}))
    welcome = await door.enter("harbour", "Sam", "en")
    credential = Credential(CredentialKind.GUEST, "guest-session")
    assert welcome == Welcome(credential, "66cc01", "ano_Sam", "66dd01")
    body = json.loads(server.asked[0].body)
    assert body == {"username": "Sam", "firstName": "Sam", "lastName": "Sam", "language": "en"}


LINKS: dict[str, tuple[Reply, type[GatewayError], str]] = {
    "expired": (refusal(410, "Link expired"), errors.LinkRefused, "Link expired"),
    "unknown": (refusal(404, "Link not found"), errors.LinkRefused, "Link not found"),
    "for accounts only": (refusal(403, "Accounts only"), errors.LinkRefused, "Accounts only"),
    "a name that is taken": (refusal(409, "Name taken"), errors.LinkRefused, "Name taken"),
    "a refusal without a word": (Reply(410, HTML), errors.LinkRefused, "410"),
    "too often": (refusal(429, retry_after="30"), errors.RateLimited, "30 s"),
    "a web page": (Reply(200, HTML), errors.GarbledAnswer, "like a gateway"),
}


@pytest.mark.parametrize("case", LINKS)
async def test_a_refused_link_has_a_reason(door: Authentication, server: TinyServer, case: str) -> None:
    reply, kind, said = LINKS[case]
    server.on(LINK, reply)
    error = await refused(door.enter("harbour", "River", "en"))
    assert type(error) is kind
    assert said in str(error.sentence)


async def test_a_link_is_one_part_of_the_path(door: Authentication, server: TinyServer) -> None:
    await refused(door.enter("../auth/login", "River", "en"))
    assert "join" in server.asked[0].path


# --- out again ---


async def test_an_account_logs_out_with_its_session(door: Authentication, server: TinyServer) -> None:
    server.on(f"{NEW}/auth/logout", Reply(body={"success": True}))
    await door.log_out(ACCOUNT)
    headers = server.asked[0].headers
    assert headers["Authorization"] == f"Bearer {ACCOUNT.secret}"
    assert headers["X-Session-Token"] == "opaque-session"


async def test_a_guest_leaves(client: RestClient, server: TinyServer) -> None:
    server.on(f"{OLD}/anonymous/leave", Reply(body={"success": True}))
    await Authentication(client, MEESHY_2025).log_out(Credential(CredentialKind.GUEST, "session"))
    assert server.asked[0].headers["X-Session-Token"] == "session"
    assert json.loads(server.asked[0].body) == {"sessionToken": "session"}


async def test_a_session_that_had_ended_is_a_matter_of_signing_in(
    door: Authentication, server: TinyServer
) -> None:
    server.on(f"{NEW}/auth/logout", refusal(401))
    assert isinstance(await refused(door.log_out(ACCOUNT)), errors.SignInNeeded)


# --- hiding ---


@pytest.fixture
async def privacy(server: TinyServer) -> AsyncIterator[Callable[..., None]]:
    def answer(*shown: bool) -> None:
        server.on(PRIVACY, *(Reply(body={"success": True, "data": {"showOnlineStatus": it}}) for it in shown))

    yield answer


async def test_an_account_is_hidden(
    door: Authentication, server: TinyServer, privacy: Callable[..., None]
) -> None:
    privacy(True, False)
    assert door.can_hide
    assert await door.is_shown(ACCOUNT)
    assert await door.hide(ACCOUNT) is False
    asked = server.asked[-1]
    assert (asked.method, json.loads(asked.body)) == ("PATCH", {"showOnlineStatus": False})


CONSENT: dict[str, Any] = {
    "success": False,
    "error": "CONSENT_REQUIRED",
    "message": "Consent is required",
    "violations": [{"field": "allowAnalytics", "requiredConsents": ["dataProcessingConsentAt"]}],
}
HIDDEN = Reply(body={"success": True, "data": {"showOnlineStatus": False}})


async def test_an_account_without_consent_is_hidden_with_its_analytics_off(
    door: Authentication, server: TinyServer
) -> None:
    """The gateway validates all preferences, whichever is to change; the hiding was refused."""
    server.on(PRIVACY, Reply(403, CONSENT), HIDDEN)
    assert await door.hide(ACCOUNT) is True
    bodies = [json.loads(asked.body) for asked in server.asked]
    assert bodies == [{"showOnlineStatus": False}, {"showOnlineStatus": False, "allowAnalytics": False}]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": "Forbidden"}, "The gateway does not hide the account: Forbidden."),
        ({**CONSENT, "violations": [{"field": "allow\x1bProfiling"}]}, "consent to: allow␛Profiling."),
        (
            {**CONSENT, "violations": [*CONSENT["violations"], {"field": "allowProfiling"}]},
            "The gateway hides the account only with consent to: allowAnalytics, allowProfiling.",
        ),
        ({**CONSENT, "violations": "allowAnalytics"}, "does not hide the account: Consent is required."),
    ],
    ids=["no consent", "another", "one more", "no list"],
)
async def test_nothing_else_is_turned_off(
    door: Authentication, server: TinyServer, body: object, said: str
) -> None:
    server.on(PRIVACY, Reply(403, body))
    error = await refused(door.hide(ACCOUNT))
    assert isinstance(error, errors.HidingRefused)
    assert said in str(error.sentence)
    assert "settings" in str(error.advice)
    assert len(server.asked) == 1


async def test_a_second_refusal_is_one(door: Authentication, server: TinyServer) -> None:
    server.on(PRIVACY, Reply(403, CONSENT))
    assert isinstance(await refused(door.hide(ACCOUNT)), errors.HidingRefused)
    assert len(server.asked) == 2


async def test_a_gateway_that_goes_on_showing_is_not_believed(
    door: Authentication, privacy: Callable[..., None]
) -> None:
    privacy(True)
    assert isinstance(await refused(door.hide(ACCOUNT)), errors.UnexpectedAnswer)


def test_the_older_version_hides_nobody(client: RestClient) -> None:
    assert not Authentication(client, MEESHY_2025).can_hide
