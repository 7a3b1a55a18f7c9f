"""Snapshots and REST answers: what they may overwrite, what they may not, and what they report."""

import pytest

from presence_tui.domain.enums import Cause, Source, State
from presence_tui.domain.rules import meeshy_2026
from presence_tui.wire.messages import PresenceRow, RosterRow
from tests.unit.store.store_harness import HARBOUR, StoreHarness, member


def test_answer_corrects_a_flag_and_reports_it_as_reconciled(world: StoreHarness) -> None:
    world.store.begin_epoch()
    world.event("ada", True, last_active_s=world.now_s)
    world.clock.advance(5)

    (change,) = world.runtime("ada", False, world.now_s)

    assert change is world.changes[-1]
    assert (change.cause, change.source) == (Cause.RECONCILED, Source.RUNTIME)
    assert (change.flag_before, change.flag) == (True, False)
    assert (change.before, change.after) == (State.ONLINE, State.OFFLINE)
    assert (change.epoch, change.seq) == (1, 0)
    assert change.left
    assert not change.first_told
    record = world.record("ada")
    assert (record.source, record.received_s, record.seq, record.emitted_s) == (
        Source.RUNTIME,
        world.now_s,
        0,
        None,
    )


def test_answer_that_agrees_reports_nothing_and_leaves_the_evidence(world: StoreHarness) -> None:
    world.event("ada", True)
    evidence_s = world.now_s
    world.clock.advance(5)

    assert world.runtime("ada", True) == []

    record = world.record("ada")
    assert (record.source, record.received_s, record.seq) == (Source.EVENT, evidence_s, 1)
    assert (record.checked_s, record.checked_flag) == (world.now_s, True)
    assert len(world.changes) == 1


def test_answer_that_agrees_may_still_bring_news_of_activity(world: StoreHarness) -> None:
    world.event("ada", True)
    world.wait(200)

    (change,) = world.runtime("ada", True, world.now_s - 10)

    assert (change.before, change.after, change.cause) == (State.IDLE, State.ONLINE, Cause.RECONCILED)
    assert (change.flag_before, change.flag) == (True, True)


def test_answer_asked_for_before_an_event_arrived_does_not_overwrite_it(world: StoreHarness) -> None:
    asked = world.clock.stamp()
    world.clock.advance(1)
    world.event("ada", True)
    world.clock.advance(4)

    assert world.runtime("ada", False, world.now_s, asked=asked) == []

    record = world.record("ada")
    assert (record.flag, record.source) == (True, Source.EVENT)
    assert record.checked_s is None, "what is outdated checks nothing"
    assert record.last_active_s == world.now_s


def test_answer_asked_for_at_the_moment_of_an_event_is_believed(world: StoreHarness) -> None:
    world.event("ada", True)

    world.runtime("ada", False)

    assert world.record("ada").flag is False


def test_of_two_answers_the_one_asked_for_later_wins_whichever_comes_first(world: StoreHarness) -> None:
    first = world.clock.stamp()
    second = world.clock.advance(1)
    world.clock.advance(9)

    world.runtime("ada", True, asked=second)
    world.runtime("ada", False, asked=first)

    assert world.record("ada").flag is True


def test_answer_that_agrees_raises_the_watermark_against_older_answers(world: StoreHarness) -> None:
    first = world.clock.stamp()
    second = world.clock.advance(1)
    world.event("ada", True)
    third = world.clock.advance(1)

    world.runtime("ada", True, asked=third)
    world.runtime("ada", False, asked=second)
    world.runtime("ada", False, asked=first)

    assert world.record("ada").flag is True


def test_event_overwrites_an_answer_whenever_that_was_asked_for(world: StoreHarness) -> None:
    world.runtime("ada", False)

    world.event("ada", True)

    assert world.record("ada").flag is True


def test_stranger_in_an_answer_becomes_known_without_a_conversation(world: StoreHarness) -> None:
    (change,) = world.snapshot(PresenceRow("ada", True, handle="ada.o"))

    assert change.first_told
    assert world.record("ada").handle == "ada.o"
    assert world.store.counts().online == 1
    assert world.store.counts(HARBOUR).total == 0


# Epochs.


def test_epochs_are_numbered_from_one(world: StoreHarness) -> None:
    assert world.store.epoch == 0
    assert (world.store.begin_epoch(), world.store.begin_epoch(), world.store.epoch) == (1, 2, 2)


def test_snapshot_never_undoes_an_event_of_its_own_epoch(world: StoreHarness) -> None:
    world.store.begin_epoch()
    world.event("ada", True)
    world.clock.advance(5)

    assert world.snapshot(PresenceRow("ada", False)) == []
    assert world.record("ada").flag is True
    assert world.record("ada").checked_flag is False


def test_snapshot_reconciles_what_an_event_of_a_former_epoch_said(world: StoreHarness) -> None:
    world.store.begin_epoch()
    world.event("ada", True)
    world.clock.advance(5)
    world.store.begin_epoch()

    (change,) = world.snapshot(PresenceRow("ada", False))

    assert (change.cause, change.source, change.epoch) == (Cause.RECONCILED, Source.SNAPSHOT, 2)
    assert world.record("ada").flag is False


def test_gap_is_reconciled_once(world: StoreHarness) -> None:
    world.store.begin_epoch()
    for key in ("ada", "bob", "cy"):
        world.event(key, True)
    world.clock.advance(60)
    world.store.begin_epoch()

    rows = [PresenceRow("ada", True), PresenceRow("bob", False), PresenceRow("cy", False)]
    first, second = world.snapshot(*rows), world.snapshot(*rows)

    assert [change.key for change in first] == ["bob", "cy"]
    assert second == []


def test_snapshot_undoes_an_answer_of_its_own_epoch(world: StoreHarness) -> None:
    world.store.begin_epoch()
    world.runtime("ada", True)
    world.clock.advance(1)

    world.snapshot(PresenceRow("ada", False))

    assert world.record("ada").flag is False


def test_runtime_may_undo_an_event_of_its_own_epoch_if_asked_for_later(world: StoreHarness) -> None:
    world.store.begin_epoch()
    world.event("ada", True)
    world.clock.advance(5)

    world.runtime("ada", False)

    assert world.record("ada").flag is False


# The cache.


def test_cache_fills_what_nobody_has_told(world: StoreHarness) -> None:
    rows = [RosterRow(member("ada"), True, world.now_s - 9_000)]

    (change,) = world.store.set_participants(rows, HARBOUR, source=Source.CACHE)

    assert (change.source, change.first_told) == (Source.CACHE, True)
    assert world.record("ada").flag is True


@pytest.mark.parametrize("teller", ["event", "runtime", "cache"])
def test_cache_never_overwrites(world: StoreHarness, teller: str) -> None:
    tell = {
        "event": lambda: world.event("ada", True),
        "runtime": lambda: world.runtime("ada", True),
        "cache": lambda: world.store.apply_answers(
            [PresenceRow("ada", True)], Source.CACHE, world.clock.stamp()
        ),
    }
    tell[teller]()
    world.clock.advance(5)

    assert world.store.apply_answers([PresenceRow("ada", False)], Source.CACHE, world.clock.stamp()) == []
    assert world.record("ada").flag is True


@pytest.mark.parametrize("flag", [True, False])
def test_anything_live_overwrites_the_cache(world: StoreHarness, flag: bool) -> None:
    world.store.apply_answers([PresenceRow("ada", True)], Source.CACHE, world.clock.stamp())

    world.snapshot(PresenceRow("ada", flag))

    assert world.record("ada").source is Source.SNAPSHOT


# Rosters as answers.


def test_roster_row_with_a_flag_is_believed_as_of_the_request(world: StoreHarness) -> None:
    asked = world.clock.stamp()
    world.clock.advance(1)
    world.event("river", True)

    told = world.roster(RosterRow(member("river", guest=True), False), asked=asked)
    later = world.roster(RosterRow(member("river", guest=True), False))

    assert told == []
    assert [(change.key, change.source) for change in later] == [("river", Source.ROSTER)]


def test_roster_row_without_a_flag_says_nothing_of_presence(world: StoreHarness) -> None:
    world.event("ada", True)
    world.clock.advance(5)

    assert world.roster(RosterRow(member("ada"))) == []
    assert world.record("ada").flag is True
    assert world.record("ada").checked_s is None


def test_answer_may_report_by_a_rule_that_decays(world: StoreHarness) -> None:
    world.store.set_rule(meeshy_2026())
    world.event("ada", True)
    world.clock.advance(10)

    changes = world.runtime("ada", False, world.now_s)

    # Section 4.1: who has just left is still online by this rule; the panel changed, the dot did not.
    assert [(change.left, change.before, change.after) for change in changes] == [
        (True, State.ONLINE, State.ONLINE)
    ]
