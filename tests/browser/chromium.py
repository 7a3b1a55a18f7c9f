"""Headless Chromium driven by the DevTools protocol, without a driver or another library."""

import asyncio
import base64
import itertools
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_S = 30.0
"""Timeout for expected events; a passing test never waits this long."""
FLAGS = (
    "--headless=new",
    # A container has no namespaces for Chromium's sandbox; it opens only our own page.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    # Only this machine is reachable: requests of the page to any other host fail.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
READ_TERMINAL = """(() => {
  const shown = globalThis.__shown && globalThis.__shown.terminal;
  if (!shown) return "";
  const lines = [], buffer = shown.buffer.active;
  for (let y = 0; y < shown.rows; y++) lines.push(buffer.getLine(y)?.translateToString(true) ?? "");
  return lines.join("\\n");
})()"""
# The page draws on a canvas and keeps its terminal private; this setter runs when its address is set.
FIND_TERMINAL = """Object.defineProperty(Object.prototype, "websocket_url", {
  configurable: true,
  set(url) {
    globalThis.__shown = this;
    Object.defineProperty(this, "websocket_url", { value: url, writable: true });
  },
});"""


def chromium_path() -> str | None:
    """Path of Chromium on this machine, or ``None``."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Tab:
    """One tab, controlled through the domains ``Page``, ``Runtime``, ``Input`` and ``Network``."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.asked: list[str] = []
        """All URLs the page requested."""
        self.complaints: list[str] = []
        """Uncaught exceptions of the page's scripts."""

    async def listen(self) -> None:
        """Dispatch messages until the tab is closed."""
        async for message in self._socket:
            told = json.loads(message.data)
            if (answer := self._answers.pop(told.get("id", 0), None)) is not None:
                answer.set_result(told)
            elif told.get("method") in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                told = told["params"]
                self.asked.append(told.get("url") or told["request"]["url"])
            elif told.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(told["params"]["exceptionDetails"]))

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result. Fails with Chromium's error message."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(PATIENCE_S):
            told = await answer
        assert "error" not in told, told
        result: dict[str, Any] = told["result"]
        return result

    async def open(self, url: str, width: int, height: int) -> None:
        """Open a URL in a window of this size in pixels."""
        for domain in ("Page", "Runtime", "Network"):
            await self.call(f"{domain}.enable")
        await self.call("Page.addScriptToEvaluateOnNewDocument", source=FIND_TERMINAL)
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        await self.call("Page.navigate", url=url)

    async def value(self, expression: str) -> Any:
        """Evaluate an expression in the page."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    async def terminal(self) -> str:
        """The text of the terminal in the page."""
        return str(await self.value(READ_TERMINAL) or "")

    async def until_terminal(self, holds: Callable[[str], bool]) -> str:
        """Wait until the terminal's text satisfies the predicate; return it."""
        text = ""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not holds(text):
                    await asyncio.sleep(0.05)
                    text = await self.terminal()
        except TimeoutError:
            page = await self.value("document.body.innerText")
            raise AssertionError(f"{text}\n--- page: {page}\n--- {self.complaints}") from None
        return text

    async def type(self, text: str) -> None:
        """Press one key per character."""
        await self.value("document.querySelector('.xterm-helper-textarea').focus()")
        for character in text:
            key = {"type": "keyDown", "text": character, "key": character}
            await self.call("Input.dispatchKeyEvent", **key)
            await self.call("Input.dispatchKeyEvent", type="keyUp", key=character)

    async def click(self, x: int, y: int, count: int = 1) -> None:
        """Click at a position in pixels."""
        for number in range(1, count + 1):
            for kind in ("mousePressed", "mouseReleased"):
                await self.call(
                    "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=number
                )

    async def picture(self) -> bytes:
        """A screenshot as PNG."""
        answer = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])

    async def close(self) -> None:
        await self.call("Page.close")


class Chromium:
    """A running Chromium with a temporary profile."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._listening: list[asyncio.Task[None]] = []

    async def tab(self) -> Tab:
        async with self._session.put(f"{self._url}/json/new?about:blank") as response:
            address = (await response.json())["webSocketDebuggerUrl"]
        tab = Tab(await self._session.ws_connect(address, max_msg_size=0))
        self._listening.append(asyncio.create_task(tab.listen()))
        return tab

    async def stop_listening(self) -> None:
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)


@asynccontextmanager
async def chromium(path: str) -> AsyncIterator[Chromium]:
    """Run Chromium until the block ends."""
    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            path,
            *FLAGS,
            f"--user-data-dir={folder}",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            port = await _port(Path(folder) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session:
                browser = Chromium(session, f"http://127.0.0.1:{port}")
                try:
                    yield browser
                finally:
                    await browser.stop_listening()
        finally:
            process.terminate()
            await process.wait()


async def _port(path: Path) -> int:
    """The port it listens on; Chromium writes it to a file at startup."""
    async with asyncio.timeout(PATIENCE_S):
        while not (path.exists() and (lines := path.read_text().split())):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return int(lines[0])
