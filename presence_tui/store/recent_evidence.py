"""Evidence kept for explanations, apart from the records: the latest answers, and what was overruled."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from presence_tui.domain.enums import Source
from presence_tui.domain.evidence import Evidence, Overruled, OverruledReason
from presence_tui.store.clock import Stamp
from presence_tui.wire.messages import PresenceRow, RosterRow

ROWS_KEPT: Final = 10_000
"""Rows of answers."""
PARTICIPANTS_KEPT: Final = 1_000
EACH_KEPT: Final = 4
"""Overruled reports of each participant."""


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
    """The latest answers and snapshots, oldest first.

    Rows are kept as they were decoded, so recording an answer costs the same for one row and for a hundred.
    """

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


class OverruledEvidence:
    """The latest evidence of each participant that contradicted what is shown and did not decide.

    Only rare evidence is added: late events, and answers that were overruled. Copies are counted in the
    record instead.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Overruled, ...]] = {}
        """Presence key to its evidence, oldest first; the key added last is last."""

    def add(self, key: str, reason: OverruledReason, evidence: Evidence) -> None:
        """Remember one report; the oldest of the participant, or the oldest participant, is dropped."""
        kept = self._kept.pop(key, ())
        self._kept[key] = (*kept[1 - EACH_KEPT :], Overruled(reason, evidence))
        if len(self._kept) > PARTICIPANTS_KEPT:
            del self._kept[next(iter(self._kept))]

    def of(self, key: str) -> tuple[Overruled, ...]:
        """What is kept about a participant, oldest first."""
        return self._kept.get(key, ())

    def clear(self) -> None:
        self._kept.clear()
