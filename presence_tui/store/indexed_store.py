"""What indexes read of the store that they are part of."""

from collections.abc import Mapping
from typing import Protocol

from presence_tui.store.clock import Clock
from presence_tui.store.index_registry import IndexRegistry
from presence_tui.store.records import Record
from presence_tui.store.rosters import Counts, Rosters
from presence_tui.store.state_derivation import StateDerivation


class IndexedStore(Protocol):
    """Implemented by ``PresenceStore``, so that an index does not import the store that makes it."""

    indexes: IndexRegistry
    states: StateDerivation

    @property
    def participants(self) -> Mapping[str, Record]: ...

    @property
    def rosters(self) -> Rosters: ...

    @property
    def clock(self) -> Clock: ...

    def get_user_by_id(self, user_id: str) -> Record | None: ...

    def counts(self, conversation_id: str | None = None) -> Counts: ...
