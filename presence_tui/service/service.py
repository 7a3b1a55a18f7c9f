"""``PresenceService``: one monitor with its store, history, alerts and view state, for any front end.

    async with PresenceService(store, find_target, settings) as service:
        service.events.subscribe(on_event)
        await service.wait_closed()

Front ends read ``state``, subscribe to ``events`` and call the commands. Roster rows do not pass
through: views read the store's indexes, so that no second object is made per status event.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from presence_tui.domain.enums import State
from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase
from presence_tui.monitor.signals import Signal
from presence_tui.service.events import (
    AlertRaised,
    Audited,
    Notice,
    PhaseChanged,
    PresenceChanged,
    Refreshed,
    ServiceEvent,
)
from presence_tui.service.monitor_events import MonitorEvents
from presence_tui.service.state import Phase, ServiceState
from presence_tui.service.target import ServiceSettings, ServiceTarget
from presence_tui.store import ChangeSet, Clock, PresenceStore, Record

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.alerts.service import AlertService
    from presence_tui.audit.findings import AuditReport
    from presence_tui.history.history import History
    from presence_tui.history.participant_history import ParticipantHistory
    from presence_tui.history.roster_cache import CachedRosters
    from presence_tui.monitor.event_counters import EventCounters
    from presence_tui.monitor.monitor import PresenceMonitor
    from presence_tui.monitor.packet_log import PacketLog
    from presence_tui.monitor.roster_refresh import RefreshReport
    from presence_tui.service.flaps import ServiceFlaps
    from presence_tui.service.metrics import ServiceMetrics
    from presence_tui.service.target import Connection, HistorySettings
    from presence_tui.storage.view_state import ViewState
    from presence_tui.storage.view_state_file import ViewStateFile

CLOSE_LIMIT_S = 2.0
"""Time limit for closing connections; after it, the operating system closes them."""

FindTarget = Callable[[], Awaitable[ServiceTarget]]
"""Returns the target once it is known. Raises ``CannotOpen``."""

MakeMonitor = Callable[[PresenceStore, "Connection", str | None], "PresenceMonitor"]


class PresenceService:
    """Owns the monitor and its parts. An async context manager; needs a running event loop."""

    def __init__(
        self,
        store: PresenceStore,
        find_target: FindTarget,
        settings: ServiceSettings,
        *,
        make_monitor: MakeMonitor | None = None,
        history: "History | None" = None,
        view_state: "ViewState | None" = None,
    ) -> None:
        """``make_monitor``, ``history`` and ``view_state`` replace the parts made from settings, in tests."""
        self.store = store
        self.events: Signal[ServiceEvent] = Signal()
        self._find_target = find_target
        self._settings = settings
        self._make_monitor = make_monitor or _make_monitor
        self.alerts: AlertService | None = None
        """Alert rules and deliveries; ``None`` until they are loaded."""
        self.view_state = view_state
        """Pins and filters of the last run; ``None`` until loaded, or if not stored."""
        self.packets: PacketLog | None = None
        """The latest packets of both directions, live and read-only; ``None`` until the monitor runs."""
        self.metrics: ServiceMetrics | None = None
        """Durations and counts; ``None`` until the monitor runs."""
        self.flaps: ServiceFlaps | None = None
        """Who returns again and again, and why; ``None`` until the monitor runs."""
        self._phase = Phase.STARTING
        self._monitor: PresenceMonitor | None = None
        self._history = history
        self._cached: CachedRosters | None = None
        self._monitor_events = MonitorEvents(self.events)
        self._running: asyncio.Task[None] | None = None
        store.subscribe(self._on_changes)

    async def __aenter__(self) -> "PresenceService":
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def start(self) -> None:
        """Start the first phase. For owners that cannot use ``async with``."""
        self._running = asyncio.create_task(self._run())

    async def wait_closed(self) -> None:
        """Return when the service has ended. Raises its error, typically ``CannotOpen``."""
        if (running := self._running) is not None:
            await asyncio.wait([running])
            if not running.cancelled():
                running.result()

    async def close(self) -> None:
        """Stop the monitor and wait for its tasks. May be called twice."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            # ``wait_closed`` raises its exception, if any.
            await asyncio.wait([running], timeout=CLOSE_LIMIT_S)

    @property
    def state(self) -> ServiceState:
        """The current state."""
        monitor = self._monitor
        latest = self._monitor_events
        conversation = latest.conversation
        conversation_id = conversation.id if conversation else None
        return ServiceState(
            phase=self._phase,
            gateway=self._settings.gateway,
            conversation=conversation,
            conversations=latest.conversations,
            beside=tuple(monitor.secondary_rosters.beside) if monitor else (),
            link=latest.link,
            membership_end=monitor.memberships.end_of(conversation.id if conversation else None)
            if monitor
            else None,
            counts=self.store.counts(conversation_id),
            you=monitor.key if monitor else "",
            is_refreshing=monitor is not None and monitor.is_refreshing,
            is_auditing=latest.is_auditing,
            progress=latest.progress,
            last_report=monitor.last_report if monitor else None,
            secondary_reports=dict(monitor.secondary_rosters.reports) if monitor else {},
            gap=latest.gap,
            limit_counters=replace(self.store.limit_counters),
            cached_as_of_s=self._cached.as_of_s if self._cached and not self.store.epochs.current else None,
            latency_ms=monitor.counters.latency_ms if monitor else None,
            round_trip_s=monitor.round_trip_s if monitor else None,
            heard_s=monitor.heard_s if monitor else None,
            token_expires_s=monitor.token_expires_s if monitor else None,
            profile=monitor.profile_name if monitor else "",
        )

    @property
    def counters(self) -> "EventCounters | None":
        """Counters of received events, live and read-only; ``None`` until the monitor runs."""
        return self._monitor.counters if self._monitor else None

    @property
    def keeps_history(self) -> bool:
        """True once a history is recorded and can be read."""
        return self._history is not None

    async def refresh(self) -> "RefreshReport | None":
        """Read rosters and presence by REST; ``None`` if a read is already running. May be cancelled.

        Errors are in the report and leave the shown state unchanged. ``state.progress`` has the progress.
        """
        if self._monitor is None:
            return None
        try:
            report = await self._monitor.refresh(self._monitor_events.on_progress)
        finally:
            self._monitor_events.progress = None
        if report is not None:
            self.events.emit(Refreshed(report))
        return report

    async def audit(self) -> "AuditReport | None":
        """Compare what is shown with the gateway's runtime; ``None`` if an audit is already running.

        Corrects nothing and may be cancelled. ``state.progress`` has the progress.
        """
        if self._monitor is None:
            return None
        if self._monitor_events.is_auditing:
            return None
        self._monitor_events.is_auditing = True
        try:
            report = await self._monitor.auditor.run(self._monitor_events.on_progress)
        finally:
            self._monitor_events.is_auditing = False
            self._monitor_events.progress = None
        if report is not None:
            self.events.emit(Audited(report))
        return report

    def select(self, conversation: Conversation) -> None:
        """Watch another conversation of the account."""
        if self._monitor is not None:
            self._monitor.select(conversation)

    def pin(self, key: str, pinned: bool) -> None:
        """Pin a participant to the top of their panel, or unpin; stored for the next run."""
        self.store.indexes.pin([key], pinned)
        if self.view_state is not None:
            self.view_state.set_pin(key, pinned)

    def watch_beside(self, conversations: Sequence[Conversation]) -> None:
        """Keep the rosters of these conversations current as well."""
        if self._monitor is not None:
            self._monitor.watch_beside(conversations)

    def marks(self, record: Record) -> bool:
        """True if a watch rule names this participant, or selects them by role."""
        return self.alerts is not None and self.alerts.marks(record)

    async def history_of(
        self, key: str, hours_s: Sequence[float], state_now: State
    ) -> "ParticipantHistory | None":
        """A participant's last sessions and hourly states; ``None`` if no history can be read.

        ``hours_s`` are the starts of the requested hours, in Unix seconds.
        """
        if self._history is None:
            return None
        return await self._history.participant_history(key, hours_s, state_now, self.state.confirmed_until_s)

    async def _run(self) -> None:
        try:
            target = await self._find_target()
            await self._load_view_state(target)
            self._reach(Phase.VIEW_STATE)
            await self._load_history(target)
            self._reach(Phase.CACHE)
            await self._load_alerts(target)
            self._reach(Phase.ALERTS)
            await self._start_monitor(target)
            self._reach(Phase.MONITOR)
            assert self._monitor is not None
            await self._monitor.run()
        finally:
            await self._close_parts()

    async def _load_view_state(self, target: ServiceTarget) -> None:
        if (folder := self._settings.view_state_folder) is not None:
            # The import takes longer than a frame, so it runs off the event loop.
            file_class = await asyncio.to_thread(_import_view_state_file)
            self.view_state = await file_class(folder, target.url, target.owner_hint).open()
        if self.view_state is not None:
            self.store.indexes.pin(self.view_state.pins)
            self.view_state.report_to(self._report_trouble)

    async def _load_history(self, target: ServiceTarget) -> None:
        settings = self._settings.history
        if settings is not None:
            open_history = await asyncio.to_thread(_import_open_history)
            self._history = open_history(settings, target, self.store.clock)
        if self._history is None:
            return
        self._history.set_error_handler(self._report_trouble)
        shows_cache = settings is None or settings.shows_cache
        if shows_cache and (cached := await self._history.load_cached(self.store)) is not None:
            self._cached = cached
            self._monitor_events.restore_conversations(cached.conversations)
            from presence_tui.monitor.conversation_choice import find_conversation

            chosen = find_conversation(target.conversation, cached.conversations)
            if chosen is not None and self.store.rosters.knows(chosen.id):
                now_s = self.store.clock.stamp().wall_s
                self._monitor_events.restore_roster(chosen, cached.as_of_s, now_s)

    async def _load_alerts(self, target: ServiceTarget) -> None:
        if (make_settings := self._settings.alerts) is None:
            return
        make_alerts = await asyncio.to_thread(_import_make_alerts)
        self.alerts = make_alerts(
            make_settings(),
            self.store,
            target,
            self._settings.gateway,
            on_alert=lambda alert, is_quiet: self.events.emit(AlertRaised(alert, is_quiet)),
            on_trouble=self._report_trouble,
        )
        await self.alerts.open()

    async def _start_monitor(self, target: ServiceTarget) -> None:
        connection = await target.connect(self.store.clock)
        monitor = self._monitor = self._make_monitor(self.store, connection, target.conversation)
        self.packets = monitor.packets
        self.metrics, self.flaps = _make_metrics(monitor, self.store)
        self._monitor_events.follow(monitor)
        if (cached := self._cached) is not None:
            monitor.restore(cached.conversations, cached.account_key, cached.as_of_s)
        if self._history is not None:
            from presence_tui.service.history_recording import record

            record(self._history, monitor)
        if self.alerts is not None:
            from presence_tui.service.alert_setup import follow_monitor

            follow_monitor(self.alerts, monitor)

    async def _close_parts(self) -> None:
        if self.alerts is not None:
            await self.alerts.close()
        if self.view_state is not None:
            await self.view_state.close()
        if self._history is not None:
            await self._history.close()
        self._reach(Phase.ENDED)

    def _reach(self, phase: Phase) -> None:
        self._phase = phase
        self.events.emit(PhaseChanged(phase))

    def _on_changes(self, changed: ChangeSet) -> None:
        self.events.emit(PresenceChanged(changed))

    def _report_trouble(self, phrase: Phrase) -> None:
        self.events.emit(Notice(phrase, is_trouble=True))


def _import_view_state_file() -> "type[ViewStateFile]":
    from presence_tui.storage.view_state_file import ViewStateFile

    return ViewStateFile


def _import_open_history() -> "Callable[[HistorySettings, ServiceTarget, Clock], History]":
    from presence_tui.service.history_recording import open_history

    return open_history


def _import_make_alerts() -> "Callable[..., AlertService]":
    from presence_tui.service.alert_setup import make_alerts

    return make_alerts


def _make_metrics(
    monitor: "PresenceMonitor", store: PresenceStore
) -> tuple["ServiceMetrics", "ServiceFlaps"]:
    from presence_tui.service.flaps import ServiceFlaps
    from presence_tui.service.metrics import ServiceMetrics

    return ServiceMetrics(monitor.metrics, store), ServiceFlaps(store, monitor.metrics.silence_limit_s)


def _make_monitor(store: PresenceStore, connection: "Connection", wanted: str | None) -> "PresenceMonitor":
    from presence_tui.monitor.monitor import PresenceMonitor

    feed, source, credentials, warning = connection
    return PresenceMonitor(store, feed, source, credentials, wanted=wanted, warning=warning)
