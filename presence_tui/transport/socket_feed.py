"""The live feed: Socket.IO over WebSocket, or over polling if a proxy blocks WebSockets."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import Any, Final

import aiohttp
import engineio.payload

from presence_tui.domain.limits import Bounds
from presence_tui.domain.translatable import phrase
from presence_tui.store.clock import SystemClock
from presence_tui.transport import endings
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential
from presence_tui.transport.decompression import ACCEPTED
from presence_tui.transport.engineio_internals import LOOPS
from presence_tui.transport.errors import (
    ConnectionLost,
    GatewayError,
    SessionUnknown,
    SocketRefused,
    Unreachable,
)
from presence_tui.transport.feed import FeedListener
from presence_tui.transport.inline_engineio import UPGRADE_LIMIT_S, InlineClient
from presence_tui.transport.network_errors import causes, network_error
from presence_tui.transport.proxies import Proxy
from presence_tui.transport.rate_limits import asked_pause_s
from presence_tui.transport.recovery import RecoveryPoint
from presence_tui.transport.resolver import use_daemon_threads_for_lookups
from presence_tui.transport.websocket_pings import FrameWebSocket

CONNECT_LIMIT_S: Final = 10.0
CLOSE_LIMIT_S: Final = 1.0

POLLING_REMEMBERED_S: Final = 300.0
"""After a WebSocket failed, attempts within this time start with polling."""

_POLLING_PACKETS: Final = 10_000


class SocketFeed:
    """A ``Feed`` of a gateway.

    Each ``open`` creates a new client, so that no state of a broken connection survives. The library's
    reconnection is off: it does not reconnect after a server-side disconnect, which is how gateways refuse.
    The library logs to ``presence_tui.socket``, never to the terminal.
    """

    def __init__(
        self,
        address: Address,
        tls: ssl.SSLContext,
        *,
        bounds: Bounds | None = None,
        proxy: Proxy | None = None,
    ) -> None:
        self._address = address
        self._tls = tls
        self._bounds = bounds or Bounds()
        self._proxy = proxy
        self._polls_until_s = 0.0
        """Until this time of the loop's clock, attempts start with polling."""
        self._recovery = RecoveryPoint()
        self._was_opened = False
        """True once the gateway answered the current attempt, so that it may have a socket for it."""
        self._client: InlineClient | None = None
        self._session: aiohttp.ClientSession | None = None
        self._logger = logging.getLogger("presence_tui.socket")
        # Below this level, the library logs every packet, including the handshake with the token.
        self._logger.setLevel(logging.WARNING)
        # The library rejects a polling answer of more than 16 packets, which a busy gateway sends.
        engineio.payload.Payload.max_decode_packets = _POLLING_PACKETS

    @property
    def transport_name(self) -> str:
        return str(self._client.eio.current_transport or "") if self._client else ""

    @property
    def silence_limit_s(self) -> float | None:
        return self._client.window_s if self._client else None

    async def open(self, credential: Credential, listener: FeedListener) -> None:
        """Connect by WebSocket, otherwise by polling. Raises ``GatewayError`` saying why both failed.

        If only polling worked lately, it is tried first. A polling connection tries to upgrade to a WebSocket
        later.
        """
        use_daemon_threads_for_lookups()
        now_s = asyncio.get_running_loop().time()
        usual, other = "websocket", "polling"
        if now_s < self._polls_until_s:
            usual, other = other, usual
        try:
            await self._connect(credential, listener, usual)
        except SocketRefused as refused:
            if refused.retry_after_s is not None:
                raise
            try:
                await self._connect(credential, listener, other)
            except SocketRefused as also_refused:
                # The error of the WebSocket attempt is the clearer one.
                raise (refused if usual == "websocket" else also_refused) from None
            self._polls_until_s = now_s + POLLING_REMEMBERED_S if other == "polling" else 0.0

    async def emit(self, event: str, payload: dict[str, str]) -> None:
        if self._client is not None and "/" in self._client.namespaces:
            await self._client.emit(event, payload)

    def forget_session(self) -> None:
        self._recovery.forget()

    async def close(self) -> None:
        client, self._client = self._client, None
        session, self._session = self._session, None
        if client is not None:
            if self._was_opened:
                self._conclude(client.end)
            # We close the connection ourselves, so the listener is not called.
            client.handlers.clear()
            try:
                async with asyncio.timeout(CLOSE_LIMIT_S):
                    await client.disconnect()
                    # After a ping timeout the library drops its WebSocket without closing it.
                    if client.eio.ws is not None:
                        await client.eio.ws.close()
            except (TimeoutError, aiohttp.ClientError, OSError):
                self._logger.info("the connection did not close in time and was dropped")
            finally:
                try:
                    await client.drop()
                finally:
                    await _close(session)
            _restore_cancellation()
        else:
            await _close(session)

    def _conclude(self, end: GatewayError | None) -> None:
        """Decide by its end whether the session can be continued; ``None`` if we leave it."""
        self._was_opened = False
        if end is not None and not endings.is_loss(end):
            self._recovery.forget()
        elif end is None or not endings.is_noticed(end):
            self._recovery.abandoned()

    async def _connect(self, credential: Credential, listener: FeedListener, transport: str) -> None:
        await self.close()
        loop = asyncio.get_running_loop()
        deadline = asyncio.timeout(CONNECT_LIMIT_S)
        began_s = loop.time()
        is_upgrading = is_open = False

        def on_reached() -> None:
            nonlocal is_upgrading
            if transport == "websocket":
                # Some proxies never answer an upgrade, or answer 101 and forward nothing.
                is_upgrading = True
                deadline.reschedule(min(loop.time() + UPGRADE_LIMIT_S, began_s + CONNECT_LIMIT_S))

        def on_open() -> None:
            nonlocal is_upgrading
            is_upgrading = False
            self._was_opened = True
            deadline.reschedule(began_s + CONNECT_LIMIT_S)

        def on_end(reason: GatewayError) -> None:
            if client is self._client and is_open:
                listener.on_closed(reason)

        auth = self._recovery.request(credential.owner_hint) | credential.handshake
        self._session = self._new_session(on_reached)
        client = self._client = InlineClient(
            listener=listener,
            bounds=self._bounds,
            recovery=self._recovery,
            on_open=on_open,
            on_end=on_end,
            reconnection=False,
            handle_sigint=False,
            logger=self._logger,
            engineio_logger=self._logger,
            http_session=self._session,
            request_timeout=CONNECT_LIMIT_S,
            websocket_extra_options={
                # The library rejects a frame of exactly its limit.
                "max_msg_size": self._bounds.frame_bytes + 1,
                # It would wait ten seconds for the end of TCP after a close frame without a code.
                "autoclose": False,
                # Our loop answers pings itself, because aiohttp would drop the answers to ours as well.
                "autoping": False,
            },
        )
        try:
            async with deadline:
                await client.connect(
                    self._address.url,
                    auth=auth,
                    transports=[transport],
                    socketio_path=f"{self._address.path}/socket.io".lstrip("/"),
                    namespaces=["/"],
                    wait_timeout=CONNECT_LIMIT_S,
                )
            _restore_cancellation()
            is_open = True
        except Exception as error:
            # Any kind of error: the library does not validate the first packet of an unknown peer.
            why = self._why(error, client.end, is_upgrading=is_upgrading)
            await self.close()
            raise why from error
        except BaseException:
            await self.close()
            raise

    def _new_session(self, on_reached: Callable[[], None]) -> aiohttp.ClientSession:
        async def connected(*_: Any) -> None:
            on_reached()

        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(connected)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._tls),
            trace_configs=[trace],
            ws_response_class=FrameWebSocket,
            # Our engine decompresses answers itself, within a limit.
            auto_decompress=not LOOPS.available,
            headers={"Accept-Encoding": ACCEPTED},
            proxy=self._proxy.url_for_latin_1 if self._proxy else None,
        )

    def _why(self, error: Exception, end: GatewayError | None, *, is_upgrading: bool) -> GatewayError:
        """Classify a failed attempt; ``SocketRefused`` if another transport may work."""
        shown = self._address.shown
        end = error if isinstance(error, GatewayError) else end
        if end is not None and (isinstance(end, SessionUnknown) or not isinstance(end, ConnectionLost)):
            return end
        # The cause holds the error of the poll; the library converts it to a string.
        source = error if end is None or end.__cause__ is None else end.__cause__
        if is_upgrading and isinstance(source, TimeoutError):
            why = phrase(
                "an upgrade to a WebSocket is not answered within {limit:g} s", limit=UPGRADE_LIMIT_S
            )
            return SocketRefused(shown, why, "upgrade time-out")
        known = network_error(source, self._address, CONNECT_LIMIT_S, self._proxy)
        if type(known) is not Unreachable:
            return known
        if end is not None:
            return SocketRefused(shown, end.why, end.kind, end.retry_after_s)
        for link in causes(source):
            if isinstance(link, aiohttp.WSServerHandshakeError):
                asked_s = asked_pause_s(link.headers or {}, SystemClock().stamp().wall_s)
                why = phrase("the answer was {status}", status=link.status)
                return SocketRefused(shown, why, retry_after_s=asked_s)
        return SocketRefused(shown, phrase("no Socket.IO handshake came about"))


def _restore_cancellation() -> None:
    # The library uses asyncio.wait_for, which may swallow a cancellation on Python 3.11.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _close(session: aiohttp.ClientSession | None) -> None:
    if session is not None:
        await session.close()
        # Transports close in the next iteration of the loop, which may be the last one.
        await asyncio.sleep(0)
