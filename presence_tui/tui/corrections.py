"""What an answer corrected, such as the snapshot after a gap: a few lines, or one with names for many."""

from collections.abc import Callable
from functools import reduce
from typing import Final

from rich.cells import cell_len

from presence_tui.domain.changes import Change
from presence_tui.text.language import Language
from presence_tui.tui.widgets.activity_feed import ActivityLine

SPAN_S: Final = 10.0
"""Without a gap, what is corrected later than this begins another line."""
ONE_BY_ONE: Final = 3
MOST_LISTED: Final = 500
"""Participants whose names are kept; more are counted."""
_MOST_NAMED: Final = 40
"""Names in a line, at most."""
_TEXT_CELLS: Final = 120


class Corrections:
    """Who came and who left by one correction."""

    def __init__(self, language: Language, *, after_gap: bool) -> None:
        self.language = language
        self.after_gap = after_gap
        self.came: dict[str, str] = {}
        """Presence key to name."""
        self.left: dict[str, str] = {}
        self.hidden = 0
        """Participants beyond those whose names are kept."""
        self.began_s = 0.0

    def __len__(self) -> int:
        return len(self.came) + len(self.left) + self.hidden

    def add(self, change: Change) -> None:
        """One more; of somebody's the last."""
        if not len(self):
            self.began_s = change.at_s
        self.came.pop(change.key, None)
        self.left.pop(change.key, None)
        if len(self) - self.hidden >= MOST_LISTED:
            self.hidden += 1
        else:
            (self.came if change.arrived else self.left)[change.key] = change.name

    @property
    def heading(self) -> str:
        """What the dialog with all names is called."""
        say = self.language.say
        return say("Corrected after the gap") if self.after_gap else say("Corrected")

    def fitted(self, cells: int) -> str:
        """One line with as many names as fit, and how many more; the numbers alone where none fits."""
        for names in range(min(len(self.came) + len(self.left), _MOST_NAMED), 0, -1):
            text = self._with_names(names)
            if cell_len(text) <= cells:
                return text
        count = self.language.count
        came, left = len(self.came), len(self.left)
        parts = [
            *([count("{n} came", "{n} came", came)] if came else []),
            *([count("{n} left", "{n} left", left)] if left else []),
            *self._more(self.hidden),
        ]
        return self._headed(", ".join(parts))

    def _with_names(self, names: int) -> str:
        say = self.language.say
        came, left = list(self.came.values()), list(self.left.values())
        of_left = min(len(left), max(names // 2, names - len(came)))
        of_came = min(len(came), names - of_left)
        parts = [
            *([say("{names} came", names=", ".join(came[:of_came]))] if of_came else []),
            *([say("{names} left", names=", ".join(left[:of_left]))] if of_left else []),
            *self._more(len(self) - of_came - of_left),
        ]
        return self._headed(reduce(lambda one, more: say("{one}; {more}", one=one, more=more), parts))

    def _more(self, hidden: int) -> list[str]:
        return [self.language.count("+{n} more", "+{n} more", hidden)] if hidden else []

    def _headed(self, changes: str) -> str:
        say = self.language.say
        if self.after_gap:
            return say("corrected after the gap: {changes}", changes=changes)
        return say("corrected: {changes}", changes=changes)


class CorrectionLines:
    """Gathers corrections. Lines are altered in place, and merged ones are marked."""

    def __init__(self, line_of: Callable[[Change], ActivityLine], language: Language) -> None:
        self._line_of = line_of
        self._language = language
        self._corrections = Corrections(language, after_gap=False)
        self._lines: list[ActivityLine] = []
        self.in_gap = False
        """True from the loss of the link until its resync is done: what is corrected then is one line."""

    def set_in_gap(self, in_gap: bool) -> None:
        """A gap begins or its resync is done; what is corrected from now on begins another line."""
        self.in_gap = in_gap
        self._begin()

    def add(self, change: Change) -> list[ActivityLine]:
        """The lines that are new or altered by a correction."""
        if not self.in_gap and change.at_s - self._corrections.began_s >= SPAN_S:
            self._begin()
        self._corrections.add(change)
        if self._lines and self._lines[0].corrections is not None:
            self._lines[0].text = self._corrections.fitted(_TEXT_CELLS)
            return self._lines
        self._lines.append(self._line_of(change))
        if len(self._lines) <= ONE_BY_ONE:
            return self._lines[-1:]
        first, *others = lines = self._lines
        first.text, first.key = self._corrections.fitted(_TEXT_CELLS), ""
        first.corrections = self._corrections
        for line in others:
            line.merged = True
        self._lines = [first]
        return lines

    def _begin(self) -> None:
        self._corrections = Corrections(self._language, after_gap=self.in_gap)
        self._lines = []
