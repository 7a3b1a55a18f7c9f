"""Key latency during a burst of events on a slow terminal, such as an SSH line.

The pty is read at 100 kB/s at most while events arrive; frames must become rarer, but the loop must not
block. ``busy_watch.py`` describes how the key is timed.
"""

import asyncio

from tests.bench.busy_watch import observe
from tests.bench.figures import percentile
from tests.bench.own_process import in_own_process
from tests.bench.recorded_gateway import Recording
from tests.bench.report import Result

MARKS_EVERY_S = 0.1
MOST_KEY_MS = 300


def measure(participants: int, rate: float, seconds: float, drain_bytes_a_second: float) -> list[Result]:
    """One row: the 99th percentile from key to repaint."""
    return in_own_process(_measure, participants, rate, seconds, drain_bytes_a_second)


def _measure(participants: int, rate: float, seconds: float, drain_bytes_a_second: float) -> list[Result]:
    recording = Recording(participants, int(rate * seconds), rate, MARKS_EVERY_S, snapshot=True)
    seen = asyncio.run(observe(recording, drain_bytes_a_second=drain_bytes_a_second))
    key_ms = percentile(seen.key_to_repaint_ms, 0.99)
    return [
        Result(
            name=f"a terminal that drains {drain_bytes_a_second / 1000:,.0f} kB/s, at {rate:,.0f} events/s",
            ours=key_ms,
            unit="ms p99",
            goal=f"key to repaint < {MOST_KEY_MS} ms, nothing lost",
            met=seen.is_true and key_ms < MOST_KEY_MS,
            notes=seen.notes,
            figures=seen.figures,
        )
    ]
