"""Transitions of the resync: every event in every state, and random orders of events."""

from collections.abc import Mapping
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.monitor.resync_state import (
    RUNNING,
    Confirmed,
    ConnectionFailed,
    Contacted,
    Failed,
    FailedForNow,
    MembershipReturned,
    PauseEnded,
    Prepared,
    Requested,
    ResyncEvent,
    ResyncState,
    ResyncStatus,
    SnapshotDecided,
    Started,
    Target,
    TargetChanged,
    step,
)
from tests.unit.domain.hypothesis_profile import repeatable

OLD, NOW, NEXT = Target(1, "c-harbour"), Target(2, "c-harbour"), Target(2, "c-lighthouse")
D, P, C, A, R, S, W, F = (
    ResyncState.DUE,
    ResyncState.PREPARING,
    ResyncState.CONTACTING,
    ResyncState.AWAITING_SNAPSHOT,
    ResyncState.READING,
    ResyncState.SYNCED,
    ResyncState.PAUSED,
    ResyncState.FAILED,
)

STATUSES: Mapping[ResyncState, ResyncStatus] = {
    state: ResyncStatus(state, NOW, NOW if state is S else OLD, failures=1 if state is W else 0)
    for state in ResyncState
}
"""One status of each state: the target of an older connection was confirmed."""

EVENTS: Mapping[str, ResyncEvent] = {
    "another target": TargetChanged(NEXT),
    "same target": TargetChanged(NOW),
    "confirmed target": TargetChanged(OLD),
    "requested": Requested(),
    "connection failed": ConnectionFailed(),
    "returned": MembershipReturned(),
    "confirmed": Confirmed(NOW),
    "confirmed the older": Confirmed(OLD),
    "started": Started(),
    "prepared": Prepared(),
    "contacted": Contacted(),
    "snapshot": SnapshotDecided(),
    "failed for now": FailedForNow(),
    "failed": Failed(),
    "pause ended live": PauseEnded(is_live=True),
    "pause ended": PauseEnded(is_live=False),
}

EXPECTED: Mapping[str, Mapping[ResyncState, ResyncState]] = {
    "another target": {D: D, P: P, C: C, A: A, R: R, S: D, W: W, F: F},
    "same target": {D: D, P: P, C: C, A: A, R: R, S: S, W: W, F: F},
    "confirmed target": {D: S, P: P, C: C, A: A, R: R, S: D, W: S, F: S},
    "requested": {D: D, P: P, C: C, A: A, R: R, S: S, W: D, F: D},
    "connection failed": {D: D, P: P, C: C, A: A, R: R, S: S, W: W, F: F},
    "returned": {D: D, P: P, C: C, A: A, R: R, S: D, W: D, F: D},
    "confirmed": {D: S, P: P, C: C, A: A, R: S, S: S, W: S, F: S},
    "confirmed the older": {D: D, P: P, C: C, A: A, R: D, S: D, W: W, F: F},
    "started": {D: P},
    "prepared": {P: C},
    "contacted": {C: A},
    "snapshot": {A: R},
    "failed for now": {P: W, R: W},
    "failed": {P: F, R: F},
    "pause ended live": {W: D},
    "pause ended": {W: F},
}
"""Event to the state after it, by the state before; a state that is missing refuses the event."""


@pytest.mark.parametrize(("name", "before"), list(product(EVENTS, ResyncState)))
def test_transition(name: str, before: ResyncState) -> None:
    status = STATUSES[before]
    if (after := EXPECTED[name].get(before)) is None:
        with pytest.raises(ValueError, match=f"{before} cannot get {type(EVENTS[name]).__name__}"):
            step(status, EVENTS[name])
    else:
        assert step(status, EVENTS[name]).state is after


def test_table_contains_every_event() -> None:
    assert {type(event) for event in EVENTS.values()} == set(get_args(ResyncEvent))
    assert set(EXPECTED) == set(EVENTS)


def after(*events: ResyncEvent, start: ResyncStatus | None = None) -> ResyncStatus:
    status = start or ResyncStatus()
    for event in events:
        status = step(status, event)
    return status


READ = (Started(), Prepared(), Contacted(), SnapshotDecided())


def test_resync_confirms_its_target() -> None:
    status = after(TargetChanged(NOW), Requested(), *READ, Confirmed(NOW))
    assert status == ResyncStatus(S, NOW, NOW)
    assert status.is_synced


def test_target_changed_while_reading_is_due_after_the_read() -> None:
    status = after(TargetChanged(OLD), *READ, TargetChanged(NOW), Requested(), Confirmed(OLD))
    assert status == ResyncStatus(D, NOW, OLD)


def test_request_while_reading_needs_no_second_read_of_the_same_target() -> None:
    assert after(TargetChanged(NOW), *READ, Requested(), Confirmed(NOW)) == ResyncStatus(S, NOW, NOW)


@pytest.mark.parametrize("failure", [FailedForNow(), Failed()])
@pytest.mark.parametrize("request_", [Requested(), ConnectionFailed(), MembershipReturned()])
def test_request_during_a_failing_resync_makes_the_next_due(
    failure: ResyncEvent, request_: ResyncEvent
) -> None:
    status = after(TargetChanged(NOW), Started(), request_, failure)
    assert (status.state, status.is_requested) == (D, False)


def test_failures_are_counted_until_one_does_not_pass_or_a_read_succeeds() -> None:
    fail = (Started(), FailedForNow(), PauseEnded(is_live=True))
    twice = after(TargetChanged(NOW), *fail, *fail)
    assert twice.failures == 2
    assert after(PauseEnded(is_live=False), start=after(Started(), FailedForNow(), start=twice)).failures == 3
    assert after(Started(), Failed(), start=twice).failures == 0
    assert after(*READ, Confirmed(NOW), start=twice).failures == 0
    assert after(Confirmed(NOW), start=twice) == ResyncStatus(S, NOW, NOW)


def test_connection_failure_requests_a_read_only_before_the_first_confirmed_one() -> None:
    never_read = after(TargetChanged(NOW), Started(), Failed())
    assert step(never_read, ConnectionFailed()).state is D
    read_before = after(Confirmed(OLD), TargetChanged(NOW), Requested(), Started(), Failed())
    assert step(read_before, ConnectionFailed()).state is F


def test_watching_the_confirmed_conversation_again_needs_no_read() -> None:
    status = after(TargetChanged(NOW), Confirmed(NOW), TargetChanged(NEXT), Requested())
    assert status.state is D
    assert after(TargetChanged(NOW), Requested(), start=status).state is S


targets = st.sampled_from([OLD, NOW, NEXT])
outside = st.one_of(
    st.builds(TargetChanged, targets),
    st.sampled_from([Requested(), ConnectionFailed(), MembershipReturned()]),
)
anything = st.one_of(
    outside,
    st.builds(Confirmed, targets),
    st.sampled_from([*READ, FailedForNow(), Failed()]),
    st.builds(PauseEnded, st.booleans()),
)


@repeatable
@given(st.lists(anything, max_size=40))
def test_any_order_of_events_keeps_the_status_consistent(events: list[ResyncEvent]) -> None:
    status = ResyncStatus()
    for event in events:
        try:
            status = step(status, event)
        except ValueError:
            continue
        is_running = status.state in RUNNING
        assert is_running or (status.state is S) == status.is_synced
        assert is_running or not status.is_requested
        assert status.failures == 0 or status.state is not S
        assert status.failures or status.state is not W
    assert_recovers(status)


def assert_recovers(status: ResyncStatus) -> None:
    """A request leads to one more resync, unless synced, and that one ends synced."""
    status = step(status, Requested())
    if status.state in RUNNING:
        status = end_of_read(status, Failed())
        assert status.state is (S if status.is_synced else D)
    if status.state is D:
        status = end_of_read(step(status, Started()), Confirmed(status.target))
    assert status.state is S


def end_of_read(status: ResyncStatus, end: ResyncEvent) -> ResyncStatus:
    steps: list[tuple[ResyncState, ResyncEvent]] = [(P, Prepared()), (C, Contacted()), (A, SnapshotDecided())]
    for state, event in steps:
        if status.state is state:
            status = step(status, event)
    return step(status, end)
