"""The wallboard shows the same as the watch and accepts no commands."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.cells import cell_len

from presence_tui.domain.enums import Source
from presence_tui.domain.rules import meeshy_2026
from presence_tui.domain.translatable import phrase
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.service.target import CannotOpen
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language
from presence_tui.transport.errors import AccessDenied
from presence_tui.tui.commands import commands
from presence_tui.tui.glyphs import UNICODE
from presence_tui.tui.screens.wallboard import Wallboard
from presence_tui.tui.wallboard_app import WallboardApp
from presence_tui.tui.widgets.activity_feed import ActivityFeed
from presence_tui.tui.widgets.wall import Wall
from presence_tui.tui.widgets.wall_layout import digit_rows
from presence_tui.wire.messages import PresenceRow, Status
from tests.tui.app_harness import (
    CONVERSATIONS,
    HARBOUR,
    LIGHTHOUSE,
    ONLINE_NAMES,
    WIDE,
    AppHarness,
    FakeTarget,
    fill_with_crew,
    fill_with_many,
    key_of,
    member,
    staged_service,
)
from tests.tui.fake_monitor import FakeMonitor
from tests.unit.clock import FakeClock

LOST = phrase("The connection was lost.")
EVERY_KEY = [key for command in commands(Language("en")) for key in command.keys.split(",")]


@asynccontextmanager
async def hung_up(trouble: str = "", size: tuple[int, int] = WIDE) -> AsyncIterator[AppHarness]:
    """A wallboard that shows the harbour crew, or fails to open with this error."""
    clock = FakeClock()
    store = PresenceStore(clock=clock)
    monitor = FakeMonitor(store)

    async def find_target() -> FakeTarget:
        if trouble:
            raise CannotOpen(trouble)
        return FakeTarget()

    service = staged_service(store, monitor, find_target=find_target)
    app = WallboardApp(service, language=Language("en"), glyphs=UNICODE)
    async with app.run_test(size=size, notifications=True) as pilot:
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
    """The text once the figures, which are drawn at intervals, are drawn."""
    wall = harness.app.screen
    assert isinstance(wall, Wallboard)
    wall._draw()
    await harness.settle()
    return harness.said


def shows_count(harness: AppHarness, number: int) -> bool:
    rows = [row.strip() for row in digit_rows(number, 2)]
    return all(any(row in line.text for line in harness.lines()) for row in rows)


async def test_it_shows_who_is_here_and_what_happens() -> None:
    async with hung_up() as harness:
        for part in ("Harbour crew · 24 participants", "gate.example", "LIVE", "online", "Offline (16)"):
            assert part in harness.said, part
        assert shows_count(harness, 8)
        assert "Lighthouse" not in harness.said, "other conversations are not shown"
        await harness.event("Ingrid Solberg", True)
        said = await drawn(harness)
        assert shows_count(harness, 9) and "Ingrid Solberg came online" in said


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
        await harness.resize(30, 9)
        said = await drawn(harness)
        assert "Ada Okafor" in said and "more" in said and "Hana Sato" not in said
        await harness.press("end")
        assert "Hana Sato" in harness.text and "Ada Okafor" not in harness.text
        await harness.press("home")
        assert "Ada Okafor" in harness.text


async def test_who_left_is_shown_for_ten_minutes_or_until_they_are_back() -> None:
    async with hung_up() as harness:
        assert "Left in the last" not in await drawn(harness)
        await harness.event("Ada Okafor", False)
        await harness.event("Bo Chen", False)
        await harness.wait(130)
        said = await drawn(harness)
        assert re.search(
            r"Left in the last 10 minutes *\n.*○ Bo Chen +2 min +○ Ada Okafor +2 min", harness.text
        )
        assert "Offline (18)" in said and shows_count(harness, 6)
        await harness.event("Bo Chen", True)
        await drawn(harness)
        assert re.search(r"Left in the last 10 minutes *\n.*○ Ada Okafor +2 min *\n", harness.text)
        await harness.wait(480)
        assert "Left in the last" not in await drawn(harness)


async def test_who_left_follows_the_rule_in_force_as_the_panels_do() -> None:
    async with hung_up() as harness:
        harness.store.states.set_rule(meeshy_2026())
        await harness.event("Ada Okafor", False)
        said = await drawn(harness)
        assert "Left in the last" not in said, "the last sign of life still says online"
        await harness.wait(301)
        left, _, offline = (await drawn(harness)).partition("Offline (")
        assert "○ Ada Okafor" in left.partition("Left in the last")[2] and "○ Ada Okafor" in offline


async def test_who_left_is_among_the_offline_ones_with_the_same_age() -> None:
    async with hung_up() as harness:
        await harness.event("Goran Petrović", False)
        await harness.wait(5)
        ages = re.findall(r"○ Goran Petrović +(\d+ \w+)", (await drawn(harness)))
        assert ages == ["5 s", "5 s"]


async def test_who_was_offline_before_anybody_looked_has_not_just_left() -> None:
    async with hung_up() as harness:
        now = harness.clock.stamp()
        harness.store.set_participants([member("Zoë Marlowe"), member("Yusuf Demir")], HARBOUR.id)
        listed = [PresenceRow(key_of(name), True, None) for name in ("Zoë Marlowe", "Yusuf Demir")]
        harness.store.apply_answers(listed, Source.ROSTER, now)
        await harness.wait(1)
        gone = [
            PresenceRow(key_of("Zoë Marlowe"), False, None),
            PresenceRow(key_of("Yusuf Demir"), False, now.wall_s - 90_000),
        ]
        harness.store.apply_answers(gone, Source.SNAPSHOT, harness.clock.stamp())
        await harness.settle()
        assert "Left in the last" not in await drawn(harness)


async def test_who_left_in_a_gap_may_have_left_long_ago() -> None:
    async with hung_up() as harness:
        harness.store.set_participants([member("Zoë Marlowe")], HARBOUR.id)
        listed = [PresenceRow(key_of("Zoë Marlowe"), True)]
        harness.store.apply_answers(listed, Source.RUNTIME, harness.clock.stamp())
        await harness.wait(1)
        harness.store.apply_statuses([Status(key_of("Zoë Marlowe"), False)], sent_since_s=0.0)
        await harness.settle()
        assert "Left in the last 10 minutes" not in await drawn(harness)


async def test_another_conversation_begins_anew() -> None:
    async with hung_up() as harness:
        await harness.event("Ada Okafor", False)
        assert "Left in the last" in await drawn(harness)
        harness.store.set_participants([member("Zoë Marlowe")], LIGHTHOUSE.id)
        harness.monitor.watch(LIGHTHOUSE)
        assert "Lighthouse" in await drawn(harness)
        shown = "\n".join(line.text for line in harness.lines_of(harness.app.screen.query_one(Wall)))
        assert "Zoë Marlowe" in shown
        assert "Ada Okafor" not in shown and "Left in the last" not in shown


@pytest.mark.parametrize(("width", "height"), [(200, 60), (130, 40), (80, 24), (60, 15), (30, 8), (16, 4)])
@pytest.mark.parametrize("many", [0, 300])
async def test_no_row_is_wider_than_the_wall_at_any_size(width: int, height: int, many: int) -> None:
    async with hung_up() as harness:
        fill_with_many(harness.store, many, many)
        await harness.resize(width, height)
        await drawn(harness)
        assert all(cell_len(line.text) == width for line in harness.lines())
        wall = harness.app.screen.query_one(Wall)
        online = harness.store.counts(HARBOUR.id).online
        if height >= 15 and online < 20:
            shown = [name for name in ONLINE_NAMES if name in harness.text]
            assert shown == list(ONLINE_NAMES), "all online participants are shown"
        elif wall.size.height > 3:
            assert "more" in harness.text


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


async def test_nothing_on_the_wall_has_a_cursor() -> None:
    async with hung_up() as harness:
        assert harness.app.focused is None
        harness.app.screen.query_one(ActivityFeed).focus()
        await harness.settle()
        assert harness.app.focused is None
