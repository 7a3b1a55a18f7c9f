"""Signals that end a program."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)
_MAY_BE_IGNORED: Final = frozenset({signal.SIGHUP, signal.SIGQUIT})
"""``nohup`` sets SIGHUP to ignored, shells set both for background jobs; we respect that."""


def on_ending_signals(end: Callable[[], object]) -> None:
    """Call ``end`` in the running event loop when one of the signals arrives."""
    loop = asyncio.get_running_loop()
    for number in _heeded():
        with suppress(NotImplementedError, RuntimeError, ValueError):
            # Signal handlers work only in the main thread.
            loop.add_signal_handler(number, end)


@contextmanager
def interrupted_by_ending_signals() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` for each signal in the block, even while an event loop would wait for it.

    So a password prompt restores the terminal's echo before the program ends. Main thread only.
    """
    before = {number: signal.signal(number, _interrupt) for number in _heeded()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _heeded() -> list[signal.Signals]:
    return [
        number
        for number in ENDING
        if number not in _MAY_BE_IGNORED or signal.getsignal(number) is not signal.SIG_IGN
    ]
