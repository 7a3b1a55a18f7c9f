"""Who hears what, and when: at once, by the frame, in batches, and in spite of others that fail."""

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


def test_without_a_schedule_every_change_is_heard_at_once(world: StoreHarness) -> None:
    world.event("ada", True)
    world.event("ada", False)

    assert [len(heard.changes) for heard in world.heard] == [1, 1]
    assert [heard.version for heard in world.heard] == sorted({heard.version for heard in world.heard})
    assert world.heard[-1].version == world.store.version


def test_with_a_schedule_changes_are_heard_in_one_piece_and_none_is_lost(
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


def test_flush_with_nothing_to_say_says_nothing(world: StoreHarness) -> None:
    flushed = world.store.flush()

    assert not flushed
    assert flushed.version == world.store.version
    assert world.heard == []


def test_clear_voids_what_was_not_yet_heard(framed: StoreHarness, frame: Frame) -> None:
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


def test_batch_is_one_change_set(world: StoreHarness) -> None:
    with world.store.batch():
        world.event("ada", True)
        with world.store.batch():
            world.event("bob", True)
        world.event("cy", True)
        assert world.heard == []

    assert [heard.touched for heard in world.heard] == [{"ada", "bob", "cy"}]


def test_batch_in_which_nothing_happens_says_nothing(world: StoreHarness) -> None:
    with world.store.batch():
        pass

    assert world.heard == []


def test_batch_that_fails_still_tells_what_it_did(world: StoreHarness) -> None:
    with pytest.raises(RuntimeError, match="halfway"), world.store.batch():
        world.event("ada", True)
        raise RuntimeError("halfway")

    assert [heard.touched for heard in world.heard] == [{"ada"}]
    world.event("bob", True)
    assert len(world.heard) == 2


def test_batch_waits_for_the_frame_like_anything_else(framed: StoreHarness, frame: Frame) -> None:
    with framed.store.batch():
        framed.event("ada", True)

    assert framed.heard == []
    frame.paint()
    assert len(framed.heard) == 1


def test_roster_is_one_change_set(world: StoreHarness) -> None:
    world.roster("ada", "bob", "cy")

    assert [heard.touched for heard in world.heard] == [{"ada", "bob", "cy"}]


def test_version_grows_with_everything_that_changes(world: StoreHarness) -> None:
    steps: list[Callable[[], object]] = [
        lambda: world.roster("ada", "bob"),
        lambda: world.event("ada", True),
        lambda: world.store.apply_names({"ada": ("a", "Ada O.")}),
        lambda: world.store.set_role("ada", HARBOUR, "admin"),
        lambda: world.runtime("ada", False),
        lambda: world.store.apply_typing("bob"),
        lambda: world.store.set_rule(world.store.rule),
        lambda: world.store.remove_participant("bob", HARBOUR),
        lambda: world.store.clear(),
    ]
    versions = [world.store.version]
    for step in steps:
        step()
        versions.append(world.store.version)

    assert versions == sorted(set(versions))


def test_reading_changes_no_version(world: StoreHarness) -> None:
    world.roster("ada")
    version = world.store.version

    world.store.view(HARBOUR).count(world.record("ada").panel)
    world.store.counts()
    world.store.flush()

    assert world.store.version == version


def test_subscribe_answers_its_own_unsubscribe(world: StoreHarness) -> None:
    first: list[ChangeSet] = []
    second: list[ChangeSet] = []
    leave = world.store.subscribe(first.append)
    world.store.subscribe(second.append)
    world.event("ada", True)

    leave()
    world.event("ada", False)

    assert (len(first), len(second)) == (1, 2)


def test_unsubscribe_of_a_stranger_is_no_error(world: StoreHarness) -> None:
    leave = world.store.subscribe(print)
    world.store.unsubscribe(print)
    world.store.unsubscribe(print)
    leave()

    world.event("ada", True)

    assert len(world.heard) == 1


def test_each_unsubscribe_ends_its_own_subscription(world: StoreHarness) -> None:
    heard: list[ChangeSet] = []
    listener = heard.append
    leave_first = world.store.subscribe(listener)
    world.store.subscribe(listener)

    leave_first()
    leave_first()
    world.event("ada", True)

    assert len(heard) == 1


def test_listener_that_raises_does_not_keep_others_from_hearing(world: StoreHarness) -> None:
    def fail(changed: ChangeSet) -> None:
        raise LookupError("first")

    def fail_too(changed: ChangeSet) -> None:
        raise KeyError("second")

    after: list[ChangeSet] = []
    leave = [world.store.subscribe(listener) for listener in (fail, fail_too, after.append)]

    with pytest.raises(ExceptionGroup) as failures:
        world.event("ada", True)

    assert [type(error) for error in failures.value.exceptions] == [LookupError, KeyError]
    assert len(world.heard) == len(after) == 1
    assert world.record("ada").flag is True

    leave[0]()
    leave[1]()
    world.event("ada", False)
    assert len(world.heard) == len(after) == 2


def test_listener_may_leave_while_hearing(world: StoreHarness) -> None:
    heard: list[ChangeSet] = []

    def once(changed: ChangeSet) -> None:
        heard.append(changed)
        leave()

    leave = world.store.subscribe(once)
    after: list[ChangeSet] = []
    world.store.subscribe(after.append)
    world.event("ada", True)
    world.event("ada", False)

    assert (len(heard), len(after)) == (1, 2)


def test_listener_may_change_the_store_while_hearing(world: StoreHarness) -> None:
    def rename(changed: ChangeSet) -> None:
        if any(change.after is State.ONLINE for change in changed.changes):
            world.store.apply_names({"ada": ("", "Ada")})

    world.store.subscribe(rename)
    world.event("ada", True)

    assert world.record("ada").name == "Ada"
    assert [heard.touched for heard in world.heard] == [{"ada"}, {"ada"}]


def test_store_of_its_own_uses_the_machines_clock() -> None:
    store = PresenceStore()

    assert isinstance(store.clock, SystemClock)
    before, after = store.clock.stamp(), store.clock.stamp()
    assert before.monotonic_s <= after.monotonic_s
    assert before.wall_s > 1_700_000_000
    assert before.wall_s != before.monotonic_s
