"""Standard output whose reader may leave at any time, as ``head`` does."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class ReaderGone(Exception):
    """The reader of our output has left, which is no error: it has seen enough.

    Not an ``OSError``, because the command-line library exits with 1 on those.
    """


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Turns a closed pipe inside the block into ``ReaderGone``."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError as closed:
        # What is still in the buffer goes nowhere, or the interpreter would complain about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ReaderGone from closed
