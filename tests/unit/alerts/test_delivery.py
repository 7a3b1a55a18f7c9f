"""Notices are delivered in the background."""

import asyncio

import pytest

from presence_tui.alerts import delivery
from presence_tui.alerts.delivery import MOST_WAITING, DeliveryError, DeliveryQueue, Notice
from presence_tui.domain.translatable import Phrase, phrase


def notice(name: str) -> Notice:
    return Notice(name, 0.0, name, (), (), b"{}")


class QueueHarness:
    """A sender that can be blocked, and fails for some texts."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.told: list[Phrase] = []
        self.open = asyncio.Event()
        self.queue = DeliveryQueue(self, self.told.append)

    async def close(self) -> None:
        self.sent.append("closed")

    async def send(self, notice: Notice) -> str:
        await self.open.wait()
        if notice.id.startswith("bad"):
            raise DeliveryError(phrase("It is {name}.", name=notice.id))
        if notice.id == "mistake":
            raise KeyError(notice.id)
        self.sent.append(notice.id)
        return "ok"


async def test_one_after_the_other_in_their_order() -> None:
    harness = QueueHarness()
    for name in "abc":
        harness.queue.enqueue(notice(name))
    assert harness.sent == []
    harness.open.set()
    await harness.queue.wait_until_idle()
    harness.queue.enqueue(notice("d"))
    await harness.queue.wait_until_idle()
    assert harness.sent == ["a", "b", "c", "d"]
    assert harness.queue.counters.sent == 4


async def test_a_trouble_is_told_once_and_counted_each_time() -> None:
    harness = QueueHarness()
    harness.open.set()
    for name in ("bad 1", "bad 2", "good", "bad 3", "mistake"):
        harness.queue.enqueue(notice(name))
    await harness.queue.wait_until_idle()
    assert [str(each) for each in harness.told] == ["It is bad 1.", "It is bad 3."]
    tally = harness.queue.counters
    assert (tally.sent, tally.failed, tally.dropped) == (1, 4, 0)
    assert "KeyError" in str(tally.last_error)


async def test_where_too_many_wait_the_oldest_are_given_up_and_counted() -> None:
    harness = QueueHarness()
    harness.queue.enqueue(notice("first"))
    await asyncio.sleep(0)
    for number in range(MOST_WAITING + 5):
        harness.queue.enqueue(notice(str(number)))
    harness.open.set()
    await harness.queue.wait_until_idle()
    assert harness.sent[:2] == ["first", "5"]
    assert harness.queue.counters.dropped == 5


async def test_closing_waits_a_moment_and_no_longer() -> None:
    harness = QueueHarness()
    await harness.queue.close()
    harness.queue.enqueue(notice("a"))
    harness.open.set()
    await harness.queue.close()
    assert harness.sent == ["closed", "a", "closed"]


async def test_closing_ends_what_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "CLOSE_LIMIT_S", 0.0)
    harness = QueueHarness()
    harness.queue.enqueue(notice("a"))
    await harness.queue.close()
    await harness.queue.wait_until_idle()
    assert harness.sent == ["closed"]
