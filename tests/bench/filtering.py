"""A keystroke in the filter over 100,000 names, until the result is painted.

Ours: a key is passed to the real screen (``headless_app.py``) as from the input thread; the time ends when a
title with the right number of matches has been passed to the driver. Each word is typed letter by letter and
deleted again. Baseline: ``textual.fuzzy`` over the same names with the same texts, with an empty cache each
time; nothing is painted. Medians over all keystrokes; the slowest is shown beside it.
"""

import asyncio
import time
from statistics import median

from textual.fuzzy import FuzzySearch

from tests.bench.headless_app import CapturingDriver, run_loaded
from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM, is_online, load, mark, name_of
from tests.bench.report import Result

LEAST_FRACTION = 20
MOST_MS = 50
WORDS = ("okafor", "lind", "chl", "0042")
FUZZY_CACHE = 16


def measure(participants: int, fuzzy_texts: int) -> list[Result]:
    """One row."""
    fuzzy_ms = in_own_process(fuzzy_keystroke_ms, participants, fuzzy_texts)
    taken_ms = in_own_process(keystrokes_ms, participants)
    ours_ms, worst_ms = median(taken_ms), max(taken_ms)
    return [
        Result(
            name=f"`/` filter keystroke over {participants:,} names, to the painted result",
            baseline_name="textual.fuzzy, matching",
            baseline=fuzzy_ms,
            ours=ours_ms,
            unit="ms",
            goal=f"≤ 1/{LEAST_FRACTION}, painted within {MOST_MS} ms",
            met=ours_ms * LEAST_FRACTION <= fuzzy_ms and worst_ms <= MOST_MS,
            notes=(f"slowest of {len(taken_ms)} keystrokes: {worst_ms:.0f} ms",),
            figures={"worst_ms": worst_ms},
        )
    ]


def keystrokes_ms(participants: int) -> list[float]:
    """Our time of each keystroke."""
    return asyncio.run(_keystrokes_ms(participants))


def fuzzy_keystroke_ms(participants: int, texts: int) -> float:
    """Baseline: the median of the first texts."""
    names = [name_of(number) for number in range(participants)]
    taken_ms: list[float] = []
    for text in _typed()[:texts]:
        search = FuzzySearch(cache_size=FUZZY_CACHE)
        began_s = time.monotonic()
        for name in names:
            search.match(text, name)
        taken_ms.append((time.monotonic() - began_s) * 1000)
    return median(taken_ms)


def _typed() -> list[str]:
    """The filter text after each letter."""
    return [word[:length] for word in WORDS for length in range(1, len(word) + 1)]


async def _keystrokes_ms(participants: int) -> list[float]:
    online = [name_of(number).lower() for number in range(1, participants) if is_online(number)]
    online.append(mark(0))
    taken_ms: list[float] = []
    async with run_loaded() as headless:
        await load(headless.store, participants)
        headless.monitor.watch(ROOM)
        await headless.output.until_quiet()
        headless.output.press("slash")
        await headless.output.until_quiet()
        matches = len(online)
        for text in _typed():
            if len(text) == 1:
                await _clear(headless.output)
            before, matches = matches, sum(text in name for name in online)
            painted = headless.output.expect(f" {matches} shown")
            began_s = time.monotonic()
            headless.output.press(text[-1])
            # If no row drops out, nothing is painted and there is nothing to wait for.
            if matches != before:
                taken_ms.append((await painted - began_s) * 1000)
            await headless.output.until_quiet()
    return taken_ms


async def _clear(output: CapturingDriver) -> None:
    for key in ("end", "ctrl+u"):
        output.press(key)
        await output.until_quiet()
