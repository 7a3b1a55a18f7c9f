"""What a store and a link tell becomes entries: everything, and nothing of what the cache said."""

import json

import pytest

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Conversation, Participant
from presence_tui.history.entries import (
    AccountEntry,
    ConversationsEntry,
    CoverageEntry,
    Entry,
    LinkEntry,
    PersonEntry,
)
from presence_tui.history.recorder import LinkRecord, Recorder
from presence_tui.store import PresenceStore
from presence_tui.wire.messages import PresenceRow, RosterRow
from tests.unit.clock import START_S, FakeClock
from tests.unit.history.history_fixtures import ME

LIVE = LinkRecord(START_S, "live", "", 1, watched_since_s=START_S, fresh_until_s=None)
LOST = LinkRecord(
    START_S + 50, "reconnecting", "It ended.", 1, watched_since_s=None, fresh_until_s=START_S + 40
)


class RecorderHarness:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = PresenceStore(clock=self.clock)
        self.entries: list[Entry] = []
        self.recorder = Recorder(self.store, "hint", self.entries.extend)

    def of(self, kind: type) -> list[Entry]:
        return [entry for entry in self.entries if isinstance(entry, kind)]


@pytest.fixture
def desk() -> RecorderHarness:
    return RecorderHarness()


def test_every_change_is_an_entry(desk: RecorderHarness) -> None:
    desk.store.update_user_status("u-ada", True, username="Ada")
    desk.store.update_user_status("u-ada", False)
    desk.clock.advance(400)
    desk.store.advance()
    assert [(entry.flag, entry.cause) for entry in desk.of(Change)] == [(True, "moved"), (False, "moved")]


def test_what_the_cache_says_was_written_before(desk: RecorderHarness) -> None:
    row = RosterRow(Participant("u-ada"), True)
    desk.store.set_participants([row], "c-1", source=Source.CACHE)
    assert desk.of(Change) == []
    desk.store.update_user_status("u-ada", False)
    (change,) = desk.of(Change)
    assert isinstance(change, Change) and change.flag_before is True


def test_people_are_posted_as_they_are_once_the_account_is_known(desk: RecorderHarness) -> None:
    desk.store.set_participants([Participant("u-ada", "Ada", "ada", "admin")], "c-1")
    for flag in (True, False, True):
        desk.store.update_user_status("u-ada", flag)
    assert not desk.recorder.unsaved_people
    desk.recorder.save_people(100)
    assert desk.of(PersonEntry) == []
    desk.recorder.note_account(ME)
    desk.recorder.note_account(ME)
    desk.recorder.save_people(100)
    assert desk.of(AccountEntry) == [AccountEntry(ME, "hint")]
    (ada,) = desk.of(PersonEntry)
    assert ada == PersonEntry("u-ada", "Ada", "ada", False, True, None, START_S, '{"c-1":"admin"}')
    assert not desk.recorder.unsaved_people


def test_who_was_checked_was_told_then(desk: RecorderHarness) -> None:
    desk.recorder.note_account(ME)
    desk.store.update_user_status("u-ada", True)
    desk.clock.advance(30)
    desk.store.apply_answers([PresenceRow("u-ada", True, None)], Source.RUNTIME, desk.clock.stamp())
    desk.recorder.save_people(100)
    (ada,) = desk.of(PersonEntry)
    assert isinstance(ada, PersonEntry) and ada.told_s == START_S + 30


def test_a_few_people_at_a_time(desk: RecorderHarness) -> None:
    desk.recorder.note_account(ME)
    desk.store.set_participants([Participant(f"u-{number}") for number in range(25)], "c-1")
    saved = []
    while desk.recorder.unsaved_people:
        desk.recorder.save_people(10)
        saved.append(len(desk.of(PersonEntry)))
    assert saved == [10, 20, 25]
    desk.recorder.save_everybody_again()
    desk.recorder.save_people(100)
    assert len(desk.of(PersonEntry)) == 50


def test_a_membership_that_ends_and_a_new_role_are_told(desk: RecorderHarness) -> None:
    desk.recorder.note_account(ME)
    desk.store.set_participants([Participant("u-ada")], "c-1")
    desk.store.set_participants([Participant("u-ada", role="member")], "c-2")
    desk.recorder.save_people(9)
    desk.store.set_role("u-ada", "c-2", "moderator")
    desk.store.remove_participant("u-ada", "c-1")
    desk.recorder.save_people(9)
    assert [json.loads(entry.rosters) for entry in desk.of(PersonEntry)] == [  # type: ignore[union-attr]
        {"c-1": "", "c-2": "member"},
        {"c-2": "moderator"},
    ]


def test_conversations_are_those_of_a_known_account(desk: RecorderHarness) -> None:
    harbour = Conversation("c-1", "Harbour")
    desk.recorder.note_conversations([harbour])
    desk.recorder.note_account(ME)
    desk.recorder.note_conversations([harbour])
    assert desk.of(ConversationsEntry) == [ConversationsEntry((harbour,))]


def test_a_link_is_told_when_its_state_changes(desk: RecorderHarness) -> None:
    for note in (LIVE, LIVE, LOST, LOST._replace(at_s=START_S + 60), LIVE):
        desk.recorder.note_link(note)
    assert [entry.state for entry in desk.of(LinkEntry)] == [  # type: ignore[union-attr]
        "live",
        "reconnecting",
        "live",
    ]


def test_what_was_watched_ends_where_the_line_was_last_alive(desk: RecorderHarness) -> None:
    desk.recorder.note_link(LIVE)
    desk.recorder.note_heard(START_S + 45)
    desk.recorder.note_heard(None)
    desk.recorder.note_link(LOST)
    desk.recorder.note_heard(START_S + 70)
    assert desk.of(CoverageEntry) == [
        CoverageEntry(START_S, START_S),
        CoverageEntry(START_S, START_S + 45),
        CoverageEntry(START_S, START_S + 40),
    ], "a silent line is found out later, and vouched for nothing"


def test_live_without_a_resync_is_not_watched(desk: RecorderHarness) -> None:
    desk.recorder.note_link(LIVE._replace(watched_since_s=None, fresh_until_s=START_S - 600))
    assert desk.of(CoverageEntry) == []


def test_a_link_that_never_vouched_ends_when_it_ends(desk: RecorderHarness) -> None:
    desk.recorder.note_link(LIVE)
    desk.recorder.note_link(LOST._replace(fresh_until_s=None))
    assert desk.of(CoverageEntry)[-1] == CoverageEntry(START_S, START_S + 50)


def test_closed_it_hears_nothing(desk: RecorderHarness) -> None:
    desk.recorder.close()
    desk.store.update_user_status("u-ada", True)
    assert desk.entries == []


def test_an_event_moves_the_end_of_what_was_watched(desk: RecorderHarness) -> None:
    desk.recorder.note_link(LIVE)
    for flag in (True, False, True):
        desk.clock.advance(0.5)
        desk.store.update_user_status("u-ada", flag)
    assert desk.of(CoverageEntry) == [CoverageEntry(START_S, START_S), CoverageEntry(START_S, START_S + 1)]
