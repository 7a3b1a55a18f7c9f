"""Remembers the latest evidence that contradicted what is shown and did not decide, for explanations.

Only evidence that is rare comes here: late events, and answers that were overruled. Copies are counted in the
record instead.
"""

from typing import Final

from presence_tui.domain.evidence import Evidence, Overruled, OverruledReason

PARTICIPANTS_KEPT: Final = 1_000
EACH_KEPT: Final = 4


class OverruledEvidence:
    """The latest overruled evidence of each participant, within limits."""

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
