"""Memory per participant: the store, both panels on the real screen, and a filter that matches all names.

The resident memory of the process (``/proc/self/statm``) after all participants were enrolled in pages, their
presence reported, and the conversation shown and filtered, minus that of the same process with the screen
running and no participants; divided by their number. Objects that the bench makes for them are not kept.
"""

import asyncio
import gc
import os
from pathlib import Path

from tests.bench.headless_app import run_loaded
from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM, load
from tests.bench.report import Result

MOST_BYTES = 600
EVERYBODY = "0"
"""Every name contains it."""


def measure(participants: int) -> list[Result]:
    """One row."""
    each = in_own_process(bytes_each, participants)
    return [
        Result(
            name=f"memory per participant, store, both panels and filter, at {participants:,}",
            ours=each,
            unit="bytes",
            goal=f"≤ {MOST_BYTES} bytes",
            met=each <= MOST_BYTES,
        )
    ]


def bytes_each(participants: int) -> float:
    """Resident bytes per participant."""
    return asyncio.run(_bytes_each(participants))


async def _bytes_each(participants: int) -> float:
    async with run_loaded() as headless:
        gc.collect()
        before = _resident_bytes()
        await load(headless.store, participants)
        headless.monitor.watch(ROOM)
        await headless.output.until_quiet()
        headless.output.press("slash")
        await headless.output.until_quiet()
        filtered = headless.output.expect("shown")
        headless.output.press(EVERYBODY)
        await filtered
        await headless.output.until_quiet()
        gc.collect()
        return (_resident_bytes() - before) / participants


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
