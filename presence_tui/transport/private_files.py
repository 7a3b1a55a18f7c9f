"""Files that their owner alone can read, and that are there whole or not at all."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


class NotPrivate(PermissionError):
    """Others than the owner may read or write the file."""


def read_private(path: Path) -> bytes:
    """The content. Raises ``OSError``, and ``NotPrivate`` for a file that others may touch."""
    mode = path.stat().st_mode
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise NotPrivate
    return path.read_bytes()


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
