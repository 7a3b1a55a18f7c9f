"""A complete monitor on a gateway, with recorded signals, and waits for expected ones."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Outcome
from presence_tui.domain.limits import Bounds
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.gap_summary import GapSummary
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.monitor.memberships import MembershipEnd
from presence_tui.monitor.monitor import PresenceMonitor
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.storage.user_files import tls_context
from presence_tui.store import ChangeSet, PresenceStore, Record
from presence_tui.store.clock import Clock
from presence_tui.store.subscribers import Schedule
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind, CredentialStore
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.rest_source import RestSource
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.wire.profiles import Profile
from tests.unit.monitor.wait_until import PATIENCE_S, Condition


class ConstantJitter(Random):
    """The backoff's random share, constant; by default a tenth of the longest delay."""

    def __init__(self, factor: float = 0.1) -> None:
        super().__init__()
        self._factor = factor

    def uniform(self, a: float, b: float) -> float:
        return self._factor


class RunningMonitor:
    """Runs a ``PresenceMonitor`` during the ``async with``, and records its signals."""

    def __init__(
        self,
        url: str,
        token: str | Credential,
        *,
        kind: CredentialKind = CredentialKind.ACCOUNT,
        wanted: str | None = None,
        profile: Profile | None = None,
        bounds: Bounds | None = None,
        schedule: Schedule | None = None,
        waits: float = 0.1,
        place: CredentialStore | None = None,
        clock: Clock | None = None,
    ) -> None:
        address = Address.parse(url)
        credential = token if isinstance(token, Credential) else Credential(kind, token)
        self.store = PresenceStore(clock=clock, bounds=bounds, schedule=schedule)
        self.credentials = CredentialHolder(credential, place)
        client = RestClient(address, tls_context(), bounds=bounds, clock=self.store.clock)
        self.source = RestSource(client, self.credentials, self.store.clock, profile)
        self.feed = SocketFeed(address, tls_context(), bounds=bounds)
        self.monitor = PresenceMonitor(
            self.store, self.feed, self.source, self.credentials, wanted=wanted, random=ConstantJitter(waits)
        )
        self.changes: list[Change] = []
        self.links: list[LinkStatus] = []
        self.notices: list[str] = []
        self.reports: list[RefreshReport] = []
        self.returns: list[GapSummary] = []
        self.lists: list[list[Conversation]] = []
        """Emitted lists of conversations."""
        self.ends: list[MembershipEnd] = []
        """Emitted ends of memberships, until one is restored."""
        self._news = Condition()
        self._collect(self.store.subscribe, self._hear_changes)
        self._collect(self.monitor.link_changed.subscribe, self.links.append)
        self._collect(self.monitor.noticed.subscribe, lambda phrase: self.notices.append(str(phrase)))
        self._collect(self.monitor.resynced.subscribe, self.reports.append)
        self._collect(self.monitor.gap_ended.subscribe, self.returns.append)
        self._collect(self.monitor.conversations_changed.subscribe, self.lists.append)
        self._collect(self.monitor.memberships.ended.subscribe, self.ends.append)
        self._collect(self.monitor.memberships.restored.subscribe, lambda _: self.ends.clear())
        self._count_events()
        self.running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.running = asyncio.create_task(self.monitor.run(), name="the watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cancel()

    async def cancel(self) -> None:
        """Cancel the monitor. Raises an exception it raised before."""
        if self.running is None:
            return
        running, self.running = self.running, None
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    # Recorded signals.

    @property
    def status(self) -> LinkStatus:
        return self.monitor.connection_status()

    @property
    def states(self) -> list[LinkState]:
        """All states of the link, in order."""
        found = [LinkState.CONNECTING]
        for status in self.links:
            if status.state is not found[-1]:
                found.append(status.state)
        return found

    def flag(self, key: str) -> bool | None:
        return self.record(key).flag

    def record(self, key: str) -> Record:
        record = self.store.get_user_by_id(key)
        assert record is not None, f"{key} is not known"
        return record

    def of(self, cause: Cause, key: str | None = None) -> list[Change]:
        """Changes with this cause, except first fills of a roster."""
        return [
            change
            for change in self.changes
            if change.cause is cause and not change.first_told and key in (None, change.key)
        ]

    def outcomes(self) -> dict[Outcome, int]:
        return {outcome: self.monitor.counters.of(outcome) for outcome in Outcome}

    def forget(self) -> None:
        """Clear everything recorded so far."""
        for told in (self.changes, self.links, self.notices, self.reports):
            told.clear()

    # Waiting.

    async def until(self, condition: Callable[[], Any], timeout_s: float = PATIENCE_S) -> Any:
        """Wait until a condition is true, checked after each signal."""
        return await self._news.until(condition, timeout_s, lambda: (self.states, self.notices, self.reports))

    async def until_state(self, state: LinkState) -> LinkStatus:
        await self.until(lambda: self.status.state is state)
        return self.status

    async def until_live(self, epoch: int = 1) -> LinkStatus:
        """Wait for the epoch with this number, or a later one."""
        await self.until(lambda: self.status.state is LinkState.LIVE and self.status.epoch >= epoch)
        return self.status

    async def until_flag(self, key: str, flag: bool) -> Record:
        await self.until(lambda: key in self.store.participants and self.flag(key) is flag)
        return self.record(key)

    async def until_settled(self, epoch: int = 1) -> RefreshReport:
        """Wait until live and resynced."""
        await self.until_live(epoch)
        # The state of the resync is not public.
        await self.until(lambda: self.monitor._resync.status.is_synced and not self.monitor.is_refreshing)
        report = self.monitor.last_report
        assert report is not None
        assert report.error is None
        return report

    async def until_all_are_read(self) -> None:
        """Wait until resynced, and the rosters of all conversations were read."""
        await self.until_settled()
        rosters = self.store.rosters
        await self.until(lambda: all(rosters.knows(each.id) for each in self.monitor.conversations))

    async def until_received(self, count: int) -> None:
        """Wait until so many events were processed in total."""
        await self.until(lambda: self.monitor.counters.received >= count)

    def _hear_changes(self, changed: ChangeSet) -> None:
        self.changes += changed.changes

    def _count_events(self) -> None:
        count = self.monitor.counters.count

        def counted(outcomes: Sequence[Outcome]) -> None:
            count(outcomes)
            # An event's effect follows a moment after it was counted.
            asyncio.get_running_loop().call_soon(self._news.notify)

        self.monitor.counters.count = counted  # type: ignore[method-assign]

    def _collect(self, subscribe: Callable[..., Any], listener: Callable[[Any], object]) -> None:
        def hear(heard: Any) -> None:
            listener(heard)
            self._news.notify()

        subscribe(hear)


def open_files() -> set[str]:
    """Open descriptors of this process with their targets, except the one used here."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.add(f"{link.name} {link.readlink()}")
    return {name for name in found if "/proc/" not in name}
