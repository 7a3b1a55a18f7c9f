"""What an event or an answer about memberships changes, and what is read again because of it."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from presence_tui.domain.enums import State
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.conversation_choice import ConversationChoice
from presence_tui.monitor.inbound import MembershipNews
from presence_tui.monitor.membership_updates import MembershipUpdates
from presence_tui.monitor.memberships import EndCause, MembershipEnd, Memberships
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.monitor.rosters import MAX_SECONDARY_MEMBERS
from presence_tui.monitor.signals import Signal
from presence_tui.transport.errors import AccessDenied, NotFound
from presence_tui.wire import messages
from tests.unit.store.store_harness import StoreHarness

ME = "u-me"
HARBOUR = Conversation("c-harbour", "Harbour crew", member_count=3)
LIGHTHOUSE = Conversation("c-lighthouse", "Lighthouse", member_count=3)
PIER = Conversation("c-pier", "Pier")
"""Listed, and never read."""
FOREIGN = "c-foreign"
LOST_S = 1_700_000_000.0

Call = tuple[Any, ...]


class Recorder:
    """Takes any call, and records its name and arguments."""

    def __init__(self, calls: list[Call]) -> None:
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, **named: self._calls.append((name, *arguments, *named.values()))


class Updates(StoreHarness):
    """The harbour is watched, and the lighthouse's roster is known as well."""

    def __init__(self) -> None:
        super().__init__()
        for each in (HARBOUR, LIGHTHOUSE):
            self.roster(ME, "ada", conversation=each.id)
        self.roster("ben", conversation=HARBOUR.id)
        self._calls: list[Call] = []
        self.account = SimpleNamespace(
            key=ME, is_prepared=True, is_reading_list=False, list_read=Signal[Any]()
        )
        self.current = {LIGHTHOUSE.id}
        self.memberships = Memberships()
        self.choice = ConversationChoice(self.store, None)
        self.choice.set_list([HARBOUR, LIGHTHOUSE, PIER])
        self.choice.select(HARBOUR)
        recorder: Any = Recorder(self._calls)
        secondary: Any = SimpleNamespace(is_current=self.current.__contains__)
        gaps: Any = SimpleNamespace(true_until_s=LOST_S)
        account: Any = self.account
        self.updates = MembershipUpdates(
            self.store, self.memberships, account, self.choice, secondary, recorder, recorder, gaps
        )

    @property
    def calls(self) -> list[Call]:
        """Drain what was asked of rereads and rooms."""
        calls, self._calls[:] = list(self._calls), []
        return calls

    def hear(self, *news: MembershipNews) -> list[Call]:
        for each in news:
            self.updates.on_news(each)
        return self.calls

    def end(self, conversation: Conversation, cause: EndCause) -> None:
        self.memberships.end(conversation.id, cause, self.now_s)
        assert self.calls

    def report(self, conversation: Conversation, **fields: Any) -> list[Call]:
        report = RefreshReport(began_s=self.clock.monotonic_s, **fields)
        self.updates.on_report(conversation.id, report)
        return self.calls

    def list(self, *conversations: Conversation) -> list[Call]:
        self.account.list_read.emit(conversations)
        return self.calls

    def cause(self, conversation: Conversation = HARBOUR) -> EndCause | None:
        end = self.memberships.end_of(conversation.id)
        return None if end is None else end.cause


@pytest.fixture
def it() -> Updates:
    return Updates()


LIST = ("want_conversations",)


@pytest.mark.parametrize(
    ("news", "cause"),
    [
        (messages.ParticipantLeft(HARBOUR.id, ME), EndCause.REMOVED),
        (messages.ParticipantLeft(HARBOUR.id, ME, banned=True), EndCause.BANNED),
        (messages.ConversationEnded(HARBOUR.id), EndCause.CLOSED),
        (messages.ConversationEnded(HARBOUR.id, deleted=True), EndCause.DELETED),
    ],
)
def test_an_event_ends_the_membership_now(it: Updates, news: MembershipNews, cause: EndCause) -> None:
    assert it.hear(news) == [LIST, ("leave", HARBOUR.id)]
    assert it.memberships.end_of(HARBOUR.id) == MembershipEnd(HARBOUR.id, cause, it.now_s)


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("not_a_member", EndCause.REFUSED),
        ("no_longer_member", EndCause.REMOVED),
        ("banned", EndCause.BANNED),
        ("full", None),
    ],
)
def test_a_refused_join_ends_it_as_of_the_gap(it: Updates, reason: str, cause: EndCause | None) -> None:
    calls = it.hear(messages.JoinRefused(HARBOUR.id, reason))
    assert calls == ([] if cause is None else [LIST, ("leave", HARBOUR.id)])
    assert it.cause() is cause
    if cause is not None:
        assert it.memberships.end_of(HARBOUR.id) == MembershipEnd(HARBOUR.id, cause, LOST_S)


def test_a_refused_join_of_a_conversation_that_was_never_read_ends_nothing(it: Updates) -> None:
    assert it.hear(messages.JoinRefused(PIER.id, "banned")) == []
    assert it.cause(PIER) is None


def test_others_may_leave(it: Updates) -> None:
    assert it.hear(messages.ParticipantLeft(HARBOUR.id, "ada")) == []
    assert it.cause() is None


def test_a_state_stands_still_if_no_membership_tells_of_it_any_more(it: Updates) -> None:
    it.event("ada")
    it.event("ben")
    it.clock.advance(1)
    it.hear(messages.ParticipantLeft(HARBOUR.id, ME))
    it.wait(10_000)
    assert (it.record("ben").state, it.record("ada").state) == (State.ONLINE, State.IDLE)
    it.event("ada")
    it.clock.advance(1)
    it.hear(messages.ParticipantLeft(LIGHTHOUSE.id, ME))
    it.wait(10_000)
    assert it.record("ada").state is State.ONLINE, "now in no other conversation of ours"
    it.report(LIGHTHOUSE)
    assert (it.record("ben").state, it.record("ada").state) == (State.ONLINE, State.IDLE)


@pytest.mark.parametrize(
    "news",
    [
        messages.ParticipantLeft(FOREIGN, ME),
        messages.ConversationEnded(FOREIGN),
        messages.JoinRefused(FOREIGN, "banned"),
        messages.ParticipantJoined(FOREIGN, ME, "Me"),
        messages.ParticipantJoined(FOREIGN, "ada", "Ada"),
        messages.RoleUpdated(FOREIGN, "ada", "admin"),
        messages.SystemMessage(FOREIGN),
        messages.ConversationChanged(FOREIGN, "Foreign"),
    ],
)
def test_a_conversation_that_was_never_ours_may_be_new(it: Updates, news: MembershipNews) -> None:
    assert it.hear(news) == [LIST]
    assert it.memberships.end_of(FOREIGN) is None


def test_before_the_list_was_read_any_conversation_may_be_ours(it: Updates) -> None:
    it.account.is_prepared = False
    assert it.hear(messages.ConversationEnded(FOREIGN)) == [LIST, ("leave", FOREIGN)]


def test_what_is_watched_or_was_read_is_ours_although_it_is_not_listed(it: Updates) -> None:
    it.choice.set_list([])
    assert it.hear(messages.ConversationEnded(LIGHTHOUSE.id)) == [LIST, ("leave", LIGHTHOUSE.id)]
    it.choice.select(PIER)
    assert it.hear(messages.ConversationEnded(PIER.id)) == [LIST, ("leave", PIER.id)]


def test_who_is_added_has_the_roster_decide(it: Updates) -> None:
    assert it.hear(messages.ParticipantJoined(HARBOUR.id, ME, "Me")) == [("want_resync",), LIST]
    assert it.hear(messages.ParticipantJoined(LIGHTHOUSE.id, ME, "Me")) == [
        ("want_roster", LIGHTHOUSE.id),
        LIST,
    ]


def test_of_others_who_join_presence_is_read_and_in_the_watched_conversation_the_roster(it: Updates) -> None:
    assert it.hear(messages.ParticipantJoined(HARBOUR.id, "cy", "Cy")) == [
        ("want_presence", "cy"),
        ("want_roster", HARBOUR.id),
    ]
    assert it.hear(messages.ParticipantJoined(LIGHTHOUSE.id, "cy", "Cy")) == [("want_presence", "cy")]
    assert it.hear(messages.ParticipantJoined(PIER.id, "cy", "Cy")) == []
    it.choice.select(PIER)
    assert it.hear(messages.ParticipantJoined(PIER.id, "cy", "Cy")) == [("want_roster", PIER.id)]


def test_a_role_of_somebody_who_is_not_listed_has_the_roster_read(it: Updates) -> None:
    assert it.hear(messages.RoleUpdated(HARBOUR.id, "cy", "admin")) == [
        ("want_roster_of_stranger", HARBOUR.id, True)
    ]
    it.choice.set_list([Conversation(HARBOUR.id, HARBOUR.title, member_count=9)])
    assert it.hear(messages.RoleUpdated(HARBOUR.id, "cy", "admin")) == [
        ("want_roster_of_stranger", HARBOUR.id, False)
    ]
    assert it.hear(messages.RoleUpdated(HARBOUR.id, "ada", "admin")) == []
    assert it.hear(messages.RoleUpdated(LIGHTHOUSE.id, "cy", "admin")) == []


def test_a_system_message_has_a_known_roster_read(it: Updates) -> None:
    assert it.hear(messages.SystemMessage(LIGHTHOUSE.id)) == [("want_roster", LIGHTHOUSE.id)]
    assert it.hear(messages.SystemMessage(PIER.id)) == []


def test_an_event_of_a_conversation_that_ended_or_is_not_listed_says_that_the_list_is_old(
    it: Updates,
) -> None:
    changed = messages.ConversationChanged(LIGHTHOUSE.id, "Beacon")
    it.end(LIGHTHOUSE, EndCause.REMOVED)
    assert it.hear(changed) == [LIST]
    it.memberships.restore(LIGHTHOUSE.id)
    it.choice.set_list([HARBOUR])
    assert it.hear(changed) == [LIST]
    assert [each.title for each in it.choice.listed] == [HARBOUR.title]


def test_a_title_is_changed_and_read_again_if_a_list_is_on_its_way(it: Updates) -> None:
    assert it.hear(messages.ConversationChanged(LIGHTHOUSE.id, "")) == []
    assert it.hear(messages.ConversationChanged(LIGHTHOUSE.id, "Beacon")) == []
    assert [each.title for each in it.choice.listed] == ["Harbour crew", "Beacon", "Pier"]
    it.account.is_reading_list = True
    assert it.hear(messages.ConversationChanged(HARBOUR.id, "Port")) == [LIST]
    assert it.choice.watched is not None and it.choice.watched.title == "Port"


def test_a_member_who_is_renamed_has_the_watched_roster_read(it: Updates) -> None:
    assert it.hear(messages.AccountRenamed("ada", "Ada")) == [("want_roster", HARBOUR.id)]
    assert it.hear(messages.AccountRenamed("zoe", "Zoe")) == []
    it.choice.watched = None
    assert it.hear(messages.AccountRenamed("ada", "Ada")) == []


def test_a_roster_that_is_read_after_the_end_restores_the_membership(it: Updates) -> None:
    began_s = it.clock.monotonic_s
    it.clock.advance(1)
    it.hear(messages.ParticipantLeft(HARBOUR.id, ME))
    it.updates.on_report(HARBOUR.id, RefreshReport(began_s=began_s))
    it.report(HARBOUR)
    assert it.cause() is EndCause.REMOVED, "asked for before, or in the same moment"
    it.clock.advance(1)
    assert it.report(HARBOUR) == [("join", [HARBOUR])]
    assert it.cause() is None
    # The event before says nothing about the next end.
    it.end(HARBOUR, EndCause.REFUSED)
    it.updates.on_report(HARBOUR.id, RefreshReport(began_s=began_s))
    assert it.cause() is None


def test_another_room_is_joined_when_it_is_watched(it: Updates) -> None:
    it.end(LIGHTHOUSE, EndCause.REMOVED)
    assert it.report(LIGHTHOUSE) == []
    assert it.cause(LIGHTHOUSE) is None


def test_a_known_roster_that_is_refused_ends_the_membership_as_of_the_gap(it: Updates) -> None:
    assert it.report(HARBOUR, roster_error=NotFound("gone")) == []
    assert it.report(PIER, roster_error=AccessDenied("not a member")) == []
    assert it.report(HARBOUR, roster_error=AccessDenied("not a member")) == [LIST, ("leave", HARBOUR.id)]
    assert it.memberships.end_of(HARBOUR.id) == MembershipEnd(HARBOUR.id, EndCause.REFUSED, LOST_S)


@pytest.mark.parametrize("cause", [EndCause.REMOVED, EndCause.BANNED, EndCause.REFUSED])
def test_who_is_listed_may_be_a_member_again(it: Updates, cause: EndCause) -> None:
    it.end(HARBOUR, cause)
    it.end(LIGHTHOUSE, cause)
    assert it.list(HARBOUR, LIGHTHOUSE) == [("want_resync",), ("want_roster", LIGHTHOUSE.id)]


@pytest.mark.parametrize("cause", [EndCause.CLOSED, EndCause.DELETED])
def test_a_closed_conversation_is_listed_all_the_same(it: Updates, cause: EndCause) -> None:
    it.end(HARBOUR, cause)
    assert it.list(HARBOUR) == []


@pytest.mark.parametrize(
    ("count", "capped", "is_read"),
    [
        (2, False, False),
        (3, False, True),
        (1, False, True),
        (0, False, False),
        (3, True, False),
        (MAX_SECONDARY_MEMBERS, False, True),
        (MAX_SECONDARY_MEMBERS + 1, False, False),
    ],
)
def test_a_roster_beside_is_read_if_the_list_counts_others(
    it: Updates, count: int, capped: bool, is_read: bool
) -> None:
    listed = Conversation(LIGHTHOUSE.id, "Lighthouse", member_count=count, member_count_capped=capped)
    asked: Sequence[Call] = it.list(listed)
    assert asked == ([("want_roster", LIGHTHOUSE.id)] if is_read else [])
    it.current.clear()
    assert it.list(listed) == [], "one that is not current is read anyway"
