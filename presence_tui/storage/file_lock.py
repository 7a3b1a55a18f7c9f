"""One lock for the files that several of our programs write at once."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """A block that no other program is in. For threads: it waits for as long as the other takes.

    Where the disk has no locks the block runs without one. The lock of a process that died is gone with it.
    Raises ``OSError`` if the lock file cannot be made, or is a symbolic link.
    """
    lock = FileLock(path, mode=0o600)
    with suppress(NotImplementedError):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
