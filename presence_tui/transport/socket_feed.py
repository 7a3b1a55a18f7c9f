"""The live feed: Socket.IO over WebSocket, or over polling where a proxy lets no WebSocket through."""

import asyncio
import logging
import ssl
from typing import Final

import aiohttp
import engineio.payload

from presence_tui.domain.bounds import Bounds
from presence_tui.domain.phrases import Phrase, phrase
from presence_tui.transport.addresses import Address
from presence_tui.transport.bodies import ACCEPTED
from presence_tui.transport.credentials import Credential
from presence_tui.transport.engine import FITS, InlineClient
from presence_tui.transport.errors import (
    BoundExceeded,
    ConnectionLost,
    GatewayError,
    SocketRefused,
    Unreachable,
)
from presence_tui.transport.feed import FeedListener
from presence_tui.transport.network_errors import causes, network_error

CONNECT_LIMIT_S: Final = 10.0
CLOSE_LIMIT_S: Final = 1.0

_POLLING_PACKETS: Final = 10_000


class SocketFeed:
    """A ``Feed`` of a gateway.

    Each ``open`` makes a client of its own, so that nothing of a broken connection outlives it. The
    library's reconnection is off: it does not return after a server-side disconnect, which is how
    gateways say no. Its records go to the logger ``presence_tui.socket`` and never to the terminal.
    """

    def __init__(self, address: Address, tls: ssl.SSLContext, *, bounds: Bounds | None = None) -> None:
        self._address = address
        self._tls = tls
        self._bounds = bounds or Bounds()
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
        client = self._client
        if client is None or not client.connected or client.eio.ping_interval is None:
            return None
        if not FITS:
            # Then a quiet gateway would pass for a silent one; the library has a limit of its own.
            return None
        return float(client.eio.ping_interval + client.eio.ping_timeout)

    async def open(self, credential: Credential, listener: FeedListener) -> None:
        """Connect by WebSocket, else by polling. Raises ``GatewayError`` saying why neither worked."""
        try:
            await self._connect(credential, listener, "websocket")
        except SocketRefused as refused:
            try:
                await self._connect(credential, listener, "polling")
            except SocketRefused:
                # What the WebSocket was told is the clearer answer of the two.
                raise refused from None

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
                    await _end_loops(client)
                finally:
                    await _close(session)
            _obey_cancellation()
        else:
            await _close(session)

    async def _connect(self, credential: Credential, listener: FeedListener, transport: str) -> None:
        await self.close()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._tls),
            trust_env=not self._address.is_loopback,
            # Our engine unpacks answers itself, within a bound.
            auto_decompress=not FITS,
            headers={"Accept-Encoding": ACCEPTED},
        )
        client = self._client = InlineClient(
            listener=listener,
            bounds=self._bounds,
            reconnection=False,
            handle_sigint=False,
            logger=self._logger,
            engineio_logger=self._logger,
            http_session=self._session,
            request_timeout=CONNECT_LIMIT_S,
            websocket_extra_options={"max_msg_size": self._bounds.frame_bytes},
        )
        client.on("*", lambda event, *arguments: listener.on_event(event, arguments))
        client.on("disconnect", lambda *reason: self._tell_closed(client, listener, reason))
        try:
            async with asyncio.timeout(CONNECT_LIMIT_S):
                await client.connect(
                    self._address.url,
                    auth=credential.handshake,
                    transports=[transport],
                    socketio_path=f"{self._address.path}/socket.io".lstrip("/"),
                    namespaces=["/"],
                    wait_timeout=CONNECT_LIMIT_S,
                )
            _obey_cancellation()
        except Exception as error:
            # Of any kind: the library trusts the first packet to be well formed; that of a stranger is not.
            await self.close()
            raise self._why(error) from error
        except BaseException:
            await self.close()
            raise

    def _tell_closed(self, client: InlineClient, listener: FeedListener, reason: tuple[object, ...]) -> None:
        if client is not self._client:
            return
        socket = client.eio.ws
        if client.too_large is not None:
            listener.on_closed(client.too_large)
        elif getattr(socket, "close_code", None) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
            listener.on_closed(BoundExceeded(phrase("A frame of the gateway"), self._bounds.frame_bytes))
        else:
            listener.on_closed(ConnectionLost(_spoken(str(reason[0]) if reason else "")))

    def _why(self, error: BaseException) -> GatewayError:
        if isinstance(error, GatewayError):
            return error
        known = network_error(error, self._address, CONNECT_LIMIT_S)
        if type(known) is not Unreachable:
            return known
        for link in causes(error):
            if isinstance(link, aiohttp.WSServerHandshakeError):
                why = phrase("the answer was {status}", status=link.status)
                return SocketRefused(self._address.shown, why)
        return SocketRefused(self._address.shown, phrase("no Socket.IO handshake came about"))


def _obey_cancellation() -> None:
    # The library waits by asyncio.wait_for, which on Python 3.11 may swallow a cancellation.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _end_loops(client: InlineClient) -> None:
    # A loop of the library that outlives its connection opens an HTTP session of its own.
    loops = [task for task in (client.eio.read_loop_task, client.eio.write_loop_task) if task is not None]
    for task in loops:
        task.cancel()
    if loops:
        await asyncio.wait(loops, timeout=CLOSE_LIMIT_S)


async def _close(session: aiohttp.ClientSession | None) -> None:
    if session is not None:
        await session.close()
        # The transports close at the loop's next turn, which may be its last.
        await asyncio.sleep(0)


def _spoken(reason: str) -> Phrase:
    if reason == "server disconnect":
        return phrase("the gateway ended the connection")
    return phrase("the gateway said no goodbye")
