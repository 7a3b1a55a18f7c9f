"""Reads the roster and presence of the watched conversation, for a resync or a refresh."""

from collections.abc import Callable

from presence_tui.domain.enums import Source
from presence_tui.monitor.conversation_choice import ConversationChoice
from presence_tui.monitor.gateway_clock import GatewayClock
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.refresh import Progress, Reading, RefreshReport
from presence_tui.monitor.resync_state import Target
from presence_tui.monitor.signals import Signal
from presence_tui.transport.errors import PASSING, GatewayError, NoConversation, NotFound, UnexpectedAnswer
from presence_tui.transport.presence_source import Timing
from presence_tui.wire.messages import PresenceRow


class WatchedRoster:
    """Reads what is watched, one read at a time, and keeps the last report."""

    def __init__(
        self,
        reading: Reading,
        choice: ConversationChoice,
        clock: GatewayClock,
    ) -> None:
        self._reading = reading
        self._source = reading.source
        self._store = reading.store
        self._link = reading.link
        self._account = reading.account
        self._limit_warnings = reading.limit_warnings
        self._choice = choice
        self._clock = clock
        self._uptime_s: float | None = None
        """Uptime of the gateway as last reported."""
        self.last_report: RefreshReport | None = None
        """The last read of the watched conversation; ``None`` before that."""
        self.confirmed: Signal[Target] = Signal()
        """Emits what was read without error."""
        self.reported: Signal[tuple[str, RefreshReport]] = Signal()
        """Emits every report that the gateway answered for, with the id of its conversation."""
        choice.changed.subscribe(lambda _: self._forget_report())

    @property
    def target(self) -> Target:
        """What a read that starts now confirms."""
        return Target(self._store.epochs.current, self._choice.watched_id)

    async def read(
        self,
        *,
        ask_runtime: bool,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        is_measured: bool = True,
    ) -> RefreshReport:
        """Read; errors are in the report. ``is_measured`` is true if the clock skew was just measured."""
        report = await self._read(ask_runtime, on_progress, is_measured=is_measured)
        if isinstance(report.error, NotFound | UnexpectedAnswer) and await self._source.rediscover():
            # The gateway was replaced by one of the other contract version.
            self._account.forget()
            report = await self._read(True, on_progress, is_measured=True)
        return report

    def fail(self, error: GatewayError) -> RefreshReport:
        """Make and keep the report of a read that could not begin."""
        self._limit_warnings.check_errors(error)
        self.last_report = RefreshReport(roster_error=error)
        return self.last_report

    def keep_report(self, conversation_id: str, report: RefreshReport) -> None:
        """Keep a report made elsewhere, if it is about the watched conversation."""
        if self._choice.is_watched(conversation_id):
            self.last_report = report

    async def measure_clock(self) -> None:
        """Measure the clock skew again, because clocks are adjusted."""
        try:
            health, timing = await self._source.health()
        except PASSING:
            return
        except GatewayError:
            # Not every gateway has a health route.
            self._keep_timing(self._source.time_of_answers())
            return
        self._keep_timing(timing)
        self._uptime_s = health.uptime_s
        if health.uptime_s is not None:
            self._store.epochs.record_boot(self._store.clock.stamp().wall_s - health.uptime_s)

    def _keep_timing(self, timing: Timing | None) -> None:
        """Without a measured time, no skew is assumed."""
        if timing is not None:
            self._clock.on_timing(timing)

    async def _read(
        self, ask_runtime: bool, on_progress: Callable[[Progress], None], *, is_measured: bool
    ) -> RefreshReport:
        try:
            await self._account.prepare()
        except GatewayError as error:
            return self.fail(error)
        if self._choice.watched is None:
            return self.fail(NoConversation())
        if not is_measured:
            await self.measure_clock()
        asked_s, target = self._store.clock.stamp().wall_s, self.target
        refresh = self._reading.refresh(on_progress, uptime_s=self._uptime_s)
        report = await refresh.run(target.conversation_id, ask_runtime=ask_runtime)
        if report.error is None:
            self.confirmed.emit(target)
            self._link.synced(asked_s)
        self._confirm_ourselves()
        self.reported.emit((target.conversation_id, report))
        self._limit_warnings.check_errors(report.roster_error, report.runtime_error)
        self.last_report = report
        return report

    def _confirm_ourselves(self) -> None:
        """While live we are online, even if the account is hidden and nobody is notified."""
        record = self._store.get_user_by_id(self._account.key)
        if record is None or self._link.status.state is not LinkState.LIVE:
            return
        if record.flag is None or self._store.epochs.unconfirmed_since_s(record) is not None:
            self._store.apply_answers(
                [PresenceRow(self._account.key, True)], Source.SNAPSHOT, self._store.clock.stamp()
            )

    def _forget_report(self) -> None:
        self.last_report = None
