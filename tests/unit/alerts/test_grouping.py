"""Grouping of matches into alerts."""

import itertools

from presence_tui.alerts.rules import Alert, RuleMatch, Trigger, without_repeats
from presence_tui.alerts.scheduler import GATHER_S, LONGEST_PAUSE_S, ONE_BY_ONE, PAUSE_S, AlertGrouper
from tests.unit.alerts.alert_harness import rule

COMES = rule("comes")


def came(*keys: str) -> list[RuleMatch]:
    return [RuleMatch(COMES, 0.0, key, key.title()) for key in keys]


def keys(alert: Alert | None) -> list[str]:
    assert alert is not None
    return [ring.key for ring in alert.matches]


def test_what_rings_within_a_moment_is_told_together() -> None:
    bursts = AlertGrouper()
    bursts.add(came("a"), 100.0)
    bursts.add(came("b", "c"), 100.5)
    assert bursts.next_s == 100.0 + GATHER_S
    assert bursts.drain(100.9, 1.0) is None
    assert keys(bursts.drain(101.0, 1.0)) == ["a", "b", "c"]
    assert bursts.next_s is None


def test_alerts_keep_a_distance_that_grows_while_it_is_busy_and_is_usual_again_after() -> None:
    bursts = AlertGrouper()
    moments, now_s = [], 100.0
    for _ in range(7):
        bursts.add(came("a", "b", "c", "d"), now_s)
        due_s = bursts.next_s
        assert due_s is not None
        bursts.drain(due_s, 0.0)
        moments.append(due_s)
        now_s = due_s + 0.1
    distances = [later - before for before, later in itertools.pairwise(moments)]
    assert distances == [10, 20, 40, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    now_s += 3 * LONGEST_PAUSE_S
    bursts.add(came("a"), now_s)
    assert bursts.drain(now_s + GATHER_S, 0.0) is not None
    bursts.add(came("b"), now_s + GATHER_S)
    assert bursts.next_s == now_s + GATHER_S + PAUSE_S


def test_only_more_than_a_few_at_once_are_a_burst() -> None:
    for number, pause_s in ((ONE_BY_ONE, PAUSE_S), (ONE_BY_ONE + 1, 2 * PAUSE_S)):
        bursts = AlertGrouper()
        bursts.add(came(*"abcd"[:number]), 100.0)
        assert bursts.drain(101.0, 7.0) == Alert(7.0, tuple(came(*"abcd"[:number])))
        bursts.add(came("x"), 101.5)
        assert bursts.next_s == 101.0 + pause_s


def test_the_pause_is_the_usual_one_again_after_as_long_a_silence() -> None:
    for silence_s, pause_s in ((9.75, 20.0), (10.0, 10.0)):
        bursts = AlertGrouper()
        bursts.add(came(*"abcd"), 100.0)
        bursts.drain(101.0, 0.0)
        assert bursts.next_s is None
        quiet_until_s = 111.0
        now_s = quiet_until_s + silence_s
        bursts.add(came(*"abcd"), now_s)
        assert bursts.next_s == now_s + GATHER_S
        bursts.drain(now_s + GATHER_S, 0.0)
        bursts.add(came("x"), now_s + GATHER_S)
        assert bursts.next_s == now_s + GATHER_S + pause_s


def test_an_empty_group_waits_for_no_distance() -> None:
    bursts = AlertGrouper()
    bursts.add(came("a"), 100.0)
    bursts.drain(101.0, 0.0)
    bursts.add(came("b"), 102.0)
    bursts.add([RuleMatch(rule("empty", "b"), 0.0)], 102.5)
    alert = bursts.drain(102.5 + GATHER_S, 0.0)
    assert alert is not None
    assert [ring.kind for ring in alert.matches] == [Trigger.COMES, Trigger.EMPTY]


def test_nothing_is_nothing() -> None:
    bursts = AlertGrouper()
    bursts.add([], 100.0)
    assert bursts.next_s is None
    assert bursts.drain(200.0, 0.0) is None


def test_each_thing_is_told_once_and_who_is_back_has_come() -> None:
    back = RuleMatch(rule("returns", after_s=5.0), 0.0, "a", held_s=9.0)
    again = RuleMatch(rule("comes", "a"), 0.0, "a")
    left = RuleMatch(rule("leaves"), 0.0, "a")
    empty = [RuleMatch(rule("empty", "a"), 0.0), RuleMatch(rule("empty", "b"), 0.0)]
    told = without_repeats([*came("a", "b"), back, again, left, *empty])
    assert list(told) == [*came("b"), back, left, *empty]
