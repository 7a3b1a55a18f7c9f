"""A roster of 100,000 by REST and as a snapshot: time until it is painted, and the longest stall of the loop.

The real screen (``headless_app.py``) runs over a real watch: socket feed, REST source, store. A gateway in
its own process (``recorded_gateway.py``) sends the whole roster in one prepared body (meeshy-2025). Times
include the loopback transfer:

- REST: from the request at the gateway to the titles with the true counts and the first row of each panel.

- Snapshot: from the gateway's write to the titles with the true counts. All participants were enrolled
before, half of them offline, and are now online.

Stall: a task in the same loop repeatedly sleeps one millisecond; the stall is the longest time between two of
its turns, less that millisecond. Baseline: ``json.loads`` of the same bytes. Times are medians, stalls are
maxima; the table shows the way with the worse ratio to its baseline.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from presence_tui.cli.gc_tuning import collect_when_idle, follow_service
from presence_tui.service.frames import FrameScheduler
from presence_tui.service.service import PresenceService
from presence_tui.service.target import Connection, ServiceSettings
from presence_tui.storage.user_files import tls_context
from presence_tui.store import Clock, PresenceStore
from presence_tui.text.language import Language
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.rest_source import RestSource
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.tui.app import PresenceApp
from presence_tui.tui.glyphs import UNICODE
from presence_tui.wire.profiles import PROFILES
from tests.bench.headless_app import CapturingDriver, run_headless
from tests.bench.own_process import in_own_process
from tests.bench.population import ROOM, is_online
from tests.bench.recorded_gateway import (
    TOKEN,
    RecordedGateway,
    Recording,
    recorded_gateway,
    roster_body,
    shown_name,
    snapshot_packet,
)
from tests.bench.report import Result

MOST_TIMES = 4
MOST_STALL_MS = 50
TICK_S = 0.001


@dataclass(frozen=True, slots=True)
class RosterTimes:
    """One way of reading a roster: our times, and the baseline for its bytes."""

    name: str
    painted_ms: float
    stall_ms: float
    parsed_ms: float
    megabytes: float

    @property
    def ratio(self) -> float:
        return self.painted_ms / self.parsed_ms

    @property
    def note(self) -> str:
        return (
            f"{self.name}, {self.megabytes:.0f} MB: {self.painted_ms:.0f} ms, {self.ratio:.1f}× json.loads, "
            f"longest stall {self.stall_ms:.0f} ms"
        )


def measure(participants: int, rounds: int) -> list[Result]:
    """One row."""
    ways = [in_own_process(_way, name, participants, rounds) for name in ("REST roster", "snapshot")]
    slower = max(ways, key=lambda way: way.ratio)
    stall_ms = max(way.stall_ms for way in ways)
    return [
        Result(
            name=f"snapshot or REST roster of {participants:,} to painted ({slower.name})",
            baseline_name="json.loads of the same bytes",
            baseline=slower.parsed_ms,
            ours=slower.painted_ms,
            unit="ms",
            goal=f"≤ {MOST_TIMES}×, no stall over {MOST_STALL_MS} ms",
            met=slower.ratio <= MOST_TIMES and stall_ms <= MOST_STALL_MS,
            notes=tuple(way.note for way in ways),
            figures={"stall_ms": stall_ms, **{f"{way.name} ratio": way.ratio for way in ways}},
        )
    ]


def _way(name: str, participants: int, rounds: int) -> RosterTimes:
    recording = Recording(participants, profile="meeshy-2025")
    body = (
        roster_body(recording) if name == "REST roster" else snapshot_packet(recording, all_online=True)[2:]
    )
    came = _roster_came if name == "REST roster" else _snapshot_came
    runs = [asyncio.run(came(recording)) for _ in range(rounds)]
    return RosterTimes(
        name=name,
        painted_ms=median(painted_ms for painted_ms, _ in runs),
        stall_ms=max(stall_ms for _, stall_ms in runs),
        parsed_ms=median(_parsed_ms(body.encode()) for _ in range(rounds)),
        megabytes=len(body) / 1e6,
    )


def _parsed_ms(body: bytes) -> float:
    began_s = time.monotonic()
    json.loads(body)
    return (time.monotonic() - began_s) * 1000


async def _roster_came(recording: Recording) -> tuple[float, float]:
    """Wait until the first reading of the roster is painted; return the time and the longest stall."""
    async with recorded_gateway(recording) as gateway, run_headless(_app(gateway)) as output:
        async with _ticking() as turns_s:
            painted_s = await _roster_painted(output, recording)
        asked_s = await gateway.roster_asked_s()
    return (painted_s - asked_s) * 1000, _longest_ms(turns_s, asked_s, painted_s)


async def _snapshot_came(recording: Recording) -> tuple[float, float]:
    """Wait until the snapshot is painted; return the time and the longest stall."""
    async with recorded_gateway(recording) as gateway, run_headless(_app(gateway)) as output:
        await _roster_painted(output, recording)
        await output.until_quiet()
        painted = output.expect(f"Online ({recording.participants})", "Offline (0)")
        async with _ticking() as turns_s:
            sent_s = await gateway.snapshot()
            painted_s = await painted
    return (painted_s - sent_s) * 1000, _longest_ms(turns_s, sent_s, painted_s)


async def _roster_painted(output: CapturingDriver, recording: Recording) -> float:
    panels: tuple[list[str], list[str]] = [], []
    for number in range(recording.participants):
        panels[is_online(number)].append(shown_name(number))
    offline, online = panels
    return await output.expect(
        f"Online ({len(online)})", f"Offline ({len(offline)})", min(online), min(offline)
    )


def _app(gateway: RecordedGateway) -> PresenceApp:
    """The real screen over a real watch of the gateway."""

    async def find_target() -> RecordedTarget:
        return RecordedTarget(gateway)

    store = PresenceStore(schedule=FrameScheduler())
    service = PresenceService(
        store,
        find_target,
        ServiceSettings("gate.example"),
    )
    # As in the command: objects loaded before are excluded from garbage collection.
    follow_service(service)
    return PresenceApp(
        service,
        language=Language("en"),
        glyphs=UNICODE,
        when_idle=collect_when_idle,
    )


@dataclass(frozen=True)
class RecordedTarget:
    """An account on the recorded gateway."""

    gateway: RecordedGateway
    owner_hint: str = ""
    conversation: str = ROOM.id

    @property
    def url(self) -> str:
        return self.gateway.url

    async def connect(self, clock: Clock) -> Connection:
        address, tls = Address.parse(self.url), tls_context()
        credentials = CredentialHolder(Credential(CredentialKind.ACCOUNT, TOKEN))
        source = RestSource(RestClient(address, tls), credentials, clock, PROFILES["meeshy-2025"])
        return Connection(SocketFeed(address, tls), source, credentials)


@asynccontextmanager
async def _ticking() -> AsyncIterator[list[float]]:
    """The times at which the loop ran a task that wakes every millisecond."""
    turns_s = [time.monotonic()]

    async def tick() -> None:
        while True:
            await asyncio.sleep(TICK_S)
            turns_s.append(time.monotonic())

    ticking = asyncio.create_task(tick())
    try:
        yield turns_s
        # The turn after the awaited event ends the last stall.
        await asyncio.sleep(2 * TICK_S)
    finally:
        ticking.cancel()


def _longest_ms(turns_s: list[float], from_s: float, to_s: float) -> float:
    """The longest time between two turns that overlap the span, less the requested millisecond."""
    gaps = [after - before for before, after in pairwise(turns_s) if after > from_s and before < to_s]
    return max(0.0, max(gaps, default=0.0) - TICK_S) * 1000
