"""The reactive store of presence, shared by all views.

Not thread-safe: use it only from the thread (usually the event loop) that created it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from types import MappingProxyType

from presence_tui.domain.activity_times import CLOCK_BOUND_S, EARLIEST_S, InvalidTimes
from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Outcome, Source, State, listed_by
from presence_tui.domain.flaps import is_flap
from presence_tui.domain.limits import Bounds, LimitCounters
from presence_tui.domain.participants import Participant
from presence_tui.domain.rules import FLAG, Rule
from presence_tui.store.change_sets import ChangeSet
from presence_tui.store.clock import Clock, Stamp, SystemClock
from presence_tui.store.confirmations import Confirmations
from presence_tui.store.conversation_index import ConversationIndex, ConversationSort
from presence_tui.store.evidence import apply_answer, apply_event, apply_typing, reconsider_time, split_times
from presence_tui.store.filters import NO_FACETS, Facets
from presence_tui.store.gateway_returns import GatewayReturns
from presence_tui.store.index_registry import IndexRegistry, OrderedIndex
from presence_tui.store.participant_table import ParticipantTable
from presence_tui.store.records import Record
from presence_tui.store.rosters import Counts, Rosters
from presence_tui.store.sort_keys import Sort
from presence_tui.store.subscribers import Listener, Schedule, Subscribers, Unsubscribe
from presence_tui.store.transitions import Transitions
from presence_tui.store.views import RosterIndex
from presence_tui.wire.messages import PresenceRow, RosterRow, Status
from presence_tui.wire.sanitize import is_safe_id, safe_name

# Reading an enum member takes longer than applying an event on Python 3.11.
_APPLIED, _MOVED, _RECONCILED, _DECAYED = Outcome.APPLIED, Cause.MOVED, Cause.RECONCILED, Cause.DECAYED
_REFUSED = Outcome.REFUSED
_OFFLINE = State.OFFLINE

_change_of: Callable[[tuple[object, ...]], Change] = partial(tuple.__new__, Change)
"""``Change._make`` without its own frame."""

_Seen = tuple[bool | None, State, Source | None, float | None]
"""Earlier state: flag, state, source of the flag, and since when it holds."""


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
        self._rule = rule
        self._clock: Clock = clock or SystemClock()
        self._table = ParticipantTable(self.bounds, self.limit_counters, rule.derive(None, None))
        self._records = self._table.records
        self._confirmations = Confirmations()
        self._returns = GatewayReturns()
        self._transitions = Transitions()
        self._subscribers = Subscribers(schedule, self.flush, self.bounds, self.limit_counters)
        self._indexes = IndexRegistry(self._table, self._clock, self._subscribers.record_touched)
        self._version = 0
        self._seq = 0
        self._epoch = 0
        self._skew_s: float | None = None
        self.skew_s = 0.0
        """The gateway's clock minus ours in seconds; 0 if never measured. Read-only."""

    @property
    def participants(self) -> Mapping[str, Record]:
        """Everyone known, by presence key; a live, read-only mapping."""
        return MappingProxyType(self._records)

    @property
    def rosters(self) -> Rosters:
        """Members of each conversation. Read-only; change memberships through the store."""
        self._indexes.count()
        return self._table.rosters

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self._version

    @property
    def rule(self) -> Rule:
        return self._rule

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def epoch(self) -> int:
        """The current epoch (authenticated connection) of new evidence; 0 before the first."""
        return self._epoch

    @property
    def strangers_met(self) -> int:
        """Number of participants first seen in an event, whose conversations only a roster shows."""
        return self._table.strangers_met

    @property
    def next_transition_s(self) -> float | None:
        """Unix time of the next transition for ``advance``; ``None`` if there is none."""
        return self._transitions.next_s

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
        self._indexes.add(index)
        return index

    def close_index(self, index: OrderedIndex) -> None:
        """Stop updating an index. Called by the index's ``close``."""
        self._indexes.remove(index)

    def reopen_index(self, index: OrderedIndex) -> None:
        """Update a closed index again. Called by the index's ``reopen``."""
        self._indexes.reopen(index)

    def conversation_index(self, sort: ConversationSort = ConversationSort.ACTIVITY) -> ConversationIndex:
        """An index of conversations, initially empty, updated until closed."""
        order = ConversationIndex(self, sort)
        self._indexes.add(order)
        return order

    @property
    def pins(self) -> Collection[str]:
        """Presence keys pinned to the top of their panel, in every view."""
        return self._indexes.pins

    def pin(self, keys: Iterable[str], pinned: bool = True) -> None:
        """Pin or unpin presence keys, known or not. O(log n) each."""
        self._indexes.pin(keys, pinned)

    def language_of(self, key: str) -> str:
        """Code of a participant's language; empty if unknown."""
        return self._table.languages.get(key, "")

    def age_s(self, record: Record) -> float | None:
        """Seconds since the newest sign of life, or ``None`` if there was none."""
        if record.activity_s is None:
            return None
        return self._clock.stamp().wall_s + self.skew_s - record.activity_s

    def age_by(self, rule: Rule, record: Record) -> float | None:
        """Seconds since what another rule takes for the newest sign of life, or ``None`` if it knows none."""
        from_s = rule.aged_from_s(record.activity_s, record.invalid_active_s)
        return None if from_s is None else self._clock.stamp().wall_s + self.skew_s - from_s

    def state_by(self, rule: Rule, record: Record) -> State:
        """What another rule makes of the participant now."""
        return rule.derive(record.flag, self.age_by(rule, record))

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Call ``listener`` with each change set from now on. Returns the unsubscribe function."""
        return self._subscribers.subscribe(listener)

    def unsubscribe(self, listener: Listener) -> None:
        """Stop calling a listener, if it is subscribed."""
        self._subscribers.unsubscribe(listener)

    def batch(self) -> AbstractContextManager[None]:
        """Combine all changes inside the block into one change set."""
        return self._subscribers.batch()

    def flush(self) -> ChangeSet:
        """Deliver all changes since the last flush to every listener, and return them.

        Raises ``ExceptionGroup`` with the listeners' errors, after all were called.
        """
        self.reindex()
        return self._subscribers.publish(self._version)

    def flush_if_full(self) -> None:
        """Flush if the queue of changes is full. Call it after applying events."""
        self._subscribers.flush_if_full()

    def reindex(self) -> None:
        """Count every touched participant, and move it within every index."""
        self._indexes.reindex()

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

    def apply_statuses(self, statuses: Iterable[Status], now: Stamp | None = None) -> list[Outcome]:
        """Apply status events that arrived together, in order, and return their outcomes. O(1) each."""
        now = now or self._clock.stamp()
        records, newcomer = self._records, self._table.newcomer
        epoch, seq, skew_s = self._epoch, self._seq, self._skew_s
        gateway_now_s = now.wall_s + self.skew_s
        latest_s = gateway_now_s + CLOCK_BOUND_S
        uncounted = self._indexes.uncounted
        outcomes: list[Outcome] = []
        changes: list[Change] = []
        for status in statuses:
            record = records.get(status.key) or newcomer(status.key)
            if record is None:
                outcomes.append(_REFUSED)
                continue
            before = (record.flag, record.state, record.source, record.flag_since_s)
            seq += 1
            active_s, emitted_s, invalid_s = status.last_active_s, status.emitted_s, None
            # Checked inline, because nearly all times are possible.
            if (active_s is not None and not EARLIEST_S <= active_s <= latest_s) or (
                emitted_s is not None and not EARLIEST_S <= emitted_s <= latest_s
            ):
                status, invalid_s = split_times(status, gateway_now_s, self.invalid_times)
            outcome = apply_event(record, status, now, epoch, seq, skew_s, invalid_s)
            outcomes.append(outcome)
            if outcome is _APPLIED:
                name = status.name
                if name and (name != record.name or record.account_name):
                    self._table.name_account(record, name)
                uncounted[record.key] = record
                change = self._conclude(record, before, _MOVED, now)
                if change is not None:
                    changes.append(change)
        self._seq = seq
        # Once for all, because there are too many to publish one by one.
        if applied := outcomes.count(_APPLIED):
            self._version += applied
            self._subscribers.add_changes(changes)
        return outcomes

    def apply_typing(
        self, key: str, conversation_id: str | None = None, *, name: str = "", handle: str = ""
    ) -> Outcome:
        """Apply the start of typing: evidence of activity that does not change the flag. O(1).

        The participant becomes a member of the conversation, if its roster is known.
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
        before = _seen(record)
        apply_typing(record, now, self._skew_s)
        self._table.rename(record, handle=handle)
        self._table.name_account(record, name)
        self._publish(record, self._conclude(record, before, _MOVED, now, Source.TYPING))
        return Outcome.APPLIED

    def stop_typing(self, key: str) -> None:
        """Apply the end of typing, which is no evidence. Ignored for unknown participants."""
        record = self._records.get(key)
        if record is not None and record.typing_s is not None:
            record.typing_s = None
            self._publish(record)

    def apply_answers(self, rows: Iterable[PresenceRow], source: Source, asked: Stamp) -> list[Change]:
        """Apply a snapshot or runtime presence and return the changes.

        ``asked`` is when the REST request started, or when the snapshot arrived.
        """
        found = self._table.within_bounds(list(rows), lambda told: told.key, self._records)
        records = [self._table.ensure(told.key, handle=told.handle) for told in found]
        return self._reconcile(records, found, source, asked)

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
        listed = [row if isinstance(row, RosterRow) else RosterRow(row) for row in rows]
        rosters, now = self._table.rosters, self._clock.stamp()
        if asked is None:
            for row in listed:
                rosters.note_membership_event(conversation_id, row.participant.key, now.monotonic_s)
        elif newer := rosters.changed_since(conversation_id, asked.monotonic_s):
            left = newer.difference(rosters.held(conversation_id))
            listed = [row for row in listed if row.participant.key not in left]
        held = rosters.held(conversation_id)
        found = self._table.within_bounds(listed, lambda row: row.participant.key, held)
        records = self._table.add_members([row.participant for row in found], conversation_id)
        return self._reconcile(records, found, source, asked or now)

    def set_roster_whole(self, conversation_id: str, is_whole: bool) -> None:
        """Record that a roster was read to its end; ``is_whole`` if it lists all members."""
        self._table.rosters.set_whole(conversation_id, is_whole)

    def remove_participant(self, key: str, conversation_id: str, *, asked: Stamp | None = None) -> bool:
        """Remove a member; false if it was none. The participant stays in the store.

        ``asked`` is when the roster without the member was requested; ``None`` for an event.
        """
        rosters, now = self._table.rosters, self._clock.stamp()
        if asked is None:
            rosters.note_membership_event(conversation_id, key, now.monotonic_s)
        elif key in rosters.changed_since(conversation_id, asked.monotonic_s):
            return False
        record = self._records.get(key)
        if record is None or not rosters.leave(record, conversation_id):
            return False
        if not record.conversations:
            # No events arrive about participants without a shared conversation.
            self._confirmations.left_out([key], now)
        self._publish(record)
        return True

    def apply_names(self, names: Mapping[str, tuple[str, str]]) -> None:
        """Update handles and names of known accounts: key to (handle, name)."""
        with self.batch():
            for key, (handle, name) in names.items():
                record = self._records.get(key)
                if record is not None:
                    self._table.rename(record, handle=handle)
                    self._table.name_account(record, name)
                    self._publish(record)

    def prefer_names_of(self, conversation_id: str) -> None:
        """Give names from this conversation's roster precedence."""
        self._table.preferred = conversation_id

    def set_role(self, key: str, conversation_id: str, role: str) -> None:
        """Change a member's role. Ignored for non-members."""
        record = self._records.get(key)
        if record is not None and conversation_id in record.conversations:
            self._table.rosters.join(record, conversation_id, role)
            self._publish(record)

    def begin_epoch(self, true_until_s: float | None = None) -> int:
        """Begin the epoch of a newly authenticated connection, and return it.

        The state before it was current until ``true_until_s`` (Unix), if known.
        """
        self._epoch += 1
        now = self._clock.stamp()
        self._confirmations.begin_epoch(now, true_until_s)
        self._returns.begin_epoch(now.wall_s, true_until_s)
        return self._epoch

    def note_boot(self, booted_s: float) -> None:
        """Record when the gateway booted, in Unix seconds by our clock."""
        self._returns.note_boot(booted_s)

    def unconfirmed_since_s(self, record: Record) -> float | None:
        """Unix time since when a flag is unconfirmed; ``None`` if confirmed."""
        return self._confirmations.unconfirmed_since_s(record)

    def note_left_out(self, keys: Iterable[str], asked: Stamp) -> None:
        """Record that an answer omits these keys: their flags stay, but are not confirmed."""
        with self.batch():
            for key in keys:
                record = self._records.get(key)
                if record is not None:
                    self._confirmations.left_out([key], asked)
                    self._publish(record)

    def set_skew(self, skew_s: float) -> None:
        """Set the measured skew: the gateway's clock is ``skew_s`` seconds ahead of ours.

        Ages change, so every state is derived again; no change is reported.
        """
        if skew_s != self._skew_s:
            self._skew_s = self.skew_s = skew_s
            gateway_now_s = self._clock.stamp().wall_s + skew_s
            for record in self._records.values():
                reconsider_time(record, gateway_now_s)
            self._derive_everyone()

    def set_rule(self, rule: Rule) -> None:
        """Derive every state by another rule. No change is reported, because presence did not change."""
        self._rule = rule
        self._table.unknown_state = rule.derive(None, None)
        self._derive_everyone()

    def advance(self) -> list[Change]:
        """Derive the states of participants whose transition is due."""
        now = self._clock.stamp()
        changes: list[Change] = []
        with self.batch():
            for at_s, key in self._transitions.due(now.wall_s):
                record = self._records[key]
                if record.wakes_s == at_s:
                    record.wakes_s = None
                    change = self._conclude(record, _seen(record), _DECAYED, now)
                    self._publish(record, change)
                    if change is not None:
                        changes.append(change)
        return changes

    def clear(self) -> None:
        """Forget everyone."""
        self._table.clear()
        self._confirmations.clear()
        self._returns.clear()
        self._transitions.clear()
        self._version += 1
        self._indexes.clear()
        self._subscribers.record_cleared()

    def _reconcile(
        self, records: Sequence[Record], rows: Sequence[PresenceRow | RosterRow], source: Source, asked: Stamp
    ) -> list[Change]:
        """Apply an answer's rows; a row without a flag has no presence."""
        if not records:
            return []
        now, epoch, skew_s = self._clock.stamp(), self._epoch, self._skew_s
        latest_s = now.wall_s + self.skew_s + CLOCK_BOUND_S
        uncounted = self._indexes.uncounted
        changes: list[Change] = []
        for record, row in zip(records, rows, strict=True):
            uncounted[record.key] = record
            flag = row.flag
            if flag is None:
                continue
            before = (record.flag, record.state, record.source, record.flag_since_s)
            active_s, invalid_s = row.last_active_s, None
            if active_s is not None and not EARLIEST_S <= active_s <= latest_s:
                self.invalid_times.count(active_s)
                active_s, invalid_s = None, active_s
            apply_answer(record, flag, active_s, source, asked, epoch, skew_s, invalid_s)
            change = self._conclude(record, before, _RECONCILED, now, source)
            if change is not None:
                changes.append(change)
        self._version += len(records)
        self._subscribers.add_changes(changes)
        return changes

    def _conclude(
        self,
        record: Record,
        before: _Seen,
        cause: Cause,
        now: Stamp,
        source: Source | None = None,
    ) -> Change | None:
        """Derive the state after new evidence or a transition; return the change, if any, for publishing."""
        flag_before, state_before, source_before, since_s = before
        self._derive(record, now)
        flag, state = record.flag, record.state
        if flag is flag_before and state is state_before:
            return None
        if cause is _DECAYED and state is _OFFLINE:
            cause = Cause.EXPIRED
        elif cause is _RECONCILED and flag_before and not flag:
            self._returns.found_offline(record.key, now.wall_s)
        elif (
            cause is _MOVED
            and flag
            and flag_before is False
            and self._returns.is_return(record.key, now.wall_s)
        ):
            cause = Cause.RECONNECTED
        change = _change_of(
            (
                now.wall_s,
                cause,
                record.key,
                record.name or record.shown_name,
                state_before,
                state,
                flag_before,
                flag,
                record.last_active_s,
                source or record.source,
                record.epoch,
                record.seq,
                source_before is None and record.source is not None,
                None if since_s is None else now.wall_s - since_s,
            )
        )
        if flag and is_flap(change):
            record.flaps += 1
        return change

    def _derive_everyone(self) -> None:
        self._transitions.clear()
        self._indexes.count()
        now = self._clock.stamp()
        with self.batch():
            for record in self._records.values():
                record.wakes_s = None
                self._derive(record, now)
                self._publish(record)
            self._indexes.count(by_rule=True)

    def _derive(self, record: Record, now: Stamp) -> None:
        now_s = now.wall_s
        from_s = record.activity_s
        if record.invalid_active_s is not None:
            from_s = self._rule.aged_from_s(from_s, record.invalid_active_s)
        age_s = None if from_s is None else now_s + self.skew_s - from_s
        record.state, wait_s = self._rule.read(record.flag, age_s)
        record.listed = listed_by(record.state, record.flag)
        if wait_s is not None:
            wakes_s = record.wakes_s
            if wakes_s is None or wakes_s > now_s + wait_s:
                self._transitions.schedule(record, now_s + wait_s)

    def _publish(self, record: Record, change: Change | None = None) -> None:
        self._version += 1
        self._indexes.uncounted[record.key] = record
        self._subscribers.add_changes(() if change is None else (change,))


def _seen(record: Record) -> _Seen:
    return record.flag, record.state, record.source, record.flag_since_s
