"""An HTTP client with size limits, time limits and a request budget. It follows no redirects."""

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar
from uuid import uuid4

import httpx

from presence_tui.domain.evidence import EARLIEST_S, LATEST_S
from presence_tui.domain.limits import Bounds
from presence_tui.domain.translatable import phrase
from presence_tui.store.clock import Clock, SystemClock
from presence_tui.transport.addresses import Address
from presence_tui.transport.decompression import ACCEPTED, Unpackable, read_body
from presence_tui.transport.errors import (
    AccessDenied,
    GarbledAnswer,
    GatewayBroken,
    GatewayError,
    NotFound,
    RateLimited,
    SignInNeeded,
    UnexpectedAnswer,
)
from presence_tui.transport.network_errors import network_error
from presence_tui.transport.proxies import Proxy, httpx_proxy, refusal_by
from presence_tui.transport.rate_limits import (
    LONGEST_PAUSE_S,
    RequestBudget,
    RequestCounters,
    asked_pause_s,
    http_date_s,
    number,
)
from presence_tui.transport.resolver import use_daemon_threads_for_lookups
from presence_tui.wire.responses import UnexpectedShape, read_error
from presence_tui.wire.sanitize import safe_text

ANSWER_LIMIT_S: Final = 15.0
"""Time limit of a request. Large requests were seen to take five seconds (section 3.5)."""

RETRY_AFTER_DEFAULT_S: Final = 60.0

LONGEST_WAIT_S: Final = 60.0
"""A longer wait for the budget raises ``RateLimited`` instead, because other tasks wait for the reader."""

NOTICED_S: Final = 2.0
"""Pauses from this length on are reported to the user."""

_SERVER_ERROR: Final = 500

_JSON: Final = {"Content-Type": "application/json"}

_LARGE_BODY_BYTES: Final = 256 * 1024

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Response:
    """A successful answer."""

    status: int
    body: bytes = field(repr=False)
    """May contain a token."""
    round_trip_s: float


@dataclass(frozen=True, slots=True)
class DatedAnswer:
    """The ``Date`` of an answer, whole seconds by the gateway's clock."""

    told_s: float
    middle_s: float
    """The middle of the round trip, by our clock."""
    round_trip_s: float


class RestClient:
    """Requests to one gateway. Every method raises ``GatewayError``.

    Redirects are not followed: httpx would forward ``X-Session-Token`` to any target.
    """

    def __init__(
        self,
        address: Address,
        tls: ssl.SSLContext,
        *,
        bounds: Bounds | None = None,
        clock: Clock | None = None,
        proxy: Proxy | None = None,
    ) -> None:
        self._address = address
        self._proxy = proxy
        self._clock = clock or SystemClock()
        self._bounds = bounds or Bounds()
        self._paused_until_s = 0.0
        self.on_pause: Callable[[float], None] = lambda pause_s: None
        """Called before a pause of at least ``NOTICED_S``."""
        self.counters = RequestCounters()
        """Requests so far. Read-only."""
        self.last_date: DatedAnswer | None = None
        """The time told by the last answer that had one, also by a refusal. Read-only."""
        self._budget = RequestBudget(self.counters)
        self._http = httpx.AsyncClient(
            base_url=address.url,
            verify=tls,
            timeout=ANSWER_LIMIT_S,
            follow_redirects=False,
            # ``proxy_for`` reads the environment, for the socket as well.
            trust_env=False,
            proxy=None if proxy is None else httpx_proxy(proxy, tls),
            limits=_limits(address, proxy),
            headers={"Accept": "application/json", "Accept-Encoding": ACCEPTED},
        )

    @property
    def address(self) -> Address:
        return self._address

    @property
    def bounds(self) -> Bounds:
        return self._bounds

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        payload: Mapping[str, object] | None = None,
        accept_refusals: frozenset[int] = frozenset(),
    ) -> Response:
        """Send one request. A status in ``accept_refusals`` is returned as a response, not raised."""
        self._check_pause()
        use_daemon_threads_for_lookups()
        started_s = self._now_s()
        try:
            request = self._http.build_request(
                method,
                path,
                params=query,
                # Characters that are half of a pair are escaped; httpx would refuse to encode them.
                content=None if payload is None else json.dumps(payload).encode(),
                headers={
                    "X-Request-ID": str(uuid4()),
                    **(_JSON if payload is not None else {}),
                    **(headers or {}),
                },
            )
        except httpx.InvalidURL as problem:
            why = phrase("it led to an address that is none")
            raise UnexpectedAnswer(self._address.shown, why) from problem
        except ValueError as problem:
            # Without the library's message, which repeats the token.
            raise SignInNeeded(phrase("The token holds characters that none may hold.")) from problem
        self._budget.record_request(started_s)
        with self.counters.request():
            return await self._answer_to(request, started_s, accept_refusals)

    async def read(self, answer: Response, read: Callable[[bytes], Read]) -> Read:
        """Parse the body with ``read``. Raises ``GarbledAnswer`` if it has another shape."""
        if len(answer.body) > _LARGE_BODY_BYTES:
            # Parsing a large body on the event loop would freeze the screen.
            return await asyncio.to_thread(self.read_now, answer, read)
        return self.read_now(answer, read)

    def read_now(self, answer: Response, read: Callable[[bytes], Read]) -> Read:
        """Like ``read``, but always on the event loop, for a reader that continues in parts."""
        try:
            return read(answer.body)
        except UnexpectedShape as problem:
            raise GarbledAnswer(self._address.shown) from problem

    async def await_budget(self) -> None:
        """Wait until the shared budget allows the next request of a long series.

        Raises ``RateLimited`` instead of waiting longer than ``LONGEST_WAIT_S``. Waiting blocks no other
        request and is safe to cancel.
        """
        latest_s = self._now_s() + LONGEST_WAIT_S
        # Checked again after each pause: another series may have used the new budget.
        while (pause_s := self._budget.pause_s(self._now_s())) > 0:
            if self._now_s() + pause_s > latest_s:
                raise RateLimited(pause_s)
            if pause_s >= NOTICED_S:
                self.on_pause(pause_s)
            await asyncio.sleep(pause_s)

    async def close(self) -> None:
        await self._http.aclose()

    def _now_s(self) -> float:
        return self._clock.stamp().monotonic_s

    def _check_pause(self) -> None:
        left_s = self._paused_until_s - self._now_s()
        if left_s > 0:
            raise RateLimited(left_s)

    async def _answer_to(
        self, request: httpx.Request, started_s: float, accept_refusals: frozenset[int]
    ) -> Response:
        try:
            # httpx limits the time of each piece; this limits the whole answer.
            async with asyncio.timeout(ANSWER_LIMIT_S):
                response = await self._http.send(request, stream=True)
                try:
                    body = await self._read(response)
                finally:
                    await response.aclose()
        except httpx.LocalProtocolError as problem:
            raise SignInNeeded(phrase("The token holds characters that none may hold.")) from problem
        except Unpackable as problem:
            raise UnexpectedAnswer(self._address.shown, problem.sentence) from problem
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise network_error(error, self._address, ANSWER_LIMIT_S, self._proxy) from error
        now = self._clock.stamp()
        self._budget.record_answer(response.headers, now.monotonic_s)
        round_trip_s = now.monotonic_s - started_s
        self._keep_date(response, now.wall_s - round_trip_s / 2, round_trip_s)
        if response.status_code in accept_refusals or response.is_success:
            self.counters.round_trips.add(round_trip_s)
            return Response(response.status_code, body, round_trip_s)
        raise self._refusal(response, body)

    def _keep_date(self, response: httpx.Response, middle_s: float, round_trip_s: float) -> None:
        # An answer with an age comes from a cache, and one of an error may be a proxy's own.
        if response.status_code < _SERVER_ERROR and "age" not in response.headers:
            told_s = http_date_s(response.headers.get("date"))
            if told_s is not None and EARLIEST_S <= told_s < LATEST_S:
                self.last_date = DatedAnswer(told_s, middle_s, round_trip_s)

    async def _read(self, response: httpx.Response) -> bytes:
        declared = number(response.headers.get("content-length"))
        return await read_body(
            response.aiter_raw(),
            response.headers.get("content-encoding", ""),
            self._bounds.frame_bytes,
            what=phrase("An answer of the gateway"),
            declared_bytes=None if declared is None else int(declared),
        )

    def _refusal(self, response: httpx.Response, body: bytes) -> GatewayError:
        error = read_error(body)
        status = response.status_code
        asked_s = asked_pause_s(response.headers, self._clock.stamp().wall_s)
        text = error.text or safe_text(response.reason_phrase)
        match status:
            case 401:
                return SignInNeeded()
            case 403:
                return AccessDenied(text)
            case 404:
                return NotFound(text)
            case 407 if self._proxy is not None:
                return refusal_by(self._proxy, status, text)
            case 429:
                if asked_s is None:
                    asked_s = number(str(error.retry_after_s))
                pause_s = min(RETRY_AFTER_DEFAULT_S if asked_s is None else asked_s, LONGEST_PAUSE_S)
                self._paused_until_s = self._now_s() + pause_s
                return RateLimited(pause_s)
            case _ if status >= 500:
                return GatewayBroken(status, text, asked_s)
            case _ if response.has_redirect_location:
                target = safe_text(response.headers.get("location", ""))
                why = phrase("it redirects to {target}, which is not followed", target=target)
                return UnexpectedAnswer(self._address.shown, why)
            case _:
                why = phrase("{status} {said}", status=status, said=text.rstrip("."))
                return UnexpectedAnswer(self._address.shown, why)


def _limits(address: Address, proxy: Proxy | None) -> httpx.Limits:
    # A forwarding proxy may close a connection after its answer without announcing it.
    is_forwarded = proxy is not None and not address.is_secure
    return httpx.Limits(max_connections=100, max_keepalive_connections=0 if is_forwarded else 20)
