"""Many changes within two seconds of our own reconnect ring no bell."""

import pytest

from presence_tui.alerts.rules import Alert
from presence_tui.alerts.scheduler import GATHER_S, AlertScheduler
from presence_tui.domain.changes import FEW, RECONNECT_S
from presence_tui.domain.participants import Participant
from tests.unit.alerts.alert_harness import CONVERSATIONS, AlertHarness, rule
from tests.unit.alerts.test_scheduler import Timers
from tests.unit.store.store_harness import HARBOUR

CREW = [f"p{number:02}" for number in range(40)]


def reconnected(*kinds: str, who: str = "") -> AlertHarness:
    """Our own connection has just begun for the second time; forty more are known, and offline."""
    rules = [rule(kind, who) if who else rule(kind) for kind in kinds]
    harness = AlertHarness(*rules)
    harness.roster(*CREW)
    harness.store.epochs.begin()
    harness.offline(*CREW)
    harness.wait(60)
    harness.alerts  # noqa: B018  (drains them)
    harness.store.epochs.begin(harness.now_s)
    return harness


def test_case_7_many_with_our_own_reconnect_ring_no_bell() -> None:
    """RocketChat/Rocket.Chat#41585: 40 away; a kick; all 40 come within 2 s; every 300 s."""
    harness = reconnected("comes")
    for _ in range(3):
        for key in CREW:
            harness.wait(0.045)
            harness.online(key)
        harness.wait(150)
        assert harness.alerts == []
        harness.offline(*CREW)
        harness.wait(150)
        harness.store.epochs.begin(harness.now_s)


def test_somebody_named_by_a_rule_is_one_of_them() -> None:
    harness = reconnected("comes", who="p07")
    harness.online(*CREW)
    harness.wait(10)
    assert harness.alerts == []


def test_departures_are_meant_too() -> None:
    harness = reconnected("leaves")
    harness.wait(60)
    harness.online(*CREW)
    harness.store.epochs.begin(harness.now_s)
    harness.offline(*CREW)
    harness.wait(10)
    assert harness.alerts == []


def test_few_ring_once_it_is_known_that_they_are_few() -> None:
    harness = reconnected("comes")
    harness.wait(0.5)
    harness.online(*CREW[:FEW])
    harness.wait(RECONNECT_S - 0.6)
    assert harness.alerts == []
    harness.wait(0.2)
    assert harness.alerts == [("comes", key) for key in CREW[:FEW]]


def test_one_more_is_many() -> None:
    harness = reconnected("comes")
    harness.online(*CREW[: FEW + 1])
    harness.wait(10)
    assert harness.alerts == []


def test_the_same_who_change_again_are_few() -> None:
    harness = reconnected("comes")
    for _ in range(5):
        harness.online("p01")
        harness.offline("p01")
    harness.wait(10)
    assert set(harness.alerts) == {("comes", "p01")}


def test_later_changes_ring_at_once() -> None:
    harness = reconnected("comes")
    harness.online(*CREW[:20])
    harness.wait(RECONNECT_S + 0.1)
    harness.online(*CREW[20:])
    assert harness.alerts == [("comes", key) for key in CREW[20:]]


def test_corrections_do_not_make_few_many() -> None:
    harness = reconnected("comes")
    for key in CREW[5:]:
        harness.runtime(key, True)
    harness.online("p01")
    harness.wait(10)
    assert harness.alerts == [("comes", "p01")]


def test_the_first_connection_holds_nothing() -> None:
    harness = AlertHarness(rule("comes"))
    harness.roster(*CREW)
    harness.store.epochs.begin()
    harness.offline(*CREW)
    harness.online(*CREW)
    assert len(harness.alerts) == len(CREW)


def test_typing_rings_at_once() -> None:
    harness = AlertHarness(rule("typing", after_s=5.0))
    for _ in range(2):
        harness.wait(60)
        harness.store.epochs.begin()
    harness.types("mia")
    assert harness.alerts == [("typing", "mia")]


@pytest.mark.parametrize("others", [CREW[:FEW], CREW[: FEW + 1]])
def test_a_stranger_who_is_listed_later_is_one_of_them(others: list[str]) -> None:
    """A roster says after the two seconds that they belong to the conversation of the rule."""
    harness = AlertHarness(rule("comes", conversation="harbour-1"))
    harness.roster(*CREW)
    harness.store.epochs.begin()
    harness.offline(*CREW)
    harness.store.epochs.begin(harness.now_s)
    harness.online("passer-by", *others[1:])
    harness.wait(RECONNECT_S + 1)
    before = harness.alerts
    harness.store.set_participants([Participant("passer-by")], HARBOUR)
    are_few = len(others) <= FEW
    assert len(before) == (FEW - 1 if are_few else 0)
    assert harness.alerts == ([("comes", "passer-by")] if are_few else [])
    harness.wait(30)
    harness.store.epochs.begin(harness.now_s)
    harness.online(*CREW[20 : 20 + FEW])
    harness.wait(10)
    assert len(harness.alerts) == FEW, "counted anew"


@pytest.mark.parametrize("late", [CREW[:FEW], CREW])
def test_what_is_not_delivered_yet_counts_too(late: list[str]) -> None:
    """The store delivers once a frame, which may end after the two seconds."""
    harness = AlertHarness()
    harness.roster(*CREW)
    harness.store.epochs.begin()
    harness.offline(*CREW)
    timers, told, frames = Timers(harness), list[Alert](), list[object]()
    subscribers = harness.store._publisher.subscribers
    alarm = AlertScheduler(harness.store, [rule("comes")], told.append, timers.call_later)
    alarm.engine.set_conversations(CONVERSATIONS)
    alarm.set_synced(True)
    timers.pass_by(60)
    harness.store.epochs.begin(harness.now_s)
    harness.online(late[0])
    subscribers._schedule = frames.append
    timers.pass_by(RECONNECT_S - 0.1)
    harness.online(*late[1:])
    timers.pass_by(5 * GATHER_S)
    assert len(told) == (1 if len(late) <= FEW else 0)
    assert sum(len(alert.matches) for alert in told) == (FEW if told else 0)
    assert timers.set == []
    alarm.close()
