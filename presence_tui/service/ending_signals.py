"""The signals that ask a program to end."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)
_MAY_BE_IGNORED: Final = frozenset({signal.SIGHUP, signal.SIGQUIT})
"""``nohup`` has the first ignored, a shell both for jobs in the background: that is meant."""


def on_ending_signals(end: Callable[[], object]) -> None:
    """From here on call ``end`` in the running event loop when one of them arrives."""
    loop = asyncio.get_running_loop()
    for number in _heeded():
        with suppress(NotImplementedError, RuntimeError, ValueError):
            # Outside of the main thread there are none.
            loop.add_signal_handler(number, end)


@contextmanager
def interrupted_by_ending_signals() -> Iterator[None]:
    """Inside of the block each raises ``KeyboardInterrupt``, also where an event loop would wait to see it.

    So a question for a password restores the terminal's echo before the program ends. In the main thread.
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
