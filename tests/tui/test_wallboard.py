"""The wallboard: it shows what the watch shows, and nothing can be done with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from presence_tui.domain.translatable import phrase
from presence_tui.monitor.refresh import RefreshReport
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language
from presence_tui.transport.errors import AccessDenied
from presence_tui.tui.app import CannotOpen
from presence_tui.tui.commands import commands
from presence_tui.tui.glyphs import UNICODE
from presence_tui.tui.screens.wallboard import Wallboard
from presence_tui.tui.wallboard_app import WallboardApp
from tests.tui.app_harness import (
    CONVERSATIONS,
    HARBOUR,
    WIDE,
    AppHarness,
    StagedTarget,
    fill_with_crew,
    staged_service,
)
from tests.tui.fake_monitor import FakeMonitor
from tests.unit.clock import FakeClock

LOST = phrase("The connection was lost.")
EVERY_KEY = [key for command in commands(Language("en")) for key in command.keys.split(",")]


@asynccontextmanager
async def hung_up(trouble: str = "") -> AsyncIterator[AppHarness]:
    """A wallboard that shows the harbour crew, or has only this trouble to tell."""
    clock = FakeClock()
    store = PresenceStore(clock=clock)
    monitor = FakeMonitor(store)

    async def find_target() -> StagedTarget:
        if trouble:
            raise CannotOpen(trouble)
        return StagedTarget()

    service = staged_service(store, monitor, find_target=find_target)
    app = WallboardApp(service, language=Language("en"), glyphs=UNICODE)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        harness = AppHarness(app, pilot, store, monitor, clock)
        if not trouble:
            await monitor.running.wait()
            monitor.go_live()
            monitor.set_conversations(CONVERSATIONS)
            monitor.watch(HARBOUR)
            fill_with_crew(store)
        await harness.settle()
        yield harness


async def drawn(harness: AppHarness) -> str:
    """What it says once the figures, which are drawn some times a second, are drawn."""
    wall = harness.app.screen
    assert isinstance(wall, Wallboard)
    wall._draw()
    await harness.settle()
    return harness.said


async def test_it_shows_who_is_here_and_what_happens() -> None:
    async with hung_up() as harness:
        for part in ("Harbour crew · 24 participants", "gate.example", "LIVE", "Online (8)", "Offline (16)"):
            assert part in harness.said, part
        assert "Lighthouse" not in harness.said, "other conversations are nobody's business here"
        await harness.event("Ingrid Solberg", True)
        said = await drawn(harness)
        assert "Online (9)" in said and "Ingrid Solberg came online" in said


@pytest.mark.parametrize("key", [*EVERY_KEY, "ctrl+p", "ctrl+c", "ctrl+q", "f1", "enter", "space", "y", "x"])
async def test_no_key_does_anything(key: str) -> None:
    async with hung_up() as harness:
        before = harness.text
        await harness.press(key)
        assert (harness.text, len(harness.app.screen_stack), harness.toasts) == (before, 1, [])
        assert not harness.app._exit
        assert (harness.monitor.refreshes, harness.monitor.selected) == (0, [])


async def test_no_click_does_anything() -> None:
    async with hung_up() as harness:
        before = harness.text
        for part in ("Ada Okafor", "Harbour crew", "LIVE"):
            await harness.click(part, times=2)
        assert (harness.text, len(harness.app.screen_stack)) == (before, 1)


async def test_rows_beyond_the_wall_are_scrolled_to() -> None:
    async with hung_up() as harness:
        await harness.resize(80, 9)
        assert "Hana Sato" not in harness.text
        await harness.press("pagedown")
        assert "Hana Sato" in harness.text and "Ada Okafor" not in harness.text
        await harness.press("home")
        assert "Ada Okafor" in harness.text


async def test_a_lost_link_and_a_refusal_are_said() -> None:
    async with hung_up() as harness:
        harness.monitor.resync(RefreshReport(roster_error=AccessDenied("you are not a member")))
        await harness.settle()
        assert "not a member" in harness.said
        harness.monitor.link.reconnecting(LOST, LOST, 1, 2.0, harness.clock.wall_s)
        assert "RECONNECTING" in await drawn(harness)
        assert harness.app.screen.has_class("-stale")


async def test_what_hinders_the_watch_stands_on_the_wall() -> None:
    async with hung_up("The token file is gone.") as harness:
        async with asyncio.timeout(5):
            while "The token file is gone." not in harness.said:
                await harness.settle()
        assert not harness.app._exit
