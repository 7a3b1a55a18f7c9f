"""Small files of state kept between runs: private, written atomically, and never fatal.

Several processes may write a file: each edits its current content. An unreadable file is renamed, not
deleted, and treated as missing.
"""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from presence_tui.domain.system_reasons import reason_of
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.storage.private_files import read_regular, write_private
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text


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


Content = TypeVar("Content", bound=msgspec.Struct)
_MOST_BYTES: Final = 2**20
"""A larger file is not ours."""


class StateFile(Generic[Content]):
    """One JSON object in a file; ``nothing()`` makes the content of a missing one. Blocks, so use it in
    threads.
    """

    def __init__(self, path: Path, nothing: type[Content]) -> None:
        self._path = path
        self._nothing = nothing

    def load(self) -> tuple[Content, Phrase | None]:
        """Return the content, and the error if there was one."""
        try:
            return msgspec.json.decode(read_regular(self._path, _MOST_BYTES), type=self._nothing), None
        except FileNotFoundError:
            return self._nothing(), None
        except OSError as problem:
            return self._nothing(), phrase(
                "{path} cannot be read: {why}.", path=self._shown, why=_why(problem)
            )
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._nothing(), self._set_aside()

    def change(self, edit: Callable[[Content], Content]) -> Phrase | None:
        """Apply ``edit`` to the stored content and return the error, if any."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with locked(self._path.with_suffix(".lock")):
                content, load_problem = self.load()
                write_private(self._path, msgspec.json.format(msgspec.json.encode(edit(content))))
        except OSError as problem:
            return phrase("{path} cannot be written: {why}.", path=self._shown, why=_why(problem))
        return load_problem

    def _set_aside(self) -> Phrase:
        aside = self._path.with_suffix(".damaged")
        try:
            self._path.replace(aside)
        except OSError as problem:
            return phrase("{path} is damaged: {why}.", path=self._shown, why=_why(problem))
        return phrase(
            "{path} is damaged; it was set aside as {name}.", path=self._shown, name=safe_text(aside.name)
        )

    @property
    def _shown(self) -> str:
        return safe_text(str(self._path), MESSAGE_CELLS)


def _why(problem: OSError) -> Phrase:
    return phrase("it is a symbolic link") if problem.errno == errno.ELOOP else reason_of(problem)
