"""Returns of clients after a restart of the gateway."""

import pytest

from presence_tui.domain.enums import Cause, Source
from presence_tui.wire.messages import PresenceRow
from tests.unit.alerts.alert_harness import AlertHarness, rule
from tests.unit.store.store_harness import StoreHarness

SEVEN = [f"p{number}" for number in range(7)]


def after_a_gap(harness: StoreHarness, gap_s: float = 5, *, source: Source = Source.SNAPSHOT) -> None:
    """Seven participants are online; then the gateway restarts after a gap and has no sockets."""
    for key in SEVEN:
        harness.event(key, True)
    harness.clock.advance(30)
    until_s = harness.now_s
    harness.clock.advance(gap_s)
    harness.store.epochs.begin(until_s)
    harness.store.apply_answers([PresenceRow(key, False) for key in SEVEN], source, harness.clock.stamp())


def causes(harness: StoreHarness) -> list[Cause]:
    return [change.cause for change in harness.changes if change.arrived][len(SEVEN) :]


@pytest.mark.parametrize("source", [Source.SNAPSHOT, Source.RUNTIME, Source.ROSTER])
def test_who_was_online_before_a_restart_rings_no_bell(source: Source) -> None:
    harness = AlertHarness(rule("comes"), people=False)
    harness.roster(*SEVEN)
    after_a_gap(harness, source=source)
    assert len(harness.alerts) == 7
    harness.clock.advance(3)
    harness.online(*SEVEN)
    assert harness.alerts == []
    assert causes(harness) == [Cause.RECONNECTED] * 7
    assert [harness.record(key).flaps for key in SEVEN] == [0] * 7
    harness.clock.advance(3)
    harness.offline(*SEVEN)
    harness.clock.advance(3)
    harness.online(*SEVEN)
    assert len(harness.alerts) == 7, "later changes cause alerts again"


def test_who_was_offline_before_it_is_news() -> None:
    harness = AlertHarness(rule("comes"))
    after_a_gap(harness)
    assert len(harness.alerts) == 7
    harness.online("ada")
    assert harness.alerts == [("comes", "ada")]


@pytest.mark.parametrize(
    ("gap_s", "booted_before_s", "after_s", "cause"),
    [
        (5, None, 54, Cause.RECONNECTED),
        (5, None, 56, Cause.MOVED),
        (600, None, 3, Cause.MOVED),
        (600, 20, 3, Cause.RECONNECTED),
        (600, 604, 3, Cause.RECONNECTED),
        (600, 606, 3, Cause.MOVED),
        (600, 20, 60, Cause.RECONNECTED),
        (600, 20, 61, Cause.MOVED),
        (600, 605, 3, Cause.RECONNECTED),
    ],
)
def test_how_long_it_may_take_depends_on_whether_the_gateway_has_restarted(
    gap_s: float, booted_before_s: float | None, after_s: float, cause: Cause
) -> None:
    harness = StoreHarness()
    after_a_gap(harness, gap_s)
    if booted_before_s is not None:
        harness.store.epochs.record_boot(harness.now_s - booted_before_s)
    harness.clock.advance(after_s)
    harness.event("p0", True)
    assert causes(harness) == [cause]


def test_a_second_restart_in_between_changes_nothing() -> None:
    harness = StoreHarness()
    after_a_gap(harness)
    until_s = harness.now_s
    harness.clock.advance(5)
    harness.store.epochs.begin(until_s)
    harness.snapshot(*(PresenceRow(key, False) for key in SEVEN))
    harness.clock.advance(5)
    harness.event("p0", True)
    assert causes(harness) == [Cause.RECONNECTED]


def test_a_correction_long_after_the_gap_is_no_restart() -> None:
    harness = StoreHarness()
    after_a_gap(harness)
    harness.event("p0", True)
    harness.clock.advance(61)
    harness.runtime("p0", False)
    harness.event("p0", True)
    assert causes(harness) == [Cause.RECONNECTED, Cause.MOVED]


def test_an_answer_after_the_restart_that_finds_them_is_a_correction() -> None:
    harness = StoreHarness()
    after_a_gap(harness)
    harness.clock.advance(3)
    harness.runtime("p0", True)
    assert causes(harness) == [Cause.RECONCILED]


def test_before_anything_was_vouched_for_nobody_comes_back() -> None:
    harness = StoreHarness()
    harness.event("p0", True)
    harness.store.epochs.begin()
    harness.snapshot(PresenceRow("p0", False))
    harness.event("p0", True)
    assert harness.changes[-1].cause is Cause.MOVED


def test_clearing_the_store_forgets_them() -> None:
    harness = StoreHarness()
    after_a_gap(harness)
    harness.store.clear()
    harness.event("p0", False)
    harness.event("p0", True)
    assert harness.changes[-1].cause is Cause.MOVED
