"""Which changes share a line of the activity.

What somebody does again and again, or many do at once, is one line. What an answer corrected, such as the
snapshot after a gap, is a few lines, or one with names for many.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

from rich.cells import cell_len

from presence_tui.domain.changes import FEW, Change, is_with_reconnect
from presence_tui.domain.enums import Cause
from presence_tui.text.change_texts import ChangeTally
from presence_tui.text.language import Language

GROUP_S: Final = 10.0
"""After this a group is closed, and what goes on like that begins another line. After a gap,
corrections are a group until the resync is done.
"""
CROWD_S: Final = 1.0
ONE_BY_ONE: Final = 3
"""Above this number of people, changes within a second, or of one answer, share a line."""
REPEATED: Final = 3
"""So many changes of somebody become one line."""
MOST_LISTED: Final = 500
"""Corrected participants whose names are kept; more are counted."""
_MOST_NAMED: Final = 40
"""Names in a line, at most."""
_TEXT_CELLS: Final = 120
_MOST_PEOPLE: Final = 100
_MOVED: Final = Cause.MOVED


@dataclass(slots=True)
class ActivityLine:
    """One thing that happened, or several together; it may be altered while they go on.

    ``kind`` names its colour: came, left, corrected or notice.
    """

    at_s: float
    kind: str
    glyph: str
    text: str
    key: str = ""
    """Whom it is about, by presence key; empty where that is nobody, or many."""
    corrections: "Corrections | None" = None
    """The corrected participants, if there are several; the names that fit are drawn instead of ``text``."""
    merged: bool = False
    """True once another line says it as well."""
    added: bool = False


class _Person:
    """The lines of somebody who came or left of late."""

    def __init__(self, change: Change, line: ActivityLine) -> None:
        self.first = change
        self.lines = [line]
        self.tally = ChangeTally([change])


class _SharedLine:
    """One line about many. Its text is written once for all changes that are added together."""

    def __init__(self, text: Callable[[], str]) -> None:
        self.line: ActivityLine | None = None
        """``None`` while they have a line each."""
        self._text = text
        self._is_text_due = False

    def gather(self, lines: Sequence[ActivityLine]) -> Sequence[ActivityLine]:
        """Make these lines one, the first of them."""
        self.line = _merge(lines, self._text())
        return lines

    def alter(self) -> Sequence[ActivityLine]:
        """The line, unless it is about to be written already."""
        was_due, self._is_text_due = self._is_text_due, True
        return () if was_due or self.line is None else (self.line,)

    def write_text(self) -> None:
        if self._is_text_due and self.line is not None:
            self.line.text = self._text()
        self._is_text_due = False


class _Crowd(_SharedLine):
    """Many who came or left together."""

    def __init__(self, text_of: Callable[[ChangeTally], str], changes: Iterable[Change] = ()) -> None:
        self.tally = tally = ChangeTally(changes)
        super().__init__(lambda: text_of(tally))


def _merge(lines: Sequence[ActivityLine], text: str) -> ActivityLine:
    """Make the first of these lines one about many."""
    first, *others = lines
    first.text, first.key = text, ""
    for line in others:
        line.merged = True
    return first


class ActivityGroups:
    """Decides which changes share a line. Lines are altered in place, and merged ones are marked."""

    def __init__(
        self,
        line_of: Callable[[Change], ActivityLine],
        text_of: Callable[[ChangeTally], str],
        ours_text_of: Callable[[ChangeTally], str],
    ) -> None:
        """``ours_text_of`` is the text of many with our own reconnect."""
        self._line_of = line_of
        self._text_of = text_of
        self._people: dict[str, _Person] = {}
        self._recent: list[_Person] = []
        self._crowd: _Crowd | None = None
        self._closed_s: float | None = None
        """Unix time as of which old groups were closed last."""
        self._ours_text_of = ours_text_of
        self._ours = _Crowd(ours_text_of)
        """Those who came or left with our reconnect at ``_ours_s``."""
        self._ours_s: float | None = None
        self._ours_people: dict[str, _Person] = {}

    def add(
        self, change: Change, *, stands_alone: bool, reconnected_s: float | None
    ) -> Sequence[ActivityLine]:
        """The lines that are new or altered by a change; ``write_texts`` has to follow.

        No crowd takes the name of those who stand alone. Our own latest reconnect was at ``reconnected_s``.
        """
        at_s, key = change.at_s, change.key
        if at_s != self._closed_s:
            # Thousands of changes share one time of arrival.
            self._close_old(at_s)
        # The cheap conditions first, because a busy gateway makes hundreds of changes a frame.
        may_be_ours = change.cause is _MOVED and not stands_alone and reconnected_s is not None
        if may_be_ours and is_with_reconnect(at_s, reconnected_s):
            return self._add_with_reconnect(change, reconnected_s)
        person = self._people.get(key)
        if person is not None and at_s - person.first.at_s < GROUP_S:
            return self._again(person, change)
        if self._crowd is not None and not stands_alone:
            self._crowd.tally.add(change)
            return self._crowd.alter()
        line = self._line_of(change)
        person = self._people[key] = _Person(change, line)
        if stands_alone:
            return [line]
        self._recent = [each for each in self._recent if at_s - each.first.at_s <= CROWD_S]
        self._recent.append(person)
        return [line] if len(self._recent) <= ONE_BY_ONE else self._gather()

    def write_texts(self) -> None:
        """Write the texts of lines about many: once for all changes that were added together."""
        if self._crowd is not None:
            self._crowd.write_text()
        self._ours.write_text()

    def _again(self, person: _Person, change: Change) -> list[ActivityLine]:
        """Somebody who has a line does something else."""
        person.tally.add(change)
        latest = self._line_of(change)
        if person in self._recent:
            self._recent.remove(person)
        if person.tally.count < REPEATED:
            person.lines.append(latest)
            return [latest]
        first, *others = person.lines
        first.kind, first.glyph = latest.kind, latest.glyph
        first.text = self._text_of(person.tally) if person.tally.repeats else latest.text
        for line in others:
            line.merged = True
        person.lines = [first]
        return [first, *others]

    def _gather(self) -> Sequence[ActivityLine]:
        """Too many within a moment: their lines become one."""
        people, self._recent = self._recent, []
        self._crowd = _Crowd(self._text_of, [person.first for person in people])
        for person in people:
            del self._people[person.first.key]
        return self._crowd.gather([person.lines[0] for person in people])

    def _add_with_reconnect(self, change: Change, reconnected_s: float | None) -> Sequence[ActivityLine]:
        """Many with our own reconnect are one line, few have one each."""
        if self._ours_s != reconnected_s:
            self._ours.write_text()
            self._ours, self._ours_s, self._ours_people = _Crowd(self._ours_text_of), reconnected_s, {}
        self._ours.tally.add(change)
        if self._ours.line is not None:
            return self._ours.alter()
        person = self._ours_people.get(change.key)
        if person is not None:
            return self._again(person, change)
        line = self._line_of(change)
        self._ours_people[change.key] = _Person(change, line)
        if len(self._ours_people) <= FEW:
            return [line]
        return self._ours.gather([line for each in self._ours_people.values() for line in each.lines])

    def _close_old(self, now_s: float) -> None:
        self._closed_s = now_s
        if self._crowd is not None and now_s - self._crowd.tally.began_s >= GROUP_S:
            self._crowd.write_text()
            self._crowd = None
        if len(self._people) > _MOST_PEOPLE:
            self._people = {
                key: each for key, each in self._people.items() if now_s - each.first.at_s < GROUP_S
            }


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
        key, came, left = change.key, self.came, self.left
        if not (came or left or self.hidden):
            self.began_s = change.at_s
        came.pop(key, None)
        left.pop(key, None)
        if len(came) + len(left) >= MOST_LISTED:
            self.hidden += 1
        else:
            (came if change.arrived else left)[key] = change.name

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
        self.in_gap = False
        """True from the loss of the link until its resync is done: what is corrected then is one line."""
        self._begin()

    def set_in_gap(self, in_gap: bool) -> None:
        """A gap begins or its resync is done; what is corrected from now on begins another line."""
        self.write_text()
        self.in_gap = in_gap
        self._begin()

    def add(self, change: Change) -> Sequence[ActivityLine]:
        """The lines that are new or altered by a correction; ``write_text`` has to follow."""
        if not self.in_gap and change.at_s - self._corrections.began_s >= GROUP_S:
            self.write_text()
            self._begin()
        self._corrections.add(change)
        if self._shared.line is not None:
            return self._shared.alter()
        self._lines.append(self._line_of(change))
        if len(self._lines) <= ONE_BY_ONE:
            return self._lines[-1:]
        self._lines[0].corrections = self._corrections
        return self._shared.gather(self._lines)

    def write_text(self) -> None:
        """Write the line about many: once for all corrections that were added together."""
        self._shared.write_text()

    def _begin(self) -> None:
        self._corrections = corrections = Corrections(self._language, after_gap=self.in_gap)
        self._shared = _SharedLine(lambda: corrections.fitted(_TEXT_CELLS))
        self._lines: list[ActivityLine] = []
