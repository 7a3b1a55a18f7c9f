"""Updates of a long answer are batched, but never deferred forever."""

import asyncio

import pytest

from presence_tui.domain.limits import Bounds
from presence_tui.domain.participants import Participant
from presence_tui.monitor.update_batching import MAX_UNINDEXED, UpdateBatcher
from presence_tui.store import PresenceStore
from presence_tui.store.index_registry import Touched


class Flushes:
    """A schedule that records requests for a flush."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.store = PresenceStore(schedule=lambda flush: self.asked.set(), bounds=Bounds(queue=10))
        self.holding = UpdateBatcher(self.store)

    def enrol(self, key: str) -> None:
        self.store.set_participants([Participant(key)], "harbour")


@pytest.fixture
async def flushes() -> Flushes:
    return Flushes()


async def test_changes_are_held_until_release(flushes: Flushes) -> None:
    flushes.holding.defer(1)
    flushes.enrol("ada")
    flushes.holding.defer(1)
    flushes.enrol("ben")
    assert not flushes.asked.is_set()
    assert flushes.store.counts("harbour").total == 2, "who asks is told all the same"
    flushes.holding.release()
    assert flushes.asked.is_set()


async def test_aborted_answer_releases_its_changes(flushes: Flushes) -> None:
    flushes.holding.defer(1)
    flushes.enrol("ada")
    async with asyncio.timeout(10):
        await flushes.asked.wait()


async def test_batch_can_be_deferred_again_and_released_twice(flushes: Flushes) -> None:
    flushes.holding.release()
    for key in ("ada", "ben"):
        flushes.asked.clear()
        flushes.holding.defer(1)
        flushes.enrol(key)
        flushes.holding.release()
        flushes.store.flush()
        assert flushes.asked.is_set()
    flushes.asked.clear()
    flushes.enrol("chloe")
    assert flushes.asked.is_set()


async def test_deferred_changes_are_limited_by_queue(flushes: Flushes) -> None:
    flushes.holding.defer(10)
    flushes.enrol("ada")
    assert not flushes.asked.is_set()
    flushes.holding.defer(1)
    assert flushes.asked.is_set()


async def test_deferred_records_are_reindexed_in_small_steps(
    flushes: Flushes, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[Touched] = []
    order = flushes.store.roster_index("harbour")
    monkeypatch.setattr(order, "follow", settled.append)
    for key in ("ada", "ben", "chloe"):
        flushes.holding.defer(MAX_UNINDEXED // 2)
        flushes.enrol(key)
    (touched,) = settled
    assert [record.key for record in touched.records] == ["ada", "ben"]
