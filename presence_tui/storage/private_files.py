"""Files that their owner alone can read, and that are there whole or not at all."""

import errno
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

LARGEST_SECRET: Final = 2**20
"""Bytes. A larger file holds no token."""
_OF_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class NotPrivate(PermissionError):
    """Others than the owner may read or write the file."""


class NotRegular(OSError):
    """There is a folder, a pipe or a device in place of a file, or a link where none may be."""

    def __init__(self, reason: str) -> None:
        super().__init__(errno.EINVAL, reason)


def read_regular(path: Path, most_bytes: int) -> bytes:
    """The content of a file, at most so much. Never waits for a pipe. Raises ``OSError``."""
    with os.fdopen(_opened(path, os.O_RDONLY, stat.S_ISREG), "rb") as file:
        return file.read(most_bytes)


def read_private(path: Path) -> bytes:
    """A secret. Raises ``OSError``, and ``NotPrivate`` for a file that others may touch.

    A pipe serves as well, as a shell makes one for ``<(command)``; one that nobody writes to is empty.
    """
    with os.fdopen(
        _opened(path, os.O_RDONLY, lambda mode: stat.S_ISREG(mode) or stat.S_ISFIFO(mode)), "rb"
    ) as file:
        if os.fstat(file.fileno()).st_mode & _OF_OTHERS:
            raise NotPrivate
        os.set_blocking(file.fileno(), True)
        return file.read(LARGEST_SECRET)


def open_private(path: Path, flags: int) -> int:
    """A descriptor of a regular file, which is made with mode 600 if it is missing.

    Follows no link. Raises ``OSError``, ``NotRegular`` and, for a file that others may touch, ``NotPrivate``.
    """
    descriptor = open_own(path, flags)
    if os.fstat(descriptor).st_mode & _OF_OTHERS:
        os.close(descriptor)
        raise NotPrivate
    return descriptor


def open_own(path: Path, flags: int) -> int:
    """Like ``open_private``, whatever the mode of a file that exists. Raises ``OSError``."""
    try:
        return _opened(path, flags | os.O_CREAT | os.O_NOFOLLOW, stat.S_ISREG)
    except OSError as problem:
        if problem.errno == errno.ELOOP:
            raise NotRegular("it is a symbolic link") from problem
        if problem.errno == errno.ENXIO:
            raise NotRegular("it is not a regular file") from problem
        raise


def write_private(path: Path, content: bytes) -> None:
    """Put the content there in one step, readable by its owner alone from the first byte on.

    What was there stays if this fails. Makes the folder, for its owner alone, if it is missing. Raises
    ``OSError``.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made with mode 600, under a name that nobody can have put a link at.
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
    """A descriptor of a file of a welcome kind. Waits for nobody at the other end of a pipe."""
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    mode = os.fstat(descriptor).st_mode
    if is_welcome(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise NotRegular("it is not a regular file")
