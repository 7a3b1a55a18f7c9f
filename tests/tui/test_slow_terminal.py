"""A slow terminal lowers the frame rate and has no other effect."""

from queue import Queue
from types import SimpleNamespace

import pytest
from rich.console import RenderableType
from textual.screen import Screen

from presence_tui.tui.app import PresenceApp
from presence_tui.tui.screens.backpressure_screen import WRITES_WAITING, is_behind
from tests.tui.app_harness import USUAL, running_app

pytestmark = pytest.mark.internals


def driver(waiting: int) -> SimpleNamespace:
    queue: Queue[str] = Queue()
    for _ in range(waiting):
        queue.put("…")
    return SimpleNamespace(_writer_thread=SimpleNamespace(_queue=queue))


@pytest.mark.parametrize(
    ("waiting", "behind"), [(0, False), (WRITES_WAITING - 1, False), (WRITES_WAITING, True)]
)
def test_behind_is_a_terminal_that_still_waits_for_a_whole_frame(waiting: int, behind: bool) -> None:
    assert is_behind(SimpleNamespace(_driver=driver(waiting))) is behind  # type: ignore[arg-type]


@pytest.mark.parametrize("other", [None, SimpleNamespace(), SimpleNamespace(_writer_thread=None)])
def test_a_driver_built_differently_is_never_behind(other: object) -> None:
    assert not is_behind(SimpleNamespace(_driver=other))  # type: ignore[arg-type]


async def test_what_changed_meanwhile_is_painted_when_the_terminal_has_caught_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_app(USUAL) as harness:
        painted: list[object] = []
        display = type(harness.app)._display

        def noted(app: PresenceApp, screen: Screen[object], update: RenderableType | None) -> None:
            painted.append(update)
            display(app, screen, update)

        monkeypatch.setattr(type(harness.app), "_display", noted)
        monkeypatch.setattr("presence_tui.tui.screens.backpressure_screen.is_behind", lambda app: True)
        await harness.event("Blaise Lind", True)
        await harness.press("home")
        assert painted == []
        assert harness.screen._dirty_widgets
        monkeypatch.setattr("presence_tui.tui.screens.backpressure_screen.is_behind", lambda app: False)
        await harness.settle()
        assert painted
        assert not harness.screen._dirty_widgets
