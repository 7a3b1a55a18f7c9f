"""The account's conversations, kept in order as the store changes."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sortedcontainers import SortedList

from presence_tui.domain.activity_times import is_possible
from presence_tui.domain.participants import Conversation
from presence_tui.store.filters import Filter
from presence_tui.store.records import Record, folded
from presence_tui.store.sort_keys import RECENCY_CHARS, presence_key_in, recency
from presence_tui.store.views import Touched

if TYPE_CHECKING:
    from presence_tui.store.presence_store import PresenceStore

_MOST: Final = 999_999_999
_COUNT_CHARS: Final = 9


class ConversationSort(StrEnum):
    """What the conversations are ordered by; the title settles ties, or for activity the gateway's order."""

    ACTIVITY = "activity"
    NAME = "name"
    ONLINE = "online"


_PREFIX_CHARS: Final = {
    ConversationSort.ACTIVITY: RECENCY_CHARS + _COUNT_CHARS,
    ConversationSort.NAME: 0,
    ConversationSort.ONLINE: 1 + _COUNT_CHARS,
}


class ConversationIndex:
    """Made by ``PresenceStore.conversation_index``; close it when done.

    Reading ``n`` rows costs O(n + log total); one conversation whose counts change costs O(log total). Like
    a participant's, a place is a text: what the order is by, then folded title, identifier and id.
    """

    def __init__(self, store: "PresenceStore", sort: ConversationSort) -> None:
        self._store = store
        self._sort = sort
        self._filter = Filter()
        self._known: dict[str, Conversation] = {}
        self._ranks: dict[str, int] = {}
        """Where the gateway lists it."""
        self._held: dict[str, str] = {}
        """Id to place, of all of them."""
        self._shown = SortedList()
        """The places of those that pass the filter."""

    @property
    def sort(self) -> ConversationSort:
        return self._sort

    @property
    def query(self) -> str:
        return self._filter.query

    @property
    def total(self) -> int:
        """How many are known, whatever the filter."""
        return len(self._known)

    def set_conversations(self, conversations: Sequence[Conversation]) -> None:
        """These are all there are, in the gateway's order. O(n log n) if anything is new."""
        if list(self._known.values()) != list(conversations):
            self._known = {each.id: each for each in conversations}
            self._ranks = {key: rank for rank, key in enumerate(self._known)}
            self.rebuild()

    def show(self, *, sort: ConversationSort | None = None, query: str | None = None) -> None:
        """Change the order or the filter (a text as ``Filter`` reads it); what is ``None`` stays."""
        self._sort = sort or self._sort
        self._filter = self._filter if query is None else Filter(query)
        self.rebuild()

    def count(self) -> int:
        """Rows after the filter."""
        self._store.reindex()
        return len(self._shown)

    def rows(self, start: int, stop: int) -> list[Conversation]:
        """Those at ``start <= index < stop``; fewer where they end."""
        self._store.reindex()
        return [
            self._known[presence_key_in(order_key)]
            for order_key in self._shown.islice(max(0, start), max(0, stop))
        ]

    def index_of(self, conversation_id: str) -> int | None:
        """Where a conversation is, or ``None`` if it is not shown."""
        self._store.reindex()
        order_key = self._held.get(conversation_id)
        if order_key is None:
            return None
        index = self._shown.bisect_left(order_key)
        return index if index < len(self._shown) and self._shown[index] == order_key else None

    def activity_s(self, conversation: Conversation) -> float | None:
        """When its last message was sent, or somebody of it came or left, in Unix seconds by our clock."""
        moved_s = self._store.rosters.last_moved_s(conversation.id)
        told_s, skew_s = conversation.last_message_s, self._store.skew_s
        # A last message of the year 2099 would stay on top for ever.
        if told_s is None or not is_possible(told_s, self._store.clock.stamp().wall_s + skew_s):
            return moved_s
        message_s = told_s - skew_s
        return message_s if moved_s is None else max(moved_s, message_s)

    def close(self) -> None:
        """Stop following the store."""
        self._store.close_index(self)

    def reopen(self) -> None:
        """Follow the store again, from how it is now."""
        self._store.reopen_index(self)

    def follow(self, touched: Touched) -> None:
        """Called by the store alone: move the conversations whose counts changed to where they belong."""
        for key in touched.counted:
            before = self._held.get(key)
            if before is None:
                continue
            after = self._held[key] = self._order_key(self._known[key])
            if after != before and before in self._shown:
                self._shown.remove(before)
                self._shown.add(after)

    def follow_pins(self, records: Iterable[Record]) -> None:
        """Called by the store alone. Pins are of participants: nothing moves."""

    def rebuild(self) -> None:
        """Place all of them anew."""
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
