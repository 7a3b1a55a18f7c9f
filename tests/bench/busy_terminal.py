"""10,000 events a second about 10,000 participants, on a pty of 120x40.

``busy_watch.py`` describes how times are taken and what the final screen is compared with.
"""

import asyncio

from tests.bench.busy_watch import observe
from tests.bench.figures import percentile
from tests.bench.own_process import in_own_process
from tests.bench.recorded_gateway import Recording
from tests.bench.report import Result

MARKS_EVERY_S = 0.05
MOST_P50_MS = 20
MOST_P99_MS = 40
MOST_KEY_MS = 35
MOST_CPU = 0.4


def measure(participants: int, rate: float, seconds: float) -> list[Result]:
    """One row: the 99th percentile from event to pixel."""
    return in_own_process(_measure, participants, rate, seconds)


def _measure(participants: int, rate: float, seconds: float) -> list[Result]:
    recording = Recording(participants, int(rate * seconds), rate, MARKS_EVERY_S, snapshot=True)
    seen = asyncio.run(observe(recording))
    p50_ms, p99_ms = (percentile(seen.event_to_pixel_ms, share) for share in (0.5, 0.99))
    key_ms = percentile(seen.key_to_repaint_ms, 0.99)
    in_time = p50_ms <= MOST_P50_MS and p99_ms <= MOST_P99_MS and key_ms <= MOST_KEY_MS
    return [
        Result(
            name=f"{rate:,.0f} events/s on {participants:,} participants, 120x40 pty, {seconds:g} s",
            ours=p99_ms,
            unit="ms p99",
            goal=(
                f"0 lost, the truth, event to pixel p50 ≤ {MOST_P50_MS}, p99 ≤ {MOST_P99_MS} ms, "
                f"key p99 ≤ {MOST_KEY_MS} ms, ≤ {MOST_CPU:.0%} of a core"
            ),
            met=seen.is_true and in_time and seen.cpu <= MOST_CPU,
            notes=seen.notes,
            figures=seen.figures,
        )
    ]
