"""The real app on a driver without a terminal, which records when texts are drawn.

Textual does all its work, from the message to the escape sequences; only the terminal is missing. "Painted"
is the time at which the sequence that shows something is passed to the driver.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

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
PATIENCE_S = 60.0
QUIET_S = 0.25


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

    @property
    def is_headless(self) -> bool:
        """False: if true, Textual would skip drawing."""
        return False

    def write(self, data: str) -> None:
        self._last_s = time.monotonic()
        length = len(data.encode())
        self.bytes_out += length
        self.largest_bytes = max(self.largest_bytes, length)
        if self._awaited:
            self._awaited = {mark for mark in self._awaited if mark not in data}
            if not self._awaited and self._arrival is not None and not self._arrival.done():
                self._arrival.set_result(self._last_s)

    def expect(self, *marks: str) -> Awaitable[float]:
        """Await to get the monotonic time (s) at which all these texts have been drawn from now on."""
        self._awaited = set(marks)
        self._arrival = asyncio.get_running_loop().create_future()
        return self._arrived(self._arrival)

    async def _arrived(self, arrival: "asyncio.Future[float]") -> float:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await arrival
        except TimeoutError:
            raise TimeoutError(f"never drawn: {sorted(self._awaited)}") from None

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
