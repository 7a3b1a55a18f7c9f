"""A forward proxy in the test's event loop that maps every host to one local port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from presence_tui.transport.addresses import Address
from presence_tui.transport.proxies import Proxy


class TinyProxy:
    """Tunnels and forwards. ``asked`` has the request line of each connection."""

    def __init__(self, target_port: int, *, answer: str = "", credentials: str = "") -> None:
        self.asked: list[str] = []
        self.port = 0
        self._target_port = target_port
        self._answer = answer
        """A status line that refuses everything."""
        self._credentials = credentials
        """The required ``Proxy-Authorization``."""
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def proxy(self) -> Proxy:
        return Proxy(Address("http", "127.0.0.1", self.port))

    @asynccontextmanager
    async def running(self) -> AsyncIterator["TinyProxy"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for writer in self._writers:
                writer.close()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            await self._lead(head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _lead(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request, _, headers = head.partition("\r\n")
        self.asked.append(request)
        if refusal := self._refusal(headers):
            writer.write(f"{refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._target_port)
        self._writers.append(back)
        if request.startswith("CONNECT "):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            method, url, version = request.split(" ")
            path = "/" + url.split("/", 3)[3]
            dropped = ("proxy-", "host:")
            kept = [line for line in headers.split("\r\n") if not line.lower().startswith(dropped)]
            if "upgrade: websocket" not in headers.lower():
                # One request per connection, so that the next one also uses the proxy.
                kept = ["Connection: close", *(it for it in kept if not it.lower().startswith("connection:"))]
            # The embedded gateway accepts only its own host name.
            lines = (f"{method} {path} {version}", f"Host: 127.0.0.1:{self._target_port}", *kept)
            back.write("\r\n".join(lines).encode())
        await asyncio.wait(
            [asyncio.create_task(_pump(reader, back)), asyncio.create_task(_pump(there, writer))],
            return_when=asyncio.FIRST_COMPLETED,
        )
        back.close()

    def _refusal(self, headers: str) -> str:
        if self._answer:
            return self._answer
        if self._credentials and f"proxy-authorization: {self._credentials}".lower() not in headers.lower():
            return 'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="office"'
        return ""


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
