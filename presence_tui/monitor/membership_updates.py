"""Follows memberships by events and answers, joins and leaves rooms, and requests what must be read."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from presence_tui.domain.participants import Conversation
from presence_tui.monitor.account_reader import AccountReader
from presence_tui.monitor.background_tasks import BackgroundTasks
from presence_tui.monitor.conversation_choice import ConversationChoice
from presence_tui.monitor.gap_summary import GapTracker
from presence_tui.monitor.inbound import MembershipNews
from presence_tui.monitor.link import Link, LinkState
from presence_tui.monitor.memberships import EndCause, MembershipEnd, Memberships
from presence_tui.monitor.rereads import Rereads
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.monitor.rosters import MAX_SECONDARY_MEMBERS, SecondaryRosters
from presence_tui.store import PresenceStore
from presence_tui.transport.errors import AccessDenied
from presence_tui.transport.feed import Feed
from presence_tui.wire import messages, names
from presence_tui.wire.encode import conversation_action

NOT_A_MEMBER: Final[Mapping[str, EndCause]] = {
    "not_a_member": EndCause.REFUSED,
    "no_longer_member": EndCause.REMOVED,
    "banned": EndCause.BANNED,
}
"""Reasons of a refused room join that end the membership (section 1.6)."""


class Rooms:
    """Joins and leaves the rooms of conversations on the socket.

    Sends while the link is live; after it went live, the caller joins again.
    """

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


class MembershipUpdates:
    """Updates ``memberships``; after an end it leaves the room, after a return it joins again."""

    def __init__(
        self,
        store: PresenceStore,
        memberships: Memberships,
        account: AccountReader,
        choice: ConversationChoice,
        secondary_rosters: SecondaryRosters,
        rereads: Rereads,
        rooms: Rooms,
        gaps: GapTracker,
    ) -> None:
        self._store = store
        self._memberships = memberships
        self._account = account
        self._choice = choice
        self._secondary_rosters = secondary_rosters
        self._rereads = rereads
        self._rooms = rooms
        self._gaps = gaps
        self._reported_ends_s: dict[str, float] = {}
        """Conversation id to the monotonic time of the event that ended the membership."""
        memberships.ended.subscribe(self._on_end)
        memberships.restored.subscribe(self._on_restored)
        account.list_read.subscribe(self._on_list)

    def on_news(self, news: MembershipNews) -> None:
        """An event changed a membership or a conversation."""
        if isinstance(news, messages.AccountRenamed):
            self._on_renamed(news.key)
            return
        room = news.conversation_id
        match news:
            case _ if self._is_foreign(room):
                # At most a conversation of ours that is new.
                self._rereads.want_conversations()
            case messages.ParticipantLeft() if news.key == self._account.key:
                self._end(room, EndCause.BANNED if news.banned else EndCause.REMOVED)
            case messages.ConversationEnded():
                self._end(room, EndCause.DELETED if news.deleted else EndCause.CLOSED)
            case messages.JoinRefused():
                if self._store.rosters.knows(room) and news.reason in NOT_A_MEMBER:
                    self._memberships.end(room, NOT_A_MEMBER[news.reason], self._gaps.true_until_s)
            case messages.ParticipantJoined() if news.key == self._account.key:
                self._try_return(room)
                self._rereads.want_conversations()
            case messages.ParticipantJoined():
                self._on_joined(room, news.key)
            case messages.RoleUpdated():
                self._on_role(room, news.key)
            case messages.SystemMessage() if self._store.rosters.knows(room):
                self._rereads.want_roster(room)
            case _ if self._memberships.end_of(room) or not self._choice.lists(room):
                # Only members receive events about a conversation.
                self._rereads.want_conversations()
            case messages.ConversationChanged(title=title) if title:
                self._choice.retitle(room, title)
                if self._account.is_reading_list:
                    # The list on its way may still have the earlier title.
                    self._rereads.want_conversations()

    def on_report(self, conversation_id: str, report: RefreshReport) -> None:
        """A roster was read. A known one that is now refused means that we are no longer a member."""
        if report.roster_error is None:
            # An answer requested before the end says nothing about it.
            if report.began_s > self._reported_ends_s.get(conversation_id, -math.inf):
                self._memberships.restore(conversation_id)
            if self._memberships.end_of(conversation_id) is None:
                # Also of those who are still in an ended conversation.
                self._store.states.release_members(conversation_id)
        elif isinstance(report.roster_error, AccessDenied) and self._store.rosters.knows(conversation_id):
            self._memberships.end(conversation_id, EndCause.REFUSED, self._gaps.true_until_s)

    def _end(self, conversation_id: str, cause: EndCause) -> None:
        """An event says that the membership ended."""
        now = self._store.clock.stamp()
        self._reported_ends_s[conversation_id] = now.monotonic_s
        self._memberships.end(conversation_id, cause, now.wall_s)

    def _is_foreign(self, conversation_id: str) -> bool:
        """True if the account was never seen to be a member of this conversation."""
        if not self._account.is_prepared:
            # The list is still to be read.
            return False
        is_known = self._choice.lists(conversation_id) or self._store.rosters.knows(conversation_id)
        return not is_known and not self._choice.is_watched(conversation_id)

    def _on_joined(self, conversation_id: str, key: str) -> None:
        if self._store.rosters.knows(conversation_id):
            # Their earlier state is outdated, and no event will report the current one.
            self._rereads.want_presence(key)
        if self._choice.is_watched(conversation_id):
            # The event lacks handle, role and the name in the conversation, and the first read may
            # have been answered before the join.
            self._rereads.want_roster(conversation_id)

    def _on_role(self, conversation_id: str, key: str) -> None:
        """The role of somebody who is not listed: the list on its way may still have the earlier one."""
        watched = self._choice.watched
        if watched is not None and watched.id == conversation_id:
            rosters = self._store.rosters
            if key not in rosters.held(watched.id):
                is_whole = not rosters.is_in_part(watched)
                self._rereads.want_roster_of_stranger(watched.id, is_whole=is_whole)

    def _on_end(self, end: MembershipEnd) -> None:
        """Leave the room, so that the shown roster stays as it was, its states included."""
        self._hold_members(end)
        self._rereads.want_conversations()
        self._rooms.leave(end.conversation_id)

    def _hold_members(self, end: MembershipEnd) -> None:
        """Nothing tells of members who are in no other conversation of ours, so their states stand still."""
        ended = self._memberships.end_of
        members = self._store.rosters.records(end.conversation_id)
        self._store.states.hold_members(
            (record for record in members if all(map(ended, record.conversations))), end.at_s
        )

    def _on_restored(self, conversation_id: str) -> None:
        """The gateway removed us from the room when the membership ended, and may not have put us back."""
        self._reported_ends_s.pop(conversation_id, None)
        if self._choice.is_watched(conversation_id):
            self._rooms.join([self._choice.watched])

    def _on_list(self, conversations: list[Conversation]) -> None:
        """The gateway lists only conversations of members, with their current number of members."""
        for each in conversations:
            end = self._memberships.end_of(each.id)
            if end is not None and end.cause not in (EndCause.CLOSED, EndCause.DELETED):
                self._try_return(each.id)
            elif self._count_differs(each):
                self._rereads.want_roster(each.id)

    def _try_return(self, conversation_id: str) -> None:
        """The account may be a member again: its roster decides, and states must be read."""
        if self._choice.is_watched(conversation_id):
            self._rereads.want_resync()
        else:
            self._rereads.want_roster(conversation_id)

    def _on_renamed(self, key: str) -> None:
        """The account's new name may apply in the conversation or not; its roster decides."""
        watched = self._choice.watched
        if watched is not None and key in self._store.rosters.held(watched.id):
            self._rereads.want_roster(watched.id)

    def _count_differs(self, listed: Conversation) -> bool:
        """True if somebody joined or left a secondary roster since it was read, and no event said so."""
        return (
            self._secondary_rosters.is_current(listed.id)
            and 0 < listed.member_count <= MAX_SECONDARY_MEMBERS
            and not listed.member_count_capped
            and listed.member_count != self._store.counts(listed.id).total
        )
