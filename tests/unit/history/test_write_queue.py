"""The write queue keeps its order and its limit."""

from presence_tui.domain.changes import Change
from presence_tui.history.write_queue import LinkEntry, UnrecordedEntry, WriteQueue
from tests.unit.clock import START_S
from tests.unit.history.history_fixtures import change

LINK = LinkEntry(START_S, "live", "", 1)


def test_what_is_given_back_comes_before_what_came_since() -> None:
    waiting = WriteQueue(10)
    waiting.post([change(1)])
    taken = waiting.drain()
    waiting.post([change(2)])
    waiting.requeue(taken)
    assert waiting.drain() == [change(1), change(2)]


def test_written_is_what_was_done_and_nothing_else() -> None:
    waiting = WriteQueue(10)
    assert waiting.wait_until_written(0)
    waiting.post([change(1)])
    waiting.drain()
    waiting.post([change(2)])
    waiting.done()
    assert not waiting.wait_until_written(0)
    waiting.drain()
    waiting.done()
    assert waiting.wait_until_written(0)


def test_beyond_its_bound_the_oldest_changes_are_counted_instead() -> None:
    waiting = WriteQueue(10)
    waiting.post([LINK, *(change(number) for number in range(100))])
    for start in (100, 120, 150):
        waiting.post([change(number) for number in range(start, start + 20)])
    loss, *kept = waiting.drain()
    assert isinstance(loss, UnrecordedEntry)
    changes = [entry for entry in kept if isinstance(entry, Change)]
    assert kept[0] == LINK
    assert loss.changes + len(changes) == 160
    assert (loss.began_s, loss.until_s) == (START_S, changes[0].at_s - (1 if changes[0].seq != 150 else 11))
    assert len(kept) <= 10


def test_a_bound_that_only_links_exceed_loses_nothing() -> None:
    waiting = WriteQueue(3)
    waiting.post([LINK] * 9)
    assert waiting.drain() == [LINK] * 9
