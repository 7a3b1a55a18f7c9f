"""Plays scenes in virtual time, which moves only while everything waits.

A scene that waits for a second takes no second, and what happens meanwhile does not depend on how busy the
machine is: a timer fires exactly when it is due, after all that was due before.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from textual import _time, command, pilot

from tests.unit.virtual_time import VirtualTimeLoop

Result = TypeVar("Result")

SETTLED_S: Final = 0.05
"""Longer than a frame, so that what a key caused is drawn."""


def run(scene: Coroutine[Any, Any, Result]) -> Result:
    """Run on a loop of its own, with Textual's timers by the loop's time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        loop = runner.get_loop()
        _time.get_time = loop.time
        # Names that these modules imported.
        vars(command)["monotonic"] = loop.time
        vars(pilot)["wait_for_idle"] = _settle
        return runner.run(scene)


async def _settle(*_: float) -> None:
    """Textual's own waits until the processor rests."""
    await asyncio.sleep(SETTLED_S)
