"""A program that writes a history under bad conditions. Run by ``test_crashes.py``.

``history_crash_child.py PATH steady``: writes forever; prints the number of each change on the disk.
``history_crash_child.py PATH full``: has a file size limit of 400 kB until the error is reported.
"""

import contextlib
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from presence_tui.domain.translatable import Phrase
from presence_tui.history.writer import Writer
from tests.unit.history.history_fixtures import ErrorRecorder, change, writing

PATIENCE_S = 30.0


def steady(path: Path) -> None:
    """Write a hundred changes, print that they are written, and repeat; the next are posted meanwhile."""
    with writing(path, batch_s=0.01) as writer:
        for number in count():
            writer.post([change(number)])
            if number % 100 == 99:
                assert writer.wait_until_written(PATIENCE_S)
                print(number, flush=True)


def full(path: Path) -> None:
    """Write until the limit, wait for the error, raise the limit, and write everything."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    told = Errors()
    with _room_for(400_000), writing(path, told) as writer:
        written = _post_until_told(writer, told)
        print(told.sentences[0], flush=True)
    print(written, flush=True)


class Errors(ErrorRecorder):
    """Lets a test wait for errors."""

    def __init__(self) -> None:
        super().__init__()
        self.event = threading.Event()
        self.phrases = _Ringing(self.event)


class _Ringing(list[Phrase]):
    def __init__(self, event: threading.Event) -> None:
        super().__init__()
        self._event = event

    def append(self, phrase: Phrase) -> None:
        super().append(phrase)
        self._event.set()


def _post_until_told(writer: Writer, told: Errors) -> int:
    for number in count():
        writer.post([change(number)])
        if number % 500 == 499:
            writer.wait_until_written(0.05)
        if told.event.is_set():
            break
    _unlimited()
    assert writer.wait_until_written(PATIENCE_S)
    return number + 1


@contextlib.contextmanager
def _room_for(size: int) -> Iterator[None]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    yield


def _unlimited() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    {"steady": steady, "full": full}[sys.argv[2]](Path(sys.argv[1]))
