"""What packets cost at 10,000 events a second: recording them, and the view that shows them.

Recording: the parts of a watch (``SocketFeed``, ``ConnectionAttempt``, ``Inbound``, and a ``PresenceStore``
with a listener once per frame) receive a recording, with the packet log of the program and with one that
keeps nothing.

The view: the real command on a pty of 120x40 receives the same recording while the participants are seen,
then while the packets are, then while a filter asks each packet for its participant's name.

All figures are the processor time of the process, as a share of one core. Rounds take turns, each in its own
process; medians.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from presence_tui.domain.enums import Outcome
from presence_tui.monitor.connection_attempt import ConnectionAttempt
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.packet_log import AnyVerdict, PacketLog
from presence_tui.service.frames import FrameScheduler
from presence_tui.storage.user_files import tls_context
from presence_tui.store import PresenceStore
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.socket_feed import SocketFeed
from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM, load
from tests.bench.recorded_gateway import TOKEN, Recording, recorded_gateway
from tests.bench.report import Result
from tests.bench.terminal import watch_terminal

MOST_TIMES = 1.05
"""The difference of two runs of the same is of this size."""
MOST_MORE = 10.0
UNIT = "% of a core"
START_LIMIT_S = 120.0
FILTER = "~p ada !~v late"


class _NoLog(PacketLog):
    """Keeps nothing."""

    def add_statuses(self, at_s: float, epoch: int, texts: Sequence[str], outcomes: list[Outcome]) -> None:
        """Nothing."""

    def add(self, at_s: float, epoch: int, packet: str | bytes, verdict: AnyVerdict) -> None:
        """Nothing."""


def measure(participants: int, rate: float, seconds: float, rounds: int) -> list[Result]:
    """Two rows: recording, and the view."""
    recording = Recording(participants, int(rate * seconds), rate)
    shown = Recording(participants, int(rate * seconds), rate, snapshot=True)
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for is_recorded in (False, True):
            share = in_own_process(share_of_receiving, recording, is_recorded)
            found["recorded" if is_recorded else "without"].append(share)
        for view, keys in (("participants", ""), ("packets", "5"), ("filtered", f"5/{FILTER}\r")):
            found[view].append(in_own_process(share_of_watching, shown, keys))
    without, recorded, closed, seen, filtered = (
        median(found[run]) for run in ("without", "recorded", "participants", "packets", "filtered")
    )
    name = f"{rate:,.0f} events/s on {participants:,} participants"
    return [
        Result(
            name=f"{name}: received, applied and recorded",
            baseline_name="the same without recording",
            baseline=without,
            ours=recorded,
            unit=UNIT,
            goal=f"≤ {MOST_TIMES}×",
            met=recorded <= without * MOST_TIMES,
        ),
        Result(
            name=f"{name}: the packets on a 120x40 pty",
            baseline_name="the participants there",
            baseline=closed,
            ours=seen,
            unit=UNIT,
            goal=f"≤ {MOST_MORE:g} % of a core more",
            met=seen <= closed + MOST_MORE,
            notes=(f"filtered by {FILTER}: {filtered:.0f} {UNIT}",),
            figures={"filtered": filtered},
        ),
    ]


def share_of_receiving(recording: Recording, is_recorded: bool) -> float:
    return asyncio.run(_receiving(recording, is_recorded=is_recorded))


def share_of_watching(recording: Recording, keys: str) -> float:
    return asyncio.run(_watching(recording, keys))


async def _receiving(recording: Recording, *, is_recorded: bool) -> float:
    store, counters = PresenceStore(schedule=FrameScheduler()), EventCounters()
    store.subscribe(lambda changed: None)
    await load(store, recording.participants)
    log = PacketLog(store.bounds) if is_recorded else _NoLog()
    async with recorded_gateway(recording) as gateway:
        feed = SocketFeed(Address.parse(gateway.url), tls_context())
        attempt = ConnectionAttempt(Inbound(store, counters, packets=log), store.clock)
        await feed.open(Credential(CredentialKind.ACCOUNT, TOKEN), attempt)
        await attempt.authenticated()
        began_s, cpu_s = time.monotonic(), time.process_time()
        await gateway.play()
        async with asyncio.timeout(START_LIMIT_S):
            while counters.received < recording.events:  # noqa: ASYNC110  (what is under way has no event)
                await asyncio.sleep(0.01)
        seconds, cpu_s = time.monotonic() - began_s, time.process_time() - cpu_s
        await feed.close()
    assert not is_recorded or log.next >= recording.events, "packets are missing"
    return 100 * cpu_s / seconds


async def _watching(recording: Recording, keys: str) -> float:
    async with (
        recorded_gateway(recording) as gateway,
        watch_terminal(gateway.url, TOKEN, conversation=ROOM.id) as terminal,
    ):
        await terminal.until(b"participants read", START_LIMIT_S)
        for key in keys:
            terminal.press(key)
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)
        assert ("Packets (" in terminal.text) is bool(keys)
        cpu_s = terminal.cpu_s
        played = await gateway.play()
        return 100 * (terminal.cpu_s - cpu_s) / (played.ended_s - played.began_s)
