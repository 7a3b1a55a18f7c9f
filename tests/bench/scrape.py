"""Duration of a scrape by Prometheus, with few participants and with many.

The site of ``metrics --listen`` serves the real service of a screen without a terminal (``headless_app.py``),
whose monitor is a fake. A scrape is one HTTP request over a kept connection, from its start to the last byte
of the answer. Medians.
"""

import asyncio
import time
from statistics import median

import aiohttp
from aiohttp import web

from presence_tui.cli.current_service import CurrentService
from presence_tui.cli.metrics_exporter import application
from tests.bench.headless_app import run_loaded
from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM, load
from tests.bench.report import Result, times

MOST_GROWTH = 1.2


def measure(few: int, many: int, rounds: int) -> list[Result]:
    """One row."""
    few_ms = in_own_process(scrape_ms, few, rounds)
    many_ms = in_own_process(scrape_ms, many, rounds)
    return [
        Result(
            name=f"a scrape of the metrics, {few:,} vs {many:,} participants",
            baseline_name=f"ours at {few:,}",
            baseline=few_ms,
            ours=many_ms,
            unit="ms",
            goal=f"≤ {times(MOST_GROWTH)}",
            met=many_ms <= few_ms * MOST_GROWTH,
        )
    ]


def scrape_ms(participants: int, rounds: int) -> float:
    """The median duration."""
    return asyncio.run(_scrape_ms(participants, rounds))


async def _scrape_ms(participants: int, rounds: int) -> float:
    async with run_loaded() as headless:
        await load(headless.store, participants)
        headless.monitor.watch(ROOM)
        await headless.output.until_quiet()
        runner = web.AppRunner(application(CurrentService(headless.app._service)), access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}/metrics"
            return await _median_ms(url, participants, rounds)
        finally:
            await runner.cleanup()


async def _median_ms(url: str, participants: int, rounds: int) -> float:
    durations_s: list[float] = []
    async with aiohttp.ClientSession() as session:
        for _ in range(rounds):
            began_s = time.monotonic()
            async with session.get(url) as response:
                text = await response.text()
            durations_s.append(time.monotonic() - began_s)
    counts = [line for line in text.splitlines() if line.startswith("presence_participants{")]
    assert sum(float(line.split()[-1]) for line in counts) == participants, counts
    return 1_000 * median(durations_s)
