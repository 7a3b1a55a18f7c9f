"""Snapshots and REST answers: what they overwrite, keep and report."""

import pytest

from presence_tui.domain.enums import Cause, Panel, Source, State
from presence_tui.domain.rules import meeshy_2026
from presence_tui.store.sort_keys import Sort
from presence_tui.wire.messages import PresenceRow, RosterRow, Status
from tests.unit.store.store_harness import HARBOUR, StoreHarness, member, shown


def test_answer_corrects_a_flag_and_reports_it_as_reconciled(harness: StoreHarness) -> None:
    harness.store.epochs.begin()
    harness.event("ada", True, last_active_s=harness.now_s)
    harness.clock.advance(5)

    (change,) = harness.runtime("ada", False, harness.now_s)

    assert change is harness.changes[-1]
    assert (change.cause, change.source) == (Cause.RECONCILED, Source.RUNTIME)
    assert (change.flag_before, change.flag) == (True, False)
    assert (change.before, change.after) == (State.ONLINE, State.OFFLINE)
    assert (change.epoch, change.seq) == (1, 0)
    assert change.left
    assert not change.first_told
    record = harness.record("ada")
    assert (record.source, record.received_s, record.seq, record.emitted_s) == (
        Source.RUNTIME,
        harness.now_s,
        0,
        None,
    )


def test_a_flag_holds_since_an_event_that_changed_it(harness: StoreHarness) -> None:
    harness.runtime("ada", True)
    assert harness.record("ada").flag_since_s is None, "a first answer does not know since when"
    harness.clock.advance(5)
    harness.runtime("ada", True)
    assert harness.record("ada").flag_since_s is None

    for flag in (False, True):
        harness.clock.advance(60)
        harness.event("ada", flag)
        since_s = harness.now_s
        harness.clock.advance(5)
        harness.event("ada", flag)
        ada = harness.record("ada")
        assert (ada.flag_since_s, ada.flag_noticed_s) == (since_s, None)

    harness.event("ben", True)
    assert harness.record("ben").flag_since_s == harness.now_s


@pytest.mark.parametrize("source", [Source.SNAPSHOT, Source.RUNTIME, Source.ROSTER])
def test_nobody_saw_a_flag_change_that_an_answer_told(harness: StoreHarness, source: Source) -> None:
    harness.event("ada", True)
    harness.clock.advance(60)
    harness.store.epochs.begin()
    (correction,) = harness.store.apply_answers([PresenceRow("ada", False)], source, harness.clock.stamp())
    noticed_s, ada = harness.now_s, harness.record("ada")
    assert (ada.flag_since_s, ada.flag_noticed_s, ada.left_s) == (None, noticed_s, None)
    assert (correction.held_s, correction.noticed_s, correction.known_s) == (60, None, 60)

    harness.clock.advance(5)
    harness.event("ada", True)
    back = harness.changes[-1]
    assert (back.held_s, back.noticed_s, back.known_s) == (None, 5, 5)
    assert harness.record("ada").flaps == 0, "how long they were away is not known"
    assert (ada.flag_since_s, ada.flag_noticed_s) == (harness.now_s, None)

    harness.runtime("bob", True)
    harness.event("bob", False)
    assert harness.changes[-1].known_s is None, "from the beginning"


def test_nobody_saw_a_flag_change_that_was_sent_again(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.clock.advance(60)
    harness.store.apply_statuses([Status("ada", False)], sent_since_s=harness.now_s - 50)
    ada = harness.record("ada")
    assert (ada.flag_since_s, ada.flag_noticed_s, ada.left_s) == (None, harness.now_s, None)


def test_who_hides_every_sign_of_life_was_last_there_when_seen_to_leave(harness: StoreHarness) -> None:
    harness.store.states.set_skew(100)
    view = harness.store.roster_index(sort=Sort.LAST_ACTIVE)
    harness.roster("ada", "bob", "cy")
    for key in ("ada", "bob"):
        harness.runtime(key, True)
    harness.runtime("cy", False, harness.now_s + 100 - 3600)
    harness.wait(60)
    assert shown(view, Panel.OFFLINE) == ["cy"]
    harness.event("bob", False)
    bob = harness.record("bob")
    harness.clock.advance(5)
    assert (bob.latest_s, harness.store.states.latest_age_s(bob)) == (harness.now_s + 95, 5)
    harness.event("ada", False)

    assert shown(view, Panel.OFFLINE) == ["ada", "bob", "cy"]
    assert (bob.last_active_s, bob.activity_s, harness.store.states.age_s(bob)) == (None, None, None)
    assert harness.store.states.state_by(meeshy_2026(), bob) is State.OFFLINE

    harness.store.states.set_skew(200)
    assert harness.store.states.latest_age_s(bob) == 5, "what was told before the skew was keeps its age"

    harness.runtime("bob", True)
    assert harness.store.states.latest_age_s(bob) is None
    assert harness.store.states.latest_age_s(harness.record("cy")) == 3765


def test_answer_that_agrees_reports_nothing_and_leaves_the_evidence(harness: StoreHarness) -> None:
    harness.event("ada", True)
    evidence_s = harness.now_s
    harness.clock.advance(5)

    assert harness.runtime("ada", True) == []

    record = harness.record("ada")
    assert (record.source, record.received_s, record.seq) == (Source.EVENT, evidence_s, 1)
    assert (record.checked_s, record.checked_flag) == (harness.now_s, True)
    assert len(harness.changes) == 1


def test_answer_that_agrees_may_still_bring_news_of_activity(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.wait(200)

    (change,) = harness.runtime("ada", True, harness.now_s - 10)

    assert (change.before, change.after, change.cause) == (State.IDLE, State.ONLINE, Cause.RECONCILED)
    assert (change.flag_before, change.flag) == (True, True)


def test_answer_asked_for_before_an_event_arrived_does_not_overwrite_it(harness: StoreHarness) -> None:
    asked = harness.clock.stamp()
    harness.clock.advance(1)
    harness.event("ada", True)
    harness.clock.advance(4)

    assert harness.runtime("ada", False, harness.now_s, asked=asked) == []

    record = harness.record("ada")
    assert (record.flag, record.source) == (True, Source.EVENT)
    assert record.checked_s is None, "an outdated answer is no check"
    assert record.last_active_s == harness.now_s


def test_answer_asked_for_at_the_moment_of_an_event_is_believed(harness: StoreHarness) -> None:
    harness.event("ada", True)

    harness.runtime("ada", False)

    assert harness.record("ada").flag is False


def test_of_two_answers_the_one_asked_for_later_wins_whichever_comes_first(harness: StoreHarness) -> None:
    first = harness.clock.stamp()
    second = harness.clock.advance(1)
    harness.clock.advance(9)

    harness.runtime("ada", True, asked=second)
    harness.runtime("ada", False, asked=first)

    assert harness.record("ada").flag is True


def test_answer_that_agrees_raises_the_watermark_against_older_answers(harness: StoreHarness) -> None:
    first = harness.clock.stamp()
    second = harness.clock.advance(1)
    harness.event("ada", True)
    third = harness.clock.advance(1)

    harness.runtime("ada", True, asked=third)
    harness.runtime("ada", False, asked=second)
    harness.runtime("ada", False, asked=first)

    assert harness.record("ada").flag is True


def test_event_overwrites_an_answer_whenever_that_was_asked_for(harness: StoreHarness) -> None:
    harness.runtime("ada", False)

    harness.event("ada", True)

    assert harness.record("ada").flag is True


def test_stranger_in_an_answer_becomes_known_without_a_conversation(harness: StoreHarness) -> None:
    (change,) = harness.snapshot(PresenceRow("ada", True, handle="ada.o"))

    assert change.first_told
    assert harness.record("ada").handle == "ada.o"
    assert harness.store.counts().online == 1
    assert harness.store.counts(HARBOUR).total == 0


# Epochs.


def test_epochs_are_numbered_from_one(harness: StoreHarness) -> None:
    assert harness.store.epochs.current == 0
    assert (harness.store.epochs.begin(), harness.store.epochs.begin(), harness.store.epochs.current) == (
        1,
        2,
        2,
    )


def test_the_first_epoch_is_no_reconnect(harness: StoreHarness) -> None:
    assert harness.store.epochs.reconnected_s is None
    harness.store.epochs.begin()
    assert harness.store.epochs.reconnected_s is None
    harness.clock.advance(60)
    harness.store.epochs.begin()
    assert harness.store.epochs.reconnected_s == harness.now_s


def test_snapshot_never_undoes_an_event_of_its_own_epoch(harness: StoreHarness) -> None:
    harness.store.epochs.begin()
    harness.event("ada", True)
    harness.clock.advance(5)

    assert harness.snapshot(PresenceRow("ada", False)) == []
    assert harness.record("ada").flag is True
    assert harness.record("ada").checked_flag is False


def test_snapshot_reconciles_what_an_event_of_a_former_epoch_said(harness: StoreHarness) -> None:
    harness.store.epochs.begin()
    harness.event("ada", True)
    harness.clock.advance(5)
    harness.store.epochs.begin()

    (change,) = harness.snapshot(PresenceRow("ada", False))

    assert (change.cause, change.source, change.epoch) == (Cause.RECONCILED, Source.SNAPSHOT, 2)
    assert harness.record("ada").flag is False


def test_gap_is_reconciled_once(harness: StoreHarness) -> None:
    harness.store.epochs.begin()
    for key in ("ada", "bob", "cy"):
        harness.event(key, True)
    harness.clock.advance(60)
    harness.store.epochs.begin()

    rows = [PresenceRow("ada", True), PresenceRow("bob", False), PresenceRow("cy", False)]
    first, second = harness.snapshot(*rows), harness.snapshot(*rows)

    assert [change.key for change in first] == ["bob", "cy"]
    assert second == []


def test_snapshot_undoes_an_answer_of_its_own_epoch(harness: StoreHarness) -> None:
    harness.store.epochs.begin()
    harness.runtime("ada", True)
    harness.clock.advance(1)

    harness.snapshot(PresenceRow("ada", False))

    assert harness.record("ada").flag is False


def test_runtime_may_undo_an_event_of_its_own_epoch_if_asked_for_later(harness: StoreHarness) -> None:
    harness.store.epochs.begin()
    harness.event("ada", True)
    harness.clock.advance(5)

    harness.runtime("ada", False)

    assert harness.record("ada").flag is False


# The cache.


def test_cache_fills_what_nobody_has_told(harness: StoreHarness) -> None:
    rows = [RosterRow(member("ada"), True, harness.now_s - 9_000)]

    (change,) = harness.store.set_participants(rows, HARBOUR, source=Source.CACHE)

    assert (change.source, change.first_told) == (Source.CACHE, True)
    assert harness.record("ada").flag is True


@pytest.mark.parametrize("teller", ["event", "runtime", "cache"])
def test_cache_never_overwrites(harness: StoreHarness, teller: str) -> None:
    tell = {
        "event": lambda: harness.event("ada", True),
        "runtime": lambda: harness.runtime("ada", True),
        "cache": lambda: harness.store.apply_answers(
            [PresenceRow("ada", True)], Source.CACHE, harness.clock.stamp()
        ),
    }
    tell[teller]()
    harness.clock.advance(5)

    assert harness.store.apply_answers([PresenceRow("ada", False)], Source.CACHE, harness.clock.stamp()) == []
    assert harness.record("ada").flag is True


@pytest.mark.parametrize("flag", [True, False])
def test_anything_live_overwrites_the_cache(harness: StoreHarness, flag: bool) -> None:
    harness.store.apply_answers([PresenceRow("ada", True)], Source.CACHE, harness.clock.stamp())

    harness.snapshot(PresenceRow("ada", flag))

    assert harness.record("ada").source is Source.SNAPSHOT


# Rosters as answers.


def test_roster_row_with_a_flag_is_believed_as_of_the_request(harness: StoreHarness) -> None:
    asked = harness.clock.stamp()
    harness.clock.advance(1)
    harness.event("river", True)

    told = harness.roster(RosterRow(member("river", guest=True), False), asked=asked)
    later = harness.roster(RosterRow(member("river", guest=True), False))

    assert told == []
    assert [(change.key, change.source) for change in later] == [("river", Source.ROSTER)]


def test_roster_row_without_a_flag_says_nothing_of_presence(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.clock.advance(5)

    assert harness.roster(RosterRow(member("ada"))) == []
    assert harness.record("ada").flag is True
    assert harness.record("ada").checked_s is None


def test_answer_may_report_by_a_rule_that_decays(harness: StoreHarness) -> None:
    harness.store.states.set_rule(meeshy_2026())
    harness.event("ada", True)
    harness.clock.advance(10)

    changes = harness.runtime("ada", False, harness.now_s)

    # Section 4.1: by this rule, a participant who just left is still online; the panel changed, the state did
    # not.
    assert [(change.left, change.before, change.after) for change in changes] == [
        (True, State.ONLINE, State.ONLINE)
    ]
