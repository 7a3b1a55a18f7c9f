"""Bytes written to the terminal when one row changes, against a full repaint.

``presence-tui watch`` runs on a pty of 120x40 with a full screen of people. A visible participant gets a new
name; all bytes read until the pty is quiet again are counted. Ages are redrawn every second, so the median of
several changes is taken. A full repaint is the largest single write of the real screen, with as many people,
to its terminal driver when it is laid out anew (``headless_app.py``); resizing the pty would cause several.
"""

import asyncio
import time
from statistics import median

from tests.bench.headless_app import run_loaded
from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM, load, mark
from tests.bench.recorded_gateway import TOKEN, Recording, recorded_gateway
from tests.bench.report import Result
from tests.bench.terminal import Terminal, watch_terminal

LEAST_FRACTION = 20
PARTICIPANTS = 1_000
START_LIMIT_S = 60.0
SETTLE_S = 1.0
QUIET_S = 0.15


def measure(changes: int) -> list[Result]:
    """One row."""
    full, one = in_own_process(_measure, changes)
    return [
        Result(
            name="bytes to the terminal, one row changed",
            baseline_name="full repaint",
            baseline=full,
            ours=one,
            unit="bytes",
            goal=f"≤ 1/{LEAST_FRACTION}",
            met=one * LEAST_FRACTION <= full,
        )
    ]


def _measure(changes: int) -> tuple[float, float]:
    return asyncio.run(_full_repaint()), asyncio.run(_one_row(changes))


async def _one_row(changes: int) -> float:
    async with (
        recorded_gateway(Recording(PARTICIPANTS, snapshot=True)) as gateway,
        watch_terminal(gateway.url, TOKEN, conversation=ROOM.id) as terminal,
    ):
        await terminal.until(b"participants read", START_LIMIT_S)
        await asyncio.sleep(SETTLE_S)
        ones: list[float] = []
        for number in range(1, changes + 1):
            before = await _quiet_bytes(terminal)
            await gateway.mark(number)
            await terminal.until(mark(number).encode())
            ones.append(await _quiet_bytes(terminal) - before)
    return median(ones)


async def _full_repaint() -> float:
    async with run_loaded() as headless:
        await load(headless.store, PARTICIPANTS)
        headless.monitor.watch(ROOM)
        await headless.output.until_quiet()
        headless.output.largest_bytes = 0
        headless.app.screen.refresh(layout=True)
        await headless.output.until_quiet()
        return headless.output.largest_bytes


async def _quiet_bytes(terminal: Terminal) -> int:
    """Wait until no more bytes arrive; return the number of bytes so far."""
    so_far, since_s = terminal.bytes_out, time.monotonic()
    while time.monotonic() - since_s < QUIET_S:
        await asyncio.sleep(QUIET_S / 10)
        if terminal.bytes_out != so_far:
            so_far, since_s = terminal.bytes_out, time.monotonic()
    return so_far
