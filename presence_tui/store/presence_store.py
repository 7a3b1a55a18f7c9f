"""The reactive store of presence, shared by all views.

Not thread-safe: use it only from the thread (usually the event loop) that created it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from types import MappingProxyType

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Outcome, Source
from presence_tui.domain.evidence import CLOCK_BOUND_S, EARLIEST_S, Evidence, InvalidTimes
from presence_tui.domain.limits import Bounds, LimitCounters
from presence_tui.domain.participants import Participant
from presence_tui.domain.rules import FLAG, Rule
from presence_tui.store.clock import Clock, Stamp, SystemClock
from presence_tui.store.conversation_index import ConversationIndex, ConversationSort
from presence_tui.store.epochs import Epochs, GatewayReturns
from presence_tui.store.evidence import (
    EventBatch,
    apply_answer,
    apply_event,
    apply_typing,
    event_batch,
    split_times,
    why_overruled,
)
from presence_tui.store.filters import NO_FACETS, Facets
from presence_tui.store.member_updates import MemberUpdates
from presence_tui.store.participant_table import ParticipantTable
from presence_tui.store.recent_evidence import Answer, OverruledEvidence, RecentAnswers
from presence_tui.store.records import Origin, Record
from presence_tui.store.roster_index import RosterIndex
from presence_tui.store.rosters import Counts, Rosters
from presence_tui.store.sort_keys import Sort
from presence_tui.store.state_derivation import StateDerivation, seen
from presence_tui.store.subscribers import ChangeSet, Listener, Publisher, Schedule, Unsubscribe
from presence_tui.wire.messages import PresenceRow, RosterRow, Status
from presence_tui.wire.sanitize import is_safe_id, safe_name

# Reading an enum member takes longer than applying an event on Python 3.11.
_APPLIED, _MOVED, _RECONCILED = Outcome.APPLIED, Cause.MOVED, Cause.RECONCILED
_REPLAYED = Cause.REPLAYED
_DUPLICATE = Outcome.DUPLICATE
_EVENT = Source.EVENT
_REFUSED = Outcome.REFUSED


class PresenceStore:
    """Participants, their presence, and subscribers.

    ``rule`` derives states and ``clock`` tells time. ``schedule`` gets ``flush`` at the first change
    since the last flush: without it, listeners get every change at once; with one that waits for the
    next frame, they get all changes in one change set. ``bounds`` are its limits.
    """

    def __init__(
        self,
        *,
        rule: Rule = FLAG,
        clock: Clock | None = None,
        schedule: Schedule | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self.bounds = bounds or Bounds()
        self.limit_counters = LimitCounters()
        """How often limits were reached. Read-only."""
        self.invalid_times = InvalidTimes()
        """Number of impossible times received. Read-only."""
        self._overtaken: dict[str, None] = {}
        self._clock: Clock = clock or SystemClock()
        self._table = ParticipantTable(self.bounds, self.limit_counters, rule.derive(None, None))
        self._records = self._table.records
        self._returns = GatewayReturns()
        self._seq = 0
        self.overruled = OverruledEvidence()
        """Evidence that did not decide, for explanations. Read-only."""
        self.answers = RecentAnswers()
        """What the latest answers said, for explanations. Read-only."""
        self._publisher = Publisher(self._table, self._clock, schedule, self.bounds, self.limit_counters)
        self.indexes = self._publisher.indexes
        """The open indexes, and who is pinned in them."""
        self.states = StateDerivation(rule, self._clock, self._table, self._publisher, self._returns)
        """The rule in force, the clock skew, ages, and states that change with time."""
        self.epochs = Epochs(self._table, self._clock, self._publisher, self._returns)
        """The connections that evidence belongs to, and what the current one has not confirmed."""
        self.members = MemberUpdates(self._table, self._clock, self._publisher, self.epochs)
        """Changes of memberships, roles and names."""
        self.namesakes = self._table.namesakes
        """Participants who share a shown name. Read-only."""

    @property
    def participants(self) -> Mapping[str, Record]:
        """Everyone known, by presence key; a live, read-only mapping."""
        return MappingProxyType(self._records)

    @property
    def rosters(self) -> Rosters:
        """Members of each conversation. Read-only; change memberships through the store."""
        self.indexes.count()
        return self._table.rosters

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self._publisher.version

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def strangers_met(self) -> int:
        """Number of participants first seen in an event, whose conversations only a roster shows."""
        return self._table.strangers_met

    def take_overtaken(self) -> Collection[str]:
        """Participants of events that were taken for overtaken copies since the last call.

        Those whose record ``lacks_copies`` a moment later must be read again.
        """
        if not self._overtaken:
            return ()
        taken, self._overtaken = self._overtaken, {}
        return taken

    def get_user_by_id(self, user_id: str) -> Record | None:
        """Return one participant by presence key, or ``None``."""
        return self._records.get(user_id)

    def counts(self, conversation_id: str | None = None) -> Counts:
        """Members of a conversation by where the rule in force lists them; of everyone if ``None``. O(1)."""
        return self.rosters.counts(conversation_id)

    def roster_index(
        self,
        conversation_id: str | None = None,
        *,
        sort: Sort = Sort.NAME,
        query: str = "",
        facets: Facets = NO_FACETS,
    ) -> RosterIndex:
        """An ordered index of a conversation's panels, or of everyone, updated until closed.

        ``query`` is in the syntax of ``Filter``.
        """
        index = RosterIndex(self, conversation_id, sort, query, facets)
        self.indexes.add(index)
        return index

    def conversation_index(self, sort: ConversationSort = ConversationSort.ACTIVITY) -> ConversationIndex:
        """An index of conversations, initially empty, updated until closed."""
        order = ConversationIndex(self, sort)
        self.indexes.add(order)
        return order

    def language_of(self, key: str) -> str:
        """Code of a participant's language; empty if unknown."""
        known = self._table.languages.get(key)
        return known[0] if known is not None else ""

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Call ``listener`` with each change set from now on. Returns the unsubscribe function."""
        return self._publisher.subscribers.subscribe(listener)

    def unsubscribe(self, listener: Listener) -> None:
        """Stop calling a listener, if it is subscribed."""
        self._publisher.subscribers.unsubscribe(listener)

    def batch(self) -> AbstractContextManager[None]:
        """Combine all changes inside the block into one change set."""
        return self._publisher.subscribers.batch()

    def flush(self) -> ChangeSet:
        """Deliver all changes since the last flush to every listener, and return them.

        Raises ``ExceptionGroup`` with the listeners' errors, after all were called.
        """
        return self._publisher.flush()

    def flush_if_full(self) -> None:
        """Flush if the queue of changes is full. Call it after applying events."""
        self._publisher.subscribers.flush_if_full()

    def update_user_status(
        self,
        user_id: str,
        is_online: bool,
        *,
        username: str = "",
        last_active_at: datetime | None = None,
        timestamp: datetime | None = None,
    ) -> Outcome:
        """Apply one status event. An unknown user gets a minimal record.

        ``timestamp`` is the emission time, if known; both datetimes must be aware. Returns
        the outcome: applied, duplicate, late, refused if there is no room for another
        participant, or malformed for an unsafe id.
        """
        if not is_safe_id(user_id):
            return Outcome.MALFORMED
        outcome = self.apply_status(
            Status(
                key=user_id,
                flag=is_online,
                name=safe_name(username),
                last_active_s=last_active_at.timestamp() if last_active_at else None,
                emitted_s=timestamp.timestamp() if timestamp else None,
            )
        )
        self.flush_if_full()
        return outcome

    def apply_status(self, status: Status, now: Stamp | None = None) -> Outcome:
        """Apply one decoded status event that arrived at ``now``. Call ``flush_if_full`` after a few."""
        return self.apply_statuses([status], now)[0]

    def apply_statuses(
        self, statuses: Iterable[Status], now: Stamp | None = None, *, sent_since_s: float | None = None
    ) -> list[Outcome]:
        """Apply status events that arrived together, in order, and return their outcomes. O(1) each.

        ``sent_since_s`` marks events that are sent again after a gap: they were sent at that time by our
        clock at the earliest, and the cause of their changes is ``replayed``.
        """
        cause = _MOVED if sent_since_s is None else _REPLAYED
        now = now or self._clock.stamp()
        records, newcomer = self._records, self._table.newcomer
        seq, skew_s = self._seq, self.states.skew_s
        batch = event_batch(now, skew_s, self.epochs.current, sent_since_s)
        latest_s, conclude = batch.latest_s, self.states.conclude
        uncounted = self.indexes.uncounted
        outcomes: list[Outcome] = []
        changes: list[Change] = []
        for status in statuses:
            record = records.get(status.key) or newcomer(status.key)
            if record is None:
                outcomes.append(_REFUSED)
                continue
            before = (record.flag, record.state, record.source, record.flag_since_s, record.flag_noticed_s)
            seq += 1
            active_s, emitted_s, invalid_s = status.last_active_s, status.emitted_s, None
            # Checked inline, because nearly all times are possible.
            if (active_s is not None and not EARLIEST_S <= active_s <= latest_s) or (
                emitted_s is not None and not EARLIEST_S <= emitted_s <= latest_s
            ):
                status, invalid_s = split_times(status, batch.gateway_now_s, self.invalid_times)
            outcome = apply_event(record, status, batch, seq, invalid_s)
            outcomes.append(outcome)
            if outcome is _APPLIED:
                name = status.name
                if name and (name != record.name or record.account_name):
                    self._table.name_account(record, name, Origin(Source.EVENT, now.wall_s))
                uncounted[record.key] = record
                change = conclude(record, before, cause, now)
                if change is not None:
                    changes.append(change)
            elif outcome is not _DUPLICATE or status.flag is not record.flag:
                if outcome is _DUPLICATE:
                    self._overtaken[record.key] = None
                reason = why_overruled(record, status, outcome, skew_s)
                self.overruled.add(record.key, reason, _evidence_of(status, batch, seq))
        self._seq = seq
        # Once for all, because there are too many to publish one by one.
        if applied := outcomes.count(_APPLIED):
            self._publisher.publish_many(applied, changes)
        return outcomes

    def apply_typing(
        self,
        key: str,
        conversation_id: str | None = None,
        *,
        name: str = "",
        handle: str = "",
        sent_since_s: float | None = None,
    ) -> Outcome:
        """Apply the start of typing: evidence of activity that does not change the flag. O(1).

        The participant becomes a member of the conversation, if its roster is known. ``sent_since_s`` is that
        of ``apply_statuses``.
        """
        now = self._clock.stamp()
        record = self._records.get(key)
        if record is None and conversation_id is None:
            record = self._table.newcomer(key)
        elif record is None and self._table.has_room():
            record = self._table.ensure(key)
        if record is None:
            return _REFUSED
        if conversation_id is not None and self._table.rosters.knows(conversation_id):
            self._table.join(record, conversation_id)
        before = seen(record)
        apply_typing(record, now, self.states.skew_s, sent_since_s)
        self.states.record_typing(record, now)
        origin = Origin(Source.TYPING, now.wall_s)
        self._table.rename(record, handle=handle, origin=origin)
        self._table.name_account(record, name, origin)
        cause = _MOVED if sent_since_s is None else _REPLAYED
        self._publisher.publish(record, self.states.conclude(record, before, cause, now, Source.TYPING))
        return Outcome.APPLIED

    def stop_typing(self, key: str) -> None:
        """Apply the end of typing, which is no evidence. Ignored for unknown participants."""
        record = self._records.get(key)
        if record is not None and record.typing_s is not None:
            record.typing_s = None
            self._publisher.publish(record)

    def apply_answers(self, rows: Iterable[PresenceRow], source: Source, asked: Stamp) -> list[Change]:
        """Apply a snapshot or runtime presence and return the changes.

        ``asked`` is when the REST request started, or when the snapshot arrived.
        """
        accepted = self._table.within_bounds(list(rows), lambda row: row.key, self._records)
        origin = Origin(source, asked.wall_s)
        records = [self._table.ensure(row.key, handle=row.handle, origin=origin) for row in accepted]
        return self._reconcile(records, accepted, source, asked)

    def set_participants(
        self,
        rows: Iterable[Participant | RosterRow],
        conversation_id: str,
        *,
        asked: Stamp | None = None,
        source: Source = Source.ROSTER,
    ) -> list[Change]:
        """Merge a roster, or one page of it, into a conversation. Removes nothing.

        ``asked`` is when its request started (by default now): evidence received after that is
        not overwritten. Returns the changes of presence.
        """
        records, accepted = self.members.merge(rows, conversation_id, asked)
        return self._reconcile(records, accepted, source, asked or self._clock.stamp())

    def clear(self) -> None:
        """Forget everyone."""
        self._table.clear()
        self.epochs.clear()
        self.members.unlisted.clear()
        self.overruled.clear()
        self.answers.clear()
        self._returns.clear()
        self.states.clear()
        self._publisher.clear()

    def _reconcile(
        self, records: Sequence[Record], rows: Sequence[PresenceRow | RosterRow], source: Source, asked: Stamp
    ) -> list[Change]:
        """Apply an answer's rows; a row without a flag has no presence."""
        if not records:
            return []
        now, epoch, skew_s = self._clock.stamp(), self.epochs.current, self.states.measured_skew_s
        conclude = self.states.conclude
        latest_s = now.wall_s + self.states.skew_s + CLOCK_BOUND_S
        uncounted = self.indexes.uncounted
        changes: list[Change] = []
        self.answers.add(Answer(source, asked, now, epoch, rows))
        for record, row in zip(records, rows, strict=True):
            uncounted[record.key] = record
            flag = row.flag
            if flag is None:
                continue
            before = (record.flag, record.state, record.source, record.flag_since_s, record.flag_noticed_s)
            active_s, invalid_s = row.last_active_s, None
            if active_s is not None and not EARLIEST_S <= active_s <= latest_s:
                self.invalid_times.count(active_s)
                active_s, invalid_s = None, active_s
            reason = apply_answer(record, flag, active_s, source, asked, epoch, skew_s, invalid_s)
            if reason is not None and flag is not record.flag:
                evidence = Evidence(source, flag, row.last_active_s, *asked, epoch)
                self.overruled.add(record.key, reason, evidence)
            change = conclude(record, before, _RECONCILED, now, source)
            if change is not None:
                changes.append(change)
        self._publisher.publish_many(len(records), changes)
        return changes


def _evidence_of(status: Status, batch: EventBatch, seq: int) -> Evidence:
    received = batch.now_s, batch.monotonic_s
    return Evidence(_EVENT, status.flag, status.last_active_s, *received, batch.epoch, seq, status.emitted_s)
