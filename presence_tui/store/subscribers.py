"""Publishes changes: to the indexes, which count and reorder on read, and to subscribers on flush."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from presence_tui.domain.changes import Change
from presence_tui.domain.limits import Bounds, LimitCounters
from presence_tui.store.clock import Clock
from presence_tui.store.index_registry import IndexRegistry
from presence_tui.store.participant_table import ParticipantTable
from presence_tui.store.records import Record


@dataclass(slots=True)
class ChangeSet:
    """Changes between two versions of the store.

    ``changes`` holds every change in order. ``touched`` holds the key of every
    participant with any update (a name, a role, fresher evidence), once each.
    """

    version: int = 0
    changes: list[Change] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    cleared: bool = False

    def __bool__(self) -> bool:
        return bool(self.touched or self.cleared)


Listener = Callable[[ChangeSet], None]
Unsubscribe = Callable[[], None]
Schedule = Callable[[Callable[[], object]], object]
"""Called with ``flush`` at the first change after a flush; decides when to run it."""


class Subscribers:
    """Collects changes and delivers them as one change set."""

    def __init__(
        self,
        schedule: Schedule | None,
        flush: Callable[[], object],
        bounds: Bounds,
        limit_counters: LimitCounters,
    ) -> None:
        self._schedule = schedule
        self._most_waiting = bounds.queue
        self._limit_counters = limit_counters
        self._flush = flush
        self._listeners: list[Listener] = []
        self._pending = ChangeSet()
        self._scheduled = False
        self._flush_postponed = False
        self._batches = 0

    def subscribe(self, listener: Listener) -> Unsubscribe:
        self._listeners.append(listener)
        subscribed = [listener]

        def unsubscribe() -> None:
            # Only once, because the same listener may be subscribed twice.
            while subscribed:
                self.unsubscribe(subscribed.pop())

        return unsubscribe

    def unsubscribe(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)

    def add_changes(self, changes: Iterable[Change] = ()) -> None:
        """Add changes of presence, or none if only other details changed."""
        self._pending.changes += changes
        if not self._scheduled:
            self._request_flush()

    def flush_if_full(self) -> None:
        """Flush early if the queue of changes is full.

        Nothing is lost: the caller waits until the listeners have run.
        """
        if len(self._pending.changes) >= self._most_waiting and self._scheduled and not self._batches:
            self._limit_counters.full_queues += 1
            self._flush()

    def record_touched(self, keys: Iterable[str]) -> None:
        """Record changed participants, at the latest before each flush."""
        self._pending.touched.update(keys)

    def record_cleared(self) -> None:
        """The store was cleared: discard pending changes."""
        self._pending = ChangeSet(cleared=True)
        self._request_flush()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Request no flush before the end of the block."""
        self._batches += 1
        try:
            yield
        finally:
            self._batches -= 1
            if self._flush_postponed:
                self._flush_postponed = False
                self._request_flush()

    def publish(self, version: int) -> ChangeSet:
        """Deliver pending changes to every listener, even if another one raises."""
        self._scheduled = False
        changed, self._pending = self._pending, ChangeSet()
        changed.version = version
        if not changed:
            return changed
        errors: list[Exception] = []
        for listener in tuple(self._listeners):
            try:
                listener(changed)
            except Exception as error:  # noqa: BLE001  (raised below, after all listeners)
                errors.append(error)
        if errors:
            raise ExceptionGroup("listeners of the store failed", errors)
        return changed

    def _request_flush(self) -> None:
        if self._batches:
            self._flush_postponed = True
        if self._scheduled or self._batches:
            return
        self._scheduled = True
        if self._schedule is None:
            self._flush()
        else:
            self._schedule(self._flush)


class Publisher:
    """Counts the changes of a store and hands them on."""

    def __init__(
        self,
        table: ParticipantTable,
        clock: Clock,
        schedule: Schedule | None,
        bounds: Bounds,
        limit_counters: LimitCounters,
    ) -> None:
        self.subscribers = Subscribers(schedule, self.flush, bounds, limit_counters)
        self.indexes = IndexRegistry(table, clock, self.subscribers.record_touched)
        self.version = 0
        """Grows with every change."""

    def publish(self, record: Record, change: Change | None = None) -> None:
        """Publish a touched record; without a change of presence, other details changed."""
        self.version += 1
        self.indexes.uncounted[record.key] = record
        self.subscribers.add_changes(() if change is None else (change,))

    def publish_many(self, touched: int, changes: Iterable[Change]) -> None:
        """Publish records at once that were added to ``indexes.uncounted``; there are too many to publish
        one by one.
        """
        self.version += touched
        self.subscribers.add_changes(changes)

    def flush(self) -> ChangeSet:
        """Deliver all changes since the last flush. Raises ``ExceptionGroup`` with the listeners' errors."""
        self.indexes.reindex()
        return self.subscribers.publish(self.version)

    def clear(self) -> None:
        """Reset after the table was cleared."""
        self.version += 1
        self.indexes.clear()
        self.subscribers.record_cleared()
