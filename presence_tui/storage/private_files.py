"""Files that only their owner can read, written atomically."""

import errno
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

LARGEST_SECRET: Final = 2**20
"""Bytes. A larger file cannot be a token."""
_OF_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class NotPrivate(PermissionError):
    """Users other than the owner can read or write the file."""


class NotRegular(OSError):
    """The path is a folder, a pipe or a device, or a link where links are not allowed."""

    def __init__(self, reason: str) -> None:
        super().__init__(errno.EINVAL, reason)


def read_regular(path: Path, most_bytes: int) -> bytes:
    """Read at most ``most_bytes`` of a regular file. Never blocks on a pipe. Raises ``OSError``."""
    with os.fdopen(_opened(path, os.O_RDONLY, stat.S_ISREG), "rb") as file:
        return file.read(most_bytes)


def read_private(path: Path) -> bytes:
    """Read a secret. Raises ``OSError``, and ``NotPrivate`` for a file that others may access.

    Also reads a pipe, as shells create for ``<(command)``; one without a writer is empty.
    """
    with os.fdopen(
        _opened(path, os.O_RDONLY, lambda mode: stat.S_ISREG(mode) or stat.S_ISFIFO(mode)), "rb"
    ) as file:
        if os.fstat(file.fileno()).st_mode & _OF_OTHERS:
            raise NotPrivate
        os.set_blocking(file.fileno(), True)
        return file.read(LARGEST_SECRET)


def open_private(path: Path, flags: int) -> int:
    """Open a regular file, creating it with mode 600 if missing, and return its descriptor.

    Follows no link. Raises ``OSError``, ``NotRegular``, and ``NotPrivate`` for a file that others may access.
    """
    descriptor = open_own(path, flags)
    if os.fstat(descriptor).st_mode & _OF_OTHERS:
        os.close(descriptor)
        raise NotPrivate
    return descriptor


def open_own(path: Path, flags: int) -> int:
    """Like ``open_private``, but accepts any mode of an existing file. Raises ``OSError``."""
    try:
        return _opened(path, flags | os.O_CREAT | os.O_NOFOLLOW, stat.S_ISREG)
    except OSError as problem:
        if problem.errno == errno.ELOOP:
            raise NotRegular("it is a symbolic link") from problem
        if problem.errno == errno.ENXIO:
            raise NotRegular("it is not a regular file") from problem
        raise


def write_private(path: Path, content: bytes) -> None:
    """Write a file atomically, readable only by its owner from the start.

    On failure, the old content stays. Creates the folder, with mode 700, if it is missing. Raises
    ``OSError``.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Created with mode 600, under a random name where nobody can have placed a link.
    descriptor, new = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(new).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(new).unlink()
        raise


def _opened(path: Path, flags: int, is_welcome: Callable[[int], bool]) -> int:
    """Open a file of an accepted kind. Does not block on a pipe without a writer."""
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    mode = os.fstat(descriptor).st_mode
    if is_welcome(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise NotRegular("it is not a regular file")
