"""Every error has a sentence and advice."""

import pytest

from presence_tui.domain.translatable import NOTHING, Phrase, phrase
from presence_tui.transport import errors
from presence_tui.transport.errors import GatewayError

EXAMPLES: list[tuple[GatewayError, type[GatewayError], str]] = [
    (errors.NameNotFound("gate.example"), errors.Unreachable, "There is no host called gate.example."),
    (errors.PortRefused("gate.example:9"), errors.Unreachable, "Nothing listens at gate.example:9."),
    (errors.TimedOut("gate.example", 15.0), errors.Unreachable, "gate.example did not answer within 15 s."),
    (
        errors.CertificateRefused("gate.example", "self-signed certificate"),
        errors.Unreachable,
        "The certificate of gate.example is not trusted: self-signed certificate.",
    ),
    (
        errors.ConnectionLost(phrase("the gateway dropped the connection")),
        errors.Unreachable,
        "The connection was lost: the gateway dropped the connection.",
    ),
    (
        errors.FellSilent(44.6),
        errors.ConnectionLost,
        "The connection was lost: nothing was heard for 45 s.",
    ),
    (
        errors.SessionUnknown(was_connected=False),
        errors.ConnectionLost,
        "The connection was lost: several servers answer in turn without sticky sessions "
        "(Session ID unknown).",
    ),
    (
        errors.ProxyRefused("proxy:3128", phrase("{status} {said}", status=403, said="Forbidden")),
        errors.Unreachable,
        "The proxy proxy:3128 does not let this through: 403 Forbidden.",
    ),
    (
        errors.ProxyNeedsPassword("proxy:3128"),
        errors.ProxyRefused,
        "The proxy proxy:3128 does not let this through: it asks for a name and password (407).",
    ),
    (
        errors.ProxyUnreachable("proxy:3128", phrase("nothing listens there")),
        errors.ProxyRefused,
        "The proxy proxy:3128 does not let this through: it cannot be reached, nothing listens there.",
    ),
    (
        errors.GarbledAnswer("gate.example"),
        errors.UnexpectedAnswer,
        "gate.example does not answer like a gateway: the answer is not of the contract's shape.",
    ),
    (
        errors.UnexpectedAnswer("gate.example", phrase("it is {what}", what="HTML")),
        GatewayError,
        "gate.example does not answer like a gateway: it is HTML.",
    ),
    (
        errors.SocketRefused("gate.example", phrase("the answer was {status}", status=503)),
        GatewayError,
        "gate.example refuses the socket: the answer was 503.",
    ),
    (
        errors.BoundExceeded(phrase("A frame of the gateway"), 3 * 2**20),
        GatewayError,
        "A frame of the gateway is larger than 3 MiB.",
    ),
    (
        errors.BoundExceeded(phrase("A frame of the gateway"), 3 * 2**20, 7 * 2**19),
        GatewayError,
        "A frame of the gateway is larger than 3 MiB: it has 3.5 MiB.",
    ),
    (
        # The reported size is that of the compressed answer, which fits.
        errors.BoundExceeded(phrase("A frame of the gateway"), 3 * 2**20, 17),
        GatewayError,
        "A frame of the gateway is larger than 3 MiB.",
    ),
    (errors.Slept(3_600.2), errors.Unreachable, "This program was asleep for 3600 s."),
    (errors.NoTls("gate.example"), errors.Unreachable, "gate.example does not speak TLS."),
    (errors.NoConversation(), GatewayError, "This account is in no conversation."),
    (errors.SignInNeeded(), GatewayError, "The gateway does not accept this token."),
    (errors.TokenExpired(), errors.SignInNeeded, "The token has expired."),
    (
        errors.SessionRevoked("logout_all_devices"),
        errors.SignInNeeded,
        "The session was revoked by the gateway (logout_all_devices).",
    ),
    (errors.SessionRevoked(""), errors.SignInNeeded, "The session was revoked by the gateway."),
    (
        errors.HidingRefused("", ["b", "a"]),
        GatewayError,
        "The gateway hides the account only with consent to: a, b.",
    ),
    (
        errors.ConsentNeeded(),
        errors.SignInRefused,
        "The gateway asks this account to consent to data processing first.",
    ),
    (errors.HidingRefused("No."), GatewayError, "The gateway does not hide the account: No."),
    (
        errors.RefusedForNow(errors.SignInNeeded(said="Authentication failed.")),
        GatewayError,
        "The gateway refuses a token that should still be good: Authentication failed. It is tried again, up "
        "to a minute apart.",
    ),
    (
        errors.RefusedForNow(errors.SignInNeeded()),
        GatewayError,
        "The gateway refuses a token that should still be good. It is tried again, up to a minute apart.",
    ),
    (errors.WrongPassword(), errors.SignInRefused, "The gateway knows nobody by this name and password."),
    (errors.WrongCode(), errors.SignInRefused, "The gateway does not accept this code."),
    (
        errors.ChallengeExpired(),
        errors.SignInRefused,
        "The code came too late: the gateway has stopped waiting for it.",
    ),
    (
        errors.AccountLocked("Locked for an hour."),
        errors.SignInRefused,
        "The gateway does not let this account in: Locked for an hour.",
    ),
    (errors.LoginRefused("400"), errors.SignInRefused, "The gateway refuses the login: 400."),
    (
        errors.LinkRefused("Link expired"),
        errors.SignInRefused,
        "The link does not let anybody in: Link expired.",
    ),
    (errors.AccessDenied("Not a member."), GatewayError, "The gateway refuses this: Not a member."),
    (errors.AccessDenied(""), GatewayError, "The gateway refuses this: 403."),
    (errors.NotFound("Route not found"), GatewayError, "The gateway does not know this: Route not found."),
    (errors.NotFound(""), GatewayError, "The gateway does not know this: 404."),
    (errors.RateLimited(59.6), GatewayError, "The gateway asks for a pause of 60 s."),
    (errors.GatewayBroken(503, "Sorry."), GatewayError, "The gateway failed with 503 Sorry."),
]


def every_class() -> set[type[GatewayError]]:
    found: set[type[GatewayError]] = set()
    pending: list[type[GatewayError]] = [GatewayError]
    while pending:
        children = pending.pop().__subclasses__()
        found.update(children)
        pending += children
    return found


@pytest.mark.parametrize(
    ("error", "parent", "sentence"), EXAMPLES, ids=[type(error).__name__ for error, *_ in EXAMPLES]
)
def test_an_error_is_a_sentence_and_an_advice(
    error: GatewayError, parent: type[GatewayError], sentence: str
) -> None:
    assert str(error.sentence) == sentence
    advice = str(error.advice)
    assert advice
    assert advice.endswith(".")
    assert str(error) == f"{sentence} {advice}"
    assert isinstance(error, parent)


def test_no_class_is_without_an_example() -> None:
    # ``Unreachable`` itself is only made from system errors (network_errors); ``SignInRefused`` is only
    # caught.
    unmade = {errors.Unreachable, errors.SignInRefused}
    assert every_class() - {type(error) for error, *_ in EXAMPLES} == unmade


def test_an_error_without_advice_is_its_sentence() -> None:
    assert str(GatewayError(phrase("So it is."))) == "So it is."
    assert GatewayError(phrase("So it is.")).advice == NOTHING


def test_the_pause_is_a_number_as_well() -> None:
    assert errors.RateLimited(12.5).retry_after_s == 12.5


@pytest.mark.parametrize("error", [error for error, *_ in EXAMPLES])
def test_sentence_and_advice_can_be_said_in_another_language(error: GatewayError) -> None:
    for said in (error.sentence, error.advice):
        assert isinstance(said, Phrase)
        assert said.in_language(lambda template: template) == str(said)
        assert said.in_language(lambda template: f"«{template}»").startswith("«")
