"""The account's conversations in sort order, updated with the store."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from sortedcontainers import SortedList

from presence_tui.domain.evidence import is_possible
from presence_tui.domain.participants import Conversation
from presence_tui.store.filters import Filter
from presence_tui.store.index_registry import Touched
from presence_tui.store.indexed_store import IndexedStore
from presence_tui.store.records import Record, folded
from presence_tui.store.sort_keys import RECENCY_CHARS, presence_key_in, recency

_MOST: Final = 999_999_999
_COUNT_CHARS: Final = 9


class ConversationSort(StrEnum):
    """Sort order of conversations; ties are broken by title, for activity by the gateway's order."""

    ACTIVITY = "activity"
    NAME = "name"
    ONLINE = "online"


_PREFIX_CHARS: Final = {
    ConversationSort.ACTIVITY: RECENCY_CHARS + _COUNT_CHARS,
    ConversationSort.NAME: 0,
    ConversationSort.ONLINE: 1 + _COUNT_CHARS,
}


class ConversationIndex:
    """Created by ``PresenceStore.conversation_index``; close it when done.

    Reading ``n`` rows costs O(n + log total); a change of one conversation's counts costs O(log total). Like
    a participant's, an order key is a string: sort criterion, folded title, identifier and id.
    """

    def __init__(self, store: IndexedStore, sort: ConversationSort) -> None:
        self._store = store
        self._sort = sort
        self._filter = Filter()
        self._known: dict[str, Conversation] = {}
        self._ranks: dict[str, int] = {}
        """Position in the gateway's list."""
        self._held: dict[str, str] = {}
        """Id to order key, of all conversations."""
        self._shown = SortedList()
        """Order keys that pass the filter."""

    @property
    def sort(self) -> ConversationSort:
        return self._sort

    @property
    def query(self) -> str:
        return self._filter.query

    @property
    def total(self) -> int:
        """Number of known conversations, ignoring the filter."""
        return len(self._known)

    def set_conversations(self, conversations: Sequence[Conversation]) -> None:
        """Set all conversations, in the gateway's order. O(n log n) if anything changed."""
        if list(self._known.values()) != list(conversations):
            self._known = {each.id: each for each in conversations}
            self._ranks = {key: rank for rank, key in enumerate(self._known)}
            self.rebuild()

    def show(self, *, sort: ConversationSort | None = None, query: str | None = None) -> None:
        """Change sort order or filter (see ``Filter``); ``None`` keeps the current one."""
        self._sort = sort or self._sort
        self._filter = self._filter if query is None else Filter(query)
        self.rebuild()

    def count(self) -> int:
        """Rows after the filter."""
        self._store.indexes.reindex()
        return len(self._shown)

    def rows(self, start: int, stop: int) -> list[Conversation]:
        """The rows at ``start <= index < stop``, as far as there are any."""
        self._store.indexes.reindex()
        return [
            self._known[presence_key_in(order_key)]
            for order_key in self._shown.islice(max(0, start), max(0, stop))
        ]

    def index_of(self, conversation_id: str) -> int | None:
        """The index of a conversation, or ``None`` if it is not shown."""
        self._store.indexes.reindex()
        order_key = self._held.get(conversation_id)
        if order_key is None:
            return None
        index = self._shown.bisect_left(order_key)
        return index if index < len(self._shown) and self._shown[index] == order_key else None

    def activity_s(self, conversation: Conversation) -> float | None:
        """Unix time, by our clock, of the last message or of the last arrival or departure of a member."""
        moved_s = self._store.rosters.last_moved_s(conversation.id)
        message_at_s, skew_s = conversation.last_message_s, self._store.states.skew_s
        # An impossible time, such as the year 2099, would stay on top forever.
        if message_at_s is None or not is_possible(message_at_s, self._store.clock.stamp().wall_s + skew_s):
            return moved_s
        message_s = message_at_s - skew_s
        return message_s if moved_s is None else max(moved_s, message_s)

    def close(self) -> None:
        self._store.indexes.remove(self)

    def reopen(self) -> None:
        """Subscribe again and rebuild."""
        self._store.indexes.reopen(self)

    def follow(self, touched: Touched) -> None:
        """For the store: move conversations whose counts changed."""
        for key in touched.counted:
            before = self._held.get(key)
            if before is None:
                continue
            after = self._held[key] = self._order_key(self._known[key])
            if after != before and before in self._shown:
                self._shown.remove(before)
                self._shown.add(after)

    def follow_pins(self, records: Iterable[Record]) -> None:
        """For the store. Pins concern participants, so nothing moves."""

    def rebuild(self) -> None:
        """Compute all order keys again."""
        self._held = {key: self._order_key(each) for key, each in self._known.items()}
        self._shown = SortedList(self._filter.pick()(self._held.values(), _PREFIX_CHARS[self._sort]))

    def _order_key(self, conversation: Conversation) -> str:
        key = conversation.id
        text = f"{folded(conversation.title)}\0{folded(conversation.identifier)}\0{key}"
        match self._sort:
            case ConversationSort.NAME:
                return text
            case ConversationSort.ONLINE:
                rosters = self._store.rosters
                online = rosters.counts(key).online
                return f"{int(not rosters.knows(key))}{_MOST - online:0{_COUNT_CHARS}}{text}"
            case _:
                return f"{recency(self.activity_s(conversation))}{self._ranks[key]:0{_COUNT_CHARS}}{text}"
