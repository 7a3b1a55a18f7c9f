"""Coverage: the spans of time in which somebody watched, and the gaps between."""

import sqlite3
from collections.abc import Iterable
from typing import Final, NamedTuple

from presence_tui.history.schema import IS_A_TIME

FRESH_S: Final = 90.0
"""On a live link, coverage extends to within this time of now."""


class Span(NamedTuple):
    """A span between two Unix times."""

    began_s: float
    until_s: float

    @property
    def length_s(self) -> float:
        return max(0.0, self.until_s - self.began_s)


def merged(spans: Iterable[Span], bridged_s: float = 0.0) -> list[Span]:
    """Sort and merge spans, and close holes of at most ``bridged_s`` seconds."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.began_s <= found[-1].until_s + bridged_s:
            found[-1] = Span(found[-1].began_s, max(found[-1].until_s, span.until_s))
        else:
            found.append(span)
    return found


def without(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """The parts of merged spans outside of the holes."""
    left: list[Span] = []
    cuts = merged(holes)
    for began_s, until_s in spans:
        for cut in cuts:
            if cut.until_s > began_s and cut.began_s < until_s:
                if cut.began_s > began_s:
                    left.append(Span(began_s, cut.began_s))
                began_s = cut.until_s
        if began_s < until_s:
            left.append(Span(began_s, until_s))
    return left


def gaps(coverage: Iterable[Span], since_s: float, until_s: float) -> list[Span]:
    """The parts of a span without coverage (merged)."""
    return without([Span(since_s, until_s)], coverage)


def within(spans: Iterable[Span], since_s: float, until_s: float) -> list[Span]:
    """The parts of spans between two times."""
    clipped = (Span(max(span.began_s, since_s), min(span.until_s, until_s)) for span in spans)
    return [span for span in clipped if span.length_s > 0]


def read_coverage(connection: sqlite3.Connection, runs: str, scope: tuple[object, ...]) -> list[Span]:
    """Stored coverage, merged. ``runs`` is an SQL condition, ``scope`` its values."""
    times = f"began_s {IS_A_TIME} AND until_s {IS_A_TIME}"
    horizon_s: float = connection.execute("SELECT at_s FROM horizon").fetchone()[0]
    spans = connection.execute(f"SELECT began_s, until_s FROM spans WHERE {runs} AND {times}", scope)
    coverage = merged(Span(*row) for row in spans)
    losses = connection.execute(f"SELECT began_s, until_s FROM unrecorded WHERE {runs} AND {times}", scope)
    covered = without(coverage, [Span(*row) for row in losses])
    return within(covered, horizon_s, float("inf"))


def extended(coverage: list[Span], until_s: float) -> list[Span]:
    """Coverage up to ``until_s``, if the last of it is not stored yet."""
    if coverage and 0 <= until_s - coverage[-1].until_s <= FRESH_S:
        return [*coverage[:-1], Span(coverage[-1].began_s, until_s)]
    return coverage
