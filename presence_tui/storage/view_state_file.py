"""Reads and writes the view state: one private file for each account of each gateway."""

import asyncio
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from presence_tui.domain.enums import State
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.storage.private_files import open_own, read_regular, write_private
from presence_tui.storage.view_state import Arrangement, Edits, ViewState
from presence_tui.store.filters import Facets
from presence_tui.store.sort_keys import Sort
from presence_tui.wire.sanitize import MESSAGE_CELLS, is_safe_id, safe_text

MOST_PINS: Final = 1_000
MOST_ARRANGEMENTS: Final = 500
"""More of either are forgotten, the oldest first."""
_MOST_BYTES: Final = 2**20
"""A larger file is none of ours."""


class _Arrangement(msgspec.Struct, omit_defaults=True):
    sort: str = Sort.NAME
    query: str = ""
    states: list[str] = []
    roles: list[str] = []
    guests: bool | None = None


class _Content(msgspec.Struct, omit_defaults=True):
    """What is in the file. The gateway stands there for people who look into it."""

    gateway: str = ""
    pins: list[str] = []
    arrangements: dict[str, _Arrangement] = {}


class ViewStateFile:
    """One file. Several programs may write it at once: each adds what was changed in it."""

    def __init__(self, folder: Path, gateway: str, owner_hint: str) -> None:
        """``owner_hint`` tells accounts apart and is kept as a digest only."""
        self._gateway = gateway
        digest = hashlib.blake2b(f"{gateway}\n{owner_hint}".encode(), digest_size=12).hexdigest()
        self._path = folder / f"{digest}.json"

    async def open(self) -> ViewState:
        """What is stored. A file that cannot be used is set aside, which the screen is told."""
        content, trouble = await asyncio.to_thread(self._read)
        return ViewState(
            self._write,
            pins=frozenset(filter(is_safe_id, content.pins)),
            arrangements={
                key: _from_file(each) for key, each in content.arrangements.items() if is_safe_id(key)
            },
            trouble=trouble,
        )

    def _read(self) -> tuple[_Content, Phrase | None]:
        try:
            return self._content()
        except OSError as problem:
            path, reason = _display_path(self._path), problem.strerror or ""
            return _Content(), phrase("{path} cannot be read: {reason}.", path=path, reason=reason)

    async def _write(self, edits: Edits) -> Phrase | None:
        try:
            await asyncio.to_thread(self._add, edits)
        except OSError as problem:
            path, reason = _display_path(self._path), problem.strerror or ""
            return phrase("Pins and filters are not kept: {path}: {reason}.", path=path, reason=reason)
        return None

    def _add(self, edits: Edits) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(self._path.with_suffix(".lock")):
            content, _ = self._content()
            content.gateway = self._gateway
            pins = [key for key in content.pins if key not in edits.pins]
            pins += [key for key, pinned in edits.pins.items() if pinned]
            content.pins = pins[-MOST_PINS:]
            arrangements = {
                key: each for key, each in content.arrangements.items() if key not in edits.arrangements
            }
            arrangements.update(
                (key, _for_file(each)) for key, each in edits.arrangements.items() if each is not None
            )
            content.arrangements = dict(list(arrangements.items())[-MOST_ARRANGEMENTS:])
            write_private(self._path, msgspec.json.format(msgspec.json.encode(content)))

    def _content(self) -> tuple[_Content, Phrase | None]:
        """What is in the file; nothing, and a sentence, if that is damaged. Raises ``OSError``."""
        try:
            return msgspec.json.decode(read_regular(self._path, _MOST_BYTES), type=_Content), None
        except FileNotFoundError:
            return _Content(), None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            aside = self._path.with_suffix(".damaged")
            self._path.replace(aside)
            return _Content(), phrase(
                "The pins and filters that were kept are damaged; set aside as {path}.",
                path=_display_path(aside),
            )


def _display_path(path: Path) -> str:
    return safe_text(str(path), MESSAGE_CELLS)


def _from_file(stored: _Arrangement) -> Arrangement:
    """As a view takes it. What is not known in it is left out: a file may have been in other hands."""
    return Arrangement(
        sort=Sort(stored.sort) if stored.sort in set(Sort) else Sort.NAME,
        query=safe_text(stored.query),
        facets=Facets(
            states=frozenset(State(each) for each in stored.states if each in set(State)),
            roles=frozenset(map(safe_text, stored.roles)),
            guests=stored.guests,
        ),
    )


def _for_file(arrangement: Arrangement) -> _Arrangement:
    facets = arrangement.facets
    return _Arrangement(
        sort=arrangement.sort,
        query=arrangement.query,
        states=sorted(facets.states),
        roles=sorted(facets.roles),
        guests=facets.guests,
    )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """A block that no other program is in, where the disk knows locks. For threads: it waits."""
    descriptor = open_own(path, os.O_RDWR)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            pass
        yield
    finally:
        os.close(descriptor)
