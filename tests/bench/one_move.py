"""One of 100,000 participants moves to the other panel: time until its row is painted there.

Ours: a new name from the roster and a status event with the other flag are applied to the store; the time
ends when the real screen has passed the new name to the terminal's driver (``headless_app.py``). The name
sorts first, so the row is visible in both panels. Baseline: ``remove_row`` from one ``DataTable`` and
``add_row`` to the other, which is scrolled to its end, where the row appears; it is not sorted. A pause of
40 to 70 ms between moves lets the screen settle. Medians.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from random import Random
from statistics import median

from presence_tui.domain.enums import Panel
from presence_tui.domain.participants import Participant
from presence_tui.wire.messages import Status
from tests.bench.headless_app import run_headless, run_loaded
from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM, key_of, load, mark
from tests.bench.report import Result
from tests.bench.table_app import TableApp, row_of

LEAST_FRACTION = 50
TABLE_MOVES = 9


def measure(participants: int, moves: int) -> list[Result]:
    """One row."""
    table_ms = in_own_process(table_move_ms, participants, TABLE_MOVES)
    ours_ms = in_own_process(move_ms, participants, moves)
    return [
        Result(
            name=f"one participant moves between panels at {participants:,}, to the painted row",
            baseline_name="DataTable remove + add",
            baseline=table_ms,
            ours=ours_ms,
            unit="ms",
            goal=f"≤ 1/{LEAST_FRACTION}",
            met=ours_ms * LEAST_FRACTION <= table_ms,
        )
    ]


def move_ms(participants: int, moves: int) -> float:
    """Our median of several moves."""
    return asyncio.run(_move_ms(participants, moves))


def table_move_ms(participants: int, moves: int) -> float:
    """The baseline: the median of several moves."""
    return asyncio.run(_table_move_ms(participants, moves))


async def _move_ms(participants: int, moves: int) -> float:
    taken_ms: list[float] = []
    async with run_loaded() as headless:
        await load(headless.store, participants)
        headless.monitor.watch(ROOM)
        await headless.output.until_quiet()
        async for move in _unhurried(moves):
            painted = headless.output.expect(mark(move))
            began_s = time.monotonic()
            with headless.store.batch():
                headless.store.set_participants([Participant(key_of(0), name=mark(move))], ROOM.id)
                headless.store.apply_status(Status(key_of(0), move % 2 == 0, last_active_s=time.time()))
            taken_ms.append((await painted - began_s) * 1000)
    return median(taken_ms)


async def _table_move_ms(participants: int, moves: int) -> float:
    taken_ms: list[float] = []
    app, panels = TableApp(), (Panel.ONLINE, Panel.OFFLINE)
    async with run_headless(app) as output:
        app.fill(range(participants))
        await output.until_quiet()
        async for move in _unhurried(moves):
            source, target = app.table(panels[(move + 1) % 2]), app.table(panels[move % 2])
            target.scroll_end(animate=False)
            await output.until_quiet()
            painted = output.expect(mark(move))
            began_s = time.monotonic()
            source.remove_row(key_of(0))
            target.add_row(*row_of(0, mark(move)), key=key_of(0))
            target.scroll_end(animate=False)
            taken_ms.append((await painted - began_s) * 1000)
    return median(taken_ms)


async def _unhurried(moves: int) -> AsyncIterator[int]:
    """Yield the numbers of the moves from 1 on, with a pause before each."""
    random = Random(7)
    for move in range(1, moves + 1):
        await asyncio.sleep(random.uniform(0.04, 0.07))
        yield move
