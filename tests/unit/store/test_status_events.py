"""Status events and typing: applied, duplicate and late events, and their change sets."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from presence_tui.domain.enums import Cause, Outcome, Panel, Source, State
from presence_tui.domain.evidence import CLOCK_BOUND_S, EARLIEST_S
from presence_tui.store.evidence import DUPLICATE_WINDOW_S, EMISSION_TOLERANCE_S
from presence_tui.wire.messages import PresenceRow, Status
from tests.unit.store.store_harness import HARBOUR, StoreHarness


def test_event_moves_a_participant_and_says_what_it_did(harness: StoreHarness) -> None:
    harness.store.epochs.begin()
    harness.roster("ada")
    harness.event("ada", False)
    harness.clock.advance(5)

    outcome = harness.event("ada", True, name="Ada Okafor", last_active_s=harness.now_s - 3)

    assert outcome is Outcome.APPLIED
    change = harness.changes[-1]
    assert change.key == "ada"
    assert (change.name, harness.record("ada").account_name) == ("Ada", "Ada Okafor")
    assert change.cause is Cause.MOVED
    assert change.source is Source.EVENT
    assert (change.before, change.after) == (State.OFFLINE, State.ONLINE)
    assert (change.flag_before, change.flag) == (False, True)
    assert change.at_s == harness.now_s
    assert change.last_active_s == harness.now_s - 3
    assert (change.epoch, change.seq) == (1, 2)
    assert change.arrived
    assert not change.first_told


def test_first_word_about_somebody_is_marked_as_such(harness: StoreHarness) -> None:
    harness.roster("ada")

    harness.event("ada", True)

    (change,) = harness.changes
    assert change.first_told
    assert change.before is State.UNKNOWN
    assert change.flag_before is None


def test_unknown_user_gets_a_minimal_entry_and_is_never_dropped(harness: StoreHarness) -> None:
    outcome = harness.store.update_user_status("stranger", True)

    record = harness.record("stranger")
    assert outcome is Outcome.APPLIED
    assert (record.flag, record.state, record.panel) == (True, State.ONLINE, Panel.ONLINE)
    assert record.shown_name == "stranger"
    assert (record.name, record.handle, record.guest) == ("", "", False)
    assert record.last_active_s is None
    assert record.last_active_at is None


def test_an_unknown_user_is_not_found(harness: StoreHarness) -> None:
    harness.event("ada")

    assert harness.store.get_user_by_id("ada") is harness.store.participants["ada"]
    assert harness.store.get_user_by_id("bob") is None
    assert harness.store.get_user_by_id("") is None


def test_participants_cannot_be_changed_from_outside(harness: StoreHarness) -> None:
    harness.event("ada")

    with pytest.raises(TypeError):
        del harness.store.participants["ada"]  # type: ignore[attr-defined]


def test_evidence_is_what_decided_the_flag(harness: StoreHarness) -> None:
    harness.store.epochs.begin()
    harness.roster("ada", "bob")
    emitted_s = harness.now_s - 0.25
    harness.event("ada", True, last_active_s=harness.now_s - 9, emitted_s=emitted_s)

    evidence = harness.record("ada").evidence

    assert evidence is not None
    assert (evidence.source, evidence.flag, evidence.epoch, evidence.seq) == (Source.EVENT, True, 1, 1)
    assert evidence.last_active_s == harness.now_s - 9
    assert evidence.received_s == harness.clock.wall_s
    assert evidence.received_monotonic_s == harness.clock.monotonic_s
    assert evidence.emitted_s == emitted_s
    assert harness.record("bob").evidence is None


def test_datetimes_of_the_public_call_are_read_in_any_zone(harness: StoreHarness) -> None:
    paris = timezone(timedelta(hours=2))
    moment = datetime.fromtimestamp(harness.now_s - 10, paris)

    harness.store.update_user_status("ada", True, username="Ada", last_active_at=moment, timestamp=moment)

    record = harness.record("ada")
    assert record.last_active_s == record.emitted_s == harness.now_s - 10
    assert record.last_active_at == moment
    assert record.last_active_at.tzinfo is UTC
    assert record.name == "Ada"


@pytest.mark.parametrize("user_id", ["", " ada", "a\x1b[2J", "ada\u200b", "x" * 256])
def test_id_that_cannot_be_shown_is_malformed_and_leaves_no_trace(
    harness: StoreHarness, user_id: str
) -> None:
    assert harness.store.update_user_status(user_id, True) is Outcome.MALFORMED
    assert not harness.store.participants
    assert harness.store.version == 0
    assert not harness.heard


def test_name_of_the_public_call_is_made_safe(harness: StoreHarness) -> None:
    harness.store.update_user_status("ada", True, username="Ada\x1b[2J\u202e")

    assert harness.record("ada").name == "Ada␛[2J"


def test_event_that_arrived_earlier_than_now_counts_from_then(harness: StoreHarness) -> None:
    arrived = harness.clock.stamp()
    harness.clock.advance(30)

    harness.store.apply_status(Status("ada", True), arrived)

    assert harness.record("ada").received_s == arrived.wall_s
    assert harness.store.states.age_s(harness.record("ada")) == 30


# Copies.


def test_equal_event_within_the_window_is_a_copy(harness: StoreHarness) -> None:
    harness.event("ada", True)
    version, heard = harness.store.version, len(harness.heard)
    harness.clock.advance(DUPLICATE_WINDOW_S)

    assert harness.event("ada", True) is Outcome.DUPLICATE
    assert (harness.store.version, len(harness.heard)) == (version, heard)


def test_equal_event_after_the_window_is_news(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.clock.advance(DUPLICATE_WINDOW_S + 0.25)

    assert harness.event("ada", True) is Outcome.APPLIED
    assert harness.record("ada").received_s == harness.now_s


def test_equal_event_after_the_clock_was_set_back_is_news(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.clock.advance(600)
    harness.clock.wall_s -= 3_600

    assert harness.event("ada", True) is Outcome.APPLIED


def test_window_does_not_slide_with_each_copy(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.clock.advance(0.75)
    assert harness.event("ada", True) is Outcome.DUPLICATE
    harness.clock.advance(0.75)

    assert harness.event("ada", True) is Outcome.APPLIED


def test_copy_repeats_last_active_or_tells_none(harness: StoreHarness) -> None:
    harness.event("ada", True, last_active_s=harness.now_s - 5)

    assert harness.event("ada", True, last_active_s=harness.now_s - 5) is Outcome.DUPLICATE
    assert harness.event("ada", True) is Outcome.DUPLICATE
    assert harness.event("ada", True, last_active_s=harness.now_s - 4) is Outcome.APPLIED


def test_other_flag_is_never_a_copy(harness: StoreHarness) -> None:
    assert [harness.event("ada", flag) for flag in (True, False, True)] == [Outcome.APPLIED] * 3
    assert harness.record("ada").flag is True


def test_duplicates_are_detected_per_participant(harness: StoreHarness) -> None:
    assert harness.event("ada") is Outcome.APPLIED
    assert harness.event("bob") is Outcome.APPLIED


def test_emission_time_tells_a_copy_however_much_later_it_comes(harness: StoreHarness) -> None:
    emitted_s = harness.now_s
    harness.event("ada", True, emitted_s=emitted_s)
    harness.clock.advance(600)

    assert harness.event("ada", True, emitted_s=emitted_s) is Outcome.DUPLICATE


def test_later_emission_is_no_copy_however_soon_it_comes(harness: StoreHarness) -> None:
    harness.event("ada", True, emitted_s=harness.now_s)

    assert harness.event("ada", True, emitted_s=harness.now_s + 0.25) is Outcome.APPLIED


def test_event_that_confirms_an_answer_is_no_copy(harness: StoreHarness) -> None:
    harness.runtime("ada", True)

    assert harness.event("ada", True) is Outcome.APPLIED
    assert harness.record("ada").source is Source.EVENT


def test_answer_between_two_equal_events_does_not_make_the_second_a_copy(harness: StoreHarness) -> None:
    # Copies are equal events within a short time (section 2.1); these are ten seconds apart.
    harness.event("ada", True)
    harness.clock.advance(10)
    harness.runtime("ada", True)

    assert harness.event("ada", True) is Outcome.APPLIED
    assert harness.store.states.age_s(harness.record("ada")) == 0


def test_event_of_a_new_epoch_is_no_copy_of_one_of_the_old(harness: StoreHarness) -> None:
    # Design 4.5: a snapshot never overrides an event of its own epoch, however fast the reconnect was.
    harness.store.epochs.begin()
    harness.event("ada", True)
    harness.clock.advance(0.25)
    harness.store.epochs.begin()
    harness.event("ada", True)

    harness.snapshot(PresenceRow("ada", False))

    assert harness.record("ada").flag is True


# Late events.


def test_event_emitted_before_the_one_applied_is_late(harness: StoreHarness) -> None:
    harness.event("ada", True, emitted_s=harness.now_s)
    version = harness.store.version

    outcome = harness.event(
        "ada", False, name="Old", last_active_s=harness.now_s, emitted_s=harness.now_s - 0.25
    )

    assert outcome is Outcome.LATE
    record = harness.record("ada")
    assert (record.flag, record.name, record.last_active_s) == (True, "", None)
    assert harness.store.version == version


def test_same_emission_with_another_flag_is_believed_in_order_of_arrival(harness: StoreHarness) -> None:
    harness.event("ada", True, emitted_s=harness.now_s)

    assert harness.event("ada", False, emitted_s=harness.now_s) is Outcome.APPLIED
    assert harness.record("ada").flag is False


@pytest.mark.parametrize(
    ("older_by_s", "outcome"),
    [(EMISSION_TOLERANCE_S, Outcome.APPLIED), (EMISSION_TOLERANCE_S + 0.25, Outcome.LATE)],
)
def test_event_that_told_no_emission_time_stands_for_its_arrival_within_a_tolerance(
    harness: StoreHarness, older_by_s: float, outcome: Outcome
) -> None:
    harness.store.states.set_skew(0)
    harness.event("ada", True)

    assert harness.event("ada", False, emitted_s=harness.now_s - older_by_s) is outcome


def test_tolerance_is_counted_on_the_gateways_clock(harness: StoreHarness) -> None:
    harness.store.states.set_skew(100)
    harness.event("ada", True)

    assert harness.event("ada", False, emitted_s=harness.now_s + 97) is Outcome.LATE
    assert harness.event("ada", False, emitted_s=harness.now_s + 99) is Outcome.APPLIED


def test_event_emitted_before_an_answer_was_asked_for_is_late_once_skew_is_known(
    harness: StoreHarness,
) -> None:
    harness.store.states.set_skew(0)
    harness.event("ada", True, emitted_s=harness.now_s - 30)
    harness.runtime("ada", False)

    assert harness.event("ada", True, emitted_s=harness.now_s - 10) is Outcome.LATE
    assert harness.event("ada", True, emitted_s=harness.now_s - 1) is Outcome.APPLIED


def test_without_a_measured_skew_an_answer_makes_no_event_late(harness: StoreHarness) -> None:
    harness.runtime("ada", False)

    assert harness.event("ada", True, emitted_s=harness.now_s - 3_000) is Outcome.APPLIED


def test_without_a_measured_skew_the_clocks_are_taken_to_agree(harness: StoreHarness) -> None:
    # Design 4.9: an event older than its participant's watermark is late, even without a measured skew.
    harness.event("ada", True)

    assert harness.event("ada", False, emitted_s=harness.now_s - 60) is Outcome.LATE
    assert harness.event("ada", False, emitted_s=harness.now_s - 1) is Outcome.APPLIED


def test_older_answer_does_not_lower_the_bar_for_events(harness: StoreHarness) -> None:
    harness.store.states.set_skew(0)
    harness.event("ada", True, emitted_s=harness.now_s)
    harness.runtime("ada", True)

    assert harness.event("ada", False, emitted_s=harness.now_s - 1) is Outcome.LATE


def test_every_event_has_one_outcome_and_a_number_of_its_own(harness: StoreHarness) -> None:
    outcomes = [
        harness.event("ada", True, emitted_s=harness.now_s),
        harness.event("ada", True, emitted_s=harness.now_s),
        harness.event("ada", False, emitted_s=harness.now_s - 60),
        harness.event("ada", False, emitted_s=harness.now_s + 1),
    ]

    assert outcomes == [Outcome.APPLIED, Outcome.DUPLICATE, Outcome.LATE, Outcome.APPLIED]
    assert harness.record("ada").seq == 4


# Last active.


def test_last_active_is_the_newest_ever_told(harness: StoreHarness) -> None:
    harness.event("ada", True, last_active_s=harness.now_s - 10)
    harness.event("ada", False, last_active_s=harness.now_s - 500)

    assert harness.record("ada").last_active_s == harness.now_s - 10
    assert harness.record("ada").flag is False


def test_unknown_last_active_never_erases_a_known_one(harness: StoreHarness) -> None:
    told_s = harness.now_s - 10
    harness.event("ada", True, last_active_s=told_s)
    harness.clock.advance(5)
    harness.event("ada", False)
    harness.runtime("ada", False)

    assert harness.record("ada").last_active_s == told_s


def test_online_event_without_last_active_is_itself_a_sign_of_life(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.clock.advance(7)

    assert harness.store.states.age_s(harness.record("ada")) == 7
    assert harness.record("ada").last_active_s is None


def test_offline_event_is_no_sign_of_life(harness: StoreHarness) -> None:
    harness.event("ada", False)

    assert harness.store.states.age_s(harness.record("ada")) is None


def test_ages_are_counted_on_the_gateways_clock(harness: StoreHarness) -> None:
    assert harness.store.states.skew_s == 0
    harness.store.states.set_skew(20)

    harness.event("ada", True)
    harness.event("bob", True, last_active_s=harness.now_s)

    assert harness.store.states.skew_s == 20
    assert harness.store.states.age_s(harness.record("ada")) == 0
    assert harness.store.states.age_s(harness.record("bob")) == 20


# Names.


def test_event_tells_the_name_and_the_snapshot_the_handle_and_neither_overwrites(
    harness: StoreHarness,
) -> None:
    harness.event("ada", True, name="Ada Okafor")
    harness.snapshot(PresenceRow("ada", True, handle="ada.o"))
    harness.clock.advance(2)
    harness.event("ada", True, name="Ada Okafor")

    record = harness.record("ada")
    assert (record.name, record.handle, record.shown_name) == ("Ada Okafor", "ada.o", "Ada Okafor")
    assert len(harness.changes) == 1


def test_event_without_a_name_keeps_the_one_known(harness: StoreHarness) -> None:
    harness.event("ada", True, name="Ada")
    harness.event("ada", False)

    assert harness.record("ada").name == "Ada"


def test_shown_name_is_the_name_or_the_handle_or_the_key(harness: StoreHarness) -> None:
    harness.snapshot(PresenceRow("k1", True), PresenceRow("k2", True, handle="bob"))
    harness.store.members.apply_names({"k1": ("ada.o", ""), "k2": ("bob", "Bob"), "nobody": ("n", "Nobody")})

    assert harness.record("k1").shown_name == "ada.o"
    assert harness.record("k2").shown_name == "Bob"
    assert harness.store.get_user_by_id("nobody") is None


def test_new_name_reports_no_change_of_presence(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.heard.clear()

    harness.store.members.apply_names({"ada": ("ada.o", "Ada Okafor")})

    assert harness.changes == []
    assert [heard.touched for heard in harness.heard] == [{"ada"}]


# Typing.


def test_copies_of_an_event_tell_the_same_impossible_time(harness: StoreHarness) -> None:
    future_s = harness.now_s + 1e9
    told = [future_s, future_s, future_s + 1, future_s + 1, None, None]
    outcomes = [harness.event("ada", True, last_active_s=at_s) for at_s in told]
    assert outcomes == [
        Outcome.APPLIED,
        Outcome.DUPLICATE,
        Outcome.APPLIED,
        Outcome.DUPLICATE,
        Outcome.DUPLICATE,
        Outcome.DUPLICATE,
    ]
    record = harness.record("ada")
    assert (record.last_active_s, record.invalid_active_s) == (None, future_s + 1)


def test_typing_is_a_sign_of_life_and_says_nothing_of_the_flag(harness: StoreHarness) -> None:
    harness.event("ada", False, last_active_s=harness.now_s - 900)

    outcome = harness.store.apply_typing("ada", name="Ada", handle="ada.o")

    record = harness.record("ada")
    assert outcome is Outcome.APPLIED
    assert (record.flag, record.state) == (False, State.OFFLINE)
    assert record.source is Source.EVENT
    assert record.last_active_s == harness.now_s - 900
    assert record.typing_s == record.activity_s == harness.now_s
    assert (record.name, record.handle) == ("Ada", "ada.o")


def test_typing_ends_idle(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.wait(200)

    harness.store.apply_typing("ada")

    change = harness.changes[-1]
    assert (change.before, change.after) == (State.IDLE, State.ONLINE)
    assert (change.cause, change.source) == (Cause.MOVED, Source.TYPING)
    assert not change.arrived


def test_typing_of_a_stranger_makes_a_newcomer_without_a_flag(harness: StoreHarness) -> None:
    harness.store.apply_typing("ada")

    record = harness.record("ada")
    assert (record.flag, record.state, record.evidence) == (None, State.UNKNOWN, None)
    assert harness.store.counts(HARBOUR).unknown == 0, "not a member of any roster"
    assert harness.store.counts().unknown == 1


def test_event_after_typing_is_still_the_first_word_about_the_flag(harness: StoreHarness) -> None:
    harness.store.apply_typing("ada")

    harness.event("ada", True)

    assert harness.changes[-1].first_told


def test_who_has_left_is_not_typing_any_more(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.store.apply_typing("ada")
    assert harness.record("ada").typing_s is not None
    harness.clock.advance(5)

    harness.event("ada", False)

    assert harness.record("ada").typing_s is None


def test_who_stopped_typing_is_no_less_alive(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.clock.advance(30)
    harness.store.apply_typing("ada")
    typed_s = harness.now_s
    harness.clock.advance(5)
    harness.heard.clear()

    harness.store.stop_typing("ada")

    record = harness.record("ada")
    assert (record.typing_s, record.activity_s, record.flag) == (None, typed_s, True)
    assert [(heard.touched, heard.changes) for heard in harness.heard] == [({"ada"}, [])]


def test_only_a_typing_participant_can_stop(harness: StoreHarness) -> None:
    harness.event("ada", True)
    version = harness.store.version

    harness.store.stop_typing("ada")
    harness.store.stop_typing("nobody")

    assert harness.store.version == version
    assert harness.store.get_user_by_id("nobody") is None


def test_typing_in_a_conversation_whose_roster_was_never_read_makes_nobody_a_member(
    harness: StoreHarness,
) -> None:
    assert harness.store.apply_typing("ada", "never read") is Outcome.APPLIED
    assert harness.record("ada").conversations == ()
    assert not harness.store.rosters.knows("never read"), "a single member must not make the roster known"
    assert harness.store.counts("never read").total == 0


def test_a_clock_that_is_set_back_moves_the_measured_skew() -> None:
    harness = StoreHarness()
    harness.store.states.set_skew(5.0)
    harness.store.states.on_clock_set_back(3_600.0)
    assert (harness.store.states.skew_s, harness.store.states.measured_skew_s) == (3_605.0, 3_605.0)


def test_signs_of_life_are_new_after_a_clock_without_measured_skew_was_set_back() -> None:
    harness = StoreHarness()
    harness.store.states.on_clock_set_back(3_600.0)
    harness.event("ada", True)
    harness.event("bo", False)
    harness.store.apply_typing("cleo")
    ages_s = {key: harness.store.states.latest_age_s(harness.record(key)) for key in ("ada", "bo", "cleo")}
    assert ages_s == {"ada": 0.0, "bo": 0.0, "cleo": 0.0}
    assert harness.record("ada").state is State.ONLINE


@pytest.mark.parametrize(
    ("emitted_s", "is_possible"),
    [
        (EARLIEST_S, True),
        (EARLIEST_S - 1, False),
    ],
)
def test_an_emission_time_may_not_be_earlier_than_any_gateway(
    harness: StoreHarness, emitted_s: float, is_possible: bool
) -> None:
    harness.event("ada", True, emitted_s=emitted_s)
    assert harness.record("ada").emitted_s == (emitted_s if is_possible else None)
    assert harness.store.invalid_times.impossible == (not is_possible)


@pytest.mark.parametrize("beyond_s", [0, 1])
def test_an_emission_time_may_be_ahead_up_to_and_with_the_bound_of_clocks(
    harness: StoreHarness, beyond_s: int
) -> None:
    emitted_s = harness.now_s + CLOCK_BOUND_S + beyond_s
    harness.event("ada", True, emitted_s=emitted_s)
    assert harness.record("ada").emitted_s == (None if beyond_s else emitted_s)
    assert harness.store.invalid_times.impossible == beyond_s
