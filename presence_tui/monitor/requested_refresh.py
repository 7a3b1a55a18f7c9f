"""The refresh of all shown rosters that a user requests."""

from collections.abc import Callable

from presence_tui.monitor.connection import Connection
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.memberships import Memberships
from presence_tui.monitor.roster_refresh import Progress, Reading, RefreshReport
from presence_tui.monitor.rosters import SecondaryRosters, WatchedRoster
from presence_tui.transport.credentials import CredentialError, CredentialHolder
from presence_tui.transport.errors import RefusedForNow, SignInNeeded


class RequestedRefresh:
    """The refresh that a user requests: reads everything that is shown, and retries a link that gave up."""

    def __init__(
        self,
        reading: Reading,
        connection: Connection,
        credentials: CredentialHolder,
        roster: WatchedRoster,
        secondary_rosters: SecondaryRosters,
        memberships: Memberships,
    ) -> None:
        self._link = reading.link
        self._account = reading.account
        self._lock = reading.lock
        self._connection = connection
        self._credentials = credentials
        self._roster = roster
        self._secondary_rosters = secondary_rosters
        self._memberships = memberships
        self._is_running = False

    async def run(self, on_progress: Callable[[Progress], None]) -> RefreshReport | None:
        """Wait for the end of other reads, then read; ``None`` if a refresh is already running."""
        if self._is_running:
            return None
        self._is_running = True
        try:
            async with self._lock:
                report = await self._read(on_progress)
        finally:
            self._is_running = False
        given_up = self._link.status.state in (LinkState.SIGNED_OUT, LinkState.OFFLINE)
        refused = isinstance(report.roster_error, SignInNeeded)
        if report.roster_error is None or given_up or refused:
            self._connection.wake()
        return report

    async def _read(self, on_progress: Callable[[Progress], None]) -> RefreshReport:
        if self._is_refused():
            await self._reload_token()
        report = await self._roster.read(ask_runtime=True, on_progress=on_progress, is_measured=False)
        has_ended = self._memberships.end_of(self._roster.target.conversation_id) is not None
        if report.roster_error is None or has_ended:
            self._account.mark_list_old()
            await self._account.read_list_if_old()
            await self._secondary_rosters.refresh_all()
        return report

    def _is_refused(self) -> bool:
        """True if the credential was refused, by the socket or by REST, whichever was first."""
        error = self._roster.last_report.error if self._roster.last_report else None
        is_refused = isinstance(error, SignInNeeded | RefusedForNow)
        return self._link.status.state is LinkState.SIGNED_OUT or is_refused

    async def _reload_token(self) -> None:
        try:
            if await self._credentials.reload():
                self._account.forget()
        except CredentialError as problem:
            self._connection.noticed.emit(problem.sentence)
