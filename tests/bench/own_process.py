"""A measurement in a process of its own, so that none inherits the heap of the one before."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

from presence_tui.cli.gc_tuning import collect_in_steps

Given = ParamSpec("Given")
Found = TypeVar("Found")


def in_own_process(measure: Callable[Given, Found], *args: Given.args, **kwargs: Given.kwargs) -> Found:
    """Call a function of a module in a fresh interpreter; answers what it answers, raises what it raises."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(_measured, measure, *args, **kwargs).result()


def _measured(measure: Callable[Given, Found], *args: Given.args, **kwargs: Given.kwargs) -> Found:
    # With the collector as the screen's own process has it: what was imported for the measure is left alone.
    collect_in_steps()
    return measure(*args, **kwargs)
