"""A running ``serve``, and simulated browsers."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp

from tests.integration.cli.command_line import Running, family

PATIENCE_S = 30.0
"""Time limit for expected results; passing tests never wait this long."""


async def address(serving: Running) -> str:
    """The printed address."""
    assert serving.process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        return (await serving.process.stdout.readline()).decode().strip()


def wallboards(pid: int) -> list[int]:
    """The wallboard processes, one per browser."""
    return [child for child, words in family(pid) if " wallboard " in f"{words} "]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  (a process tells nobody when it ends)
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Browser:
    """A client of the page's protocol. ``seen`` is all received output, with terminal sequences."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seen = b""

    async def until_seen(self, *wanted: str) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not all(part.encode() in self.seen for part in wanted):
                message = await self.socket.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    assert message.type is aiohttp.WSMsgType.BINARY, (message, self.seen)
                    self.seen += message.data

    async def say(self, *words: object) -> None:
        await self.socket.send_str(json.dumps(words))


@asynccontextmanager
async def looking(url: str, size: str = "width=100&height=30", **headers: str) -> AsyncIterator[Browser]:
    """A browser with an open page. Raises aiohttp's error if it is refused."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}ws?{size}", headers={"Origin": url.rstrip("/"), **headers}) as socket,
    ):
        yield Browser(socket)


async def got(url: str, **headers: str) -> tuple[int, str]:
    """Status and body of a response."""
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, await response.text()


async def until_there_is_room(url: str) -> None:
    """Wait until a closed browser is no longer counted, after its process has ended."""
    async with asyncio.timeout(PATIENCE_S):
        while (await got(url))[0] != 200:  # noqa: ASYNC110  (a server tells nobody that it has room)
            await asyncio.sleep(0.02)
