"""From a loaded store to the first painted panels, at 100,000 and at 1,000,000.

Ours: the store holds all participants and the real screen watches an empty conversation, then switches to the
full one: both ordered views are built, counted, titled and drawn. The time ends when the titles with the true
counts and the first row of each panel have been passed to the terminal's driver (``headless_app.py``).

Baseline: the same rows are sorted and added to two of Textual's ``DataTable``s, until the first row of each
has been passed to the same driver class. Each run has its own store.
"""

import asyncio
import time
from statistics import median

from tests.bench.headless_app import run_headless, run_loaded
from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM, is_online, load, mark, name_of
from tests.bench.report import Result, times
from tests.bench.table_app import TableApp

LEAST_FRACTION = 100
MOST_GROWTH = 15


def measure(participants: int, ten_times: int, rounds: int) -> list[Result]:
    """Two rows: against the ``DataTable``, and against our own time with fewer people."""
    table_ms = median(in_own_process(table_first_paint_ms, participants) for _ in range(max(1, rounds - 2)))
    ours_ms = median(in_own_process(first_paint_ms, participants) for _ in range(rounds))
    many_ms = median(in_own_process(first_paint_ms, ten_times) for _ in range(max(1, rounds - 2)))
    return [
        Result(
            name=f"a loaded store of {participants:,} to its first painted panels, ordered views built",
            baseline_name="Textual DataTable",
            baseline=table_ms,
            ours=ours_ms,
            unit="ms",
            goal=f"≤ 1/{LEAST_FRACTION}",
            met=ours_ms * LEAST_FRACTION <= table_ms,
        ),
        Result(
            name=f"the same at {ten_times:,}",
            baseline_name=f"ours at {participants:,}",
            baseline=ours_ms,
            ours=many_ms,
            unit="ms",
            goal=f"≤ {times(MOST_GROWTH)}",
            met=many_ms <= ours_ms * MOST_GROWTH,
        ),
    ]


def first_paint_ms(participants: int) -> float:
    """Our time, measured once."""
    return asyncio.run(_first_paint_ms(participants))


def table_first_paint_ms(participants: int) -> float:
    """The baseline, measured once."""
    return asyncio.run(_table_first_paint_ms(participants))


async def _first_paint_ms(participants: int) -> float:
    online = sum(map(is_online, range(participants)))
    first_offline = min(name_of(number) for number in range(participants) if not is_online(number))
    async with run_loaded() as headless:
        await load(headless.store, participants)
        await headless.output.until_quiet()
        painted = headless.output.expect(
            f"Online ({online})", f"Offline ({participants - online})", mark(0), first_offline
        )
        began_s = time.monotonic()
        headless.monitor.watch(ROOM)
        return (await painted - began_s) * 1000


async def _table_first_paint_ms(participants: int) -> float:
    first_offline = min(name_of(number) for number in range(participants) if not is_online(number))
    app = TableApp()
    async with run_headless(app) as output:
        await output.until_quiet()
        painted = output.expect(mark(0), first_offline)
        began_s = time.monotonic()
        app.fill(range(participants))
        return (await painted - began_s) * 1000
