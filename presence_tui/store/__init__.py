"""The store: the only place that holds presence state.

    from presence_tui.store import PresenceStore

A ``PresenceStore`` needs no screen, no network and no event loop.
"""

from presence_tui.store.clock import Clock, Stamp, SystemClock
from presence_tui.store.conversation_index import ConversationIndex, ConversationSort
from presence_tui.store.filters import Facets, Filter
from presence_tui.store.presence_store import PresenceStore
from presence_tui.store.records import Origin, Record
from presence_tui.store.roster_index import RosterIndex
from presence_tui.store.rosters import Counts
from presence_tui.store.sort_keys import Sort
from presence_tui.store.subscribers import ChangeSet

__all__ = [
    "ChangeSet",
    "Clock",
    "ConversationIndex",
    "ConversationSort",
    "Counts",
    "Facets",
    "Filter",
    "Origin",
    "PresenceStore",
    "Record",
    "RosterIndex",
    "Sort",
    "Stamp",
    "SystemClock",
]
