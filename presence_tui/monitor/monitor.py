"""Monitors one account at one gateway: keeps the store current as long as it runs."""

from collections.abc import Callable, Sequence
from random import Random

from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.monitor.account_reader import AccountReader
from presence_tui.monitor.background_tasks import BackgroundTasks, run_together
from presence_tui.monitor.connection import Connection
from presence_tui.monitor.conversation_choice import ConversationChoice
from presence_tui.monitor.decay import DecayTimer
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.gap_summary import GapTracker
from presence_tui.monitor.gateway_clock import GatewayClock
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.link import Link, LinkStatus
from presence_tui.monitor.membership_updates import MembershipUpdates, Rooms
from presence_tui.monitor.memberships import Memberships
from presence_tui.monitor.metrics import LinkTimes, MergedUpdates, MonitorMetrics
from presence_tui.monitor.notice_limits import LimitWarnings
from presence_tui.monitor.packet_log import PacketLog
from presence_tui.monitor.requested_audit import RequestedAudit
from presence_tui.monitor.requested_refresh import RequestedRefresh
from presence_tui.monitor.rereads import RereadRounds, Rereads, StrangerRereads
from presence_tui.monitor.resync import Resync, SnapshotWait
from presence_tui.monitor.resync_state import (
    Confirmed,
    ConnectionFailed,
    MembershipReturned,
    Requested,
    Target,
    TargetChanged,
)
from presence_tui.monitor.roster_refresh import Progress, Reading, RefreshReport
from presence_tui.monitor.rosters import SecondaryRosters, WatchedRoster
from presence_tui.monitor.signals import Signal
from presence_tui.store import ChangeSet, PresenceStore
from presence_tui.transport.credentials import CredentialHolder
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.feed import Feed
from presence_tui.transport.presence_source import PresenceSource
from presence_tui.wire.responses import Account


class PresenceMonitor:
    """Connects, authenticates, resyncs, refreshes and reconnects; reports by signals.

    ``wanted`` is an id, identifier or title of a conversation; without one, the most recent is
    watched. ``warning`` is emitted once, at the start. Needs a running event loop.
    """

    def __init__(
        self,
        store: PresenceStore,
        feed: Feed,
        source: PresenceSource,
        credentials: CredentialHolder,
        *,
        wanted: str | None = None,
        random: Random | None = None,
        warning: Phrase | None = None,
    ) -> None:
        self.store = store
        self.counters = EventCounters()
        self.packets = PacketLog(store.bounds)
        """The latest packets of both directions. Read-only."""
        self.memberships = Memberships()
        """Memberships of the account that have ended. Read-only."""
        self._feed = feed
        self._source = source
        self._credentials = credentials
        self._warning = warning
        random = random or Random()
        self._link = Link(store.clock)
        self.link_changed: Signal[LinkStatus] = self._link.changed
        self._limit_warnings = LimitWarnings(store, self.counters)
        self._clock = GatewayClock(store, lambda: feed.silence_limit_s)
        inbound = Inbound(store, self.counters, self._limit_warnings, self.packets, self._clock)
        self._connection = Connection(
            feed,
            self._link,
            store,
            inbound,
            credentials,
            source.renew_token,
            random,
            on_set_back=self._clock.on_set_back,
        )
        self.noticed: Signal[Phrase] = self._connection.noticed
        """Messages of the gateway that are not presence, and temporary failures."""
        self._choice = ConversationChoice(store, wanted)
        self.conversation_changed: Signal[Conversation] = self._choice.changed
        self.conversations_changed: Signal[list[Conversation]] = self._choice.list_changed
        self._tasks = BackgroundTasks()
        self._rooms = Rooms(feed, self._link, self.memberships, self._tasks)
        self._gaps = GapTracker(store, self._link, self.counters)
        self.gap_ended = self._gaps.ended
        """Emits the changes of a gap in the watched conversation, after the resync."""
        self.secondary_rosters = SecondaryRosters(source, store, self.counters)
        """Rosters watched beside the current conversation. Read-only; use ``watch_beside`` to change them."""
        self._rereads = Rereads()
        self._account = AccountReader(source, credentials, self._connection, self._choice, self.counters)
        membership_updates = MembershipUpdates(
            store,
            self.memberships,
            self._account,
            self._choice,
            self.secondary_rosters,
            self._rereads,
            self._rooms,
            self._gaps,
        )
        self._reading = reading = Reading(
            source, store, self._link, self._account, self.counters, self._limit_warnings
        )
        self._roster = WatchedRoster(reading, self._choice, self._clock)
        self._rounds = RereadRounds(reading, self._roster, self._rereads)
        self._snapshot = SnapshotWait(reading, self._connection, self._choice, self.memberships)
        self._resync = Resync(reading, self._connection, credentials, self._roster, self._snapshot, random)
        self.resynced: Signal[RefreshReport] = self._resync.ended
        """Emits the report of every resync."""
        self._refresh = RequestedRefresh(
            reading, self._connection, credentials, self._roster, self.secondary_rosters, self.memberships
        )
        self.auditor = RequestedAudit(reading, self._choice, self._roster, self._resync, self.memberships)
        """Compares what is shown with the gateway's runtime, on request."""
        self.metrics = MonitorMetrics(
            self.counters,
            source.counters,
            LinkTimes(self._link, store.clock),
            MergedUpdates(store.version),
            clock=lambda: (self._clock.round_trip_s, self._clock.estimate),
            silence_limit_s=lambda: feed.silence_limit_s,
        )
        """Durations and counts so far. Read-only."""
        self._strangers = StrangerRereads(store, self._rereads, self._roster, self._resync)
        self._connect_signals(inbound, membership_updates)

    def _connect_signals(self, inbound: Inbound, membership_updates: MembershipUpdates) -> None:
        self._credentials.on_error = self.noticed.emit
        self._source.on_pause = lambda pause_s: self.noticed.emit(_pause_notice(pause_s))
        self._limit_warnings.warned.subscribe(self.noticed.emit)
        self._connection.went_live.subscribe(lambda _: self._on_live())
        self._connection.failed.subscribe(self._on_failure)
        self._choice.changed.subscribe(self._on_choice)
        self._roster.confirmed.subscribe(self._on_confirmed)
        self._roster.reported.subscribe(lambda read: membership_updates.on_report(*read))
        self._rounds.failed.subscribe(lambda error: self.noticed.emit(error.sentence))
        self._rounds.unprepared.subscribe(lambda _: self._resync.apply(Requested()))
        self._rounds.reported.subscribe(lambda read: membership_updates.on_report(*read))
        self.secondary_rosters.failed.subscribe(self._limit_warnings.check_errors)
        self.secondary_rosters.failed.subscribe(lambda error: self.noticed.emit(error.sentence))
        self.secondary_rosters.reported.subscribe(lambda read: membership_updates.on_report(*read))
        inbound.membership_news.subscribe(membership_updates.on_news)
        inbound.overtaken.subscribe(self._rereads.want_check_of_copies)
        self._rounds.resync_due.subscribe(lambda _: self._resync.apply(MembershipReturned()))

    @property
    def key(self) -> str:
        """Our own presence key; empty until known."""
        return self._account.key

    @property
    def account(self) -> Account | None:
        return self._account.account

    @property
    def conversation(self) -> Conversation | None:
        """The watched conversation."""
        return self._choice.watched

    @property
    def conversations(self) -> list[Conversation]:
        return self._choice.listed

    @property
    def last_report(self) -> RefreshReport | None:
        """The last refresh or resync of the watched conversation."""
        return self._roster.last_report

    @property
    def round_trip_s(self) -> float | None:
        return self._clock.round_trip_s

    @property
    def heard_s(self) -> float | None:
        """Unix time when anything was last received on the socket."""
        return self._connection.heard_s

    @property
    def is_refreshing(self) -> bool:
        """True while a refresh or resync runs."""
        return self._reading.lock.locked()

    @property
    def profile_name(self) -> str:
        return self._source.profile.name

    @property
    def token_expires_s(self) -> float | None:
        """Unix time when the token in use expires according to itself."""
        return self._credentials.current.expires_s

    def connection_status(self) -> LinkStatus:
        """Current status of the link."""
        return self._link.status

    def restore(self, known: Sequence[Conversation], key: str, as_of_s: float) -> None:
        """Start from cached rosters of ``as_of_s`` for account ``key``. Call before ``run``.

        The wanted conversation is watched at once if it is known.
        """
        self._account.restore(key)
        self._choice.restore(known)
        self._link.cached(as_of_s)

    async def run(self) -> None:
        """Run until cancelled. Leaves no task, timer or socket open."""
        if self._warning is not None:
            self.noticed.emit(self._warning)
        decay = DecayTimer(self.store, self._link, self._connection.check_sleep)
        forget_changes = self.store.subscribe(self._on_changes)
        try:
            await run_together(self._connection.run(), self._keep_resynced(), self._rounds.run())
        finally:
            decay.close()
            self._rereads.close()
            forget_changes()
            self._tasks.cancel()
            await self._feed.close()
            await self._source.close()

    async def refresh(
        self, on_progress: Callable[[Progress], None] = lambda progress: None
    ) -> RefreshReport | None:
        """Read the roster and presence by REST; ``None`` if a read is already running. May be cancelled."""
        report = await self._refresh.run(on_progress)
        if report is not None:
            self.auditor.on_refreshed(report)
        return report

    def select(self, conversation: Conversation) -> None:
        """Watch another conversation of the account."""
        self._choice.select(conversation)
        self._resync.apply(Requested())

    def watch_beside(self, conversations: Sequence[Conversation]) -> None:
        """Keep the rosters of these current as well: read now and after each gap."""
        self.secondary_rosters.select(conversations)
        self._rooms.join(conversations)
        if self._account.is_prepared:
            self._tasks.start(self._read_secondary_rosters())

    async def _keep_resynced(self) -> None:
        while True:
            report = await self._resync.next_report()
            await self._gaps.finish(self._choice.watched_id, self.key)
            has_ended = self.memberships.end_of(self._choice.watched_id) is not None
            if report.roster_error is None or has_ended:
                self._tasks.start(self._read_secondary_rosters())

    async def _read_secondary_rosters(self) -> None:
        await self._account.read_list_if_old()
        ask_runtime = not self._snapshot.was_complete
        await self.secondary_rosters.refresh_stale(self._choice.listed, ask_runtime=ask_runtime)
        self._limit_warnings.check()

    def _on_live(self) -> None:
        if self._account.is_prepared:
            # The list read before this connection may be outdated.
            self._account.mark_list_old()
        self.auditor.on_live()
        self._rooms.join([self._choice.watched, *self.secondary_rosters.beside])
        self._resync.apply(TargetChanged(self._roster.target))
        self._resync.apply(Requested())

    def _on_failure(self, error: GatewayError) -> None:
        self.counters.ends[error.kind] += 1
        self._limit_warnings.check_errors(error)
        self._choice.stay()
        self._resync.apply(ConnectionFailed())

    def _on_choice(self, conversation: Conversation) -> None:
        self._rooms.join([conversation])
        self._resync.apply(TargetChanged(self._roster.target))

    def _on_confirmed(self, target: Target) -> None:
        self._resync.apply(Confirmed(target))
        self.secondary_rosters.mark_read(target.conversation_id, target.epoch)

    def _on_changes(self, changed: ChangeSet) -> None:
        self.metrics.updates.on_changes(changed)
        self._strangers.check()
        self._gaps.record(changed.changes)


def _pause_notice(pause_s: float) -> Phrase:
    return phrase("The gateway asks for a pause of {pause:.0f} s; reading goes on after it.", pause=pause_s)
