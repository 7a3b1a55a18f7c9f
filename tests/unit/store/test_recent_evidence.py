"""Evidence that did not decide is remembered with the reason, within limits."""

from presence_tui.domain.enums import Outcome, Source
from presence_tui.domain.evidence import Evidence, OverruledReason
from presence_tui.domain.participants import Participant
from presence_tui.store.recent_evidence import (
    EACH_KEPT,
    PARTICIPANTS_KEPT,
    Answer,
    OverruledEvidence,
    RecentAnswers,
)
from presence_tui.wire.messages import PresenceRow, RosterRow
from tests.unit.store.store_harness import HARBOUR, StoreHarness


def reasons(harness: StoreHarness, key: str = "ada") -> list[OverruledReason]:
    return [each.reason for each in harness.store.overruled.of(key)]


def test_an_event_sent_before_the_newest_one_is_late() -> None:
    harness = StoreHarness()
    harness.store.epochs.begin()
    now_s = harness.now_s
    harness.event("ada", True, emitted_s=now_s)
    assert harness.event("ada", False, emitted_s=now_s - 1, last_active_s=now_s - 90) is Outcome.LATE
    (overruled,) = harness.store.overruled.of("ada")
    assert overruled.reason is OverruledReason.LATE
    stamp = harness.clock.stamp()
    assert overruled.evidence == Evidence(Source.EVENT, False, now_s - 90, *stamp, 1, 2, now_s - 1)


def test_an_event_sent_before_the_newest_one_without_that_time_is_late() -> None:
    harness = StoreHarness()
    harness.event("ada", True)
    assert harness.event("ada", False, emitted_s=harness.now_s - 10) is Outcome.LATE
    assert reasons(harness) == [OverruledReason.LATE]


def test_an_event_sent_before_an_answer_was_requested_is_older_than_that() -> None:
    harness = StoreHarness()
    harness.store.states.set_skew(0.0)
    harness.runtime("ada", False)
    assert harness.event("ada", True, emitted_s=harness.now_s - 10) is Outcome.LATE
    # An event decides again, and an answer that agrees.
    harness.event("ada", True, emitted_s=harness.now_s)
    harness.wait(20)
    harness.runtime("ada", True)
    assert harness.event("ada", False, emitted_s=harness.now_s - 10) is Outcome.LATE
    assert reasons(harness) == [OverruledReason.OLDER_THAN_ANSWER] * 2


def test_an_overtaken_copy_contradicts_and_is_remembered() -> None:
    harness = StoreHarness()
    outcomes = [harness.event("ada", flag) for flag in (True, True, False, True)]
    assert outcomes[2:] == [Outcome.APPLIED, Outcome.DUPLICATE]
    assert reasons(harness) == [OverruledReason.OVERTAKEN_COPY]


def test_copies_that_agree_are_only_counted() -> None:
    harness = StoreHarness()
    for _ in range(3):
        harness.event("ada", True)
    assert harness.record("ada").copies == 3
    assert reasons(harness) == []


def test_an_answer_requested_before_the_event_is_overruled() -> None:
    harness = StoreHarness()
    asked = harness.clock.stamp()
    harness.wait(3)
    harness.event("ada", True)
    harness.runtime("ada", False, last_active_s=harness.now_s - 90, asked=asked)
    (overruled,) = harness.store.overruled.of("ada")
    assert overruled.reason is OverruledReason.REQUESTED_EARLIER
    assert overruled.evidence == Evidence(Source.RUNTIME, False, harness.now_s - 90, *asked, 0)


def test_an_answer_that_agrees_overrules_nothing() -> None:
    harness = StoreHarness()
    asked = harness.clock.stamp()
    harness.wait(3)
    harness.event("ada", True)
    harness.runtime("ada", True, asked=asked)
    assert reasons(harness) == []


def test_a_snapshot_is_outranked_by_an_event_of_its_connection() -> None:
    harness = StoreHarness()
    harness.event("ada", True)
    harness.snapshot(PresenceRow("ada", False))
    assert reasons(harness) == [OverruledReason.SNAPSHOT]


def test_the_cache_is_outranked_by_everything() -> None:
    harness = StoreHarness()
    harness.event("ada", True)
    harness.store.apply_answers([PresenceRow("ada", False)], Source.CACHE, harness.clock.stamp())
    assert reasons(harness) == [OverruledReason.CACHE]


def test_the_latest_of_each_and_the_latest_participants_are_kept() -> None:
    kept = OverruledEvidence()
    for number in range(EACH_KEPT + 2):
        kept.add("ada", OverruledReason.LATE, Evidence(Source.EVENT, True, None, float(number), 0.0, 1))
    assert [each.evidence.received_s for each in kept.of("ada")] == [2.0, 3.0, 4.0, 5.0]
    for number in range(PARTICIPANTS_KEPT - 1):
        kept.add(f"k{number}", OverruledReason.LATE, Evidence(Source.EVENT, True, None, 0.0, 0.0, 1))
    kept.add("ada", OverruledReason.LATE, Evidence(Source.EVENT, True, None, 6.0, 0.0, 1))
    kept.add("ben", OverruledReason.LATE, Evidence(Source.EVENT, True, None, 0.0, 0.0, 1))
    assert kept.of("k0") == () and kept.of("k1") != () and len(kept.of("ada")) == EACH_KEPT
    kept.clear()
    assert kept.of("ada") == ()


def test_who_is_forgotten_leaves_nothing_behind() -> None:
    harness = StoreHarness()
    harness.event("ada", True)
    harness.snapshot(PresenceRow("ada", False))
    harness.store.clear()
    assert reasons(harness) == []
    assert list(harness.store.answers.about("ada")) == []


def test_answers_are_kept_by_number_of_rows_oldest_first() -> None:
    harness = StoreHarness()
    answers, stamp = RecentAnswers(most=3), harness.clock.stamp()

    def add(epoch: int, *rows: PresenceRow | RosterRow) -> None:
        answers.add(Answer(Source.ROSTER, stamp, stamp, epoch, rows))

    add(1, PresenceRow("ada", True, 5.0))
    add(2, RosterRow(Participant("ada"), False), RosterRow(Participant("ada")))
    assert [(row.answer.epoch, row.flag, row.last_active_s) for row in answers.about("ada")] == [
        (1, True, 5.0),
        (2, False, None),
    ]
    add(3, PresenceRow("ben", True))
    assert [row.answer.epoch for row in answers.about("ada")] == [2]
    add(4, *[PresenceRow("ada", True)] * 4)
    assert list(answers.about("ada")) == []


def test_rosters_runtime_and_snapshots_are_kept() -> None:
    harness = StoreHarness()
    harness.roster(RosterRow(Participant("ada"), True), conversation=HARBOUR)
    harness.runtime("ada", True)
    harness.snapshot(PresenceRow("ada", True))
    sources = [row.answer.source for row in harness.store.answers.about("ada")]
    assert sources == [Source.ROSTER, Source.RUNTIME, Source.SNAPSHOT]
