"""Publishes changes of records: to the indexes, which count and reorder on read, and to subscribers."""

from collections.abc import Iterable

from presence_tui.domain.changes import Change
from presence_tui.domain.limits import Bounds, LimitCounters
from presence_tui.store.clock import Clock
from presence_tui.store.index_registry import IndexRegistry
from presence_tui.store.participant_table import ParticipantTable
from presence_tui.store.records import Record
from presence_tui.store.subscribers import ChangeSet, Schedule, Subscribers


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
