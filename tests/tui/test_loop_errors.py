"""An exception in a frame is logged and reported once, and the watch continues."""

import asyncio
import logging

import pytest

from presence_tui.service.frames import FRAME_S, FrameScheduler
from presence_tui.store import ChangeSet
from presence_tui.text.language import Language
from presence_tui.text.loop_errors import LoopErrors
from tests.tui.app_harness import running_app, until
from tests.tui.test_frames import ManualLoop, loop

__all__ = ["loop"]


async def test_a_listener_that_fails_in_a_frame_is_told_of_once_and_the_watch_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running_app() as harness:
        harness.store._publisher.subscribers._schedule = FrameScheduler()
        failures: list[ChangeSet] = []

        def fail(changed: ChangeSet) -> None:
            failures.append(changed)
            raise ZeroDivisionError("sabotage \x1b]0;title\x07")

        harness.store.subscribe(fail)
        for count, flag in enumerate((False, True, False), 1):
            await harness.event("Ada Okafor", flag)
            await until(harness, lambda count=count: len(failures) == count)  # type: ignore[misc]
        await harness.settle()
        (told,) = harness.toasts
        assert "ZeroDivisionError: sabotage" in told and "\x1b" not in told
        assert harness.activity[0].startswith("Ada Okafor came and left")
        assert harness.monitor.running.is_set() and not harness.monitor.ended.is_set()
    traced = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.exc_info is not None for record in traced] == [True]


def test_a_flush_that_fails_does_not_come_sooner_than_the_next_frame(loop: ManualLoop) -> None:
    scheduler = FrameScheduler()

    def fail() -> None:
        raise ZeroDivisionError

    scheduler(fail)
    with pytest.raises(ZeroDivisionError):
        loop.pass_time(0)
    loop.pass_time(0)
    scheduler(fail)
    assert loop.waits_s == [FRAME_S]


async def test_what_is_no_exception_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    mistakes = LoopErrors(Language("en"), told.append)
    mistakes(asyncio.get_running_loop(), {"message": "Task was destroyed but it is pending!"})
    assert told == []
    assert "Task was destroyed" in caplog.text


async def test_every_mistake_of_a_group_is_told(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    group = ExceptionGroup(
        "listeners", [ValueError("first listener"), ExceptionGroup("more", [KeyError("second listener")])]
    )
    LoopErrors(Language("fr"), told.append)(asyncio.get_running_loop(), {"message": "", "exception": group})
    assert len(told) == 2
    assert "ValueError: first listener" in told[0] and "KeyError: 'second listener'" in told[1]
    assert "La veille continue" in told[0]
