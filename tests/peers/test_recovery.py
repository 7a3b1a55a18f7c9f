"""Connection state recovery with the official server: nothing is missed and nothing comes twice.

``RECOVERY_DROPS`` sets how many forced drops each sequence of numbered events survives.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

import pytest

from presence_tui.domain.enums import Cause, Outcome
from presence_tui.monitor.link import LinkState
from presence_tui.storage.user_files import tls_context
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.wire import messages
from tests.contract.recording_listener import RecordingListener
from tests.peers.conftest import StartGateway
from tests.peers.mailbox import PATIENCE_S
from tests.peers.monitor_harness import accounts_of, flags_of, quiet, shown, watching
from tests.peers.node import PROFILES, NodeGateway
from tests.peers.test_watch_reconnect import flips, hidden_change

DROPS = int(os.environ.get("RECOVERY_DROPS", "30"))
SECONDS_A_DROP = 1
SEED = 1
NUMBERED = "test:number"
BEGAN = datetime.now(UTC)
NOBODY = Credential(CredentialKind.GUEST, "")


def moment(number: int) -> str:
    """The emission time that stands for a number."""
    return (BEGAN + timedelta(milliseconds=number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


NUMBERS_BY_TIME = {datetime.fromisoformat(moment(number)).timestamp(): number for number in range(200_000)}


def numbers_in(listener: RecordingListener) -> list[int]:
    """The numbers that arrived, in order."""
    found: list[int] = []
    for event, told in listener.events:
        if event == NUMBERED:
            found.append(told[0]["number"])
        elif isinstance(told, messages.Status) and told.emitted_s in NUMBERS_BY_TIME:
            found.append(NUMBERS_BY_TIME[told.emitted_s])
    return found


class Numbers:
    """Sends numbered events without a pause, alternating statuses and others."""

    def __init__(self, gateway: NodeGateway, key: str) -> None:
        self._gateway = gateway
        self._key = key
        self.sent = 0

    async def send(self) -> None:
        number, self.sent = self.sent, self.sent + 1
        if number % 2:
            await self._gateway.emit(NUMBERED, {"number": number})
        else:
            await self._gateway.status(self._key, number % 4 == 0, timestamp=moment(number))

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Send all the time; at the end the last one has been sent whole."""
        is_over = asyncio.Event()

        async def flow() -> None:
            while not is_over.is_set():
                await self.send()

        flowing = asyncio.create_task(flow())
        try:
            yield
        finally:
            is_over.set()
            await flowing


@pytest.fixture
async def feeds() -> AsyncIterator[list[SocketFeed]]:
    """Feeds that are closed at the end."""
    opened: list[SocketFeed] = []
    yield opened
    for feed in opened:
        await feed.close()


def feed_of(gateway: NodeGateway, feeds: list[SocketFeed]) -> SocketFeed:
    feeds.append(SocketFeed(Address.parse(gateway.url), tls_context()))
    return feeds[-1]


def account_of(gateway: NodeGateway) -> Credential:
    return Credential(CredentialKind.ACCOUNT, gateway.token)


async def until_heard(listener: RecordingListener, count: int) -> None:
    await listener.until(lambda: len(listener.events) >= count)


async def until_open(feed: SocketFeed, credential: Credential, listener: RecordingListener) -> None:
    before = len(listener.connections)
    await feed.open(credential, listener)
    await listener.until(lambda: len(listener.connections) > before)


async def drop(
    gateway: NodeGateway, feed: SocketFeed, listener: RecordingListener, *, reset: bool = False
) -> None:
    """The gateway drops the line; returns when we have noticed."""
    before = len(listener.closed)
    await gateway.cut(reset=reset)
    await listener.until(lambda: len(listener.closed) > before)
    await feed.close()


@pytest.mark.timeout(120 + SECONDS_A_DROP * DROPS)
@pytest.mark.parametrize("recovery", [True, "trusted"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_over_many_drops_no_event_is_missed_and_none_comes_twice(
    start_node_gateway: StartGateway,
    feeds: list[SocketFeed],
    profile: str,
    recovery: Literal[True, "trusted"],
) -> None:
    gateway = await start_node_gateway(profile, recovery=recovery)
    feed, listener, random = feed_of(gateway, feeds), RecordingListener(), Random(SEED)
    await until_open(feed, account_of(gateway), listener)
    await listener.until_message(messages.Authenticated)
    numbers = Numbers(gateway, (await accounts_of(gateway))[1])
    async with numbers.flowing():
        for _ in range(DROPS):
            least = len(listener.events) + random.choice([0, 0, 1, 5, 20])
            await until_heard(listener, least)
            await drop(gateway, feed, listener, reset=random.random() < 0.5)
            for _ in range(random.choice([0, 1, 10])):
                # While nobody listens.
                await gateway.requests()
            await until_open(feed, account_of(gateway), listener)
    await listener.until(lambda: numbers_in(listener)[-1] == numbers.sent - 1)
    heard = numbers_in(listener)
    missing, twice = set(range(numbers.sent)) - set(heard), len(heard) - len(set(heard))
    print(
        f"{profile} {recovery}: {DROPS} drops, {numbers.sent} events, {len(missing)} missing, {twice} twice"
    )
    assert (missing, twice) == (set(), 0)
    assert heard == sorted(heard)
    assert [is_recovered for is_recovered, _ in listener.connections] == [None, *[True] * DROPS]
    assert listener.replays, "no event fell into a gap"


async def test_a_second_recovery_without_an_event_between(
    start_node_gateway: StartGateway, feeds: list[SocketFeed]
) -> None:
    gateway = await start_node_gateway("meeshy-2026", recovery="trusted")
    feed, listener = feed_of(gateway, feeds), RecordingListener()
    await until_open(feed, account_of(gateway), listener)
    await listener.until_message(messages.Authenticated)
    # Nobody is told that we leave, which would be an event.
    await gateway.hide()
    numbers = Numbers(gateway, (await accounts_of(gateway))[1])
    await numbers.send()
    await listener.until(lambda: numbers_in(listener) == [0])
    before = len(listener.events)
    for _ in range(3):
        await drop(gateway, feed, listener)
        await until_open(feed, account_of(gateway), listener)
    assert len(listener.events) == before
    await drop(gateway, feed, listener)
    await numbers.send()
    await until_open(feed, account_of(gateway), listener)
    assert numbers_in(listener) == [0, 1]
    assert [is_recovered for is_recovered, _ in listener.connections] == [None, True, True, True, True]


async def test_a_drop_before_the_first_event_is_not_recovered(
    start_node_gateway: StartGateway, feeds: list[SocketFeed]
) -> None:
    """Whoever is not signed in yet is sent nothing, so that there is no event to continue from."""
    gateway = await start_node_gateway("meeshy-2026", recovery=True)
    feed, listener = feed_of(gateway, feeds), RecordingListener()
    for _ in range(2):
        await until_open(feed, NOBODY, listener)
        await drop(gateway, feed, listener)
    assert listener.events == []
    await gateway.emit(NUMBERED, {"number": 0})
    await until_open(feed, NOBODY, listener)
    await gateway.emit(NUMBERED, {"number": 1})
    await listener.until(lambda: numbers_in(listener))
    assert numbers_in(listener) == [1]
    assert [is_recovered for is_recovered, _ in listener.connections] == [None, None, None]


async def test_polling_recovers_as_well(start_node_gateway: StartGateway, feeds: list[SocketFeed]) -> None:
    gateway = await start_node_gateway(
        "meeshy-2026", recovery="trusted", ping_interval_ms=300, ping_timeout_ms=300
    )
    feed, listener = feed_of(gateway, feeds), RecordingListener()
    feed._polls_until_s = float("inf")
    await until_open(feed, account_of(gateway), listener)
    assert feed.transport_name == "polling"
    numbers = Numbers(gateway, (await accounts_of(gateway))[1])
    await listener.until_message(messages.Snapshot)
    before = len(listener.events)
    for number in range(4):
        await numbers.send()
        await until_heard(listener, before + number + 1)
    await gateway.refuse(sockets=True)
    await listener.until_closed()
    await feed.close()
    await numbers.send()
    async with asyncio.timeout(PATIENCE_S):
        # Without polls the gateway notices the end by a missing pong.
        while any(it["devices"] for it in (await gateway.state(0))["people"]):
            pass
    await gateway.refuse(sockets=False)
    await until_open(feed, account_of(gateway), listener)
    await listener.until(lambda: numbers_in(listener)[-1:] == [4])
    assert numbers_in(listener) == [0, 1, 2, 3, 4]
    assert [is_recovered for is_recovered, _ in listener.connections] == [None, True]


# --- the whole monitor ---


@pytest.mark.parametrize("recovery", [True, "trusted"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_what_happened_in_a_gap_is_replayed_and_the_resync_corrects_nothing(
    start_node_gateway: StartGateway, profile: str, recovery: Literal[True, "trusted"]
) -> None:
    gateway = await start_node_gateway(profile, recovery=recovery)
    async with watching(gateway) as monitor:
        await quiet(gateway, monitor)
        for epoch in (2, 3, 4):
            changed = await hidden_change(gateway, monitor)
            await gateway.refuse(sockets=False)
            report = await monitor.until_settled(epoch)
            assert sorted(change.key for change in flips(monitor, Cause.REPLAYED)) == sorted(changed)
            assert flips(monitor, Cause.RECONCILED) == []
            assert report.corrected == 0
            assert shown(monitor) == await flags_of(gateway)
            assert monitor.status.fresh_until_s is None
        assert monitor.monitor.counters.recoveries == 3
        assert monitor.monitor.counters.refused_recoveries == 0
        assert monitor.monitor.counters.replayed >= 6
        assert monitor.monitor.counters.received == sum(monitor.outcomes().values())
        # News of the new connection ring again.
        key = changed[0]
        await gateway.status(key, not monitor.flag(key))
        await monitor.until(lambda: flips(monitor, Cause.MOVED))
        assert [change.key for change in flips(monitor, Cause.MOVED)][-1] == key


async def lose_by_restart(gateway: NodeGateway) -> None:
    await gateway.reboot()


async def lose_by_kick(gateway: NodeGateway) -> None:
    await gateway.kick()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("lose", [lose_by_restart, lose_by_kick])
async def test_a_session_that_the_gateway_does_not_continue_is_resynced_as_ever(
    start_node_gateway: StartGateway, profile: str, lose: object
) -> None:
    gateway = await start_node_gateway(profile, recovery=True)
    async with watching(gateway) as monitor:
        await quiet(gateway, monitor)
        key = (await accounts_of(gateway))[1]
        await lose(gateway)  # type: ignore[operator]
        await monitor.until(lambda: monitor.status.state is not LinkState.LIVE)
        await gateway.refuse(sockets=True)
        flag = (await flags_of(gateway))[key]
        await gateway.status(key, not flag)
        await gateway.refuse(sockets=False)
        await monitor.until_settled(2)
        await monitor.until(lambda: monitor.flag(key) is not flag)
        assert monitor.monitor.counters.recoveries == monitor.monitor.counters.replayed == 0
        # A gateway that kicks has ended the session, so that it is not asked for.
        assert monitor.monitor.counters.refused_recoveries == (1 if lose is lose_by_restart else 0)
        assert flips(monitor, Cause.REPLAYED) == []
        assert shown(monitor) == await flags_of(gateway)
        assert monitor.monitor.counters.of(Outcome.MALFORMED) == 0
