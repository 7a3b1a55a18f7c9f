"""The real app on a driver without a terminal, which records when texts are drawn.

Textual does all its work, from the message to the escape sequences; only the terminal is missing. "Painted"
is the time at which the sequence that shows something is passed to the driver.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pyte
from textual import events
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver

from presence_tui.service.frames import FrameScheduler
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language
from presence_tui.tui.app import PresenceApp
from presence_tui.tui.glyphs import UNICODE
from tests.bench.population import EMPTY_ROOM, ROOM
from tests.tui.app_harness import staged_service
from tests.tui.fake_monitor import FakeMonitor

SIZE = (120, 40)
Written = tuple[float, str]
"""Monotonic time (s) and what was written then."""
PATIENCE_S = 60.0
QUIET_S = 0.25


class ShownTexts:
    """Finds when texts were on screen of which only the changed cells were written.

    Writes are emulated when somebody asks, so that emulating takes no time of what is measured.
    """

    def __init__(self) -> None:
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.Stream(self._screen)
        self._earlier: list[Written] = []
        self._written: list[Written] = []

    def record(self, at_s: float, data: str) -> None:
        self._written.append((at_s, data))

    def begin(self) -> None:
        """Ignore what was written before."""
        self._earlier += self._written
        self._written = []

    def since(self, texts: Sequence[str]) -> float | None:
        """Time (s) of the first write since ``begin`` after which all texts are on screen, or ``None``.

        Each write is looked at once.
        """
        for _, data in self._earlier:
            self._stream.feed(data)
        self._earlier = []
        while self._written:
            at_s, data = self._written.pop(0)
            self._stream.feed(data)
            display = self.text
            if all(text in display for text in texts):
                return at_s
        return None

    @property
    def text(self) -> str:
        """What was on screen after the last write that was looked at."""
        return "\n".join(self._screen.display)


class CapturingDriver(HeadlessDriver):
    """A driver without a terminal that records when expected texts are drawn."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.bytes_out = 0
        """Length of all writes so far."""
        self.largest_bytes = 0
        """Length of the largest; a frame is one write."""
        self._awaited: set[str] = set()
        self._arrival: asyncio.Future[float] | None = None
        self._last_s = time.monotonic()
        self._shown = ShownTexts()

    @property
    def is_headless(self) -> bool:
        """False: if true, Textual would skip drawing."""
        return False

    def write(self, data: str) -> None:
        self._last_s = time.monotonic()
        length = len(data.encode())
        self.bytes_out += length
        self.largest_bytes = max(self.largest_bytes, length)
        self._shown.record(self._last_s, data)
        if self._awaited:
            self._awaited = {mark for mark in self._awaited if mark not in data}
            if not self._awaited and self._arrival is not None and not self._arrival.done():
                self._arrival.set_result(self._last_s)

    def expect(self, *marks: str) -> Awaitable[float]:
        """Await to get the monotonic time (s) at which all these texts have been drawn from now on.

        A text that is written whole is seen at once, and one of which only some cells changed when the output
        is quiet.
        """
        self._awaited = set(marks)
        self._arrival = asyncio.get_running_loop().create_future()
        self._shown.begin()
        return self._arrived(self._arrival, marks)

    async def _arrived(self, arrival: "asyncio.Future[float]", marks: Sequence[str]) -> float:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (await asyncio.wait([arrival], timeout=QUIET_S))[0]:
                    await self.until_quiet()
                    if (shown_s := self._shown.since(marks)) is not None:
                        return shown_s
                return await arrival
        except TimeoutError:
            message = (
                f"not drawn in {PATIENCE_S:g} s: {sorted(self._awaited)}; on screen:\n{self._shown.text}"
            )
            raise TimeoutError(message) from None

    async def until_quiet(self) -> None:
        """Wait until nothing has been drawn for a while."""
        since_s = time.monotonic()
        deadline_s = since_s + PATIENCE_S
        while (now_s := time.monotonic()) < deadline_s:
            if now_s - max(since_s, self._last_s) >= QUIET_S:
                return
            await asyncio.sleep(QUIET_S / 5)

    def press(self, key: str) -> None:
        """Pass a key as from the input thread."""
        self.send_message(events.Key(key, key if len(key) == 1 else None))


@dataclass(frozen=True, slots=True)
class HeadlessApp:
    """The app on the capturing driver, over a store, watching the empty conversation."""

    app: PresenceApp
    store: PresenceStore
    monitor: FakeMonitor
    output: CapturingDriver


@asynccontextmanager
async def run_headless(app: App[None]) -> AsyncIterator[CapturingDriver]:
    """Run an app on the capturing driver until the block ends."""
    app.driver_class = CapturingDriver
    async with app.run_test(headless=False, size=SIZE, notifications=True):
        output = app._driver
        assert isinstance(output, CapturingDriver)
        yield output


@asynccontextmanager
async def run_loaded(store: PresenceStore | None = None) -> AsyncIterator[HeadlessApp]:
    """The real screen over a real store with the system's clock; only the watch is a fake."""
    store = store or PresenceStore(schedule=FrameScheduler())
    monitor = FakeMonitor(store)

    app = PresenceApp(staged_service(store, monitor), language=Language("en"), glyphs=UNICODE)
    async with run_headless(app) as output:
        await monitor.running.wait()
        monitor.go_live()
        monitor.set_conversations([ROOM, EMPTY_ROOM])
        monitor.watch(EMPTY_ROOM)
        await output.until_quiet()
        yield HeadlessApp(app, store, monitor, output)
