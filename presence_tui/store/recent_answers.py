"""The rows of the latest answers and snapshots, for explanations.

The rows are kept as they were decoded, so that recording an answer costs the same for one row and for a
hundred.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from presence_tui.domain.enums import Source
from presence_tui.store.clock import Stamp
from presence_tui.wire.messages import PresenceRow, RosterRow

ROWS_KEPT: Final = 10_000


class Answer(NamedTuple):
    """One answer, one page of it, or a part of a snapshot."""

    source: Source
    asked: Stamp
    """When it was requested, or when a snapshot arrived."""
    arrived: Stamp
    epoch: int
    rows: Sequence[PresenceRow | RosterRow]


class AnsweredRow(NamedTuple):
    """What one answer said about one participant."""

    answer: Answer
    flag: bool
    last_active_s: float | None
    """As reported, even if impossible."""


class RecentAnswers:
    """The latest answers, oldest first."""

    def __init__(self, most: int = ROWS_KEPT) -> None:
        self._most = most
        self._answers: deque[Answer] = deque()
        self._rows = 0

    def add(self, answer: Answer) -> None:
        """Remember an answer; the oldest ones are dropped."""
        self._answers.append(answer)
        self._rows += len(answer.rows)
        while self._rows > self._most:
            self._rows -= len(self._answers.popleft().rows)

    def about(self, key: str) -> Iterator[AnsweredRow]:
        """What the kept answers said about a participant, oldest first. O(rows kept)."""
        for answer in self._answers:
            for row in answer.rows:
                row_key = row.key if isinstance(row, PresenceRow) else row.participant.key
                if row_key == key and row.flag is not None:
                    yield AnsweredRow(answer, row.flag, row.last_active_s)

    def clear(self) -> None:
        self._answers.clear()
        self._rows = 0
