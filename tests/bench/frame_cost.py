"""Cost of a frame in which every visible row changes, with few participants and with many.

In each round every visible participant gets an event with a later last activity, and a new name from the
roster; the names keep their order. The round ends when the last of them has been passed to the terminal's
driver by the real screen (``headless_app.py``). The cost is the processor time of the process from the first
event of a round to the end of its drawing: it includes events, ordering and drawing, but not the wait for the
next frame. Medians.
"""

import asyncio
import time
from statistics import median

from presence_tui.domain.enums import Panel
from presence_tui.domain.participants import Participant
from presence_tui.wire.messages import Status
from tests.bench.headless_app import HeadlessApp, run_loaded
from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM, load
from tests.bench.report import Result, times

MOST_GROWTH = 1.2
ROWS_IN_SIGHT = 24
"""Fewer than a panel shows, so that the last one is always drawn."""

PAUSE_S = 0.05


def measure(few: int, many: int, rounds: int) -> list[Result]:
    """One row."""
    few_ms = in_own_process(frame_ms, few, rounds)
    many_ms = in_own_process(frame_ms, many, rounds)
    return [
        Result(
            name=f"frame cost with every visible row changing, {few:,} vs {many:,} participants",
            baseline_name=f"ours at {few:,}",
            baseline=few_ms,
            ours=many_ms,
            unit="ms of processor",
            goal=f"≤ {times(MOST_GROWTH)}",
            met=many_ms <= few_ms * MOST_GROWTH,
        )
    ]


def frame_ms(participants: int, rounds: int) -> float:
    """The median cost of a frame."""
    return asyncio.run(_frame_ms(participants, rounds))


async def _frame_ms(participants: int, rounds: int) -> float:
    costs_ms: list[float] = []
    async with run_loaded() as headless:
        await load(headless.store, participants)
        headless.monitor.watch(ROOM)
        await headless.output.until_quiet()
        in_sight = _in_sight(headless)
        for number in range(rounds):
            await asyncio.sleep(PAUSE_S)
            costs_ms.append(await _round_ms(headless, in_sight, f"{number % 100:02}"))
    return median(costs_ms)


def _in_sight(headless: HeadlessApp) -> list[Status]:
    """The statuses of the participants at the top of both panels."""
    view = headless.store.roster_index(ROOM.id)
    records = [
        record for panel in (Panel.ONLINE, Panel.OFFLINE) for record in view.rows(panel, 0, ROWS_IN_SIGHT)
    ]
    view.close()
    return [Status(record.key, bool(record.flag), record.name) for record in records]


async def _round_ms(headless: HeadlessApp, in_sight: list[Status], turn: str) -> float:
    # Begin otherwise than the names before, which sort the same, so that each is written whole.
    names = [f"{turn[-1]}{status.name} {turn}" for status in in_sight]
    painted = headless.output.expect(*names)
    began_s, now_s = time.process_time(), time.time()
    renamed = [Participant(status.key, name=name) for status, name in zip(in_sight, names, strict=True)]
    with headless.store.batch():
        headless.store.set_participants(renamed, ROOM.id)
        for status in in_sight:
            headless.store.apply_status(Status(status.key, status.flag, last_active_s=now_s))
    await painted
    return (time.process_time() - began_s) * 1000
