"""State changes by time: when the store wakes, what it checks, and the cause it reports."""

import pytest

from presence_tui.domain.enums import Cause, Panel, Source, State
from presence_tui.domain.participants import Participant
from presence_tui.domain.rules import INSTANT_S, RULES, flag_rule, meeshy_2025, meeshy_2026
from presence_tui.store import Counts
from presence_tui.store.records import Record
from presence_tui.store.sort_keys import Sort
from presence_tui.store.state_derivation import Transitions
from presence_tui.wire.messages import PresenceRow
from tests.unit.store.store_harness import HARBOUR, StoreHarness, shown


def causes(harness: StoreHarness) -> list[tuple[Cause, State]]:
    return [(change.cause, change.after) for change in harness.changes]


def states(harness: StoreHarness, *keys: str) -> list[State]:
    return [harness.record(key).state for key in keys]


def test_states_decay_by_time_alone(harness: StoreHarness) -> None:
    harness.event("ada", True)

    assert harness.wait(60) == []
    (away,) = harness.wait(1)
    (idle,) = harness.wait(120)

    assert (away.before, away.after, away.cause) == (State.ONLINE, State.AWAY, Cause.DECAYED)
    assert (idle.before, idle.after, idle.cause) == (State.AWAY, State.IDLE, Cause.DECAYED)
    assert (idle.flag_before, idle.flag, idle.source) == (True, True, Source.EVENT)
    assert idle.at_s == harness.now_s
    assert harness.store.states.next_transition_s is None
    assert harness.wait(10**6) == []


def test_falling_offline_by_time_is_expired(harness: StoreHarness) -> None:
    harness.store.states.set_rule(meeshy_2026())
    harness.event("ada", True, last_active_s=harness.now_s)
    harness.event("bob", False, last_active_s=harness.now_s)

    harness.wait(301)

    assert causes(harness)[2:] == [(Cause.EXPIRED, State.OFFLINE), (Cause.EXPIRED, State.OFFLINE)]
    assert harness.record("ada").flag is True


def test_every_step_on_the_way_is_decayed_and_the_last_expired(harness: StoreHarness) -> None:
    harness.store.states.set_rule(meeshy_2026())
    harness.event("bob", False, last_active_s=harness.now_s)

    for _ in range(6):
        harness.wait(60.25)

    assert causes(harness)[1:] == [
        (Cause.DECAYED, State.AWAY),
        (Cause.DECAYED, State.IDLE),
        (Cause.EXPIRED, State.OFFLINE),
    ]


def test_wake_up_is_announced_and_exact(harness: StoreHarness) -> None:
    assert harness.store.states.next_transition_s is None
    harness.event("ada", True)
    start_s = harness.now_s

    assert harness.store.states.next_transition_s == pytest.approx(start_s + 60 + INSTANT_S, abs=1e-5)
    harness.wait(61)
    assert harness.store.states.next_transition_s == pytest.approx(start_s + 180 + INSTANT_S, abs=1e-5)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_each_wake_up_changes_somebody_and_asks_for_a_later_one(harness: StoreHarness, rule: object) -> None:
    harness.store.states.set_rule(rule)  # type: ignore[arg-type]
    for number in range(20):
        harness.event(f"p{number}", number % 3 != 0, last_active_s=harness.now_s - number * 37 / 3)

    wake_ups = 0
    while (due_s := harness.store.states.next_transition_s) is not None:
        assert due_s > harness.now_s
        harness.clock.advance(due_s - harness.now_s)
        harness.store.states.advance()
        wake_ups += 1
        assert wake_ups < 200

    age_and_state = [
        (harness.store.states.age_s(record), record) for record in harness.store.participants.values()
    ]
    assert all(
        record.state is harness.store.states.rule.derive(record.flag, age_s)
        for age_s, record in age_and_state
    )


@pytest.fixture
def looked_at(harness: StoreHarness, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys whose state is derived, once per derivation."""
    keys: list[str] = []
    derive = harness.store.states._derive

    def watched(record: Record, now_s: float) -> None:
        keys.append(record.key)
        derive(record, now_s)

    monkeypatch.setattr(harness.store.states, "_derive", watched)
    return keys


def test_advance_looks_only_at_those_due(harness: StoreHarness, looked_at: list[str]) -> None:
    harness.event("early", True, last_active_s=harness.now_s - 50)
    for number in range(100):
        harness.event(f"late{number}", True)
    looked_at.clear()

    changes = harness.wait(11)

    assert looked_at == ["early"]
    assert [change.key for change in changes] == ["early"]


def test_wake_up_that_was_brought_forward_is_not_kept_as_well(
    harness: StoreHarness, looked_at: list[str]
) -> None:
    harness.store.states.set_rule(meeshy_2026())
    harness.event("ada", True, last_active_s=harness.now_s)  # would wake after 300 s
    harness.event("ada", False)  # wakes after 60 s
    harness.wait(50)
    harness.event("ada", True)  # now good until 350 s
    harness.wait(11)
    looked_at.clear()

    harness.wait(240)
    assert looked_at == []
    harness.wait(50)
    assert looked_at == ["ada"]


def test_event_in_time_puts_off_the_change(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.wait(50)
    harness.event("ada", True)

    assert harness.wait(50) == []
    assert [change.after for change in harness.wait(11)] == [State.AWAY]


def test_older_evidence_that_changes_the_flag_brings_the_wake_up_forward(harness: StoreHarness) -> None:
    harness.store.states.set_rule(meeshy_2026())
    harness.event("ada", True, last_active_s=harness.now_s)
    harness.event("ada", False)
    soon_s = harness.store.states.next_transition_s

    assert soon_s == pytest.approx(harness.now_s + 60 + INSTANT_S, abs=1e-5)
    assert [change.after for change in harness.wait(61)] == [State.AWAY]
    harness.event("ada", True)
    assert harness.wait(240) == []
    assert [change.after for change in harness.wait(61)] == [State.OFFLINE]


def test_offline_does_not_decay(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.event("ada", False)
    heard = len(harness.changes)

    assert harness.wait(1_000) == []
    assert len(harness.changes) == heard


def test_activity_in_the_future_is_the_youngest_there_is(harness: StoreHarness) -> None:
    harness.event("ada", True, last_active_s=harness.now_s + 30)

    assert harness.store.states.age_s(harness.record("ada")) == -30
    assert harness.wait(90) == []
    assert [change.after for change in harness.wait(1)] == [State.AWAY]


def test_old_evidence_is_shown_as_old_at_once(harness: StoreHarness) -> None:
    harness.event("ada", True, last_active_s=harness.now_s - 120)

    assert harness.record("ada").state is State.AWAY


def test_gap_of_many_limits_is_one_change(harness: StoreHarness) -> None:
    harness.event("ada", True)

    assert [(change.before, change.after) for change in harness.wait(500)] == [(State.ONLINE, State.IDLE)]


def test_many_that_decay_together_are_one_change_set(harness: StoreHarness) -> None:
    for number in range(5):
        harness.event(f"p{number}", True)
    harness.heard.clear()

    harness.wait(61)

    assert [len(heard.changes) for heard in harness.heard] == [5]


# Rules.


def test_other_rule_derives_every_state_anew_and_reports_no_change(harness: StoreHarness) -> None:
    harness.roster("dan")
    harness.event("ada", True, last_active_s=harness.now_s - 100)
    harness.event("bob", False, last_active_s=harness.now_s - 10)
    harness.heard.clear()
    assert states(harness, "ada", "bob", "dan") == [State.AWAY, State.OFFLINE, State.UNKNOWN]

    harness.store.states.set_rule(meeshy_2026())

    assert states(harness, "ada", "bob", "dan") == [State.ONLINE, State.ONLINE, State.OFFLINE]
    assert harness.store.states.rule.name == "meeshy-2026"
    assert harness.changes == []
    assert [heard.touched for heard in harness.heard] == [{"ada", "bob", "dan"}]


@pytest.mark.parametrize("name", RULES)
def test_who_was_never_told_of_is_shown_alike_whether_the_rule_or_they_came_first(name: str) -> None:
    # Section 4.1: (null, none) is offline by both rules of the apps; only the flag rule gives unknown.
    rule_first, they_first = StoreHarness(rule=RULES[name]), StoreHarness()
    rule_first.roster("ada")
    they_first.roster("ada")
    they_first.store.states.set_rule(RULES[name])

    expected = [RULES[name].derive(None, None)]
    assert states(rule_first, "ada") == states(they_first, "ada") == expected


def test_other_rule_wakes_at_its_own_times(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.store.states.set_rule(meeshy_2025())

    assert harness.store.states.next_transition_s == harness.now_s + 300
    assert harness.wait(299) == []
    assert [change.after for change in harness.wait(1)] == [State.AWAY]

    harness.store.states.set_rule(flag_rule(online_s=1_000, away_s=2_000))
    assert harness.record("ada").state is State.ONLINE
    assert [change.after for change in harness.wait(701)] == [State.AWAY]


def test_panels_and_counts_follow_the_rule_in_force(harness: StoreHarness) -> None:
    harness.roster("ada", "bo")
    view = harness.store.roster_index(HARBOUR)
    harness.event("ada", False, last_active_s=harness.now_s)
    ada, bo = harness.record("ada"), harness.record("bo")
    assert (ada.panel, ada.contradicts_flag, harness.store.counts(HARBOUR)) == (
        Panel.OFFLINE,
        False,
        Counts(online=0, offline=1, unknown=1),
    )
    moved_s = harness.store.rosters.last_moved_s(HARBOUR)
    harness.clock.advance(1)

    harness.store.states.set_rule(meeshy_2026())

    assert ada.state is State.ONLINE
    assert (ada.panel, ada.contradicts_flag) == (Panel.ONLINE, True)
    assert (bo.panel, bo.contradicts_flag) == (Panel.OFFLINE, False), "nobody has told of bo"
    assert harness.store.counts(HARBOUR) == Counts(online=1, offline=0, unknown=1)
    assert [view.count(panel) for panel in Panel] == [1, 1]
    assert harness.store.rosters.last_moved_s(HARBOUR) == moved_s, "nobody came or left"

    harness.wait(301)

    assert (ada.state, ada.panel, ada.contradicts_flag) == (State.OFFLINE, Panel.OFFLINE, False)
    assert harness.store.counts(HARBOUR) == Counts(online=0, offline=1, unknown=1)
    assert view.index_of("ada") == (Panel.OFFLINE, 0)


# Skew.


@pytest.mark.parametrize(("skew_s", "state"), [(100, State.AWAY), (200, State.IDLE)])
def test_measured_skew_ages_everybody_by_the_next_look(
    harness: StoreHarness, skew_s: float, state: State
) -> None:
    # A state is derived from evidence, rule and time, and must not contradict the shown age.
    harness.event("ada", True, last_active_s=harness.now_s)

    harness.store.states.set_skew(skew_s)
    harness.store.states.advance()

    record = harness.record("ada")
    assert harness.store.states.age_s(record) == skew_s
    assert record.state is state


def test_measured_skew_that_makes_everybody_younger_brings_nobody_to_a_wrong_state(
    harness: StoreHarness,
) -> None:
    harness.event("ada", True, last_active_s=harness.now_s)

    harness.store.states.set_skew(-30)

    assert harness.wait(90) == []
    assert [change.after for change in harness.wait(1)] == [State.AWAY]


def test_skew_known_beforehand_is_part_of_every_age(harness: StoreHarness) -> None:
    harness.store.states.set_skew(100)

    harness.snapshot(PresenceRow("ada", True, harness.now_s), PresenceRow("bob", True, harness.now_s + 100))

    assert states(harness, "ada", "bob") == [State.AWAY, State.ONLINE]


def test_an_order_by_activity_follows_arrivals_that_move_with_the_skew(harness: StoreHarness) -> None:
    view = harness.store.roster_index(sort=Sort.LAST_ACTIVE)
    harness.event("ada", True)
    harness.event("bob", True, last_active_s=harness.now_s + 30)
    assert shown(view, Panel.ONLINE) == ["bob", "ada"]
    harness.store.states.set_skew(100)
    assert shown(view, Panel.ONLINE) == ["ada", "bob"]
    assert harness.store.states.age_s(harness.record("ada")) == 0
    harness.store.states.set_skew(-100)
    assert shown(view, Panel.ONLINE) == ["bob", "ada"]


# The heap.


def test_heap_gives_what_is_due_in_order_and_once() -> None:
    heap = Transitions()
    for key, at_s in (("b", 20.0), ("a", 10.0), ("c", 30.0)):
        heap.schedule(Record(key=key), at_s)

    assert heap.next_s == 10
    assert heap.due(9.75) == []
    assert heap.due(20) == [(10.0, "a"), (20.0, "b")]
    assert heap.due(20) == []
    assert (heap.next_s, len(heap)) == (30, 1)
    heap.clear()
    assert (heap.next_s, len(heap)) == (None, 0)


def test_later_time_costs_no_second_entry_and_an_earlier_one_counts() -> None:
    heap = Transitions()
    record = Record(key="a")

    heap.schedule(record, 20)
    heap.schedule(record, 30)
    assert (len(heap), record.wakes_s) == (1, 20)

    heap.schedule(record, 10)
    assert (heap.next_s, record.wakes_s) == (10, 10)


def test_heap_does_not_grow_with_events(harness: StoreHarness) -> None:
    for _ in range(500):
        harness.event("ada", True, last_active_s=harness.now_s)
        harness.clock.advance(0.25)

    assert len(harness.store.states._transitions) == 1


# While the link is lost.


def test_held_states_stand_still_until_newer_evidence(harness: StoreHarness) -> None:
    for key in ("ada", "bob", "cy"):
        harness.event(key, True)
    harness.wait(10)
    harness.store.states.hold()
    heard = len(harness.changes)

    assert harness.wait(600) == []
    assert states(harness, "ada", "bob", "cy") == [State.ONLINE] * 3

    harness.event("ada", True)
    (bob,) = harness.runtime("bob", True, harness.now_s - 90)

    assert (bob.cause, bob.before, bob.after) == (Cause.RECONCILED, State.ONLINE, State.AWAY)
    assert len(harness.changes) == heard + 1, "ada was online and still is"
    assert {(change.key, change.after) for change in harness.wait(500)} == {
        ("ada", State.IDLE),
        ("bob", State.IDLE),
    }
    assert states(harness, "cy") == [State.ONLINE], "nothing has been told of cy since"


def test_answer_asked_for_before_the_hold_confirms_nothing(harness: StoreHarness) -> None:
    asked = harness.clock.stamp()
    harness.wait(1)
    harness.store.states.hold()
    harness.wait(1)
    harness.runtime("ada", True, harness.now_s, asked=asked)

    assert harness.wait(600) == []
    assert states(harness, "ada") == [State.ONLINE]


def test_other_rule_and_skew_apply_to_held_states_as_of_then(harness: StoreHarness) -> None:
    harness.event("ada", True, last_active_s=harness.now_s)
    harness.wait(70)
    held_s = harness.now_s
    harness.store.states.hold()
    harness.wait(600)
    ada, store = harness.record("ada"), harness.store

    store.states.set_skew(0.5)
    assert (ada.state, store.states.held_since_s(ada)) == (State.AWAY, held_s)
    store.states.set_rule(meeshy_2026())
    assert ada.state is State.ONLINE
    assert store.states.state_by(RULES["flag"], ada) is State.AWAY
    assert store.states.age_by(RULES["flag"], ada) == 70.5
    assert store.states.age_s(ada) == 670.5, "the age shown beside it goes on"
    assert store.states.next_transition_s is None


def test_each_hold_is_as_of_its_own_time(harness: StoreHarness) -> None:
    harness.event("ada", True)
    first_s = harness.now_s
    harness.wait(10)
    harness.store.states.hold(first_s)
    harness.event("bob", True)
    harness.wait(20)
    harness.store.states.hold()
    ada, bob, store = harness.record("ada"), harness.record("bob"), harness.store
    assert (store.states.held_since_s(ada), store.states.held_since_s(bob)) == (first_s, harness.now_s)

    store.states.on_clock_set_back(5)
    assert store.states.held_since_s(ada) == first_s - 5
    assert store.states.age_by(RULES["flag"], ada) == 0

    store.clear()
    harness.event("ada", True)
    assert [change.after for change in harness.wait(61)] == [State.AWAY]


def test_transitions_missed_by_a_suspended_process_are_not_made_up_for(harness: StoreHarness) -> None:
    harness.event("ada", True)
    told_s = harness.now_s
    harness.clock.advance(3_600)
    harness.store.states.hold()

    assert harness.store.states.advance() == []
    assert harness.store.states.held_since_s(harness.record("ada")) == pytest.approx(told_s + 60, abs=0.01)
    harness.store.states.set_rule(RULES["flag"])
    assert states(harness, "ada") == [State.ONLINE]


def test_typing_lets_a_held_state_change_with_time_again(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.wait(100)
    harness.store.states.hold()
    harness.wait(100)
    assert states(harness, "ada") == [State.AWAY]

    harness.store.apply_typing("ada")

    assert states(harness, "ada") == [State.ONLINE]
    assert harness.store.states.held_since_s(harness.record("ada")) is None
    assert [change.after for change in harness.wait(61)] == [State.AWAY]
    harness.store.states.hold()
    assert harness.wait(200) == []


# After a membership has ended.


def hold_members(harness: StoreHarness, *keys: str) -> None:
    harness.store.states.hold_members([harness.record(key) for key in keys], harness.now_s)


def test_only_members_of_the_ended_conversation_stand_still(harness: StoreHarness) -> None:
    for key in ("ada", "bob"):
        harness.event(key, True)
    harness.wait(10)
    hold_members(harness, "ada")
    ended_s = harness.now_s

    assert {change.key for change in harness.wait(600)} == {"bob"}
    assert states(harness, "ada", "bob") == [State.ONLINE, State.IDLE]
    assert harness.store.states.held_since_s(harness.record("ada")) == ended_s
    assert harness.store.states.held_since_s(harness.record("bob")) is None

    harness.event("ada", True)
    assert harness.store.states.held_since_s(harness.record("ada")) is None
    assert {change.key for change in harness.wait(61)} == {"ada"}


@pytest.mark.parametrize("is_link_lost_first", [True, False])
def test_the_first_hold_counts(harness: StoreHarness, is_link_lost_first: bool) -> None:
    harness.event("ada", True)
    harness.wait(10)
    first_s = harness.now_s
    for is_loss in (is_link_lost_first, not is_link_lost_first):
        if is_loss:
            harness.store.states.hold()
        else:
            hold_members(harness, "ada")
        harness.wait(100)
    ada, held_states = harness.record("ada"), harness.store.states
    assert (ada.state, held_states.held_since_s(ada)) == (State.ONLINE, first_s)
    hold_members(harness, "ada")
    assert held_states.held_since_s(ada) == first_s

    held_states.on_clock_set_back(5)
    assert held_states.held_since_s(ada) == first_s - 5
    harness.store.apply_typing("ada")
    assert held_states.held_since_s(ada) is None
    harness.wait(1)
    harness.store.states.hold()
    assert held_states.held_since_s(ada) == harness.now_s


def test_released_states_change_with_time_again(harness: StoreHarness) -> None:
    for key in ("ada", "bob"):
        harness.event(key, True)
    harness.wait(10)
    for key in ("ada", "bob"):
        harness.store.set_participants([Participant(key)], "room")
    hold_members(harness, "ada")
    harness.wait(90)
    changed = len(harness.changes)
    harness.store.states.release_members("another room")
    assert len(harness.changes) == changed
    harness.store.states.release_members("room")

    assert [(change.key, change.after, change.cause) for change in harness.changes[changed:]] == [
        ("ada", State.AWAY, Cause.DECAYED)
    ]
    assert {change.key for change in harness.wait(600)} == {"ada", "bob"}


def test_who_is_known_anew_stands_still_no_longer(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.wait(10)
    hold_members(harness, "ada")
    harness.store.clear()
    harness.store.apply_typing("ada")
    assert harness.store.states.held_since_s(harness.record("ada")) is None
