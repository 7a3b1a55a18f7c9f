"""100,000 events a second for ten seconds, on a pty of 120x40.

``busy_watch.py`` describes how times are taken and what the final screen is compared with. If the watch is
slower than the sender, TCP slows the sender down; the notes give the real duration of the recording.
"""

import asyncio

from tests.bench.busy_watch import observe
from tests.bench.figures import percentile
from tests.bench.own_process import in_own_process
from tests.bench.recorded_gateway import Recording
from tests.bench.report import Result

MARKS_EVERY_S = 0.05
MOST_P99_MS = 75
MOST_KEY_MS = 75


def measure(participants: int, rate: float, seconds: float) -> list[Result]:
    """One row: the 99th percentile from event to pixel."""
    return in_own_process(_measure, participants, rate, seconds)


def _measure(participants: int, rate: float, seconds: float) -> list[Result]:
    recording = Recording(participants, int(rate * seconds), rate, MARKS_EVERY_S, snapshot=True)
    seen = asyncio.run(observe(recording))
    p99_ms, key_ms = percentile(seen.event_to_pixel_ms, 0.99), percentile(seen.key_to_repaint_ms, 0.99)
    return [
        Result(
            name=f"storm: {rate:,.0f} events/s for {seconds:g} s on {participants:,} participants",
            ours=p99_ms,
            unit="ms p99",
            goal=(
                f"none lost, counts exact, event to pixel p99 ≤ {MOST_P99_MS} ms, "
                f"key to repaint p99 ≤ {MOST_KEY_MS} ms"
            ),
            met=seen.is_true and p99_ms <= MOST_P99_MS and key_ms <= MOST_KEY_MS,
            notes=seen.notes,
            figures=seen.figures,
        )
    ]
