"""Derives states from evidence, a rule and the time, and when each changes next."""

import heapq
from collections.abc import Callable, Iterable
from functools import partial

from presence_tui.domain.changes import Change, is_flap
from presence_tui.domain.enums import Cause, Source, State, listed_by
from presence_tui.domain.rules import INSTANT_S, Rule
from presence_tui.store.clock import Clock, Stamp
from presence_tui.store.epochs import GatewayReturns, HeldStates, Hold
from presence_tui.store.evidence import correct_times
from presence_tui.store.participant_table import ParticipantTable
from presence_tui.store.records import Record
from presence_tui.store.subscribers import Publisher


class Transitions:
    """Transition times of records, in Unix seconds by our clock."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def next_s(self) -> float | None:
        """When the first entry is due; ``None`` if there is none."""
        return self._heap[0][0] if self._heap else None

    def schedule(self, record: Record, at_s: float) -> None:
        """Schedule a check of the record by ``at_s``."""
        if record.wakes_s is not None and record.wakes_s <= at_s:
            return
        record.wakes_s = at_s
        heapq.heappush(self._heap, (at_s, record.key))

    def due(self, now_s: float) -> list[tuple[float, str]]:
        """Remove and return every entry that is due, as (time, key)."""
        entries: list[tuple[float, str]] = []
        while self._heap and self._heap[0][0] <= now_s:
            entries.append(heapq.heappop(self._heap))
        return entries

    def clear(self) -> None:
        self._heap.clear()


# Reading an enum member takes longer than applying an event on Python 3.11.
_MOVED, _RECONCILED, _DECAYED = Cause.MOVED, Cause.RECONCILED, Cause.DECAYED
_OFFLINE = State.OFFLINE

_change_of: Callable[[tuple[object, ...]], Change] = partial(tuple.__new__, Change)
"""``Change._make`` without its own frame."""

Seen = tuple[bool | None, State, Source | None, float | None, float | None]
"""Earlier state: flag, state, source of the flag, since when it holds, and when that was noticed instead."""


class StateDerivation:
    """The rule in force, the clock skew, and the times at which states change without evidence."""

    def __init__(
        self,
        rule: Rule,
        clock: Clock,
        table: ParticipantTable,
        publisher: Publisher,
        returns: GatewayReturns,
    ) -> None:
        self.rule = rule
        """Read-only; change it by ``set_rule``."""
        self._clock = clock
        self._table = table
        self._publisher = publisher
        self._returns = returns
        self._transitions = Transitions()
        self._held = HeldStates()
        self.measured_skew_s: float | None = None
        """The gateway's clock minus ours in seconds; ``None`` if never measured. Read-only."""
        self.skew_s = 0.0
        """The same, or 0 if never measured. Read-only."""

    @property
    def next_transition_s(self) -> float | None:
        """Unix time of the next transition for ``advance``; ``None`` if there is none."""
        return self._transitions.next_s

    def age_s(self, record: Record) -> float | None:
        """Seconds since the newest sign of life, or ``None`` if there was none."""
        if record.activity_s is None:
            return None
        return self._clock.stamp().wall_s + self.skew_s - record.activity_s

    def latest_age_s(self, record: Record) -> float | None:
        """The same, or since they were seen to leave if they hide every sign of life."""
        latest_s = record.latest_s
        return None if latest_s is None else self._clock.stamp().wall_s + self.skew_s - latest_s

    def age_by(self, rule: Rule, record: Record) -> float | None:
        """Seconds since what another rule takes for the newest sign of life, or ``None`` if it knows none."""
        from_s = rule.aged_from_s(record.activity_s, record.invalid_active_s)
        if from_s is None:
            return None
        return self.as_of_s(record) + self.skew_s - from_s

    def state_by(self, rule: Rule, record: Record) -> State:
        """What another rule makes of the participant now, or made when their state was held."""
        return rule.derive(record.flag, self.age_by(rule, record))

    def as_of_s(self, record: Record) -> float:
        """Unix time by which the state is derived: now, or when it was held."""
        hold = self._hold_of(record)
        return self._clock.stamp().wall_s if hold is None else hold.as_of_s

    def held_since_s(self, record: Record) -> float | None:
        """Unix time until when the state was current; ``None`` if it changes with time."""
        hold = self._hold_of(record)
        return None if hold is None else hold.true_until_s

    def hold(self, as_of_s: float | None = None, true_until_s: float | None = None) -> None:
        """Let every state stand still until evidence received from now on, because the link is lost.

        They stay as they were at ``as_of_s`` (Unix), by default now, and were current until
        ``true_until_s``, by default then. Transitions missed while the process was suspended are not made
        up for.
        """
        now = self._clock.stamp()
        if as_of_s is None:
            as_of_s = self._derived_s(now)
        self._held.add(now, Hold(as_of_s, as_of_s if true_until_s is None else true_until_s))

    def hold_members(self, records: Iterable[Record], true_until_s: float) -> None:
        """Let the states of some participants stand still, because nothing about them arrives any more.

        They stay as they are, and were current until ``true_until_s`` (Unix).
        """
        now = self._clock.stamp()
        hold = Hold(self._derived_s(now), true_until_s)
        self._held.add_members(((each.key, each.received_monotonic_s) for each in records), now, hold)

    def release_members(self, conversation_id: str) -> None:
        """Let the states of the members that ``hold_members`` held change with time again."""
        keys = self._held.release(self._table.rosters.held(conversation_id))
        released = [self._table.records[key] for key in keys]
        now = self._clock.stamp()
        with self._publisher.subscribers.batch():
            for record in released:
                self._publisher.publish(record, self.conclude(record, seen(record), _DECAYED, now))

    def record_typing(self, record: Record, now: Stamp) -> None:
        """Record typing, after which a held state changes with time again."""
        if record.received_monotonic_s < self._held.latest_monotonic_s:
            self._held.record_typing(record.key, now)

    def _derived_s(self, now: Stamp) -> float:
        """Unix time as of which states are derived: now, or before the first transition that is overdue."""
        next_s = self._transitions.next_s
        return now.wall_s if next_s is None else min(now.wall_s, next_s - INSTANT_S)

    def _hold_of(self, record: Record) -> Hold | None:
        return self._held.of(record.key, record.received_monotonic_s)

    def set_skew(self, skew_s: float) -> None:
        """Set the measured skew: the gateway's clock is ``skew_s`` seconds ahead of ours.

        Ages change, so every state is derived again; no change is reported.
        """
        if skew_s != self.measured_skew_s:
            by_s, gateway_now_s = skew_s - self.skew_s, self._clock.stamp().wall_s + skew_s
            self.measured_skew_s = self.skew_s = skew_s
            for record in self._table.records.values():
                correct_times(record, by_s, gateway_now_s)
            self._derive_everyone()

    def on_clock_set_back(self, by_s: float) -> None:
        """Our clock was set back, the gateway's was not. Ages and the times of transitions stay."""
        self.skew_s += by_s
        self._held.set_back(by_s)
        if self.measured_skew_s is not None:
            self.measured_skew_s = self.skew_s
        self._derive_everyone()

    def set_rule(self, rule: Rule) -> None:
        """Derive every state by another rule. No change is reported, because presence did not change."""
        self.rule = rule
        self._table.unknown_state = rule.derive(None, None)
        self._derive_everyone()

    def advance(self) -> list[Change]:
        """Derive the states of participants whose transition is due."""
        now = self._clock.stamp()
        changes: list[Change] = []
        with self._publisher.subscribers.batch():
            for at_s, key in self._transitions.due(now.wall_s):
                record = self._table.records[key]
                if record.wakes_s == at_s:
                    record.wakes_s = None
                    change = self.conclude(record, seen(record), _DECAYED, now)
                    self._publisher.publish(record, change)
                    if change is not None:
                        changes.append(change)
        return changes

    def conclude(
        self,
        record: Record,
        before: Seen,
        cause: Cause,
        now: Stamp,
        source: Source | None = None,
    ) -> Change | None:
        """Derive the state after new evidence or a transition; return the change, if any, for publishing."""
        flag_before, state_before, source_before, since_s, noticed_s = before
        now_s = now.wall_s
        self._derive(record, now_s)
        flag, state = record.flag, record.state
        if flag is flag_before and state is state_before:
            return None
        returns = self._returns
        if cause is _DECAYED and state is _OFFLINE:
            cause = Cause.EXPIRED
        elif cause is _RECONCILED and flag_before and not flag:
            returns.found_offline(record.key, now_s)
        elif (
            cause is _MOVED
            and flag
            and flag_before is False
            and returns.lost
            and returns.is_return(record.key, now_s)
        ):
            cause = Cause.RECONNECTED
        change = _change_of(
            (
                now_s,
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
                None if since_s is None else now_s - since_s,
                None if noticed_s is None else now_s - noticed_s,
            )
        )
        if flag and is_flap(change):
            record.flaps += 1
        return change

    def clear(self) -> None:
        """Reset after the table was cleared."""
        self._transitions.clear()
        self._held.clear()

    def _derive_everyone(self) -> None:
        self._transitions.clear()
        self._publisher.indexes.count()
        now_s = self._clock.stamp().wall_s
        with self._publisher.subscribers.batch():
            for record in self._table.records.values():
                record.wakes_s = None
                self._derive(record, now_s)
                self._publisher.publish(record)
            self._publisher.indexes.count(by_rule=True)

    def _derive(self, record: Record, now_s: float) -> None:
        is_held = False
        # Compared inline, because nearly all evidence is current.
        if record.received_monotonic_s < self._held.latest_monotonic_s:
            hold = self._hold_of(record)
            if hold is not None:
                now_s, is_held = hold.as_of_s, True
        from_s, flag = record.activity_s, record.flag
        if record.invalid_active_s is not None:
            from_s = self.rule.aged_from_s(from_s, record.invalid_active_s)
        age_s = None if from_s is None else now_s + self.skew_s - from_s
        record.state, wait_s = self.rule.read(flag, age_s)
        record.listed = listed_by(record.state, flag)
        if wait_s is not None and not is_held:
            wakes_s = record.wakes_s
            if wakes_s is None or wakes_s > now_s + wait_s:
                self._transitions.schedule(record, now_s + wait_s)


def seen(record: Record) -> Seen:
    """What ``conclude`` compares with, before evidence is applied."""
    return record.flag, record.state, record.source, record.flag_since_s, record.flag_noticed_s
