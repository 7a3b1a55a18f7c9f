"""Epochs (authenticated connections), and what each has confirmed."""

from collections.abc import Iterable

from presence_tui.store.clock import Clock, Stamp
from presence_tui.store.confirmations import Confirmations
from presence_tui.store.gateway_returns import GatewayReturns
from presence_tui.store.participant_table import ParticipantTable
from presence_tui.store.publisher import Publisher
from presence_tui.store.records import Record


class Epochs:
    """Numbers the epochs of a store."""

    def __init__(
        self,
        table: ParticipantTable,
        clock: Clock,
        publisher: Publisher,
        confirmations: Confirmations,
        returns: GatewayReturns,
    ) -> None:
        self._table = table
        self._clock = clock
        self._publisher = publisher
        self._confirmations = confirmations
        self._returns = returns
        self.current = 0
        """The epoch of new evidence; 0 before the first. Read-only."""

    def begin(self, true_until_s: float | None = None) -> int:
        """Begin the epoch of a newly authenticated connection, and return it.

        The state before it was current until ``true_until_s`` (Unix), if known.
        """
        self.current += 1
        now = self._clock.stamp()
        self._confirmations.begin_epoch(now, true_until_s)
        self._returns.begin_epoch(now.wall_s, true_until_s)
        return self.current

    def record_boot(self, booted_s: float) -> None:
        """Record when the gateway booted, in Unix seconds by our clock."""
        self._returns.record_boot(booted_s)

    def unconfirmed_since_s(self, record: Record) -> float | None:
        """Unix time since when a flag is unconfirmed; ``None`` if confirmed."""
        return self._confirmations.unconfirmed_since_s(record)

    def record_left_out(self, keys: Iterable[str], asked: Stamp) -> None:
        """Record that an answer omits these keys: their flags stay, but are not confirmed."""
        with self._publisher.subscribers.batch():
            for key in keys:
                record = self._table.records.get(key)
                if record is not None:
                    self._confirmations.left_out([key], asked)
                    self._publisher.publish(record)
