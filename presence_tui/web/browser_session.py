"""The process behind one browser, from its start to its end."""

import asyncio
import re
import shlex
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

import msgspec
from aiohttp.web import WebSocketResponse
from textual_serve.download_manager import DownloadManager

from presence_tui.web.textual_serve_internals import PROCESS, ProcessService

LEAVING_S: Final = 3.0
"""Time limit for a process to close its connections before it is killed."""
COLUMNS: Final = (20, 400)
ROWS: Final = (5, 150)
"""Limits of the screen size a browser may request, because every cell costs work."""
ALLOWED_MESSAGES: Final = re.compile(
    r"(?:\x1b[\[O][ABCDHF]|\x1b\[[56]~|\t|\x1b\[Z|\x1b\[<6[45];\d{1,4};\d{1,4}[Mm])+"
)
"""The only input allowed: arrows, page up/down, home, end, tab and the wheel, as terminal sequences."""


class BrowserSession(ProcessService):
    """The process of one browser. Input is dropped unless it only scrolls."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], websocket: WebSocketResponse
    ) -> None:
        super().__init__(
            shlex.join(command),
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=self._send_end,
            download_manager=DownloadManager(),
        )
        self._arguments = command
        self._own_environment = environment
        self._websocket = websocket

    async def handle_message(self, message: str) -> None:
        """Handle a message of the browser; invalid ones are ignored."""
        try:
            kind, *rest = msgspec.json.decode(message, type=list[object])
        except (msgspec.DecodeError, ValueError, RecursionError):
            return
        match kind, rest:
            case "stdin", [str(keys)] if ALLOWED_MESSAGES.fullmatch(keys):
                await self.send_bytes(keys.encode())
            case "resize", [{"width": int(width), "height": int(height)}]:
                await self.set_terminal_size(within(width, COLUMNS), within(height, ROWS))
            case "ping", [str(mark)]:
                await self._websocket.send_json(["pong", mark])

    async def stop(self) -> None:
        """Ask the process to quit, then kill it if it does not. May be called twice."""
        if not PROCESS.available:
            await self.stop_by_library()
            return
        process, reading = self.take_process()
        if process is None:
            return
        asked = asyncio.create_task(self.send_meta({"type": "quit"}))
        if reading is not None:
            # The task that reads its screen ends with the process.
            await asyncio.wait([reading], timeout=LEAVING_S)
        asked.cancel()
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        if reading is not None:
            await reading
        await process.wait()

    async def run(self) -> None:
        await super().run()
        await self._send_end()

    async def on_data(self, payload: bytes) -> None:
        # Keep reading after the browser has gone, because the process would block on a full pipe.
        if not self._websocket.closed:
            with suppress(ConnectionError):
                await super().on_data(payload)

    async def on_meta(self, data: bytes) -> None:
        """Handle the end of the screen. Other requests, such as links and downloads, are ignored."""
        if msgspec.json.decode(data, type=dict[str, object]).get("type") == "exit":
            await self._send_end()

    async def on_packed(self, payload: bytes) -> None:
        """Part of a download, which a wallboard has not."""

    async def start(self, width: int, height: int) -> None:
        await self.start_with(self._own_environment, width, height)

    async def open_process(self, environment: dict[str, str]) -> Process:
        # Without a shell, unlike the library: titles may contain anything, and the shell would be the child.
        return await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
            # Ctrl-c in the terminal is for the server, which ends the sessions in order.
            start_new_session=True,
        )

    async def _send_end(self) -> None:
        await self._websocket.close()


def within(number: int, limits: tuple[int, int]) -> int:
    """Clamp a number to the limits."""
    least, most = limits
    return max(least, min(number, most))
