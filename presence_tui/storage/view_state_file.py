"""Reads and writes the view state, in one private file per gateway and account."""

import asyncio
import hashlib
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from presence_tui.domain.enums import State
from presence_tui.domain.translatable import Phrase
from presence_tui.storage.state_files import StateFile
from presence_tui.storage.view_state import Arrangement, Edits, ViewState
from presence_tui.store.filters import Facets
from presence_tui.store.sort_keys import Sort
from presence_tui.wire.sanitize import is_safe_id, safe_text

MOST_PINS: Final = 1_000
MOST_ARRANGEMENTS: Final = 500
"""Beyond these limits, the oldest entries are dropped."""


class _Arrangement(msgspec.Struct, omit_defaults=True):
    sort: str = Sort.NAME
    query: str = ""
    states: list[str] = []
    roles: list[str] = []
    guests: bool | None = None


class _Content(msgspec.Struct, omit_defaults=True):
    """Content of the file. ``gateway`` is there for people who read it."""

    gateway: str = ""
    pins: list[str] = []
    arrangements: dict[str, _Arrangement] = {}


class ViewStateFile:
    """One file. Several processes may write it: each merges its own changes."""

    def __init__(self, folder: Path, gateway: str, owner_hint: str) -> None:
        """``owner_hint`` distinguishes accounts and is stored only as a digest."""
        self._gateway = gateway
        digest = hashlib.blake2b(f"{gateway}\n{owner_hint}".encode(), digest_size=12).hexdigest()
        self._file = StateFile(folder / f"{digest}.json", _Content)

    async def open(self) -> ViewState:
        """Read the stored view state. A damaged file is renamed; the view state reports it."""
        content, problem = await asyncio.to_thread(self._file.load)
        return ViewState(
            self._write,
            pins=frozenset(filter(is_safe_id, content.pins)),
            arrangements={
                key: _from_file(each) for key, each in content.arrangements.items() if is_safe_id(key)
            },
            problem=problem,
        )

    async def _write(self, edits: Edits) -> Phrase | None:
        return await asyncio.to_thread(self._file.change, partial(self._with_edits, edits))

    def _with_edits(self, edits: Edits, content: _Content) -> _Content:
        pins = [key for key in content.pins if key not in edits.pins]
        pins += [key for key, pinned in edits.pins.items() if pinned]
        arrangements = {
            key: each for key, each in content.arrangements.items() if key not in edits.arrangements
        }
        arrangements.update(
            (key, _for_file(each)) for key, each in edits.arrangements.items() if each is not None
        )
        return _Content(
            self._gateway, pins[-MOST_PINS:], dict(list(arrangements.items())[-MOST_ARRANGEMENTS:])
        )


def _from_file(stored: _Arrangement) -> Arrangement:
    """Convert to an ``Arrangement``. Unknown values are dropped, because the file may have been edited."""
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
