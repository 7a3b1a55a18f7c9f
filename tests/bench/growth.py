"""How cost grows: over 1,000 to 1,000,000 participants, and over 100 to 100,000 events a second.

Each figure is measured by its own bench: ``first_paint.py``, ``one_move.py``, ``filtering.py``, ``memory.py``
and, for the rates, ``busy_watch.py`` with 10,000 participants on a pty of 120x40.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from tests.bench.busy_watch import Observation, observe
from tests.bench.figures import percentile
from tests.bench.filtering import keystrokes_ms
from tests.bench.first_paint import first_paint_ms
from tests.bench.memory import bytes_each
from tests.bench.one_move import move_ms
from tests.bench.own_process import in_own_process
from tests.bench.recorded_gateway import Recording

PARTICIPANTS = 10_000
MARKS_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class BySize:
    """Cost of watching this many participants."""

    participants: int
    first_paint_ms: float
    one_move_ms: float
    filter_ms: float
    bytes_each: float


@dataclass(frozen=True, slots=True)
class ByRate:
    """Cost of receiving this many events a second."""

    rate: int
    taken_rate: float
    """Events a second actually received; less than ``rate`` where the watch is the limit."""
    p50_ms: float
    p99_ms: float
    key_p99_ms: float
    cpu: float


def measure_sizes(sizes: Sequence[int], moves: int) -> list[BySize]:
    """The first part, in increasing size."""
    return [
        BySize(
            participants=size,
            first_paint_ms=in_own_process(first_paint_ms, size),
            one_move_ms=in_own_process(move_ms, size, moves),
            filter_ms=median(in_own_process(keystrokes_ms, size)),
            bytes_each=in_own_process(bytes_each, size),
        )
        for size in sizes
    ]


def measure_rates(rates: Sequence[int], seconds: float) -> list[ByRate]:
    """The second part, in increasing rate."""
    return [_by_rate(rate, in_own_process(_observe, rate, seconds)) for rate in rates]


def print_growth(sizes: Sequence[BySize], rates: Sequence[ByRate], console: Console) -> None:
    """Print both tables."""
    table = Table("participants", "first paint", "one move", "filter keystroke", "memory each")
    for each in sizes:
        table.add_row(
            f"{each.participants:,}",
            f"{each.first_paint_ms:.1f} ms",
            f"{each.one_move_ms:.1f} ms",
            f"{each.filter_ms:.1f} ms",
            f"{each.bytes_each:,.0f} bytes",
        )
    console.print(table)
    table = Table("events/s", "taken", "event to pixel p50", "p99", "key p99", "processor")
    for one in rates:
        table.add_row(
            f"{one.rate:,}",
            f"{one.taken_rate:,.0f}/s",
            f"{one.p50_ms:.0f} ms",
            f"{one.p99_ms:.0f} ms",
            f"{one.key_p99_ms:.0f} ms",
            f"{one.cpu:.0%}",
        )
    console.print(table)


def _observe(rate: int, seconds: float) -> Observation:
    recording = Recording(PARTICIPANTS, int(rate * seconds), rate, MARKS_EVERY_S, snapshot=True)
    return asyncio.run(observe(recording))


def _by_rate(rate: int, seen: Observation) -> ByRate:
    assert seen.is_true, f"at {rate:,} events/s: {'; '.join(seen.notes)}"
    return ByRate(
        rate=rate,
        taken_rate=(seen.events_sent - len(seen.event_to_pixel_ms)) / seen.seconds,
        p50_ms=percentile(seen.event_to_pixel_ms, 0.5),
        p99_ms=percentile(seen.event_to_pixel_ms, 0.99),
        key_p99_ms=percentile(seen.key_to_repaint_ms, 0.99),
        cpu=seen.cpu,
    )
