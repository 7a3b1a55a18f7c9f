"""A lock for files that several of our processes write."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock for the block. Blocks while another process holds it, so use it in threads.

    On a file system without locks the block runs without one. The operating system releases the lock of a
    process that died. Raises ``OSError`` if the lock file cannot be created or is a symbolic link.
    """
    # Not needed to read a file, and it is large: the first paint does not wait for it.
    from filelock import FileLock

    lock = FileLock(path, mode=0o600)
    with suppress(NotImplementedError):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
