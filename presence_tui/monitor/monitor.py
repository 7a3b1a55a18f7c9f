"""Monitors one account at one gateway: keeps the store current as long as it runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from random import Random
from typing import Final

from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.monitor.backoff import delay_s
from presence_tui.monitor.connection import Connection
from presence_tui.monitor.connection_attempt import ConnectionAttempt
from presence_tui.monitor.conversation_lookup import find_conversation
from presence_tui.monitor.decay import DecayTimer
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.gap_summary import MIN_GAP_S, Gap, GapCounter, GapSummary
from presence_tui.monitor.inbound import Inbound, MembershipNews
from presence_tui.monitor.limit_warnings import LimitWarnings
from presence_tui.monitor.link import Link, LinkState, LinkStatus
from presence_tui.monitor.memberships import EndCause, MembershipEnd, Memberships
from presence_tui.monitor.refresh import Progress, RefreshReport, RosterRefresh
from presence_tui.monitor.rereads import Rereads, Round
from presence_tui.monitor.secondary_rosters import MAX_SECONDARY_MEMBERS, SecondaryRosters
from presence_tui.monitor.signals import Signal
from presence_tui.store import ChangeSet, PresenceStore
from presence_tui.transport.credentials import Credential, CredentialError, CredentialHolder, CredentialKind
from presence_tui.transport.errors import (
    AccessDenied,
    BoundExceeded,
    GatewayBroken,
    GatewayError,
    NoConversation,
    NotFound,
    RateLimited,
    RefusedForNow,
    SignInNeeded,
    UnexpectedAnswer,
    Unreachable,
)
from presence_tui.transport.feed import Feed
from presence_tui.transport.presence_source import PresenceSource
from presence_tui.wire import messages, names
from presence_tui.wire.encode import conversation_action
from presence_tui.wire.messages import PresenceRow
from presence_tui.wire.responses import Account

SNAPSHOT_LIMIT_S: Final = 3.0
"""How long to wait for a snapshot before asking by REST; there may be none (wire contract, section 2.2)."""

FIRST_CONTACT_LIMIT_S: Final = 2.0
"""How long the first read waits for the socket, so that the roster need not be read twice."""

PASSING: Final = (Unreachable, GatewayBroken, RateLimited, RefusedForNow)
"""Errors after which a failed read is repeated automatically."""

NOT_A_MEMBER: Final[Mapping[str, EndCause]] = {
    "not_a_member": EndCause.REFUSED,
    "no_longer_member": EndCause.REMOVED,
    "banned": EndCause.BANNED,
}
"""Reasons of a refused room join that end the membership (section 1.6)."""

RECORDS_PER_STEP: Final = 5_000
"""Records per iteration of the loop: a few milliseconds, then the screen can draw."""


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
        self.counters = EventCounters()
        self._store = store
        self._feed = feed
        self._source = source
        self._credentials = credentials
        self._wanted = wanted
        self._warning = warning
        self._random = random or Random()
        self._link = Link(store.clock)
        self._limit_warnings = LimitWarnings(store)
        inbound = Inbound(store, self.counters, self._limit_warnings)
        inbound.membership_news.subscribe(self._on_membership_news)
        self._connection = Connection(
            feed,
            self._link,
            store,
            inbound,
            credentials,
            source.renew_token,
            self._random,
        )
        self._connection.went_live.subscribe(self._after_going_live)
        self._connection.failed.subscribe(self._after_failure)
        self._connection.sign_in.replaced.subscribe(lambda _: self._forget_account())
        self._limit_warnings.warned.subscribe(self.noticed.emit)
        credentials.on_error = self._connection.noticed.emit
        source.on_pause = self._notice_pause
        self.secondary_rosters = SecondaryRosters(source, store, self.counters)
        """Rosters watched beside the current conversation. Read-only; use ``watch_beside`` to change them."""
        self.secondary_rosters.failed.subscribe(self._after_secondary_failure)
        self.secondary_rosters.reported.subscribe(lambda told: self._note_membership(*told))
        self._rereads = Rereads()
        self.memberships = Memberships()
        """Memberships of the account that have ended. Read-only."""
        self.memberships.ended.subscribe(self._after_end)
        self.memberships.restored.subscribe(self._after_return)
        self._uptime_s: float | None = None
        """Uptime of the gateway as last reported."""
        self._strangers_met = store.strangers_met
        self._list_is_old = False
        """True if the list of conversations must be read again, after a gap or a refresh."""
        self._asks_runtime = True
        """False while the current connection's snapshot was complete."""
        self._refresh_lock = asyncio.Lock()
        self._is_reading = False
        self._wake_event = asyncio.Event()
        self._first_contact = asyncio.Event()
        self._synced_for: tuple[int, str] | None = None
        self._left_out_before = 0
        """Participants dropped for lack of room before the current connection."""
        self._prepared = False
        self._may_switch = False
        """True while the watched conversation is only the most recent one of the last run."""
        self._cached_key = ""
        self._gap: Gap | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.account: Account | None = None
        self.conversation: Conversation | None = None
        self.conversations: list[Conversation] = []
        self.round_trip_s: float | None = None
        self.last_report: RefreshReport | None = None
        """The last refresh or resync of the watched conversation."""
        self.conversation_changed: Signal[Conversation] = Signal()
        self.conversations_changed: Signal[list[Conversation]] = Signal()
        self.resynced: Signal[RefreshReport] = Signal()
        """Emits the report of every resync."""
        self.gap_ended: Signal[GapSummary] = Signal()
        """Emits the changes of a gap in the watched conversation, after the resync."""
        self._link.changed.subscribe(self._track_gap)

    @property
    def store(self) -> PresenceStore:
        return self._store

    @property
    def link_changed(self) -> Signal[LinkStatus]:
        return self._link.changed

    @property
    def noticed(self) -> Signal[Phrase]:
        """Messages of the gateway that are not presence, and temporary failures."""
        return self._connection.noticed

    @property
    def key(self) -> str:
        """Our own presence key; empty until known."""
        attempt = self._connection.attempt
        if attempt is not None and attempt.key:
            return attempt.key
        return self.account.key if self.account else self._cached_key

    @property
    def heard_s(self) -> float | None:
        """Unix time when anything was last received on the socket."""
        return self._connection.heard_s

    @property
    def is_refreshing(self) -> bool:
        """True while a refresh or resync runs."""
        return self._refresh_lock.locked()

    @property
    def profile_name(self) -> str:
        return self._source.profile.name

    @property
    def token_expires_s(self) -> float | None:
        """Unix time when the token in use expires according to itself."""
        return self._credentials.current.expires_s

    def restore(self, known: Sequence[Conversation], key: str, as_of_s: float) -> None:
        """Start from cached rosters of ``as_of_s`` for account ``key``. Call before ``run``.

        The wanted conversation is watched at once if it is known.
        """
        self._cached_key = key
        self.conversations = list(known)
        self.conversations_changed.emit(self.conversations)
        chosen = find_conversation(self._wanted, self.conversations)
        if chosen is not None and self._store.rosters.knows(chosen.id):
            self._may_switch = self._wanted is None
            self._watch_conversation(chosen)
        self._link.cached(as_of_s)

    def connection_status(self) -> LinkStatus:
        """Current status of the link."""
        return self._link.status

    async def run(self) -> None:
        """Run until cancelled. Leaves no task, timer or socket open."""
        if self._warning is not None:
            self.noticed.emit(self._warning)
        decay = DecayTimer(self._store)
        forget_changes = self._store.subscribe(self._record_changes)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._connection.run())
                tasks.create_task(self._keep_resynced())
                tasks.create_task(self._keep_memberships_read())
        finally:
            decay.close()
            self._rereads.close()
            forget_changes()
            for task in self._tasks:
                task.cancel()
            await self._feed.close()
            await self._source.close()

    async def refresh(
        self, on_progress: Callable[[Progress], None] = lambda progress: None
    ) -> RefreshReport | None:
        """Read the roster and presence by REST; ``None`` if a read is already running. May be cancelled."""
        if self._is_reading:
            return None
        async with self._reading():
            if self._is_refused():
                await self._reload_token()
            report = await self._read_or_report(ask_runtime=True, on_progress=on_progress, is_measured=False)
            if report.roster_error is None or self._has_ended():
                self._list_is_old = True
                await self._read_list_if_old()
                for beside in await self.secondary_rosters.refresh_all():
                    report.changes += beside.changes
        given_up = self._link.status.state in (LinkState.SIGNED_OUT, LinkState.OFFLINE)
        refused = isinstance(report.roster_error, SignInNeeded)
        if report.roster_error is None or given_up or refused:
            self._connection.wake()
        return report

    def select(self, conversation: Conversation) -> None:
        """Watch another conversation of the account."""
        self._watch_conversation(conversation)
        self._wanted, self._may_switch = conversation.id, False
        self._enter_rooms([self.conversation])
        self._wake_event.set()

    def watch_beside(self, conversations: Sequence[Conversation]) -> None:
        """Keep the rosters of these current as well: read now and after each gap."""
        self.secondary_rosters.select(conversations)
        self._enter_rooms(conversations)
        if self._prepared:
            self._start_task(self._read_secondary_rosters())

    def _is_refused(self) -> bool:
        """True if the credential was refused, by the socket or by REST, whichever was first."""
        error = self.last_report.error if self.last_report else None
        is_refused = isinstance(error, SignInNeeded | RefusedForNow)
        return self._link.status.state is LinkState.SIGNED_OUT or is_refused

    def _forget_account(self) -> None:
        """Another credential may belong to another account."""
        self._prepared = False

    async def _reload_token(self) -> None:
        try:
            if await self._credentials.reload():
                self._forget_account()
        except CredentialError as problem:
            self.noticed.emit(problem.sentence)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[None]:
        """A refresh or a resync. It waits for what is read again by itself, which nobody asked for."""
        self._is_reading = True
        try:
            async with self._refresh_lock:
                yield
        finally:
            self._is_reading = False

    async def _keep_resynced(self) -> None:
        """Read what a gap may have hidden: at the start, after each reconnect, for each new conversation."""
        self._wake_event.set()
        failures = 0
        report = RefreshReport()
        while True:
            await self._wait_for_reason(failures, report)
            if self._is_synced():
                failures = 0
                continue
            async with self._refresh_lock:
                asked_with = self._credentials.current
                report = await self._resync()
                await self._judge_refusals(report, asked_with)
            self.resynced.emit(report)
            await self._finish_gap()
            passing = isinstance(report.error, PASSING)
            failures = failures + 1 if passing else 0
            if report.roster_error is None or self._has_ended():
                self._start_task(self._read_secondary_rosters())

    async def _judge_refusals(self, report: RefreshReport, asked_with: Credential) -> None:
        """Replace the error of a refused token by one that says whether it is retried."""
        for field in ("roster_error", "runtime_error"):
            refusal = getattr(report, field)
            if isinstance(refusal, SignInNeeded):
                verdict = await self._connection.sign_in.judge(refusal, asked_with)
                error = verdict.error
                if not verdict.is_final and isinstance(error, SignInNeeded):
                    error = RefusedForNow(error)
                setattr(report, field, error)

    async def _keep_memberships_read(self) -> None:
        """Read again what changed according to events. Skipped without a link, whose return reads
        everything.
        """
        while True:
            due = await self._rereads.next_round()
            if self._link.status.state is not LinkState.LIVE:
                continue
            if not self._prepared:
                self._wake_event.set()
                continue
            began_s = self._store.clock.stamp().monotonic_s
            async with self._refresh_lock:
                await self._read_round(due)
            await self._rereads.pause(self._store.clock.stamp().monotonic_s - began_s)

    async def _read_round(self, due: Round) -> None:
        self._list_is_old = self._list_is_old or due.conversations
        await self._read_list_if_old()
        if due.people:
            await self._read_presence(due.people)
        for conversation_id in due.rosters:
            refresh = RosterRefresh(self._source, self._store, counters=self.counters, own_key=self.key)
            report = await refresh.run(conversation_id, ask_runtime=False)
            self._note_membership(conversation_id, report)
            self._check_limits(report.roster_error)
            if report.roster_error is not None:
                self.noticed.emit(report.roster_error.sentence)
            elif self.conversation is not None and conversation_id == self.conversation.id:
                self.last_report = report

    async def _read_presence(self, keys: Sequence[str]) -> None:
        refresh = RosterRefresh(self._source, self._store, counters=self.counters, own_key=self.key)
        try:
            await refresh.read_presence(keys)
        except GatewayError as error:
            self._check_limits(error)
            self.noticed.emit(error.sentence)

    async def _read_list_if_old(self) -> None:
        """Read the account's conversations again. On failure, emit a notice and keep the old list."""
        if not self._list_is_old or self.account is None:
            return
        try:
            await self._read_list(self.account)
        except GatewayError as error:
            self.noticed.emit(error.sentence)

    async def _wait_for_reason(self, failures: int, last: RefreshReport) -> None:
        """Wait for a reason to read. A temporary failure is retried while the link is live.

        While it is not, the link's own attempts wake this.
        """
        pause_s = delay_s(failures, self._random) if failures else None
        if pause_s is not None and isinstance(last.error, RateLimited):
            pause_s = last.error.retry_after_s
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._wake_event.wait()
            if self._wake_event.is_set() or self._link.status.state is LinkState.LIVE:
                self._wake_event.clear()
                return

    async def _resync(self) -> RefreshReport:
        try:
            await self._prepare()
        except GatewayError as error:
            return self._failed_report(error)
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_CONTACT_LIMIT_S):
                await self._first_contact.wait()
        async with asyncio.TaskGroup() as tasks:
            # Parallel to the snapshot: a restart of the gateway must be known before participants come back.
            tasks.create_task(self._measure_clock())
            snapshot_came = await self._wait_for_snapshot()
            if snapshot_came:
                self._link.synced(self._store.clock.stamp().wall_s)
        # A snapshot that exceeded the limit may lack participants whom the roster lists.
        whole = snapshot_came and self._store.limit_counters.left_out == self._left_out_before
        # Without membership, no events about the members arrived.
        whole = whole and not self._has_ended()
        self._asks_runtime = not whole
        return await self._read_or_report(ask_runtime=not whole)

    async def _read_or_report(
        self,
        *,
        ask_runtime: bool,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        is_measured: bool = True,
    ) -> RefreshReport:
        """``is_measured`` is true if the clock skew was just measured."""
        report = await self._read(ask_runtime, on_progress, is_measured=is_measured)
        if isinstance(report.error, NotFound | UnexpectedAnswer) and await self._source.rediscover():
            # The gateway was replaced by one of the other contract version.
            self._prepared = False
            report = await self._read(True, on_progress, is_measured=True)
        return report

    async def _read(
        self, ask_runtime: bool, on_progress: Callable[[Progress], None], *, is_measured: bool
    ) -> RefreshReport:
        try:
            await self._prepare()
        except GatewayError as error:
            return self._failed_report(error)
        if self.conversation is None:
            return self._failed_report(NoConversation())
        if not is_measured:
            await self._measure_clock()
        asked_s = self._store.clock.stamp().wall_s
        synced_for = (self._store.epoch, self.conversation.id)
        refresh = RosterRefresh(
            self._source,
            self._store,
            on_progress,
            self.counters,
            own_key=self.key,
            uptime_s=self._uptime_s,
        )
        report = await refresh.run(self.conversation.id, ask_runtime=ask_runtime)
        if report.error is None:
            self._synced_for = synced_for
            self.secondary_rosters.mark_read(self.conversation.id, self._synced_for[0])
            self._link.synced(asked_s)
        self._be_here_ourselves()
        self._note_membership(synced_for[1], report)
        self._check_limits(report.roster_error, report.runtime_error)
        self.last_report = report
        return report

    def _be_here_ourselves(self) -> None:
        """While live we are online, even if the account is hidden and nobody is notified."""
        record = self._store.get_user_by_id(self.key)
        if record is None or self._link.status.state is not LinkState.LIVE:
            return
        if record.flag is None or self._store.unconfirmed_since_s(record) is not None:
            self._store.apply_answers(
                [PresenceRow(self.key, True)], Source.SNAPSHOT, self._store.clock.stamp()
            )

    def _note_membership(self, conversation_id: str, report: RefreshReport) -> None:
        """A known roster that is now refused means that we are no longer a member."""
        if report.roster_error is None:
            self.memberships.restore(conversation_id)
        elif isinstance(report.roster_error, AccessDenied) and self._store.rosters.knows(conversation_id):
            self.memberships.end(conversation_id, EndCause.REFUSED, self._true_until_s())

    def _true_until_s(self) -> float:
        """Until when the shown state was current: the start of a gap without summary, otherwise now."""
        return self._gap.since_s if self._gap is not None else self._store.clock.stamp().wall_s

    def _has_ended(self) -> bool:
        """True if the account is no longer a member of the watched conversation."""
        return self.conversation is not None and self.memberships.end_of(self.conversation.id) is not None

    def _on_membership_news(self, news: MembershipNews) -> None:
        if isinstance(news, messages.AccountRenamed):
            self._after_renaming(news.key)
            return
        room, now_s = news.conversation_id, self._store.clock.stamp().wall_s
        match news:
            case messages.ParticipantLeft() if news.key == self.key:
                self.memberships.end(room, EndCause.BANNED if news.banned else EndCause.REMOVED, now_s)
            case messages.ConversationEnded():
                self.memberships.end(room, EndCause.DELETED if news.deleted else EndCause.CLOSED, now_s)
            case messages.JoinRefused():
                if self._store.rosters.knows(room) and news.reason in NOT_A_MEMBER:
                    self.memberships.end(room, NOT_A_MEMBER[news.reason], self._true_until_s())
            case messages.ParticipantJoined() if news.key == self.key:
                self._try_return(room)
                self._rereads.want_conversations()
            case messages.ParticipantJoined():
                if self._store.rosters.knows(room):
                    # Their earlier state is outdated, and no event will report the current one.
                    self._rereads.want_presence(news.key)
                if self.conversation is not None and self.conversation.id == room:
                    # The event lacks handle, role and the name in the conversation, and the first read may
                    # have been answered before the join.
                    self._rereads.want_roster(room)
            case messages.SystemMessage() if self._store.rosters.knows(room):
                self._rereads.want_roster(room)
            case _ if self.memberships.end_of(room) or all(known.id != room for known in self.conversations):
                # Only members receive events about a conversation.
                self._rereads.want_conversations()
            case messages.ConversationChanged(title=title) if title:
                self._retitle(room, title)

    def _after_end(self, end: MembershipEnd) -> None:
        """Leave the room, so that the shown roster stays as it was."""
        self._rereads.want_conversations()
        if self._link.status.state is LinkState.LIVE:
            # The older gateway keeps non-members in the room and admits anyone.
            left = conversation_action(end.conversation_id)
            self._start_task(self._feed.emit(names.CONVERSATION_LEAVE, left))

    def _try_return(self, conversation_id: str) -> None:
        """The account may be a member again: its roster decides, and states must be read."""
        if self.conversation is not None and self.conversation.id == conversation_id:
            self._synced_for = None
            self._wake_event.set()
        else:
            self._rereads.want_roster(conversation_id)

    def _after_return(self, conversation_id: str) -> None:
        """The gateway removed us from the room when the membership ended, and may not have put us back."""
        watched = self.conversation
        if watched is not None and watched.id == conversation_id:
            self._enter_rooms([watched])

    def _after_renaming(self, key: str) -> None:
        """The account's new name may apply in the conversation or not; its roster decides."""
        watched = self.conversation
        if watched is not None and key in self._store.rosters.held(watched.id):
            self._rereads.want_roster(watched.id)

    def _retitle(self, conversation_id: str, title: str) -> None:
        rows = [
            each if each.id != conversation_id else replace(each, title=title) for each in self.conversations
        ]
        self._know_conversations(rows)

    def _notice_pause(self, pause_s: float) -> None:
        self.noticed.emit(
            phrase("The gateway asks for a pause of {pause:.0f} s; reading goes on after it.", pause=pause_s)
        )

    def _failed_report(self, error: GatewayError) -> RefreshReport:
        self._check_limits(error)
        self.last_report = RefreshReport(roster_error=error)
        return self.last_report

    def _check_limits(self, *errors: GatewayError | None) -> None:
        self.counters.too_large += sum(isinstance(error, BoundExceeded) for error in errors)
        self._limit_warnings.check()

    async def _prepare(self) -> None:
        """Read account, server time and conversations, until it succeeded once."""
        if self._prepared:
            return
        await self._source.discover()
        if self._credentials.current.kind is CredentialKind.ACCOUNT:
            self.account = await self._source.account()
            self._connection.sign_in.accept(self._credentials.current)
            await self._read_list(self.account)
        chosen = find_conversation(self._wanted, self.conversations)
        if chosen is not None:
            self._select_initial(chosen)
        self._prepared = self.conversation is not None

    async def _read_list(self, account: Account) -> None:
        own = await self._source.conversations(account.key)
        self._list_is_old = False
        self.counters.malformed_rows += own.malformed_rows
        if own.cut_short is not None:
            self.noticed.emit(own.cut_short)
        self._know_conversations(own.rows)
        for each in own.rows:
            end = self.memberships.end_of(each.id)
            if end is not None and end.cause not in (EndCause.CLOSED, EndCause.DELETED):
                self._try_return(each.id)
            elif self._count_differs(each):
                self._rereads.want_roster(each.id)

    def _count_differs(self, told: Conversation) -> bool:
        """True if somebody joined or left a secondary roster since it was read, and no event said so."""
        return (
            self.secondary_rosters.is_current(told.id)
            and 0 < told.member_count <= MAX_SECONDARY_MEMBERS
            and not told.member_count_capped
            and told.member_count != self._store.counts(told.id).total
        )

    def _know_conversations(self, rows: list[Conversation]) -> None:
        self.conversations = rows
        watched = self.conversation
        if watched is not None:
            self.conversation = next((each for each in rows if each.id == watched.id), watched)
        self.conversations_changed.emit(rows)

    def _select_initial(self, chosen: Conversation) -> None:
        """Watch the chosen conversation, unless the user already reads a remembered one."""
        current, may_switch = self.conversation, self._may_switch
        self._may_switch = False
        if current is None or (may_switch and chosen.id != current.id):
            self._watch_conversation(chosen)
            self._enter_rooms([self.conversation])
        else:
            self.conversation = next(
                (known for known in (chosen, *self.conversations) if known.id == current.id), current
            )

    async def _measure_clock(self) -> None:
        """Measure the clock skew again, because clocks are adjusted."""
        with suppress(GatewayError):
            # Not every gateway has a health route; without it, no skew is assumed.
            health, timing = await self._source.health()
            self._uptime_s = health.uptime_s
            self.round_trip_s = timing.round_trip_s
            if timing.skew_s is not None:
                self._store.set_skew(timing.skew_s)
            if health.uptime_s is not None:
                self._store.note_boot(self._store.clock.stamp().wall_s - health.uptime_s)

    def _watch_conversation(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self._store.prefer_names_of(conversation.id)
        self.last_report = None
        self.conversation_changed.emit(conversation)

    async def _read_secondary_rosters(self) -> None:
        await self._read_list_if_old()
        await self.secondary_rosters.refresh_stale(self.conversations, ask_runtime=self._asks_runtime)
        self._check_limits()

    def _after_secondary_failure(self, error: GatewayError) -> None:
        self._check_limits(error)
        self.noticed.emit(error.sentence)

    async def _wait_for_snapshot(self) -> bool:
        attempt = self._connection.attempt
        if self._link.status.state is not LinkState.LIVE or attempt is None:
            return False
        if not self._source.profile.sends_snapshot:
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(SNAPSHOT_LIMIT_S):
                await attempt.snapshot_arrived.wait()
        return attempt.snapshot_arrived.is_set()

    def _is_synced(self) -> bool:
        now = (self._store.epoch, self.conversation.id if self.conversation else "")
        return self._synced_for == now

    def _after_going_live(self, attempt: ConnectionAttempt) -> None:
        self._left_out_before = self._store.limit_counters.left_out
        # The list read before this connection may be outdated.
        self._list_is_old = self._prepared
        self._first_contact.set()
        self._enter_rooms([self.conversation, *self.secondary_rosters.beside])
        self._wake_event.set()

    def _track_gap(self, status: LinkStatus) -> None:
        if status.fresh_until_s is not None and self._gap is None:
            self._gap = Gap(status.fresh_until_s)

    def _record_changes(self, changed: ChangeSet) -> None:
        self._ask_for_strangers()
        if self._gap is not None:
            self._gap.record(changed.changes)

    def _ask_for_strangers(self) -> None:
        """A participant in no known roster appeared: read the watched conversation once."""
        met = self._store.strangers_met
        if met == self._strangers_met:
            return
        self._strangers_met = met
        report = self.last_report
        # A roster that is still to be read will list them if they belong to it.
        if self.conversation is not None and report is not None and self._is_synced():
            self._rereads.want_roster_of_stranger(self.conversation.id, is_whole=report.is_whole)

    async def _finish_gap(self) -> None:
        """Emit the summary of a gap, once the link is live and resynced."""
        gap, status = self._gap, self._link.status
        if gap is None or self.conversation is None or status.fresh_until_s is not None:
            return
        self._store.flush()
        self._gap = None
        now_s = self._store.clock.stamp().wall_s
        if now_s - gap.since_s < MIN_GAP_S:
            return
        counter = GapCounter(gap, back_s=status.since_s, until_s=now_s, skew_s=self._store.skew_s)
        keys = [key for key in self._store.rosters.members(self.conversation.id) if key != self.key]
        for start in range(0, len(keys), RECORDS_PER_STEP):
            counter.add(self._store.participants[key] for key in keys[start : start + RECORDS_PER_STEP])
            await asyncio.sleep(0)
        self.gap_ended.emit(counter.summary)

    def _after_failure(self, error: GatewayError) -> None:
        self.counters.ends[error.kind] += 1
        self._check_limits(error)
        self._first_contact.set()
        # Do not switch the conversation under a user who reads the remembered one.
        self._may_switch = False
        if self._synced_for is None:
            self._wake_event.set()

    def _enter_rooms(self, conversations: Sequence[Conversation | None]) -> None:
        """Join rooms: guests of the older gateway get no events before (wire contract, section 1.5)."""
        if self._link.status.state is not LinkState.LIVE:
            return
        for room in dict.fromkeys(each.id for each in conversations if each is not None):
            if self.memberships.end_of(room) is not None:
                continue
            self._start_task(self._feed.emit(names.CONVERSATION_JOIN, conversation_action(room)))

    def _start_task(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
