"""Drops with connection state recovery: how many numbered events are missed, and how long a drop takes.

The official Node server, with recovery on, sends numbered events without a pause, and cuts the connection
again and again. Ours is a ``SocketFeed``; the baseline is the stock ``socketio.AsyncClient``, which knows no
recovery.
A drop takes from the cut until the connection is accepted and everything missed has arrived.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median

import aiohttp
import socketio

from presence_tui.storage.user_files import tls_context
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.socket_feed import SocketFeed
from tests.bench.figures import percentile
from tests.bench.report import Result
from tests.contract.recording_listener import RecordingListener
from tests.peers.node import NodeGateway

NUMBERED = "test:number"
REACHED_S = 5.0

Open = Callable[[], Awaitable[None]]


def measure(drops: int) -> list[Result]:
    """One row: events missed by ours, and by the stock client."""
    stock, _, _ = asyncio.run(_stock(drops))
    heard, sent, taken_s = asyncio.run(_ours(drops))
    missed, twice = sent - len(set(heard)), len(heard) - len(set(heard))
    return [
        Result(
            name=f"{drops:,} drops with recovery",
            baseline_name="stock AsyncClient",
            baseline=float(stock),
            ours=float(missed),
            unit="events missed",
            goal="0, and 0 twice",
            met=missed == twice == 0,
            notes=(
                f"{sent:,} events sent, {twice} came twice",
                f"from the cut until all of them are there: p50 {median(taken_s) * 1000:.0f} ms, "
                f"p99 {percentile(taken_s, 0.99) * 1000:.0f} ms",
            ),
            figures={"twice": twice, "drop_ms_p50": median(taken_s) * 1000},
        )
    ]


async def _ours(drops: int) -> tuple[list[int], int, list[float]]:
    """Numbers that arrived, how many were sent, and the seconds of each drop."""
    async with NodeGateway(recovery=True) as gateway:
        feed, listener = SocketFeed(Address.parse(gateway.url), tls_context()), RecordingListener()
        credential = Credential(CredentialKind.ACCOUNT, gateway.token)

        async def reopen() -> None:
            accepted = len(listener.connections)
            if accepted:
                await listener.until(lambda: len(listener.closed) == accepted)
                await feed.close()
            await feed.open(credential, listener)
            await listener.until(lambda: len(listener.connections) > accepted)

        def heard() -> list[int]:
            return [told[0]["number"] for event, told in listener.events if event == NUMBERED]

        sent, taken_s = await _drop_again_and_again(gateway, drops, reopen)
        await listener.until(lambda: heard()[-1:] == [sent - 1])
        await feed.close()
        return heard(), sent, taken_s


async def _stock(drops: int) -> tuple[int, int, list[float]]:
    """Events missed, how many were sent, and the seconds of each drop."""
    async with NodeGateway(recovery=True) as gateway, aiohttp.ClientSession() as session:
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=session)
        heard: set[int] = set()
        lost = asyncio.Event()
        client.on(NUMBERED, lambda told, *_: heard.add(told["number"]))
        client.on("disconnect", lambda *_: lost.set())
        is_first = True

        async def reopen() -> None:
            nonlocal is_first
            if not is_first:
                await lost.wait()
            is_first = False
            lost.clear()
            await client.connect(gateway.url, auth={"token": gateway.token}, transports=["websocket"])

        sent, taken_s = await _drop_again_and_again(gateway, drops, reopen)
        async with asyncio.timeout(REACHED_S):
            while sent - 1 not in heard:
                await gateway.requests()
        await client.disconnect()
        return sent - len(heard), sent, taken_s


async def _drop_again_and_again(gateway: NodeGateway, drops: int, reopen: Open) -> tuple[int, list[float]]:
    sent, is_over, taken_s = 0, asyncio.Event(), list[float]()
    await reopen()

    async def flow() -> None:
        nonlocal sent
        while not is_over.is_set():
            number, sent = sent, sent + 1
            await gateway.emit(NUMBERED, {"number": number})

    flowing = asyncio.create_task(flow())
    for _ in range(drops):
        await gateway.requests()
        began_s = time.monotonic()
        await gateway.cut()
        await reopen()
        taken_s.append(time.monotonic() - began_s)
    is_over.set()
    await flowing
    return sent, taken_s
