"""Errors of a gateway, each with a sentence and advice.

GatewayError
├── Unreachable            nothing answers
│   ├── NameNotFound       the host name does not resolve
│   ├── PortRefused        the host answers, but the port refuses
│   ├── TimedOut           no answer in time
│   ├── CertificateRefused the certificate is not trusted
│   ├── NoTls              the port answers without TLS
│   ├── ProxyRefused       a proxy refused the connection
│   │   ├── ProxyNeedsPassword
│   │   └── ProxyUnreachable
│   ├── ConnectionLost     an open connection ended
│   │   ├── FellSilent     nothing received for longer than the ping window
│   │   └── SessionUnknown a polling request reached a server without this session
│   └── Slept              this machine was suspended
├── UnexpectedAnswer       the peer is not a gateway
│   └── GarbledAnswer      not of the contract's shape; may be a proxy's
├── SocketRefused          the Socket.IO handshake failed; REST may work
├── BoundExceeded          larger than its configured limit
├── SignInNeeded           the credential is invalid or no longer valid
│   ├── TokenExpired
│   └── SessionRevoked
├── RefusedForNow          a credential that should be valid is refused; retried
├── SignInRefused          a login or a link is refused
│   ├── WrongPassword
│   ├── WrongCode          wrong second factor; another may be tried
│   ├── ChallengeExpired   the second factor was sent too late
│   ├── AccountLocked
│   ├── ConsentNeeded      the account has not consented to data processing
│   ├── LoginRefused       for another reason
│   └── LinkRefused
├── AccessDenied           the credential is valid but has no access
├── HidingRefused          the account is not hidden
├── NotFound
├── NoConversation         the account is in no conversation
├── RateLimited            too many requests; wait ``retry_after_s``
└── GatewayBroken          the gateway answered with a server error
"""

from collections.abc import Collection
from typing import Final

from presence_tui.domain.translatable import NOTHING, Phrase, phrase

HUNG_UP: Final = "server disconnect"
"""The kind of an end that the gateway announced: a kick, an eviction or a restart."""


class GatewayError(Exception):
    """A sentence for what happened and advice what to do. ``str()`` gives both in English.

    ``kind`` is the name under which link ends and failed attempts are counted.
    """

    kind = "other"
    retry_after_s: float | None = None
    """How long the other side asked us to wait, if it did."""

    def __init__(self, sentence: Phrase, advice: Phrase = NOTHING) -> None:
        self.sentence = sentence
        self.advice = advice
        super().__init__(f"{sentence} {advice}".strip())


class Unreachable(GatewayError):
    """Nothing answers."""


class NameNotFound(Unreachable):
    kind = "no such host"

    def __init__(self, host: str) -> None:
        super().__init__(
            phrase("There is no host called {host}.", host=host),
            phrase("Check the gateway's address and your network."),
        )


class PortRefused(Unreachable):
    kind = "port refused"

    def __init__(self, address: str) -> None:
        super().__init__(
            phrase("Nothing listens at {address}.", address=address),
            phrase("Check the address; the gateway may be down or restarting."),
        )


class TimedOut(Unreachable):
    kind = "time-out"

    def __init__(self, address: str, limit_s: float) -> None:
        super().__init__(
            phrase("{address} did not answer within {limit:g} s.", address=address, limit=limit_s),
            phrase("The gateway or the network may be overloaded; it will be tried again."),
        )


class CertificateRefused(Unreachable):
    kind = "certificate"

    def __init__(self, host: str, why: str) -> None:
        super().__init__(
            phrase("The certificate of {host} is not trusted: {why}.", host=host, why=why),
            phrase("If you trust its issuer, name the issuer's file with --ca-file."),
        )


class NoTls(Unreachable):
    kind = "no TLS"

    def __init__(self, address: str) -> None:
        super().__init__(
            phrase("{address} does not speak TLS.", address=address),
            phrase("If it is meant to be reached in the clear, begin its address with http://."),
        )


class ProxyRefused(Unreachable):
    kind = "proxy"

    def __init__(self, proxy: str, why: Phrase, advice: Phrase | None = None) -> None:
        super().__init__(
            phrase("The proxy {proxy} does not let this through: {why}.", proxy=proxy, why=why),
            advice or phrase("Check http_proxy, https_proxy, all_proxy and no_proxy."),
        )


class ProxyNeedsPassword(ProxyRefused):
    def __init__(self, proxy: str) -> None:
        super().__init__(
            proxy,
            phrase("it asks for a name and password (407)"),
            phrase("Put them before its address: http://NAME:PASSWORD@{proxy}.", proxy=proxy),
        )


class ProxyUnreachable(ProxyRefused):
    def __init__(self, proxy: str, why: Phrase) -> None:
        super().__init__(proxy, phrase("it cannot be reached, {why}", why=why))


class ConnectionLost(Unreachable):
    kind = "lost"

    def __init__(self, why: Phrase, kind: str = "") -> None:
        self.why = why
        self.kind = kind or type(self).kind
        super().__init__(
            phrase("The connection was lost: {why}.", why=why), phrase("It will be tried again.")
        )


class SessionUnknown(ConnectionLost):
    """``was_connected`` is false right after the handshake, when a restart cannot be the cause."""

    kind = "session unknown"

    def __init__(self, *, was_connected: bool) -> None:
        if was_connected:
            why = phrase(
                "the gateway does not know this connection any more; it was restarted, or several servers "
                "answer in turn without sticky sessions"
            )
        else:
            why = phrase("several servers answer in turn without sticky sessions (Session ID unknown)")
        super().__init__(why)


class FellSilent(ConnectionLost):
    kind = "ping time-out"

    def __init__(self, silence_s: float) -> None:
        super().__init__(phrase("nothing was heard for {silence:.0f} s", silence=silence_s))


class Slept(Unreachable):
    """This machine was suspended, so the state of the connection is unknown."""

    kind = "slept"

    def __init__(self, slept_s: float) -> None:
        super().__init__(
            phrase("This program was asleep for {slept:.0f} s.", slept=slept_s),
            phrase("It connects again by itself, and reads what it has missed."),
        )


class UnexpectedAnswer(GatewayError):
    def __init__(self, address: str, why: Phrase) -> None:
        super().__init__(
            phrase("{address} does not answer like a gateway: {why}.", address=address, why=why),
            phrase("Check that the address is the gateway's, not that of a web page or proxy."),
        )


class GarbledAnswer(UnexpectedAnswer):
    """The body is not of the contract's shape, as where a proxy or portal answers in passing."""

    def __init__(self, address: str) -> None:
        super().__init__(address, phrase("the answer is not of the contract's shape"))


class SocketRefused(GatewayError):
    kind = "refused upgrade"

    def __init__(self, address: str, why: Phrase, kind: str = "", retry_after_s: float | None = None) -> None:
        self.kind = kind or type(self).kind
        self.retry_after_s = retry_after_s
        if retry_after_s is not None:
            why = phrase("{why}; it asks for a pause of {pause:.0f} s", why=why, pause=retry_after_s)
        super().__init__(
            phrase("{address} refuses the socket: {why}.", address=address, why=why),
            phrase("A refresh still asks by REST; the socket will be tried again."),
        )


class BoundExceeded(GatewayError):
    """``found_bytes`` is the actual size, if known before reading stopped."""

    kind = "over the bound"

    def __init__(self, what: Phrase, bound_bytes: int, found_bytes: int | None = None) -> None:
        bound = bound_bytes / 2**20
        if found_bytes is None or found_bytes <= bound_bytes:
            sentence = phrase("{what} is larger than {bound:.4g} MiB.", what=what, bound=bound)
        else:
            found = found_bytes / 2**20
            sentence = phrase(
                "{what} is larger than {bound:.4g} MiB: it has {found:.4g} MiB.",
                what=what,
                bound=bound,
                found=found,
            )
        super().__init__(sentence, phrase("Raise max_frame_mib in the configuration and start again."))


class SignInNeeded(GatewayError):
    """The credential is invalid or no longer valid."""

    kind = "refused sign-in"

    def __init__(self, sentence: Phrase | None = None, said: str = "") -> None:
        self.said = said
        super().__init__(
            sentence or phrase("The gateway does not accept this token."),
            phrase(
                "Put a new one into the token file and refresh, or set PRESENCE_TUI_TOKEN and start again."
            ),
        )


class TokenExpired(SignInNeeded):
    def __init__(self) -> None:
        super().__init__(phrase("The token has expired."))


class SessionRevoked(SignInNeeded):
    def __init__(self, reason: str) -> None:
        if reason:
            sentence = phrase("The session was revoked by the gateway ({reason}).", reason=reason)
        else:
            sentence = phrase("The session was revoked by the gateway.")
        super().__init__(sentence)


class RefusedForNow(GatewayError):
    """A token that should be valid is refused, for example because the gateway's database is down."""

    kind = SignInNeeded.kind

    def __init__(self, refusal: SignInNeeded) -> None:
        if refusal.said:
            sentence = phrase(
                "The gateway refuses a token that should still be good: {said}. It is tried again, up to a "
                "minute apart.",
                said=refusal.said.rstrip("."),
            )
        else:
            sentence = phrase(
                "The gateway refuses a token that should still be good. It is tried again, up to a minute "
                "apart."
            )
        super().__init__(sentence, phrase("If it stays refused, sign in again."))


class SignInRefused(GatewayError):
    """A login or a link is refused."""


class WrongPassword(SignInRefused):
    def __init__(self) -> None:
        super().__init__(
            phrase("The gateway knows nobody by this name and password."),
            phrase("Check both, and sign in again."),
        )


class WrongCode(SignInRefused):
    def __init__(self) -> None:
        super().__init__(
            phrase("The gateway does not accept this code."),
            phrase("Take the newest code, and sign in again."),
        )


class ChallengeExpired(SignInRefused):
    def __init__(self) -> None:
        super().__init__(
            phrase("The code came too late: the gateway has stopped waiting for it."),
            phrase("Sign in again, from the password on."),
        )


class AccountLocked(SignInRefused):
    def __init__(self, said: str) -> None:
        super().__init__(
            phrase("The gateway does not let this account in: {said}.", said=said.rstrip(".") or "403"),
            phrase("Ask whoever runs the gateway."),
        )


class ConsentNeeded(SignInRefused):
    def __init__(self) -> None:
        super().__init__(
            phrase("The gateway asks this account to consent to data processing first."),
            phrase("Consent in the gateway's app or web page, and sign in again."),
        )


class LoginRefused(SignInRefused):
    def __init__(self, said: str) -> None:
        super().__init__(
            phrase("The gateway refuses the login: {said}.", said=said.rstrip(".")),
            phrase("Check what was typed, and sign in again."),
        )


class LinkRefused(SignInRefused):
    def __init__(self, said: str) -> None:
        super().__init__(
            phrase("The link does not let anybody in: {said}.", said=said.rstrip(".") or "404"),
            phrase("It may be mistyped, expired or withdrawn; ask for a new one."),
        )


class AccessDenied(GatewayError):
    def __init__(self, said: str) -> None:
        super().__init__(
            phrase("The gateway refuses this: {said}.", said=said.rstrip(".") or "403"),
            phrase("Check the conversation's id, and that this account is a member of it."),
        )


class HidingRefused(GatewayError):
    """``fields`` are the preferences that need a consent, if the gateway names them."""

    def __init__(self, said: str, fields: Collection[str] = ()) -> None:
        if fields:
            names = ", ".join(sorted(fields))
            sentence = phrase("The gateway hides the account only with consent to: {names}.", names=names)
        else:
            sentence = phrase("The gateway does not hide the account: {said}.", said=said.rstrip("."))
        super().__init__(sentence, phrase("Turn showOnlineStatus off in the settings of the apps."))


class NotFound(GatewayError):
    def __init__(self, said: str) -> None:
        super().__init__(
            phrase("The gateway does not know this: {said}.", said=said.rstrip(".") or "404"),
            phrase("Check the conversation's id and the profile."),
        )


class NoConversation(GatewayError):
    def __init__(self) -> None:
        super().__init__(
            phrase("This account is in no conversation."),
            phrase("Enter one, or name one that you are a member of."),
        )


class RateLimited(GatewayError):
    """The shared budget of requests is spent; ``retry_after_s`` is always told."""

    kind = "rate limited"
    retry_after_s: float

    def __init__(self, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(
            phrase("The gateway asks for a pause of {pause:.0f} s.", pause=retry_after_s),
            phrase("Its request budget is shared by everyone behind the same address; try again then."),
        )


class GatewayBroken(GatewayError):
    def __init__(self, status: int, said: str, retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(
            phrase("The gateway failed with {status} {said}.", status=status, said=said.rstrip(".")),
            phrase("This is the gateway's own trouble; try again in a moment."),
        )


PASSING: Final = (Unreachable, GatewayBroken, GarbledAnswer, RateLimited, RefusedForNow)
"""Errors after which a failed read is repeated automatically."""
