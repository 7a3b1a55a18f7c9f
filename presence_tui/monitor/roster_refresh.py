"""Refreshes one roster by REST: the members of a conversation, and which of them have a socket."""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from presence_tui.audit.comparison import JUST_BOOTED_S
from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Source
from presence_tui.monitor.account_reader import AccountReader
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.link import Link
from presence_tui.monitor.notice_limits import LimitWarnings
from presence_tui.monitor.update_batching import UpdateBatcher
from presence_tui.store import PresenceStore
from presence_tui.store.clock import Stamp
from presence_tui.store.rosters import NEWCOMERS
from presence_tui.transport.errors import AccessDenied, GatewayError, SignInNeeded
from presence_tui.transport.presence_source import AskedPresence, PresenceSource

RECORDS_A_TURN: Final = 5_000
"""Records per iteration of the loop: a few milliseconds, then the screen can draw."""

_key_of = attrgetter("participant.key")


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a read. ``total`` is 0 while unknown."""

    step: Source
    done: int
    total: int


@dataclass(slots=True)
class RefreshReport:
    """Result of a refresh or resync, and its errors."""

    began_s: float = math.inf
    """Monotonic time before its first request; infinite if nothing was requested."""
    participants: int = 0
    total: int | None = None
    """Members as counted by the gateway; ``None`` if not given."""
    total_capped: bool = False
    changes: list[Change] = field(default_factory=list)
    """Changes of participants of the conversation shown with another state before."""
    malformed_rows: int = 0
    left_out: int = 0
    """Participants beyond the store's limit; further pages were not requested."""
    runtime_asked: bool = False
    unconfirmed: int = 0
    """Members not mentioned by this connection or this read."""
    runtime_has_just_booted: bool = False
    """The gateway has just started and reports no sockets, so its answer was ignored."""
    roster_error: GatewayError | None = None
    runtime_error: GatewayError | None = None

    @property
    def corrected(self) -> int:
        """Number of participants shown as online who are not, or as not online who are.

        Of the others, only the age of their last sign of life differs, which no gateway reports each time.
        """
        return len({change.key for change in self.changes if change.has_turned})

    @property
    def error(self) -> GatewayError | None:
        """The first error, if any."""
        return self.roster_error or self.runtime_error

    @property
    def is_whole(self) -> bool:
        """True if all members were read. Plain members get only the most active ones from the gateway."""
        if self.malformed_rows or self.left_out or not self.participants or self.total_capped:
            return False
        return self.total is None or self.participants >= self.total

    @property
    def needs_sign_in(self) -> bool:
        """True if retrying is useless without another token."""
        return isinstance(self.error, SignInNeeded)


@dataclass(frozen=True, slots=True)
class Reading:
    """The dependencies shared by all readers of rosters."""

    source: PresenceSource
    store: PresenceStore
    link: Link
    account: AccountReader
    counters: EventCounters
    limit_warnings: LimitWarnings
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever reads the watched roster or rereads after events."""

    def refresh(
        self,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        *,
        uptime_s: float | None = None,
    ) -> "RosterRefresh":
        """A read that counts, and does not query our own presence. ``uptime_s`` as in ``RosterRefresh``."""
        return RosterRefresh(
            self.source, self.store, on_progress, self.counters, own_key=self.account.key, uptime_s=uptime_s
        )


class RosterRefresh:
    """Reads one conversation. On errors, the known state stays."""

    def __init__(
        self,
        source: PresenceSource,
        store: PresenceStore,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        counters: EventCounters | None = None,
        *,
        own_key: str = "",
        uptime_s: float | None = None,
    ) -> None:
        """``own_key`` is our own presence key, which is not queried; ``uptime_s`` is the gateway's, if
        known.
        """
        self._source = source
        self._store = store
        self._on_progress = on_progress
        self._counters = counters or EventCounters()
        self._own_key = own_key
        self._uptime_s = uptime_s
        self._batcher = UpdateBatcher(store)

    async def run(
        self, conversation_id: str, *, ask_runtime: bool, ask_of_untold: bool = True
    ) -> RefreshReport:
        """Read names and roles from the participants, then states from the runtime, if there is one.

        The runtime is asked about all members, otherwise only about those this connection did not mention;
        with ``ask_of_untold`` also about newcomers and members without any evidence.
        """
        report = RefreshReport(began_s=self._store.clock.stamp().monotonic_s)
        listed_before = self._store.rosters.members(conversation_id)
        try:
            await self._read_roster(conversation_id, listed_before, report)
        except GatewayError as error:
            report.roster_error = error
        # The runtime answers false for members of a conversation that is not ours.
        if not isinstance(report.roster_error, AccessDenied | SignInNeeded):
            members = self._store.rosters.members(conversation_id)
            keys = members if ask_runtime else await self._untold(members, listed_before, ask_of_untold)
            try:
                await self._read_runtime(keys, report)
            except GatewayError as error:
                report.runtime_error = error
            report.unconfirmed = len(await self._unconfirmed(members))
        return report

    async def read_presence(self, keys: Sequence[str]) -> None:
        """Read the states of these participants only, if there is a runtime. Raises ``GatewayError``."""
        await self._read_runtime(list(keys), RefreshReport())

    async def _untold(self, members: list[str], listed_before: list[str], ask_of_untold: bool) -> list[str]:
        """Members not mentioned by this connection, or not since they joined."""
        untold = set(await self._unconfirmed(members))
        if ask_of_untold:
            records = self._store.participants
            untold.update(key for key in members if records[key].flag is None)
            if listed_before:
                # Members who left and came back by a link may have changed without an event.
                untold.update(set(members).difference(listed_before))
        untold.discard(self._own_key)
        return [key for key in members if key in untold]

    async def _unconfirmed(self, keys: list[str]) -> list[str]:
        records, unconfirmed = self._store.participants, self._store.epochs.unconfirmed
        found: list[str] = []
        for start in range(0, len(keys), RECORDS_A_TURN):
            if start:
                await asyncio.sleep(0)
            some = unconfirmed(records[key] for key in keys[start : start + RECORDS_A_TURN])
            found += [record.key for record in some if record.key != self._own_key]
        return found

    async def _read_roster(
        self, conversation_id: str, listed_before: list[str], report: RefreshReport
    ) -> None:
        keys: set[str] = set()
        began = self._store.clock.stamp()
        strangers_before = self._store.rosters.members(NEWCOMERS)
        async for asked_page in self._source.participants(conversation_id):
            page = asked_page.page
            if not page.complete:
                self._batcher.defer(len(page.rows))
            left_out_before = self._store.limit_counters.left_out
            changes = self._store.set_participants(page.rows, conversation_id, asked=asked_page.asked)
            report.left_out += self._store.limit_counters.left_out - left_out_before
            report.changes += [change for change in changes if not change.first_told]
            keys.update(map(_key_of, page.rows))
            self._count_malformed(page.malformed_rows, report)
            report.participants = len(keys) - report.left_out
            # Later pages may omit the total; the first one has it.
            report.total = page.total if page.total is not None else report.total
            report.total_capped = report.total_capped or page.total_capped
            if report.left_out and page.complete:
                _count_at_least(report, len(keys), more=page.next_cursor is not None)
            self._on_progress(Progress(Source.ROSTER, report.participants, report.total or 0))
            if page.complete:
                self._batcher.release()
                if report.left_out:
                    break
            # Parts of a long page arrive without waiting; let the screen draw in between.
            await asyncio.sleep(0)
        self._store.members.set_roster_read(conversation_id, began, is_whole=report.is_whole)
        if report.is_whole:
            self._remove(conversation_id, listed_before, keys, began)
            self._remove(NEWCOMERS, strangers_before, keys, began)

    def _remove(self, roster: str, listed_before: list[str], keys: set[str], asked: Stamp) -> None:
        """Remove members that the roster no longer lists, except those who joined meanwhile."""
        with self._store.batch():
            for key in listed_before:
                if key not in keys:
                    self._store.members.remove(key, roster, asked=asked)

    async def _read_runtime(self, keys: list[str], report: RefreshReport) -> None:
        if not keys:
            return
        answers: list[AskedPresence] = []
        boots = self._uptime_s is not None and self._uptime_s < JUST_BOOTED_S
        done = 0
        async for answer in self._source.runtime_presence(keys):
            report.runtime_asked = True
            self._count_malformed(answer.malformed_rows, report)
            answers.append(answer)
            if not boots:
                self._fold_in(answer, report)
            done += len(answer.rows)
            self._on_progress(Progress(Source.RUNTIME, done, len(keys)))
        if not answers:
            return
        answered = {row.key for answer in answers for row in answer.rows}
        if boots:
            # An answer without any socket is believed only from a gateway that has been up for a while.
            if any(row.flag for answer in answers for row in answer.rows):
                for answer in answers:
                    self._fold_in(answer, report)
            else:
                report.runtime_has_just_booted = True
                answered = set()
        self._store.epochs.record_left_out([key for key in keys if key not in answered], answers[-1].asked)

    def _fold_in(self, answer: AskedPresence, report: RefreshReport) -> None:
        # The contract limits an answer to 50 rows.
        changes = self._store.apply_answers(answer.rows, Source.RUNTIME, answer.asked)
        report.changes += [change for change in changes if not change.first_told]

    def _count_malformed(self, rows: int, report: RefreshReport) -> None:
        # Counted at once, because a cancelled read keeps its rows but returns no report.
        report.malformed_rows += rows
        self._counters.malformed_rows += rows


def _count_at_least(report: RefreshReport, seen: int, *, more: bool) -> None:
    """If the gateway counts fewer than were seen, or none, use the number seen as a minimum."""
    if report.total is None or report.total < seen:
        report.total, report.total_capped = seen, more
