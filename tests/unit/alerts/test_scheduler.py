"""One timer for all rules, set to the next due time only."""

from collections.abc import Callable

from presence_tui.alerts.rules import Alert
from presence_tui.alerts.scheduler import GATHER_S, AlertScheduler
from tests.unit.alerts.alert_harness import CONVERSATIONS, AlertHarness, rule


class Timers:
    """A controllable ``call_later``: at most one timer is set at a time."""

    def __init__(self, harness: AlertHarness) -> None:
        self._harness = harness
        self.set: list[tuple[float, Callable[[], object]]] = []

    def call_later(self, wait_s: float, call: Callable[[], object]) -> "Timers":
        assert not self.set, "a timer is already set"
        self.set.append((self._harness.clock.monotonic_s + wait_s, call))
        return self

    def cancel(self) -> None:
        self.set.clear()

    def pass_by(self, seconds: float) -> None:
        """Advance time, and fire the timer when it is due."""
        end_s = self._harness.clock.monotonic_s + seconds
        while self.set and self.set[0][0] <= end_s:
            at_s, call = self.set.pop()
            self._harness.clock.advance(at_s - self._harness.clock.monotonic_s)
            call()
        self._harness.clock.advance(end_s - self._harness.clock.monotonic_s)


def an_alarm() -> tuple[AlertHarness, AlertScheduler, Timers, list[Alert]]:
    harness = AlertHarness()
    timers, told = Timers(harness), list[Alert]()
    alarm = AlertScheduler(harness.store, [], told.append, timers.call_later)
    alarm.engine.set_conversations(CONVERSATIONS)
    alarm.set_synced(True)
    return harness, alarm, timers, told


def test_rings_are_told_when_they_are_gathered() -> None:
    harness, alarm, timers, told = an_alarm()
    alarm.set_rules([rule("comes")])
    assert [each.kind for each in alarm.engine.rules] == ["comes"]
    harness.online("ada", "bo")
    timers.pass_by(GATHER_S / 2)
    assert told == []
    timers.pass_by(GATHER_S)
    (alert,) = told
    assert [ring.key for ring in alert.matches] == ["ada", "bo"]
    assert timers.set == []


def test_the_timer_is_set_for_a_group_and_taken_back_with_it() -> None:
    harness, alarm, timers, told = an_alarm()
    alarm.set_rules([rule("empty", "ada", after_s=60.0)])
    harness.online("ada")
    assert timers.set == []
    harness.offline("ada")
    assert timers.set[0][0] == harness.clock.monotonic_s + 60
    harness.online("ada")
    assert timers.set == []
    harness.offline("ada")
    timers.pass_by(60 + GATHER_S)
    assert [ring.held_s for alert in told for ring in alert.matches] == [60]


def test_a_lost_link_takes_the_timer_back() -> None:
    harness, alarm, timers, _ = an_alarm()
    alarm.set_rules([rule("empty", "ada", after_s=60.0)])
    harness.online("ada")
    harness.offline("ada")
    alarm.set_synced(False)
    assert timers.set == []
    alarm.set_synced(True)
    assert timers.set[0][0] == harness.clock.monotonic_s + 60


def test_closed_it_follows_nothing_and_leaves_no_timer() -> None:
    harness, alarm, timers, told = an_alarm()
    alarm.set_rules([rule("comes")])
    harness.online("ada")
    alarm.close()
    assert timers.set == []
    alarm.close()
    harness.online("bo")
    timers.pass_by(1_000)
    assert told == []
