"""Joins and leaves the rooms of conversations on the socket."""

from collections.abc import Sequence

from presence_tui.domain.participants import Conversation
from presence_tui.monitor.background_tasks import BackgroundTasks
from presence_tui.monitor.link import Link, LinkState
from presence_tui.monitor.memberships import Memberships
from presence_tui.transport.feed import Feed
from presence_tui.wire import names
from presence_tui.wire.encode import conversation_action


class Rooms:
    """Sends joins and leaves while the link is live; after it went live, the caller joins again."""

    def __init__(self, feed: Feed, link: Link, memberships: Memberships, tasks: BackgroundTasks) -> None:
        self._feed = feed
        self._link = link
        self._memberships = memberships
        self._tasks = tasks

    def join(self, conversations: Sequence[Conversation | None]) -> None:
        """Join rooms: guests of the older gateway get no events before (wire contract, section 1.5)."""
        for room in dict.fromkeys(each.id for each in conversations if each is not None):
            if self._memberships.end_of(room) is None:
                self._send(names.CONVERSATION_JOIN, room)

    def leave(self, conversation_id: str) -> None:
        """Leave a room: the older gateway keeps non-members in it, and admits anyone."""
        self._send(names.CONVERSATION_LEAVE, conversation_id)

    def _send(self, event: str, conversation_id: str) -> None:
        if self._link.status.state is LinkState.LIVE:
            self._tasks.start(self._feed.emit(event, conversation_action(conversation_id)))
