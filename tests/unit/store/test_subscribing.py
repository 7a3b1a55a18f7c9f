"""Delivery of change sets: at once, per frame, in batches, and despite failing listeners."""

from collections.abc import Callable

import pytest

from presence_tui.domain.enums import State
from presence_tui.store import ChangeSet, PresenceStore, SystemClock
from tests.unit.store.store_harness import HARBOUR, StoreHarness


class Frame:
    """A schedule that waits for ``paint``."""

    def __init__(self) -> None:
        self.asked: list[Callable[[], object]] = []

    def __call__(self, flush: Callable[[], object]) -> None:
        self.asked.append(flush)

    def paint(self) -> None:
        flushes, self.asked = self.asked, []
        for flush in flushes:
            flush()


@pytest.fixture
def frame() -> Frame:
    return Frame()


@pytest.fixture
def framed(frame: Frame) -> StoreHarness:
    return StoreHarness(schedule=frame)


def test_without_a_schedule_every_change_is_delivered_at_once(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.event("ada", False)

    assert [len(heard.changes) for heard in harness.heard] == [1, 1]
    assert [heard.version for heard in harness.heard] == sorted({heard.version for heard in harness.heard})
    assert harness.heard[-1].version == harness.store.version


def test_with_a_schedule_changes_are_delivered_together_and_none_is_lost(
    framed: StoreHarness, frame: Frame
) -> None:
    for flag in (True, False, True):
        framed.event("ada", flag)
    framed.event("bob", False)
    assert framed.heard == []
    assert len(frame.asked) == 1

    frame.paint()

    (heard,) = framed.heard
    assert [(change.key, change.flag) for change in heard.changes] == [
        ("ada", True),
        ("ada", False),
        ("ada", True),
        ("bob", False),
    ]
    assert heard.touched == {"ada", "bob"}
    assert heard.version == framed.store.version
    assert not heard.cleared


def test_each_frame_is_asked_for_once_and_only_when_there_is_something(
    framed: StoreHarness, frame: Frame
) -> None:
    framed.event("ada", True)
    frame.paint()
    assert frame.asked == []

    framed.event("ada", False)
    framed.event("ada", True)

    assert len(frame.asked) == 1
    frame.paint()
    assert [len(heard.changes) for heard in framed.heard] == [1, 2]


def test_flush_before_the_frame_leaves_nothing_for_it(framed: StoreHarness, frame: Frame) -> None:
    framed.event("ada", True)

    flushed = framed.store.flush()
    frame.paint()

    assert [flushed] == framed.heard


def test_flush_without_changes_delivers_nothing(harness: StoreHarness) -> None:
    flushed = harness.store.flush()

    assert not flushed
    assert flushed.version == harness.store.version
    assert harness.heard == []


def test_clear_discards_undelivered_changes(framed: StoreHarness, frame: Frame) -> None:
    framed.event("ada", True)
    framed.store.clear()
    framed.event("bob", True)
    frame.paint()

    (heard,) = framed.heard
    assert heard.cleared
    assert heard.touched == {"bob"}
    assert [change.key for change in heard.changes] == ["bob"]


def test_change_set_is_true_if_there_is_something_in_it() -> None:
    assert not ChangeSet(version=7)
    assert ChangeSet(touched={"ada"})
    assert ChangeSet(cleared=True)


def test_batch_is_one_change_set(harness: StoreHarness) -> None:
    with harness.store.batch():
        harness.event("ada", True)
        with harness.store.batch():
            harness.event("bob", True)
        harness.event("cy", True)
        assert harness.heard == []

    assert [heard.touched for heard in harness.heard] == [{"ada", "bob", "cy"}]


def test_an_empty_batch_delivers_nothing(harness: StoreHarness) -> None:
    with harness.store.batch():
        pass

    assert harness.heard == []


def test_batch_that_fails_still_tells_what_it_did(harness: StoreHarness) -> None:
    with pytest.raises(RuntimeError, match="halfway"), harness.store.batch():
        harness.event("ada", True)
        raise RuntimeError("halfway")

    assert [heard.touched for heard in harness.heard] == [{"ada"}]
    harness.event("bob", True)
    assert len(harness.heard) == 2


def test_batch_waits_for_the_frame_like_anything_else(framed: StoreHarness, frame: Frame) -> None:
    with framed.store.batch():
        framed.event("ada", True)

    assert framed.heard == []
    frame.paint()
    assert len(framed.heard) == 1


def test_roster_is_one_change_set(harness: StoreHarness) -> None:
    harness.roster("ada", "bob", "cy")

    assert [heard.touched for heard in harness.heard] == [{"ada", "bob", "cy"}]


def test_version_grows_with_everything_that_changes(harness: StoreHarness) -> None:
    steps: list[Callable[[], object]] = [
        lambda: harness.roster("ada", "bob"),
        lambda: harness.event("ada", True),
        lambda: harness.store.members.apply_names({"ada": ("a", "Ada O.")}),
        lambda: harness.store.members.set_role("ada", HARBOUR, "admin"),
        lambda: harness.runtime("ada", False),
        lambda: harness.store.apply_typing("bob"),
        lambda: harness.store.states.set_rule(harness.store.states.rule),
        lambda: harness.store.members.remove("bob", HARBOUR),
        lambda: harness.store.clear(),
    ]
    versions = [harness.store.version]
    for step in steps:
        step()
        versions.append(harness.store.version)

    assert versions == sorted(set(versions))


def test_reading_changes_no_version(harness: StoreHarness) -> None:
    harness.roster("ada")
    version = harness.store.version

    harness.store.roster_index(HARBOUR).count(harness.record("ada").panel)
    harness.store.counts()
    harness.store.flush()

    assert harness.store.version == version


def test_subscribe_answers_its_own_unsubscribe(harness: StoreHarness) -> None:
    first: list[ChangeSet] = []
    second: list[ChangeSet] = []
    leave = harness.store.subscribe(first.append)
    harness.store.subscribe(second.append)
    harness.event("ada", True)

    leave()
    harness.event("ada", False)

    assert (len(first), len(second)) == (1, 2)


def test_unsubscribe_of_a_stranger_is_no_error(harness: StoreHarness) -> None:
    leave = harness.store.subscribe(print)
    harness.store.unsubscribe(print)
    harness.store.unsubscribe(print)
    leave()

    harness.event("ada", True)

    assert len(harness.heard) == 1


def test_each_unsubscribe_ends_its_own_subscription(harness: StoreHarness) -> None:
    heard: list[ChangeSet] = []
    listener = heard.append
    leave_first = harness.store.subscribe(listener)
    harness.store.subscribe(listener)

    leave_first()
    leave_first()
    harness.event("ada", True)

    assert len(heard) == 1


def test_listener_that_raises_does_not_keep_others_from_hearing(harness: StoreHarness) -> None:
    def fail(changed: ChangeSet) -> None:
        raise LookupError("first")

    def fail_too(changed: ChangeSet) -> None:
        raise KeyError("second")

    after: list[ChangeSet] = []
    leave = [harness.store.subscribe(listener) for listener in (fail, fail_too, after.append)]

    with pytest.raises(ExceptionGroup) as failures:
        harness.event("ada", True)

    assert [type(error) for error in failures.value.exceptions] == [LookupError, KeyError]
    assert len(harness.heard) == len(after) == 1
    assert harness.record("ada").flag is True

    leave[0]()
    leave[1]()
    harness.event("ada", False)
    assert len(harness.heard) == len(after) == 2


def test_listener_may_leave_while_hearing(harness: StoreHarness) -> None:
    heard: list[ChangeSet] = []

    def once(changed: ChangeSet) -> None:
        heard.append(changed)
        leave()

    leave = harness.store.subscribe(once)
    after: list[ChangeSet] = []
    harness.store.subscribe(after.append)
    harness.event("ada", True)
    harness.event("ada", False)

    assert (len(heard), len(after)) == (1, 2)


def test_listener_may_change_the_store_while_hearing(harness: StoreHarness) -> None:
    def rename(changed: ChangeSet) -> None:
        if any(change.after is State.ONLINE for change in changed.changes):
            harness.store.members.apply_names({"ada": ("", "Ada")})

    harness.store.subscribe(rename)
    harness.event("ada", True)

    assert harness.record("ada").name == "Ada"
    assert [heard.touched for heard in harness.heard] == [{"ada"}, {"ada"}]


def test_store_of_its_own_uses_the_machines_clock() -> None:
    store = PresenceStore()

    assert isinstance(store.clock, SystemClock)
    before, after = store.clock.stamp(), store.clock.stamp()
    assert before.monotonic_s <= after.monotonic_s
    assert before.wall_s > 1_700_000_000
    assert before.wall_s != before.monotonic_s
