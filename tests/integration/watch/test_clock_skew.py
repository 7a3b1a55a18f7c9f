"""Our clock is ten minutes wrong: whatever tells the gateway's time, ages and colours are right."""

import time
from typing import Any

import pytest

from presence_tui.domain.clock_offset import QUORUM, ClockSource
from presence_tui.domain.enums import State
from presence_tui.monitor.gateway_clock import GatewayClock
from presence_tui.store import Stamp, SystemClock
from presence_tui.transport.errors import NotFound
from presence_tui.transport.rest_source import RestSource
from tests.integration.watch.conftest import StartGateway
from tests.integration.watch.running_monitor import RunningMonitor

PROFILES = ("meeshy-2026", "meeshy-2025")
EXACT_S = 1.5
"""Dates have whole seconds, and events take their time on a busy machine."""


class WrongClock(SystemClock):
    """The system's clock, put forward."""

    def __init__(self, by_s: float) -> None:
        self._by_s = by_s

    def stamp(self) -> Stamp:
        now = super().stamp()
        return Stamp(now.wall_s + self._by_s, now.monotonic_s)


async def _no_health(source: RestSource) -> Any:
    raise NotFound("no health")


def leave_only(source: ClockSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away everything else that tells the time."""
    if source is not ClockSource.HEALTH:
        monkeypatch.setattr(RestSource, "health", _no_health)
    if source is not ClockSource.DATE:
        monkeypatch.setattr(RestSource, "time_of_answers", lambda _: None)
    if source is not ClockSource.EMISSION:
        monkeypatch.setattr(GatewayClock, "on_statuses", lambda *_: None)


@pytest.mark.parametrize("by_s", [-600.0, 600.0])
@pytest.mark.parametrize(
    ("profile", "source"),
    # The older version has no heartbeat.
    [(PROFILES[0], source) for source in ClockSource]
    + [(PROFILES[1], source) for source in ClockSource if source is not ClockSource.HEARTBEAT],
)
async def test_ten_minutes_of_skew_give_no_wrong_colour(
    start_gateway: StartGateway,
    monkeypatch: pytest.MonkeyPatch,
    profile: str,
    source: ClockSource,
    by_s: float,
) -> None:
    leave_only(source, monkeypatch)
    gateway = await start_gateway(profile=profile)
    async with RunningMonitor(gateway.url, gateway.token, clock=WrongClock(by_s)) as monitor:
        await monitor.until_settled()
        states = monitor.store.states
        before = monitor.monitor.counters.received
        if source is ClockSource.HEARTBEAT:
            await monitor.feed.emit("heartbeat", {})
        for key in [key for key in gateway.people() if key != gateway.observer.key][: QUORUM + 2]:
            gateway.set_online(key, not gateway.truth()[key])
        await monitor.until_received(before + QUORUM + 2)
        await monitor.until(lambda: states.measured_skew_s is not None)
        assert states.measured_skew_s == pytest.approx(-by_s, abs=EXACT_S)
        _, estimate = monitor.monitor.metrics.clock()
        assert estimate is not None
        assert estimate.sources == (source,)
        assert estimate.low_s - 0.1 <= -by_s <= estimate.high_s + 0.1
        now_s, seen = time.time(), set[State]()
        for record in monitor.store.participants.values():
            if record.activity_s is not None:
                assert states.age_s(record) == pytest.approx(now_s - record.activity_s, abs=EXACT_S)
            age_s = None if record.activity_s is None else now_s - record.activity_s
            allowed = {
                states.rule.derive(record.flag, age_s and max(0.0, age_s + slack_s))
                for slack_s in (-EXACT_S, EXACT_S)
            }
            assert record.state in allowed
            seen.add(record.state)
            assert record.invalid_active_s is None
        assert {State.ONLINE, State.OFFLINE} <= seen
