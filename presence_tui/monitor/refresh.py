"""Reading the truth by REST: who is in the conversation, and who of them has a socket right now."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Source
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.update_batching import UpdateBatcher
from presence_tui.store import PresenceStore
from presence_tui.store.rosters import NEWCOMERS
from presence_tui.transport.errors import AccessDenied, GatewayError, SignInNeeded
from presence_tui.transport.presence_source import PresenceSource

_key_of = attrgetter("participant.key")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading has come. ``total`` is 0 while it is not known."""

    step: Source
    done: int
    total: int


@dataclass(slots=True)
class RefreshReport:
    """What a refresh or resync found, and what it could not."""

    participants: int = 0
    total: int | None = None
    """Members as the gateway counts them; ``None`` if it does not say."""
    total_capped: bool = False
    changes: list[Change] = field(default_factory=list)
    """Corrections: of participants who were shown otherwise before."""
    malformed_rows: int = 0
    left_out: int = 0
    """Participants listed beyond the store's bound; the pages behind them were not asked for."""
    runtime_asked: bool = False
    roster_error: GatewayError | None = None
    runtime_error: GatewayError | None = None

    @property
    def corrected(self) -> int:
        """Participants who were shown otherwise before."""
        return len({change.key for change in self.changes})

    @property
    def error(self) -> GatewayError | None:
        """The first thing that failed, if anything did."""
        return self.roster_error or self.runtime_error

    @property
    def needs_sign_in(self) -> bool:
        """True where trying again is useless without another token."""
        return isinstance(self.error, SignInNeeded)


class RosterRefresh:
    """Reads one conversation. What fails is reported and leaves what was known as it was."""

    def __init__(
        self,
        source: PresenceSource,
        store: PresenceStore,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        counters: EventCounters | None = None,
    ) -> None:
        self._source = source
        self._store = store
        self._on_progress = on_progress
        self._counters = counters or EventCounters()
        self._batcher = UpdateBatcher(store)

    async def run(self, conversation_id: str, *, ask_runtime: bool) -> RefreshReport:
        """Names and roles from the participants, then states from the runtime, where there is one."""
        report = RefreshReport()
        try:
            await self._read_roster(conversation_id, report)
        except GatewayError as error:
            report.roster_error = error
        if ask_runtime and not isinstance(report.roster_error, AccessDenied | SignInNeeded):
            # The runtime answers false of those whose roster is none of ours.
            try:
                await self._read_runtime(conversation_id, report)
            except GatewayError as error:
                report.runtime_error = error
        return report

    async def _read_roster(self, conversation_id: str, report: RefreshReport) -> None:
        keys: set[str] = set()
        listed_before = self._store.rosters.members(conversation_id)
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
            # Later pages may leave the total out; the first one tells it.
            report.total = page.total if page.total is not None else report.total
            report.total_capped = report.total_capped or page.total_capped
            if report.left_out and page.complete:
                _count_at_least(report, len(keys), more=page.next_cursor is not None)
            self._on_progress(Progress(Source.ROSTER, report.participants, report.total or 0))
            if page.complete:
                self._batcher.release()
                if report.left_out:
                    break
            # Parts of a long page come without a wait; the screen has its turn in between.
            await asyncio.sleep(0)
        if _is_whole(report):
            self._remove(conversation_id, listed_before, keys)
            self._remove(NEWCOMERS, strangers_before, keys)

    def _remove(self, roster: str, listed_before: list[str], keys: set[str]) -> None:
        """End the memberships that the roster no longer lists; who came meanwhile is not judged."""
        with self._store.batch():
            for key in listed_before:
                if key not in keys:
                    self._store.remove_participant(key, roster)

    async def _read_runtime(self, conversation_id: str, report: RefreshReport) -> None:
        keys = self._store.rosters.keys(conversation_id)
        done = 0
        async for answer in self._source.runtime_presence(keys):
            report.runtime_asked = True
            # The contract bounds these to 50.
            changes = self._store.apply_answers(answer.rows, Source.RUNTIME, answer.asked)
            report.changes += [change for change in changes if not change.first_told]
            self._count_malformed(answer.malformed_rows, report)
            done += len(answer.rows)
            self._on_progress(Progress(Source.RUNTIME, done, len(keys)))

    def _count_malformed(self, rows: int, report: RefreshReport) -> None:
        # At once: a reading that is cancelled keeps what it read, and brings no report.
        report.malformed_rows += rows
        self._counters.malformed_rows += rows


def _count_at_least(report: RefreshReport, seen: int, *, more: bool) -> None:
    """Where the gateway counts fewer than were seen, or does not count, what was seen is the total."""
    if report.total is None or report.total < seen:
        report.total, report.total_capped = seen, more


def _is_whole(report: RefreshReport) -> bool:
    """True if nobody is missing from what was read: plain members are shown the most active only."""
    if report.malformed_rows or report.left_out or not report.participants or report.total_capped:
        return False
    if report.total is None:
        return True
    return report.participants >= report.total
