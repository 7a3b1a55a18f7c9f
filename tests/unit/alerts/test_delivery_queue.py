"""Notices are delivered in the background."""

import asyncio

import pytest

from presence_tui.alerts import delivery_queue
from presence_tui.alerts.delivery_queue import MOST_WAITING, DeliveryQueue
from presence_tui.alerts.notice import DeliveryError, Notice
from presence_tui.domain.translatable import Phrase, phrase


def notice(name: str) -> Notice:
    return Notice(name, 0.0, name, (), (), b"{}")


class Post:
    """A sender that can be blocked, and fails for some texts."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.told: list[Phrase] = []
        self.open = asyncio.Event()
        self.courier = DeliveryQueue(self, self.told.append)

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
    post = Post()
    for name in "abc":
        post.courier.enqueue(notice(name))
    assert post.sent == []
    post.open.set()
    await post.courier.wait_until_idle()
    post.courier.enqueue(notice("d"))
    await post.courier.wait_until_idle()
    assert post.sent == ["a", "b", "c", "d"]
    assert post.courier.counters.sent == 4


async def test_a_trouble_is_told_once_and_counted_each_time() -> None:
    post = Post()
    post.open.set()
    for name in ("bad 1", "bad 2", "good", "bad 3", "mistake"):
        post.courier.enqueue(notice(name))
    await post.courier.wait_until_idle()
    assert [str(each) for each in post.told] == ["It is bad 1.", "It is bad 3."]
    tally = post.courier.counters
    assert (tally.sent, tally.failed, tally.dropped) == (1, 4, 0)
    assert "KeyError" in str(tally.last_error)


async def test_where_too_many_wait_the_oldest_are_given_up_and_counted() -> None:
    post = Post()
    post.courier.enqueue(notice("first"))
    await asyncio.sleep(0)
    for number in range(MOST_WAITING + 5):
        post.courier.enqueue(notice(str(number)))
    post.open.set()
    await post.courier.wait_until_idle()
    assert post.sent[:2] == ["first", "5"]
    assert post.courier.counters.dropped == 5


async def test_closing_waits_a_moment_and_no_longer() -> None:
    post = Post()
    await post.courier.close()
    post.courier.enqueue(notice("a"))
    post.open.set()
    await post.courier.close()
    assert post.sent == ["closed", "a", "closed"]


async def test_closing_ends_what_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_queue, "CLOSE_LIMIT_S", 0.0)
    post = Post()
    post.courier.enqueue(notice("a"))
    await post.courier.close()
    await post.courier.wait_until_idle()
    assert post.sent == ["closed"]
