"""Helpers to monitor a Node gateway."""

import asyncio
from typing import Any

from presence_tui.domain.enums import Outcome
from tests.integration.watch.running_monitor import RunningMonitor
from tests.peers.mailbox import PATIENCE_S
from tests.peers.node import NodeGateway


def watching(gateway: NodeGateway, **options: Any) -> RunningMonitor:
    """A monitor of the observer's account."""
    return RunningMonitor(gateway.url, options.pop("token", gateway.token), **options)


async def accounts_of(gateway: NodeGateway) -> list[str]:
    """The other accounts in constant order; initially every second one is online, including the first."""
    me, truth = await gateway.me(), await gateway.truth()
    return [key for key, it in truth.items() if not it["isGuest"] and key != me]


async def flags_of(gateway: NodeGateway) -> dict[str, bool]:
    """The gateway's flags of everyone except the observer."""
    me, truth = await gateway.me(), await gateway.truth()
    return {key: it["isOnline"] for key, it in truth.items() if key != me}


def shown(monitor: RunningMonitor) -> dict[str, bool | None]:
    """The monitor's flags of everyone except the observer."""
    return {
        key: record.flag for key, record in monitor.store.participants.items() if key != monitor.monitor.key
    }


class Barrier:
    """When ``passed`` returns, everything sent before has been processed.

    It changes a flag, and events are processed in order of arrival. Counts are since the last call.
    """

    def __init__(self, gateway: NodeGateway, monitor: RunningMonitor, key: str) -> None:
        self._gateway = gateway
        self._watch = monitor
        self._key = key
        self._flag = False
        self._before = monitor.outcomes()

    async def passed(self) -> dict[Outcome, int]:
        """Outcomes of events since the last call, without the fence's own; zeros are left out."""
        self._flag = not self._flag
        await self._gateway.status(self._key, self._flag)
        await self._watch.until_flag(self._key, self._flag)
        now, before = self._watch.outcomes(), self._before
        self._before = now
        counts = {outcome: now[outcome] - before[outcome] for outcome in Outcome}
        counts[Outcome.APPLIED] -= 1
        return {outcome: count for outcome, count in counts.items() if count}


SIGN_IN_EVENTS = {"meeshy-2026": 5, "meeshy-2025": 4}
"""What an account in one conversation hears at each sign-in: the welcome, the snapshot (2026), its own
status, and what answers its join: the joining and the statistics.
"""


async def until_read(gateway: NodeGateway, monitor: RunningMonitor) -> None:
    """Wait until resynced, and the list of conversations is newer than the connection."""
    await monitor.until_settled()
    async with asyncio.timeout(PATIENCE_S):
        while monitor.monitor._account._list_is_old:
            # The round trip to the process is the pause.
            await gateway.requests()


async def quiet(gateway: NodeGateway, monitor: RunningMonitor) -> None:
    """Wait until resynced, and all events of the sign-ins have arrived."""
    await until_read(gateway, monitor)
    await monitor.until_received(SIGN_IN_EVENTS[gateway.profile] * monitor.status.epoch)
    await gateway.quiet()


async def fence(gateway: NodeGateway, monitor: RunningMonitor) -> Barrier:
    """A fence that counts from now on."""
    (key, *_) = await accounts_of(gateway)
    made = Barrier(gateway, monitor, key)
    await gateway.status(key, False)
    await monitor.until_flag(key, False)
    await made.passed()
    return made
