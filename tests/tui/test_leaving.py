"""Every way to quit closes the monitor and leaves no task running."""

import asyncio
from typing import Any

import pytest
from textual._context import active_app

from presence_tui.domain.translatable import NOTHING
from presence_tui.monitor.link import LinkState
from presence_tui.service.frames import FRAME_S, FrameScheduler
from presence_tui.service.service import CLOSE_LIMIT_S, FindTarget
from presence_tui.service.target import CannotOpen
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language
from presence_tui.tui.app import PresenceApp
from presence_tui.tui.glyphs import UNICODE
from presence_tui.tui.screens.wallboard import Wallboard
from presence_tui.tui.screens.watch_screen import WatchScreen
from presence_tui.tui.widgets.activity_feed import PERIOD_S
from tests.tui.app_harness import FakeTarget, end_of, key_of, running_app, staged_service
from tests.tui.fake_monitor import FakeMonitor
from tests.tui.test_wallboard import LOST, hung_up
from tests.unit.clock import FakeClock

pytestmark = pytest.mark.slow


def others() -> set[asyncio.Task[object]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


async def test_q_quits_and_the_watch_is_closed() -> None:
    before = others()
    async with running_app() as harness:
        await harness.press("home")
        await harness.quit()
    assert harness.monitor.ended.is_set()
    assert harness.app.return_code == 0
    assert others() <= before


@pytest.mark.parametrize("before", [(), ("slash", "a"), ("question_mark",), ("c",), ("ctrl+p",), ("r",)])
async def test_ctrl_c_quits_from_everywhere_and_the_watch_is_closed(before: tuple[str, ...]) -> None:
    async with running_app() as harness:
        await harness.press(*before)
        await harness.pilot.press("ctrl+c")
        await end_of(harness.app)
        assert harness.toasts == []
    assert harness.monitor.ended.is_set()
    assert harness.app.return_code == 0


async def test_ctrl_c_copies_what_is_selected_in_the_filter() -> None:
    async with running_app() as harness:
        await harness.press("slash", *"ada", "shift+home", "ctrl+c")
        assert harness.app.clipboard == "ada"
        assert not harness.app._exit and not harness.monitor.ended.is_set()


async def test_what_was_still_to_be_drawn_when_the_screens_are_gone_is_drawn_no_more() -> None:
    async with running_app() as harness:
        screen = harness.screen
        assert screen.is_seen
    assert harness.app.screen_stack == []
    # As in callbacks that the loop still runs.
    active_app.set(harness.app)
    screen.draw()
    assert not screen.is_seen


async def test_q_right_after_something_happened_is_quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Pending painting is dropped without any log message."""
    async with running_app() as harness:
        harness.monitor.closes_s = PERIOD_S * 1.5
        await harness.event("Rosa Lind", True)
        await harness.event("Rosa Lind", False)
        await harness.quit()
    assert harness.monitor.ended.is_set()
    assert [record.getMessage() for record in caplog.records] == []


async def test_events_that_arrive_while_it_closes_are_drawn_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """The gateway still sends events after ``q`` was pressed."""
    store = PresenceStore(clock=FakeClock(), schedule=FrameScheduler())
    async with running_app(store=store) as harness:
        harness.monitor.closes_s = FRAME_S * 3
        harness.monitor.last_words = lambda: store.update_user_status(key_of("Rosa Lind"), True)
        await harness.quit()
    assert harness.monitor.ended.is_set()
    assert harness.app.return_code == 0
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize("board", ["watch", "wallboard"])
async def test_a_link_that_changes_while_the_widgets_go_is_drawn_nowhere(
    board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Widgets lose their styles before their screen unsubscribes: the monitor raised a KeyError."""
    async with running_app() if board == "watch" else hung_up() as harness:
        shown = WatchScreen if board == "watch" else Wallboard
        unsubscribe = shown.on_unmount
        changes: list[LinkState] = []

        def change_link(screen: Any) -> None:
            harness.monitor.link.stale(LOST, NOTHING, None)
            changes.append(harness.monitor.link.status.state)
            unsubscribe(screen)

        monkeypatch.setattr(shown, "on_unmount", change_link)
        harness.app.exit()
        await end_of(harness.app)
    assert changes == [LinkState.STALE]
    assert harness.app.return_code == 0


async def test_q_during_a_refresh_cancels_it() -> None:
    before = others()
    async with running_app() as harness:
        await harness.press("r")
        await harness.quit()
    assert harness.monitor.refresh_cancelled
    assert harness.monitor.ended.is_set()
    assert others() <= before


async def test_q_twice_leaves_at_once_even_if_the_watch_is_slow_to_close() -> None:
    before = others()
    async with running_app() as harness:
        harness.monitor.closes_s = 3_600
        await harness.press("q", "q")
        await end_of(harness.app, limit_s=CLOSE_LIMIT_S / 2)
    assert harness.app.return_code == 0
    for task in others() - before:
        task.cancel()


async def test_leaving_while_the_watch_is_still_being_made() -> None:
    begun = asyncio.Event()
    before = others()

    async def find_target() -> FakeTarget:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    app = make_app(find_target)
    async with app.run_test() as pilot:
        await begun.wait()
        await pilot.press("q")
        await end_of(app)
    assert app.return_code == 0
    assert others() <= before


async def test_a_watch_that_cannot_be_made_is_said_after_the_screen_is_gone() -> None:
    async def find_target() -> FakeTarget:
        raise CannotOpen("The file /tmp/[/ca] cannot be read: [bold]no[/bold].")

    app = make_app(find_target)
    async with app.run_test():
        await end_of(app)
    assert app.refusal == "The file /tmp/[/ca] cannot be read: [bold]no[/bold]."


async def test_a_mistake_inside_the_watch_ends_the_screen_and_is_told() -> None:
    with pytest.raises(ZeroDivisionError):
        async with running_app() as harness:
            harness.monitor.crash.set_exception(ZeroDivisionError("a mistake of ours"))
            await end_of(harness.app)
    assert harness.app.return_code == 1
    assert harness.monitor.ended.is_set()


async def test_a_group_of_mistakes_is_told_by_its_first() -> None:
    with pytest.raises(KeyError):
        async with running_app() as harness:
            group = ExceptionGroup("tasks", [KeyError("first"), ValueError("second")])
            harness.monitor.crash.set_exception(group)
            await end_of(harness.app)
    assert harness.app.return_code == 1


def make_app(find_target: FindTarget) -> PresenceApp:
    store = PresenceStore(clock=FakeClock())
    service = staged_service(store, FakeMonitor(store), find_target=find_target)
    return PresenceApp(service, language=Language("en"), glyphs=UNICODE)


@pytest.mark.parametrize("is_whole", [True, False])
async def test_a_painting_that_is_due_when_the_screens_have_closed_is_left_out(is_whole: bool) -> None:
    async with running_app() as harness:
        screen, stack = harness.app.screen, harness.app._screen_stack
        closed = list(stack)
        stack.clear()
        try:
            screen.refresh() if is_whole else screen.children[0].refresh()
            screen._on_timer_update()
            screen._compositor_refresh()
        finally:
            stack.extend(closed)
