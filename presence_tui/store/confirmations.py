"""Of whom the connection of now has said nothing: they are shown as they were, and not as if it were so now.

Whether somebody is confirmed follows from when their record was last told of, so that nothing is written
per event: a new connection makes everybody unconfirmed at once, and each is confirmed by being told of.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

from presence_tui.store.clock import Stamp
from presence_tui.store.records import Record

EPOCHS_KEPT: Final = 1_000


class Confirmations:
    """Knows when connections began, and whom an answer left out."""

    def __init__(self) -> None:
        self._began_monotonic_s: list[float] = []
        self._true_until_s: list[float | None] = []
        """For each: up to when what was known before it was kept true, in Unix seconds."""
        self._left_out: dict[str, Stamp] = {}
        """By presence key: when an answer was asked for that said nothing of them."""

    def begin_epoch(self, now: Stamp, true_until_s: float | None) -> None:
        """A connection was authenticated; what was known before it was true until then."""
        self._began_monotonic_s.append(now.monotonic_s)
        self._true_until_s.append(true_until_s)
        del self._began_monotonic_s[:-EPOCHS_KEPT], self._true_until_s[:-EPOCHS_KEPT]

    def left_out(self, keys: Iterable[str], asked: Stamp) -> None:
        """An answer that was asked for says nothing of these."""
        self._left_out.update(dict.fromkeys(keys, asked))

    def unconfirmed_since_s(self, record: Record) -> float | None:
        """Since when nobody has confirmed the flag (Unix seconds); ``None`` if confirmed or unknown."""
        if record.source is None:
            return None
        told_s = record.received_monotonic_s
        following = bisect_right(self._began_monotonic_s, told_s)
        if following < len(self._began_monotonic_s):
            until_s = self._true_until_s[following]
            return record.received_s if until_s is None else until_s
        asked = self._left_out.get(record.key)
        return asked.wall_s if asked is not None and told_s < asked.monotonic_s else None

    def clear(self) -> None:
        """Nobody is known any more."""
        self._left_out.clear()
