"""Which participants the current connection has not confirmed; they are shown with their earlier state.

Confirmation follows from the time of a record's last evidence, so nothing is written
per event: a new connection makes everyone unconfirmed, and new evidence confirms each.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

from presence_tui.store.clock import Stamp
from presence_tui.store.records import Record

EPOCHS_KEPT: Final = 1_000


class Confirmations:
    """Records the starts of connections, and participants omitted from answers."""

    def __init__(self) -> None:
        self._began_monotonic_s: list[float] = []
        self._true_until_s: list[float | None] = []
        """Per epoch: until when the state before it was current, in Unix seconds."""
        self._left_out: dict[str, Stamp] = {}
        """Presence key to the request time of an answer that omitted it."""

    def begin_epoch(self, now: Stamp, true_until_s: float | None) -> None:
        """Begin an epoch; the state before it was current until ``true_until_s``."""
        self._began_monotonic_s.append(now.monotonic_s)
        self._true_until_s.append(true_until_s)
        del self._began_monotonic_s[:-EPOCHS_KEPT], self._true_until_s[:-EPOCHS_KEPT]

    def left_out(self, keys: Iterable[str], asked: Stamp) -> None:
        """Record that an answer requested at ``asked`` omitted these keys."""
        self._left_out.update(dict.fromkeys(keys, asked))

    def unconfirmed_since_s(self, record: Record) -> float | None:
        """Unix time since when the flag is unconfirmed; ``None`` if confirmed or unknown."""
        if record.source is None:
            return None
        received_s = record.received_monotonic_s
        following = bisect_right(self._began_monotonic_s, received_s)
        if following < len(self._began_monotonic_s):
            until_s = self._true_until_s[following]
            return record.received_s if until_s is None else until_s
        asked = self._left_out.get(record.key)
        return asked.wall_s if asked is not None and received_s < asked.monotonic_s else None

    def clear(self) -> None:
        self._left_out.clear()
