"""Reading the truth by REST: who is in the conversation, and who of them has a socket right now."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Source
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.update_batching import UpdateBatcher
from presence_tui.store import PresenceStore
from presence_tui.store.clock import Stamp
from presence_tui.store.rosters import NEWCOMERS
from presence_tui.transport.errors import AccessDenied, GatewayError, SignInNeeded
from presence_tui.transport.presence_source import AskedPresence, PresenceSource

RECORDS_A_TURN: Final = 5_000
"""Records looked at before the screen has its turn: a few milliseconds."""

JUST_BOOTED_S: Final = 120.0
"""While a gateway is younger, everybody may still be on their way back (wire contract, section 3.5)."""

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
    unconfirmed: int = 0
    """Members of whom neither this connection nor this reading has said anything."""
    runtime_has_just_booted: bool = False
    """The gateway has just started and its runtime knows of nobody, so that its answer was not taken."""
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
    def is_whole(self) -> bool:
        """True if nobody is missing from what was read: plain members are shown the most active only."""
        if self.malformed_rows or self.left_out or not self.participants or self.total_capped:
            return False
        return self.total is None or self.participants >= self.total

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
        *,
        own_key: str = "",
        uptime_s: float | None = None,
    ) -> None:
        """``own_key`` is ours, whose presence needs no question; ``uptime_s`` is the gateway's, if told."""
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
        """Names and roles from the participants, then states from the runtime, where there is one.

        It is asked of everybody, or else only of those of whom this connection has said nothing;
        ``ask_of_untold``: and of newcomers, and of those of whom nothing was ever said.
        """
        report = RefreshReport()
        listed_before = self._store.rosters.members(conversation_id)
        try:
            await self._read_roster(conversation_id, listed_before, report)
        except GatewayError as error:
            report.roster_error = error
        # The runtime answers false of those whose roster is none of ours.
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
        """The states of these alone, where there is a runtime. Raises ``GatewayError``."""
        await self._read_runtime(list(keys), RefreshReport())

    async def _untold(self, members: list[str], listed_before: list[str], ask_of_untold: bool) -> list[str]:
        """Of whom this connection has said nothing, or nothing since they are members."""
        untold = set(await self._unconfirmed(members))
        if ask_of_untold:
            records = self._store.participants
            untold.update(key for key in members if records[key].flag is None)
            if listed_before:
                # Who was known, left and came back by a link has changed meanwhile, and nobody told us.
                untold.update(set(members).difference(listed_before))
        untold.discard(self._own_key)
        return [key for key in members if key in untold]

    async def _unconfirmed(self, keys: list[str]) -> list[str]:
        records, since_s = self._store.participants, self._store.unconfirmed_since_s
        found: list[str] = []
        for start in range(0, len(keys), RECORDS_A_TURN):
            if start:
                await asyncio.sleep(0)
            some = keys[start : start + RECORDS_A_TURN]
            found += [key for key in some if key != self._own_key and since_s(records[key]) is not None]
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
        self._store.set_roster_whole(conversation_id, report.is_whole)
        if report.is_whole:
            self._remove(conversation_id, listed_before, keys, began)
            self._remove(NEWCOMERS, strangers_before, keys, began)

    def _remove(self, roster: str, listed_before: list[str], keys: set[str], asked: Stamp) -> None:
        """End the memberships that the roster no longer lists; who came meanwhile is not judged."""
        with self._store.batch():
            for key in listed_before:
                if key not in keys:
                    self._store.remove_participant(key, roster, asked=asked)

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
        told = {row.key for answer in answers for row in answer.rows}
        if boots:
            # A runtime that knows of nobody is believed only where somebody has a socket.
            if any(row.flag for answer in answers for row in answer.rows):
                for answer in answers:
                    self._fold_in(answer, report)
            else:
                report.runtime_has_just_booted = True
                told = set()
        self._store.note_left_out([key for key in keys if key not in told], answers[-1].asked)

    def _fold_in(self, answer: AskedPresence, report: RefreshReport) -> None:
        # The contract bounds these to 50.
        changes = self._store.apply_answers(answer.rows, Source.RUNTIME, answer.asked)
        report.changes += [change for change in changes if not change.first_told]

    def _count_malformed(self, rows: int, report: RefreshReport) -> None:
        # At once: a reading that is cancelled keeps what it read, and brings no report.
        report.malformed_rows += rows
        self._counters.malformed_rows += rows


def _count_at_least(report: RefreshReport, seen: int, *, more: bool) -> None:
    """Where the gateway counts fewer than were seen, or does not count, what was seen is the total."""
    if report.total is None or report.total < seen:
        report.total, report.total_capped = seen, more
