"""Run a measurement in its own process, so that none inherits the heap of the one before."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from presence_tui.cli.gc_tuning import collect_in_steps

Given = ParamSpec("Given")
Found = TypeVar("Found")


def in_own_process(measure: Callable[Given, Found], *args: Given.args, **kwargs: Given.kwargs) -> Found:
    """Call a module-level function in a fresh interpreter; returns its result or raises its exception."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(_measured, partial(measure, *args, **kwargs)).result()


def _measured(measure: Callable[[], Found]) -> Found:
    # Same collector settings as the screen's process: objects loaded so far are excluded from collection.
    collect_in_steps()
    return measure()
