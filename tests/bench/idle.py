"""Cost of watching 10,000 participants without any events.

``presence-tui watch`` runs on a pty of 120x40. Once it has read the roster and settled, its processor time
(``/proc``) and the number of HTTP requests at the gateway are measured over an interval without events.
"""

import asyncio

from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM
from tests.bench.recorded_gateway import TOKEN, Recording, recorded_gateway
from tests.bench.report import Result
from tests.bench.terminal import watch_terminal

MOST_CPU_PERCENT = 1.0
START_LIMIT_S = 60.0
SETTLE_S = 3.0


def measure(participants: int, seconds: float) -> list[Result]:
    """One row."""
    cpu_percent, requests, bytes_a_second = in_own_process(_measure, participants, seconds)
    return [
        Result(
            name=f"idle for {seconds:g} s: {participants:,} participants, no events",
            ours=cpu_percent,
            unit="% of a core",
            goal=f"≤ {MOST_CPU_PERCENT:g} % of one core, 0 HTTP requests",
            met=cpu_percent <= MOST_CPU_PERCENT and requests == 0,
            notes=(f"{requests} HTTP requests; {bytes_a_second:.0f} bytes/s to the terminal",),
            figures={"requests": requests, "bytes_a_second": bytes_a_second},
        )
    ]


def _measure(participants: int, seconds: float) -> tuple[float, int, float]:
    return asyncio.run(_idle(participants, seconds))


async def _idle(participants: int, seconds: float) -> tuple[float, int, float]:
    async with (
        recorded_gateway(Recording(participants, snapshot=True)) as gateway,
        watch_terminal(gateway.url, TOKEN, conversation=ROOM.id) as terminal,
    ):
        await terminal.until(b"participants read", START_LIMIT_S)
        await asyncio.sleep(SETTLE_S)
        requests, cpu_s, bytes_out = await gateway.requests(), terminal.cpu_s, terminal.bytes_out
        await asyncio.sleep(seconds)
        return (
            (terminal.cpu_s - cpu_s) / seconds * 100,
            await gateway.requests() - requests,
            (terminal.bytes_out - bytes_out) / seconds,
        )
