"""Write files atomically, readable only by their owner, and replace existing ones only on request."""

import errno
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from presence_tui.domain.system_reasons import reason_of
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.store.records import folded
from presence_tui.text.local_time import is_ambiguous, utc_offset
from presence_tui.wire.sanitize import safe_text

_PATH_CELLS: Final = 200
_NAME_CHARS: Final = 48
_NO_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EOPNOTSUPP)
"""Errors of file systems without hard links."""


def write_new(path: Path, content: bytes, *, replace: bool = False) -> None:
    """Write a file atomically, readable only by its owner. Blocks, so do not call it on an event loop.

    Raises ``FileExistsError`` if the file exists, unless ``replace`` is set, and other
    ``OSError`` on failure; then nothing is left behind, and an old file is unchanged.
    """
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".presence-tui-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            Path(beside).replace(path)
        else:
            _give_name(Path(beside), path)
    finally:
        with suppress(OSError):
            Path(beside).unlink()


def _give_name(beside: Path, path: Path) -> None:
    """Rename a complete file atomically; fails if the name is taken."""
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        raise
    except OSError as refused:
        if refused.errno not in _NO_LINKS:
            raise
        # Reserves the name; until the next step the file exists and is empty.
        path.touch(mode=0o600, exist_ok=False)
        try:
            beside.replace(path)
        except OSError:
            path.unlink()
            raise


def why_not(path: Path, problem: OSError) -> Phrase:
    """A sentence about a file that could not be written, with advice."""
    shown, folder = shown_path(path), shown_path(path.parent)
    by_number: Mapping[int | None, Phrase] = {
        errno.ENOSPC: phrase(
            "The disk of {folder} is full; nothing was written. Choose another.", folder=folder
        ),
        errno.EDQUOT: phrase(
            "The disk of {folder} is full; nothing was written. Choose another.", folder=folder
        ),
        errno.ENOENT: phrase("There is no folder {folder}; choose one that is there.", folder=folder),
        errno.ENOTDIR: phrase("There is no folder {folder}; choose one that is there.", folder=folder),
        errno.EACCES: phrase("You may not write in {folder}; choose another folder.", folder=folder),
        errno.EPERM: phrase("You may not write in {folder}; choose another folder.", folder=folder),
        errno.EROFS: phrase("You may not write in {folder}; choose another folder.", folder=folder),
        errno.EISDIR: phrase("{path} is a folder; name a file.", path=shown),
        errno.ENAMETOOLONG: phrase("The name is too long; choose a shorter one."),
    }
    otherwise = phrase("{path} cannot be written: {reason}.", path=shown, reason=reason_of(problem))
    return by_number.get(problem.errno, otherwise)


def shown_path(path: Path) -> str:
    """A path safe to show, because folders can have any name."""
    return safe_text(str(path), _PATH_CELLS)


def file_name(subject: str, at_s: float) -> str:
    """A file name from subject and time: ``harbour-crew-20261123-101542``.

    Only letters and digits of the subject are kept, so that a title cannot point to another folder.
    """
    texts = "-".join(re.findall(r"[a-z0-9]+", folded(subject)))[:_NAME_CHARS].strip("-")
    offset = utc_offset(at_s).replace(":", "") if is_ambiguous(at_s) else ""
    return f"{texts or 'presence'}-{datetime.fromtimestamp(at_s):%Y%m%d-%H%M%S}{offset}"
