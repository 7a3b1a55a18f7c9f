"""The live feed: Socket.IO over WebSocket, or over polling where a proxy lets no WebSocket through."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import Any, Final

import aiohttp
import engineio.payload

from presence_tui.domain.limits import Bounds
from presence_tui.domain.translatable import phrase
from presence_tui.transport.addresses import Address
from presence_tui.transport.bodies import ACCEPTED
from presence_tui.transport.credentials import Credential
from presence_tui.transport.errors import (
    ConnectionLost,
    GatewayError,
    SessionUnknown,
    SocketRefused,
    Unreachable,
)
from presence_tui.transport.feed import FeedListener
from presence_tui.transport.inline_engineio import SUPPORTED, UPGRADE_LIMIT_S, InlineClient
from presence_tui.transport.network_errors import causes, network_error
from presence_tui.transport.proxies import Proxy

CONNECT_LIMIT_S: Final = 10.0
CLOSE_LIMIT_S: Final = 1.0

POLLING_REMEMBERED_S: Final = 300.0
"""Where no WebSocket came through, the next attempts within this time begin with polling."""

_POLLING_PACKETS: Final = 10_000


class SocketFeed:
    """A ``Feed`` of a gateway.

    Each ``open`` makes a client of its own, so that nothing of a broken connection outlives it. The
    library's reconnection is off: it does not return after a server-side disconnect, which is how
    gateways say no. Its records go to the logger ``presence_tui.socket`` and never to the terminal.
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
        """Up to when an attempt begins with polling, on the loop's clock."""
        self._client: InlineClient | None = None
        self._session: aiohttp.ClientSession | None = None
        self._logger = logging.getLogger("presence_tui.socket")
        # Below this, the library logs every packet, the handshake with the token among them.
        self._logger.setLevel(logging.WARNING)
        # The library aborts a polling answer of more than 16 packets, which a busy gateway sends.
        engineio.payload.Payload.max_decode_packets = _POLLING_PACKETS

    @property
    def transport_name(self) -> str:
        return str(self._client.eio.current_transport or "") if self._client else ""

    @property
    def silence_limit_s(self) -> float | None:
        return self._client.window_s if self._client else None

    async def open(self, credential: Credential, listener: FeedListener) -> None:
        """Connect by WebSocket, else by polling. Raises ``GatewayError`` saying why neither worked.

        Where only polling came through lately, that is tried first. A connection that polls tries a WebSocket
        again by itself, later.
        """
        now_s = asyncio.get_running_loop().time()
        usual, other = "websocket", "polling"
        if now_s < self._polls_until_s:
            usual, other = other, usual
        try:
            await self._connect(credential, listener, usual)
        except SocketRefused as refused:
            try:
                await self._connect(credential, listener, other)
            except SocketRefused as also_refused:
                # What the WebSocket was told is the clearer answer of the two.
                raise (refused if usual == "websocket" else also_refused) from None
            self._polls_until_s = now_s + POLLING_REMEMBERED_S if other == "polling" else 0.0

    async def emit(self, event: str, payload: dict[str, str]) -> None:
        if self._client is not None and "/" in self._client.namespaces:
            await self._client.emit(event, payload)

    async def close(self) -> None:
        client, self._client = self._client, None
        session, self._session = self._session, None
        if client is not None:
            # From here on the end of the connection is our own wish and nobody's news.
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

    async def _connect(self, credential: Credential, listener: FeedListener, transport: str) -> None:
        await self.close()
        loop = asyncio.get_running_loop()
        deadline = asyncio.timeout(CONNECT_LIMIT_S)
        began_s = loop.time()
        is_upgrading = is_open = False

        def on_reached() -> None:
            nonlocal is_upgrading
            if transport == "websocket":
                # Some proxies take an upgrade and never answer it, or answer 101 and let nothing through.
                is_upgrading = True
                deadline.reschedule(min(loop.time() + UPGRADE_LIMIT_S, began_s + CONNECT_LIMIT_S))

        def on_open() -> None:
            nonlocal is_upgrading
            is_upgrading = False
            deadline.reschedule(began_s + CONNECT_LIMIT_S)

        def on_end(reason: GatewayError) -> None:
            if client is self._client and is_open:
                listener.on_closed(reason)

        self._session = self._new_session(on_reached)
        client = self._client = InlineClient(
            listener=listener,
            bounds=self._bounds,
            on_open=on_open,
            on_end=on_end,
            reconnection=False,
            handle_sigint=False,
            logger=self._logger,
            engineio_logger=self._logger,
            http_session=self._session,
            request_timeout=CONNECT_LIMIT_S,
            # The library refuses a frame of exactly its limit.
            websocket_extra_options={"max_msg_size": self._bounds.frame_bytes + 1},
        )
        try:
            async with deadline:
                await client.connect(
                    self._address.url,
                    auth=credential.handshake,
                    transports=[transport],
                    socketio_path=f"{self._address.path}/socket.io".lstrip("/"),
                    namespaces=["/"],
                    wait_timeout=CONNECT_LIMIT_S,
                )
            _restore_cancellation()
            is_open = True
        except Exception as error:
            # Of any kind: the library trusts the first packet to be well formed; that of a stranger is not.
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
            # Our engine unpacks answers itself, within a bound.
            auto_decompress=not SUPPORTED,
            headers={"Accept-Encoding": ACCEPTED},
            proxy=self._proxy.url if self._proxy else None,
        )

    def _why(self, error: Exception, end: GatewayError | None, *, is_upgrading: bool) -> GatewayError:
        """Why an attempt failed; ``SocketRefused`` where another transport may do better."""
        shown = self._address.shown
        end = error if isinstance(error, GatewayError) else end
        if end is not None and (isinstance(end, SessionUnknown) or not isinstance(end, ConnectionLost)):
            return end
        # What a poll failed by is kept there; the library makes a sentence of it.
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
            return SocketRefused(shown, end.why, end.kind)
        for link in causes(source):
            if isinstance(link, aiohttp.WSServerHandshakeError):
                return SocketRefused(shown, phrase("the answer was {status}", status=link.status))
        return SocketRefused(shown, phrase("no Socket.IO handshake came about"))


def _restore_cancellation() -> None:
    # The library waits by asyncio.wait_for, which on Python 3.11 may swallow a cancellation.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _close(session: aiohttp.ClientSession | None) -> None:
    if session is not None:
        await session.close()
        # The transports close at the loop's next turn, which may be its last.
        await asyncio.sleep(0)
