"""Entries made from changes of the store and the link, except cached state."""

import json
from typing import TypeVar

import pytest

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Source
from presence_tui.domain.missed_events import Estimate, MissedEvents
from presence_tui.domain.participants import Conversation, Participant
from presence_tui.history.recorder import LinkRecord, Recorder
from presence_tui.history.write_queue import (
    AccountEntry,
    ConversationsEntry,
    CoverageEntry,
    Entry,
    LinkEntry,
    PersonEntry,
)
from presence_tui.store import PresenceStore
from presence_tui.wire.messages import PresenceRow, RosterRow, Status
from tests.unit.clock import START_S, FakeClock
from tests.unit.history.history_fixtures import ME

LIVE = LinkRecord(START_S, "live", "", 1, watched_since_s=START_S, fresh_until_s=None)
LOST = LinkRecord(
    START_S + 50, "reconnecting", "It ended.", 1, watched_since_s=None, fresh_until_s=START_S + 40
)


Kind = TypeVar("Kind", bound=Entry)


class RecorderHarness:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = PresenceStore(clock=self.clock)
        self.entries: list[Entry] = []
        self.recorder = Recorder(self.store, "hint", self.entries.extend)

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [entry for entry in self.entries if isinstance(entry, kind)]


@pytest.fixture
def harness() -> RecorderHarness:
    return RecorderHarness()


def test_every_change_is_an_entry(harness: RecorderHarness) -> None:
    harness.store.update_user_status("u-ada", True, username="Ada")
    harness.store.update_user_status("u-ada", False)
    harness.clock.advance(400)
    harness.store.states.advance()
    assert [(entry.flag, entry.cause) for entry in harness.of(Change)] == [(True, "moved"), (False, "moved")]


def test_what_the_cache_says_was_written_before(harness: RecorderHarness) -> None:
    row = RosterRow(Participant("u-ada"), True)
    harness.store.set_participants([row], "c-1", source=Source.CACHE)
    assert harness.of(Change) == []
    harness.store.update_user_status("u-ada", False)
    (change,) = harness.of(Change)
    assert isinstance(change, Change) and change.flag_before is True


def test_people_are_posted_as_they_are_once_the_account_is_known(harness: RecorderHarness) -> None:
    harness.store.set_participants([Participant("u-ada", "Ada", "ada", "admin")], "c-1")
    for flag in (True, False, True):
        harness.store.update_user_status("u-ada", flag)
    assert not harness.recorder.unsaved_people
    harness.recorder.save_people(100)
    assert harness.of(PersonEntry) == []
    harness.recorder.record_account(ME)
    harness.recorder.record_account(ME)
    harness.recorder.save_people(100)
    assert harness.of(AccountEntry) == [AccountEntry(ME, "hint")]
    (ada,) = harness.of(PersonEntry)
    assert ada == PersonEntry("u-ada", "Ada", "ada", False, True, None, START_S, '{"c-1":"admin"}')
    assert not harness.recorder.unsaved_people


def test_of_whom_nothing_was_told_nothing_is_posted_but_who_they_are(harness: RecorderHarness) -> None:
    harness.recorder.record_account(ME)
    guest = Participant("u-gus", "Gus", "gus", "member", True)
    harness.store.set_participants([guest, Participant("u-bo")], "c-1")
    harness.store.set_participants([guest], "c-2")
    harness.store.apply_status(Status("u-bo", False, last_active_s=START_S - 9))
    harness.clock.advance(5)
    harness.recorder.save_people(100)
    assert sorted(harness.of(PersonEntry)) == [
        PersonEntry("u-bo", "", "", False, False, START_S - 9, START_S, '{"c-1":""}'),
        PersonEntry("u-gus", "Gus", "gus", True, None, None, None, '{"c-1":"member","c-2":"member"}'),
    ]


def test_who_was_checked_was_told_then(harness: RecorderHarness) -> None:
    harness.recorder.record_account(ME)
    harness.store.update_user_status("u-ada", True)
    harness.clock.advance(30)
    harness.store.apply_answers([PresenceRow("u-ada", True, None)], Source.RUNTIME, harness.clock.stamp())
    harness.recorder.save_people(100)
    (ada,) = harness.of(PersonEntry)
    assert isinstance(ada, PersonEntry) and ada.told_s == START_S + 30


def test_a_few_people_at_a_time(harness: RecorderHarness) -> None:
    harness.recorder.record_account(ME)
    harness.store.set_participants([Participant(f"u-{number}") for number in range(25)], "c-1")
    saved = []
    while harness.recorder.unsaved_people:
        harness.recorder.save_people(10)
        saved.append(len(harness.of(PersonEntry)))
    assert saved == [10, 20, 25]
    harness.recorder.save_all_people()
    harness.recorder.save_people(100)
    assert len(harness.of(PersonEntry)) == 50


def test_a_membership_that_ends_and_a_new_role_are_told(harness: RecorderHarness) -> None:
    harness.recorder.record_account(ME)
    harness.store.set_participants([Participant("u-ada")], "c-1")
    harness.store.set_participants([Participant("u-ada", role="member")], "c-2")
    harness.recorder.save_people(9)
    harness.store.members.set_role("u-ada", "c-2", "moderator")
    harness.store.members.remove("u-ada", "c-1")
    harness.recorder.save_people(9)
    assert [json.loads(entry.rosters) for entry in harness.of(PersonEntry)] == [
        {"c-1": "", "c-2": "member"},
        {"c-2": "moderator"},
    ]


def test_conversations_are_those_of_a_known_account(harness: RecorderHarness) -> None:
    harbour = Conversation("c-1", "Harbour")
    harness.recorder.record_conversations([harbour])
    harness.recorder.record_account(ME)
    harness.recorder.record_conversations([harbour])
    assert harness.of(ConversationsEntry) == [ConversationsEntry((harbour,))]


def test_a_link_is_told_when_its_state_changes(harness: RecorderHarness) -> None:
    for note in (LIVE, LIVE, LOST, LOST._replace(at_s=START_S + 60), LIVE):
        harness.recorder.record_link(note)
    assert [entry.state for entry in harness.of(LinkEntry)] == [
        "live",
        "reconnecting",
        "live",
    ]


def test_what_was_watched_ends_where_the_line_was_last_alive(harness: RecorderHarness) -> None:
    harness.recorder.record_link(LIVE)
    harness.recorder.record_heard(START_S + 45)
    harness.recorder.record_heard(None)
    harness.recorder.record_link(LOST)
    harness.recorder.record_heard(START_S + 70)
    assert harness.of(CoverageEntry) == [
        CoverageEntry(START_S, START_S),
        CoverageEntry(START_S, START_S + 45),
        CoverageEntry(START_S, START_S + 40),
    ], "a silent line is found out later, and vouched for nothing"


def test_live_without_a_resync_is_not_watched(harness: RecorderHarness) -> None:
    harness.recorder.record_link(LIVE._replace(watched_since_s=None, fresh_until_s=START_S - 600))
    assert harness.of(CoverageEntry) == []


def test_a_link_that_never_vouched_ends_when_it_ends(harness: RecorderHarness) -> None:
    harness.recorder.record_link(LIVE)
    harness.recorder.record_link(LOST._replace(fresh_until_s=None))
    assert harness.of(CoverageEntry)[-1] == CoverageEntry(START_S, START_S + 50)


def test_closed_it_hears_nothing(harness: RecorderHarness) -> None:
    harness.recorder.close()
    harness.store.update_user_status("u-ada", True)
    assert harness.entries == []


def test_an_event_moves_the_end_of_what_was_watched(harness: RecorderHarness) -> None:
    harness.recorder.record_link(LIVE)
    for flag in (True, False, True):
        harness.clock.advance(0.5)
        harness.store.update_user_status("u-ada", flag)
    assert harness.of(CoverageEntry) == [CoverageEntry(START_S, START_S), CoverageEntry(START_S, START_S + 1)]


def test_what_a_gap_has_hidden_is_an_entry(harness: RecorderHarness) -> None:
    missed = MissedEvents(START_S + 40, START_S + 60, 2, Estimate(1.0, 0, 4))
    harness.recorder.record_missed(missed)
    assert harness.entries == [missed]
