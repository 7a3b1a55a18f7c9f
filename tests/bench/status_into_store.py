"""``user:status`` into the store: events a second, from a sender that is not the limit.

The sender writes recorded frames from memory (``recorded_gateway.py``). Ours consists of the parts of a
watch: ``SocketFeed``, ``ConnectionAttempt``, ``Inbound`` and a ``PresenceStore`` with everybody enrolled,
whose changes are flushed to a listener once per frame; at the end the store must match the recording, and the
counters must count every event. A second run also keeps the ordered views of both panels (shown beside it).
The baselines only count: a handler of the stock ``socketio.AsyncClient``, and of the official
``socket.io-client`` in Node.

Each client runs in its own process and is timed from its first event to the packet after the last. Shown
beside it: ours from the official Node server, whose rate is then the limit. Medians.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from statistics import median

import socketio

from presence_tui.domain.enums import Outcome
from presence_tui.monitor.connection_attempt import ConnectionAttempt
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.service.frames import FrameScheduler
from presence_tui.storage.user_files import tls_context
from presence_tui.store import PresenceStore
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.wire import names
from presence_tui.wire.messages import Status
from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM, load
from tests.bench.recorded_gateway import TOKEN, Recording, recorded_gateway
from tests.bench.report import Result
from tests.peers.node import NodeGateway
from tests.peers.process import HERE

LEAST_TIMES_STOCK = 6
LEAST_OF_NODE = 0.9
NODE_PARTICIPANTS = 1_000
OVER = "recording:over"
UNIT = "events/s"


def measure(participants: int, events: int, rounds: int) -> list[Result]:
    """Two rows: against the stock client, and against Node's."""
    recording = Recording(participants, events)
    fewer = Recording(participants, max(1_000, events // 4))
    stock = _median(rounds, stock_events_a_second, fewer)
    node = _median(rounds, node_events_a_second, recording)
    ours = _median(rounds, our_events_a_second, recording, False)
    viewed = _median(rounds, our_events_a_second, recording, True)
    from_node = _median(rounds, events_a_second_from_node, fewer.events)
    name = "`user:status` into the store"
    return [
        Result(
            name=name,
            baseline_name="stock AsyncClient, counting",
            baseline=stock,
            ours=ours,
            unit=UNIT,
            goal=f"≥ {LEAST_TIMES_STOCK}×",
            met=ours >= stock * LEAST_TIMES_STOCK,
            notes=(
                f"from the official Node server: {from_node:,.0f} {UNIT}",
                f"with both panels' order kept as well: {viewed:,.0f} {UNIT}",
            ),
            figures={"from_node_server": from_node, "with_view": viewed},
        ),
        Result(
            name=f"{name} (the same)",
            baseline_name="Node socket.io-client, counting",
            baseline=node,
            ours=ours,
            unit=UNIT,
            goal=f"≥ {LEAST_OF_NODE}×",
            met=ours >= node * LEAST_OF_NODE,
        ),
    ]


def stock_events_a_second(recording: Recording) -> float:
    return asyncio.run(_stock(recording))


def node_events_a_second(recording: Recording) -> float:
    return asyncio.run(_node(recording))


def our_events_a_second(recording: Recording, with_view: bool) -> float:
    return asyncio.run(_ours(recording, with_view))


def events_a_second_from_node(events: int) -> float:
    return asyncio.run(_from_node(events))


def _median(rounds: int, measure_once: Callable[..., float], *arguments: object) -> float:
    return median(in_own_process(measure_once, *arguments) for _ in range(rounds))


class _Stopwatch(ConnectionAttempt):
    """A session that notes the times of the first status and of the packet after the last one."""

    def __init__(self, inbound: Inbound, store: PresenceStore) -> None:
        super().__init__(inbound, store.clock)
        self.began_s = 0.0
        self.over: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def on_statuses(self, statuses: list[Status], packets: Sequence[str] = ()) -> None:
        self.began_s = self.began_s or time.monotonic()
        super().on_statuses(statuses, packets)

    def on_event(self, event: str, arguments: tuple[object, ...], packet: str = "") -> None:
        if event == names.STATUS:
            # The library's loops, if ours do not fit, pass one at a time.
            self.began_s = self.began_s or time.monotonic()
        super().on_event(event, arguments, packet)
        if event == OVER:
            self.over.set_result(time.monotonic())

    def on_closed(self, reason: GatewayError) -> None:
        if not self.over.done():
            self.over.set_exception(reason)


async def _ours(recording: Recording, with_view: bool) -> float:
    store, counters = PresenceStore(schedule=FrameScheduler()), EventCounters()
    store.subscribe(lambda changed: None)
    await load(store, recording.participants)
    view = store.roster_index(ROOM.id) if with_view else None
    async with recorded_gateway(recording) as gateway:
        feed = SocketFeed(Address.parse(gateway.url), tls_context())
        listener = _Stopwatch(Inbound(store, counters), store)
        await feed.open(Credential(CredentialKind.ACCOUNT, TOKEN), listener)
        await gateway.play()
        taken_s = await listener.over - listener.began_s
        await feed.close()
    store.flush()
    truth = recording.truth
    assert {key: store.participants[key].flag for key in truth} == truth, (
        "the store differs from the recording"
    )
    # The welcome was applied as well; of two heartbeats in the same millisecond one is a duplicate.
    counted = counters.of(Outcome.APPLIED) + counters.of(Outcome.DUPLICATE)
    assert counted == recording.events + 1, "the counters does not match the events sent"
    assert view is None or view.counts.online == sum(truth.values())
    return recording.events / taken_s


async def _stock(recording: Recording) -> float:
    counted, began_s = 0, 0.0
    over: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    client = socketio.AsyncClient(handle_sigint=False)

    def on_status(payload: object) -> None:
        nonlocal counted, began_s
        began_s = began_s or time.monotonic()
        counted += 1

    client.on("user:status", on_status)
    client.on(OVER, lambda payload: over.set_result(time.monotonic()))
    async with recorded_gateway(recording) as gateway:
        await client.connect(gateway.url, transports=["websocket"])
        await gateway.play()
        taken_s = await over - began_s
        await client.disconnect()
    return counted / taken_s


async def _node(recording: Recording) -> float:
    async with recorded_gateway(recording) as gateway:
        node = await asyncio.create_subprocess_exec(
            "node", str(HERE / "counter.mjs"), gateway.url, stdout=asyncio.subprocess.PIPE
        )
        assert node.stdout is not None
        await node.stdout.readline()
        await gateway.play()
        told = json.loads(await node.stdout.readline())
        await node.wait()
    assert told["events"] == recording.events, "Node's client missed events"
    return float(told["events_a_second"])


async def _from_node(events: int) -> float:
    store, counters = PresenceStore(schedule=FrameScheduler()), EventCounters()
    async with NodeGateway(participants=NODE_PARTICIPANTS) as gateway:
        feed = SocketFeed(Address.parse(gateway.url), tls_context())
        listener = _Stopwatch(Inbound(store, counters), store)
        await feed.open(Credential(CredentialKind.ACCOUNT, gateway.token), listener)
        await listener.authenticated()
        await gateway.quiet()
        listener.began_s = 0.0
        await gateway.burst(events)
        await gateway.emit(OVER, {})
        taken_s = await listener.over - listener.began_s
        await feed.close()
    return events / taken_s
