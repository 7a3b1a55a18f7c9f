"""The signals that ask a program to end."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Final

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)
_MAY_BE_IGNORED: Final = frozenset({signal.SIGHUP, signal.SIGQUIT})
"""``nohup`` has the first ignored, a shell both for jobs in the background: that is meant."""


def on_ending_signals(end: Callable[[], object]) -> None:
    """From here on call ``end`` in the running event loop when one of them arrives."""
    loop = asyncio.get_running_loop()
    for number in ENDING:
        if number in _MAY_BE_IGNORED and signal.getsignal(number) is signal.SIG_IGN:
            continue
        with suppress(NotImplementedError, RuntimeError, ValueError):
            # Outside of the main thread there are none.
            loop.add_signal_handler(number, end)
