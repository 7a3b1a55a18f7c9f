"""What each override of a library's private names gains: the same with it and without it, in turns.

An override is switched off in the process that is measured; everything else stays. Only overrides for speed
are here. The others are for what the library does wrong or cannot do; the modules of private names say which.

- *Moves*: one of 1,000 participants moves to the other panel, until its row is painted.
- *Dialogs*: the help is opened and closed.
- *Layouts*: the screen is laid out anew, with nothing changed.
- *Busy terminal*: 1,000 events a second on a pty. *Slow terminal*: the same at 100 kB/s.
- *Events*, *first paint*: as in ``status_into_store.py`` and ``first_paint.py``.

``python -m tests.bench.overrides NAME ARGUMENT…`` runs ``presence-tui`` without an override.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Final, NamedTuple

from presence_tui.cli.main import run
from presence_tui.domain.participants import Participant
from presence_tui.private_names import PrivateNames
from presence_tui.store.sortedcontainers_internals import PIECES
from presence_tui.transport.engineio_internals import LOOPS
from presence_tui.tui.screens import backpressure_screen
from presence_tui.tui.screens.backpressure_screen import BackpressureScreen
from presence_tui.tui.shown_lines import ShownLines
from presence_tui.tui.widgets.line_view import LineView
from presence_tui.wire.messages import Status
from tests.bench import first_paint
from tests.bench.busy_watch import observe
from tests.bench.figures import percentile
from tests.bench.headless_app import HeadlessApp, run_loaded
from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM, key_of, load, mark
from tests.bench.recorded_gateway import Recording
from tests.bench.report import Result, times
from tests.bench.status_into_store import our_events_a_second

LEAST_GAIN: Final = 0.1
PARTICIPANTS: Final = 1_000
REPEATS: Final = 24
PAUSE_S: Final = 0.05
SLOW_BYTES_A_SECOND: Final = 100_000
Figures = dict[str, float]
"""By unit; less is better."""


def _replace(owner: object, name: str, value: object) -> None:
    setattr(owner, name, value)


def _without(names: PrivateNames) -> None:
    vars(names)["available"] = False


def _without_queue() -> None:
    _replace(backpressure_screen, "is_behind", lambda app: False)
    _replace(backpressure_screen, "let_write", lambda app: None)


class Override(NamedTuple):
    """An override, and what it is to improve."""

    does: str
    switch_off: Callable[[], None]
    measurement: str
    units: tuple[str, ...]


OVERRIDES: Final[Mapping[str, Override]] = {
    "lines": Override(
        "Textual: paints changed lines, not the rectangle around them",
        lambda: _replace(BackpressureScreen, "_paints_alone", False),
        "moves",
        ("ms of processor", "bytes"),
    ),
    "cells": Override(
        "Textual: writes changed cells of a line",
        lambda: _replace(ShownLines, "record", lambda shown, line: line),
        "moves",
        ("ms of processor", "bytes"),
    ),
    "at-once": Override(
        "Textual: paints at once, not at the tick of a timer",
        lambda: _replace(BackpressureScreen, "paint_soon", lambda screen: None),
        "busy terminal",
        ("ms from event to pixel, median",),
    ),
    "scrollbars": Override(
        "Textual: leaves scrollbars alone on a layout",
        lambda: _replace(LineView, "scrollbars_follow", lambda view, size: True),
        "layouts",
        ("ms of processor", "bytes"),
    ),
    "opening": Override(
        "Textual: an opening screen is painted once, after its size is known",
        lambda: _replace(BackpressureScreen, "_knows_its_size", True),
        "dialogs",
        ("ms of processor", "bytes"),
    ),
    "requests": Override(
        "Textual: what a whole painting included is not painted again",
        lambda: _replace(BackpressureScreen, "forget_requests", lambda screen: None),
        "dialogs",
        ("ms of processor", "bytes"),
    ),
    "queue": Override(
        "Textual: no frame while one waits for the terminal",
        _without_queue,
        "slow terminal",
        ("ms from key to repaint, p99",),
    ),
    "sorted": Override(
        "sortedcontainers: filled from what is sorted",
        lambda: _without(PIECES),
        "first paint",
        ("ms to the first painted panels",),
    ),
    "loops": Override("Engine.IO: own loops", lambda: _without(LOOPS), "events", ("µs an event",)),
}


def measure(rounds: int, *, participants: int, events: int, seconds: float) -> list[Result]:
    """A row for each figure of each override."""
    rows: list[Result] = []
    for name, override in OVERRIDES.items():
        having: list[Figures] = []
        lacking: list[Figures] = []
        for number in range(rounds):
            # In turns, and each first in every other round: the machine's speed changes.
            for found, without in ((having, ""), (lacking, name))[:: -1 if number % 2 else 1]:
                sizes = participants, events, seconds
                found.append(in_own_process(figures_of, override.measurement, without, *sizes))
        rows += [_row(override, unit, having, lacking) for unit in override.units]
    return rows


def _row(override: Override, unit: str, having: list[Figures], lacking: list[Figures]) -> Result:
    ours, baseline = (median(each[unit] for each in found) for found in (having, lacking))
    spread = [with_it[unit] / without[unit] for with_it, without in zip(having, lacking, strict=True)]
    return Result(
        name=f"{override.does}<br>{override.measurement}",
        baseline_name="without",
        baseline=baseline,
        ours=ours,
        unit=unit,
        goal=f"≤ {times(1 - LEAST_GAIN)}",
        met=ours <= baseline * (1 - LEAST_GAIN),
        notes=(f"from {times(min(spread))} to {times(max(spread))} in {len(spread)} rounds",),
    )


def figures_of(measurement: str, without: str, participants: int, events: int, seconds: float) -> Figures:
    """Measure in this process, without an override if one is named."""
    if without:
        OVERRIDES[without].switch_off()
    match measurement:
        case "moves" | "dialogs" | "layouts":
            return asyncio.run(_on_screen(measurement))
        case "first paint":
            return {"ms to the first painted panels": first_paint.first_paint_ms(participants)}
        case "events":
            return {"µs an event": 1e6 / our_events_a_second(Recording(10_000, events), False)}
        case _:
            drain = SLOW_BYTES_A_SECOND if measurement == "slow terminal" else None
            return asyncio.run(_on_a_terminal(without, seconds, drain))


async def _on_screen(measurement: str) -> Figures:
    repeat = {"moves": _move, "dialogs": _open_and_close, "layouts": _lay_out}[measurement]
    async with run_loaded() as headless:
        await load(headless.store, PARTICIPANTS)
        headless.monitor.watch(ROOM)
        await headless.output.until_quiet()
        found: list[Figures] = []
        for number in range(1, REPEATS + 1):
            began_bytes, processor_s = headless.output.bytes_out, time.process_time()
            await repeat(headless, number)
            found.append(
                {
                    "ms of processor": (time.process_time() - processor_s) * 1000,
                    "bytes": headless.output.bytes_out - began_bytes,
                }
            )
            await asyncio.sleep(PAUSE_S + number % 7 / 200)
    return {unit: median(each[unit] for each in found) for unit in found[0]}


async def _move(headless: HeadlessApp, number: int) -> None:
    painted = headless.output.expect(mark(number))
    with headless.store.batch():
        headless.store.set_participants([Participant(key_of(0), name=mark(number))], ROOM.id)
        headless.store.apply_status(Status(key_of(0), number % 2 == 0, last_active_s=time.time()))
    await painted


async def _open_and_close(headless: HeadlessApp, number: int) -> None:
    for key in ("question_mark", "escape"):
        headless.output.press(key)
        await headless.output.until_quiet()


async def _lay_out(headless: HeadlessApp, number: int) -> None:
    headless.app.screen.refresh(layout=True)
    await headless.output.until_quiet()


async def _on_a_terminal(without: str, seconds: float, drain_bytes_a_second: float | None) -> Figures:
    recording = Recording(10_000, int(1_000 * seconds), 1_000, 0.1, snapshot=True)
    program = ("-m", __spec__.name, without) if without else ("-m", "presence_tui")
    seen = await observe(recording, drain_bytes_a_second=drain_bytes_a_second, program=program)
    return {
        "ms from event to pixel, median": percentile(seen.event_to_pixel_ms, 0.5),
        "ms from key to repaint, p99": percentile(seen.key_to_repaint_ms, 0.99),
    }


if __name__ == "__main__":
    OVERRIDES[sys.argv.pop(1)].switch_off()
    run()
