"""Expensive work waits until no input is expected."""

import gc

import pytest

from presence_tui.cli.gc_tuning import collect_when_idle
from presence_tui.tui import app
from tests.tui.app_harness import running_app

pytestmark = pytest.mark.internals


async def test_what_takes_time_waits_until_no_key_was_pressed_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    idle_work: list[None] = []
    async with running_app() as harness:
        monkeypatch.setattr(harness.app, "_when_idle", lambda: idle_work.append(None))
        monkeypatch.setattr(app, "IDLE_S", float("inf"))
        await harness.press("home")
        harness.app._run_idle_work()
        assert not idle_work, "a key was just pressed"
        monkeypatch.setattr(app, "IDLE_S", 0.0)
        harness.app._run_idle_work()
        assert idle_work


@pytest.mark.parametrize(("portions", "looks"), [(2, 0), (3, 1), (14, 1)])
def test_old_objects_are_looked_through_once_it_pays(
    portions: int, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[None] = []
    monkeypatch.setattr(gc, "get_count", lambda: (500, 3, portions))
    monkeypatch.setattr(gc, "collect", lambda: looked.append(None))
    collect_when_idle()
    assert len(looked) == looks
