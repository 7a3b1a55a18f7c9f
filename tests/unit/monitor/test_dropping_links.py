"""Length of gaps on a link that drops again and again."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest

from presence_tui.domain.translatable import phrase
from presence_tui.monitor.connection import Connection
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.link import Link, LinkState, LinkStatus
from presence_tui.store import PresenceStore
from presence_tui.transport import endings
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind
from presence_tui.transport.errors import ConnectionLost, FellSilent, GatewayError
from presence_tui.transport.feed import FeedListener
from tests.unit.monitor.fake_feed import FakeFeed, welcome
from tests.unit.virtual_time import LoopClock, run_virtually


class DroppingFeed(FakeFeed):
    """Connects at once, and ends each connection after a while."""

    def __init__(self, lives_s: Callable[[], float], end: Callable[[], GatewayError]) -> None:
        super().__init__()
        self._lives_s = lives_s
        self._end = end

    async def open(self, credential: Credential, listener: FeedListener) -> None:
        self.steps.append(welcome)
        await super().open(credential, listener)
        asyncio.get_running_loop().call_later(self._lives_s(), self._drop, listener)

    def _drop(self, listener: FeedListener) -> None:
        if listener is self.listener:
            listener.on_closed(self._end())


async def gaps_of(feed: FakeFeed, watched_s: float, seed: int) -> list[float]:
    """Length of each gap of a link over this feed."""
    clock = LoopClock()
    store, link = PresenceStore(clock=clock), Link(clock)
    holder = CredentialHolder(Credential(CredentialKind.ACCOUNT, "secret"))
    inbound = Inbound(store, EventCounters())
    connection = Connection(feed, link, store, inbound, holder, _cannot_renew, Random(seed))
    gaps: list[float] = []
    lost_s: list[float] = []

    def follow(status: LinkStatus) -> None:
        now_s = clock.stamp().monotonic_s
        if status.state is not LinkState.LIVE and status.was_live and not lost_s:
            lost_s.append(now_s)
        elif status.state is LinkState.LIVE and lost_s:
            gaps.append(now_s - lost_s.pop())

    link.changed.subscribe(follow)
    running = asyncio.create_task(connection.run())
    await asyncio.sleep(watched_s)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return gaps


async def _cannot_renew() -> bool:
    return False


ENDS = {
    "fin": endings.fin,
    "kicked": endings.goodbye,
    "silent": lambda: FellSilent(45.0),
    "restarting": lambda: ConnectionLost(phrase("service restart"), "close 1012"),
}


@pytest.mark.slow
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_frequent_drops_leave_only_short_gaps(end: Callable[[], GatewayError], seed: int) -> None:
    """They caused 257 s of gaps in 900 s, of up to 30 s each."""
    lives = Random(seed)
    gaps = run_virtually(gaps_of(DroppingFeed(lambda: lives.uniform(12, 28), end), 900, seed))
    assert len(gaps) > 30
    assert max(gaps) <= 2.0
    assert sum(gaps) < 80


def test_live_time_of_a_few_seconds_resets_backoff() -> None:
    gaps = run_virtually(gaps_of(DroppingFeed(lambda: 4.0, endings.fin), 300, 1))
    assert max(gaps) <= 2.0


def test_backoff_grows_if_connection_ends_at_once() -> None:
    gaps = run_virtually(gaps_of(DroppingFeed(lambda: 0.5, endings.fin), 600, 1))
    assert max(gaps[:20]) > 2.0
    assert max(gaps) > 15.0


def test_backoff_grows_for_monitors_that_evict_each_other() -> None:
    """On the older gateway each ends the connection of the other; both live as long as a pause."""
    gaps = run_virtually(gaps_of(DroppingFeed(lambda: 4.0, endings.goodbye), 300, 1))
    assert max(gaps) > 2.0
