"""A webhook: posts each alert as JSON, signed if there is a secret, and retries transient failures.

Headers and signature follow Standard Webhooks (standardwebhooks.com), which has receivers in most languages.
All attempts have the same ``webhook-id``, so receivers can discard repeats. The path of the address may be a
secret, so only the host is ever shown.
"""

import base64
import binascii
import hashlib
import hmac
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from presence_tui import __version__
from presence_tui.alerts.delivery import DeliveryError, Notice
from presence_tui.domain.redaction import register_secret
from presence_tui.domain.translatable import Phrase, PhraseError, phrase
from presence_tui.store.clock import Clock, SystemClock
from presence_tui.transport.addresses import Address
from presence_tui.transport.network_errors import network_error
from presence_tui.transport.proxies import BadProxy, Proxy, httpx_proxy, proxy_for
from presence_tui.transport.rate_limits import asked_pause_s
from presence_tui.transport.resolver import use_daemon_threads_for_lookups
from presence_tui.wire.sanitize import safe_text

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    import httpx
    from tenacity import RetryCallState

ATTEMPTS: Final = 5
LIMIT_S: Final = 10.0
"""Time limit of one attempt."""
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 30.0
_SECRET_PREFIX: Final = "whsec_"
_MAY_PASS: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Status codes after which another attempt may succeed."""

Sleep = Callable[[float], Awaitable[None]]


class BadWebhook(PhraseError):
    """The text is not a valid address; the message says why without repeating it."""


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """The address to post to. Only ``shown`` may be shown."""

    url: str = field(repr=False)
    address: Address

    @classmethod
    def parse(cls, text: str) -> "WebhookAddress":
        """Parse an http or https address with a host. Raises ``BadWebhook``."""
        url = text.strip()
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as problem:
            raise BadWebhook(phrase("[notifications]: the webhook is no address.")) from problem
        if parts.scheme not in ("http", "https") or not host or host != safe_text(host):
            raise BadWebhook(
                phrase(
                    "[notifications]: the webhook must be an address that begins with https:// or http://."
                )
            )
        if url != safe_text(url, 8_000) or " " in url:
            raise BadWebhook(phrase("[notifications]: the webhook holds what no address may hold."))
        return cls(url, Address(parts.scheme, host, port or (443 if parts.scheme == "https" else 80)))

    @property
    def shown(self) -> str:
        return self.address.shown


class Webhook:
    """Posts notices to one address. Close it when done."""

    def __init__(
        self,
        address: WebhookAddress,
        tls: ssl.SSLContext,
        *,
        secret: str = "",
        clock: Clock | None = None,
        sleep: Sleep | None = None,
    ) -> None:
        register_secret(secret)
        # The whole address is enough to post there.
        register_secret(address.url)
        self._address = address
        self._tls = tls
        self._key = signing_key(secret)
        self._clock = clock or SystemClock()
        self._sleep = sleep
        self._http: httpx.AsyncClient | None = None
        self._proxy: Proxy | None = None

    async def send(self, notice: Notice) -> str:
        """Post the notice, at most ``ATTEMPTS`` times, and return the status. Raises ``DeliveryError``."""
        import asyncio

        from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

        attempts = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=_wait_s,
            retry=retry_if_exception_type(_MayPass),
            sleep=self._sleep or asyncio.sleep,
            reraise=True,
        )
        try:
            async for attempt in attempts:
                with attempt:
                    status = await self._post(notice)
        except _MayPass as problem:
            raise DeliveryError(
                phrase(
                    "The webhook at {host} failed {attempts} times: {why}",
                    host=self._address.shown,
                    attempts=ATTEMPTS,
                    why=problem.sentence,
                )
            ) from problem
        return status

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def _post(self, notice: Notice) -> str:
        import asyncio

        import httpx

        use_daemon_threads_for_lookups()
        if self._http is None:
            self._proxy = proxy = self._proxy_of_environment()
            self._http = httpx.AsyncClient(
                verify=self._tls,
                timeout=LIMIT_S,
                follow_redirects=False,
                # ``proxy_for`` reads the environment, as for the gateway.
                trust_env=False,
                proxy=None if proxy is None else httpx_proxy(proxy, self._tls),
            )
        try:
            async with asyncio.timeout(LIMIT_S):
                request = self._http.build_request(
                    "POST", self._address.url, content=notice.body, headers=self._headers(notice)
                )
                # The body of the response is not needed and may be endless.
                response = await self._http.send(request, stream=True)
                await response.aclose()
        except (httpx.HTTPError, OSError, ValueError) as problem:
            # Without the library's error as cause, because its message repeats the address.
            error = network_error(problem, self._address.address, LIMIT_S, self._proxy)
            raise _MayPass(error.sentence) from None
        return self._read(response)

    def _proxy_of_environment(self) -> Proxy | None:
        try:
            return proxy_for(self._address.address)
        except BadProxy as problem:
            raise DeliveryError(problem.sentence) from problem

    def _read(self, response: "httpx.Response") -> str:
        status = response.status_code
        text = f"{status} {safe_text(response.reason_phrase)}".rstrip()
        if response.is_success:
            return text
        host = self._address.shown
        if status in _MAY_PASS:
            raise _MayPass(
                phrase("{host} answers {said}.", host=host, said=text),
                _pause_s(response, self._clock.stamp().wall_s),
            )
        if response.has_redirect_location:
            raise DeliveryError(
                phrase("The webhook at {host} redirects elsewhere, which is not followed.", host=host)
            )
        raise DeliveryError(phrase("The webhook at {host} refuses it: {said}.", host=host, said=text))

    def _headers(self, notice: Notice) -> dict[str, str]:
        at = str(int(self._clock.stamp().wall_s))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"presence-tui/{__version__}",
            "webhook-id": notice.id,
            "webhook-timestamp": at,
        }
        if self._key:
            headers["webhook-signature"] = signature(self._key, notice.id, at, notice.body)
        return headers


def signing_key(secret: str) -> bytes:
    """Return the signing key: decoded base64 after ``whsec_``, otherwise the bytes of the text."""
    if secret.startswith(_SECRET_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def signature(key: bytes, notice_id: str, at: str, body: bytes) -> str:
    """Standard Webhooks signature: HMAC-SHA256 over id, time and body."""
    digest = hmac.new(key, b".".join((notice_id.encode(), at.encode(), body)), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


class _MayPass(Exception):
    """An attempt failed, but the next one may succeed."""

    def __init__(self, sentence: Phrase, pause_s: float = 0.0) -> None:
        self.sentence = sentence
        self.pause_s = pause_s
        super().__init__(str(sentence))


def _wait_s(state: "RetryCallState") -> float:
    """Exponential backoff with jitter, or the longer pause requested by the receiver, within a limit."""
    from tenacity import wait_exponential_jitter

    usual_s = wait_exponential_jitter(initial=FIRST_WAIT_S, max=LONGEST_WAIT_S)(state)
    problem = state.outcome.exception() if state.outcome is not None else None
    asked_s = problem.pause_s if isinstance(problem, _MayPass) else 0.0
    return max(usual_s, min(asked_s, LONGEST_WAIT_S))


def _pause_s(response: "httpx.Response", now_s: float) -> float:
    return asked_pause_s(response.headers, now_s) or 0.0
