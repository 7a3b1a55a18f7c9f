"""From the command to its first paint on a pty, warm, against a hello-world Textual application.

Both are started in turn on a pty of 120x40 and timed from the fork to the bytes that show the greeting or the
panel's title. Ours is ``presence-tui watch`` on a gateway that answers. The first run of each is not counted.
Medians; shown beside it: time until the link is live.
"""

import asyncio
import sys
import time
from pathlib import Path
from statistics import median

from tests.bench import hello
from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM
from tests.bench.recorded_gateway import TOKEN, Recording, recorded_gateway
from tests.bench.report import Result, times
from tests.bench.terminal import SIZE, Terminal, watch_terminal

MOST_TIMES = 1.3
PARTICIPANTS = 24


def measure(runs: int) -> list[Result]:
    """One row."""
    hello_ms, ours_ms, live_ms = in_own_process(_measure, runs)
    return [
        Result(
            name="command to first paint, warm",
            baseline_name="hello-world Textual app",
            baseline=hello_ms,
            ours=ours_ms,
            unit="ms",
            goal=f"≤ {times(MOST_TIMES)}",
            met=ours_ms <= hello_ms * MOST_TIMES,
            notes=(f"until LIVE: {live_ms:.0f} ms",),
            figures={"live_ms": live_ms},
        )
    ]


def _measure(runs: int) -> tuple[float, float, float]:
    return asyncio.run(_medians(runs))


async def _medians(runs: int) -> tuple[float, float, float]:
    hellos_ms: list[float] = []
    ours_ms: list[float] = []
    lives_ms: list[float] = []
    async with recorded_gateway(Recording(PARTICIPANTS, snapshot=True)) as gateway:
        for _ in range(1 + runs):
            hellos_ms.append(await _hello_ms())
            painted_ms, live_ms = await _watch_ms(gateway.url)
            ours_ms.append(painted_ms)
            lives_ms.append(live_ms)
    return median(hellos_ms[1:]), median(ours_ms[1:]), median(lives_ms[1:])


async def _hello_ms() -> float:
    command = [sys.executable, str(Path(hello.__file__))]
    began_s = time.monotonic()
    async with Terminal(command, {"TERM": "xterm-256color"}, SIZE) as terminal:
        painted_s = await terminal.until(b"Hello, world")
        terminal.kill()
    return (painted_s - began_s) * 1000


async def _watch_ms(url: str) -> tuple[float, float]:
    began_s = time.monotonic()
    async with watch_terminal(url, TOKEN, conversation=ROOM.id) as terminal:
        painted_s = await terminal.until(b"Online (")
        live_s = await terminal.until(b"LIVE")
    return (painted_s - began_s) * 1000, (live_s - began_s) * 1000
