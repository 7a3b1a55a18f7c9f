"""Groups of the activity: what somebody does again and again, or many do at once, is one line."""

from collections.abc import Callable
from typing import Final

from presence_tui.domain.changes import FEW, Change, is_with_reconnect
from presence_tui.domain.enums import Cause
from presence_tui.text.change_tally import ChangeTally
from presence_tui.tui.widgets.activity_feed import ActivityLine

GROUP_S: Final = 10.0
"""After this a group is closed, and what goes on like that begins another line."""
CROWD_S: Final = 1.0
ONE_BY_ONE: Final = 3
"""More people than these within a second are a crowd."""
REPEATED: Final = 3
"""So many changes of somebody become one line."""
_MOST_PEOPLE: Final = 100
_MOVED: Final = Cause.MOVED


class _Person:
    """The lines of somebody who came or left of late."""

    def __init__(self, change: Change, line: ActivityLine) -> None:
        self.first = change
        self.lines = [line]
        self.tally = ChangeTally([change])


class _WithReconnect:
    """The lines of those who came or left with one reconnect of ours."""

    def __init__(self, reconnected_s: float | None) -> None:
        self.reconnected_s = reconnected_s
        self.tally = ChangeTally()
        self.people: dict[str, _Person] = {}
        self.line: ActivityLine | None = None
        """The one for all, once they are many."""
        self.is_text_due = False


class ActivityGroups:
    """Decides which changes share a line. Lines are altered in place, and merged ones are marked."""

    def __init__(
        self,
        line_of: Callable[[Change], ActivityLine],
        text_of: Callable[[ChangeTally], str],
        stands_alone: Callable[[str], bool],
        *,
        ours_text_of: Callable[[ChangeTally], str],
        reconnected_s: Callable[[], float | None],
    ) -> None:
        """``stands_alone`` says of whom no crowd may take the name, by presence key.

        ``ours_text_of`` is the text of many with our own reconnect, which was at ``reconnected_s``.
        """
        self._line_of = line_of
        self._text_of = text_of
        self._stands_alone = stands_alone
        self._people: dict[str, _Person] = {}
        self._recent: list[_Person] = []
        self._crowd = ChangeTally()
        self._crowd_line: ActivityLine | None = None
        self._is_crowd_text_due = False
        self._ours_text_of = ours_text_of
        self._reconnected_s = reconnected_s
        self._ours = _WithReconnect(None)

    def add(self, change: Change) -> list[ActivityLine]:
        """The lines that are new or altered by a change; ``write_texts`` has to follow."""
        self._close_old(change.at_s)
        reconnected_s = self._reconnected_s()
        is_ours = change.cause is _MOVED and is_with_reconnect(change.at_s, reconnected_s)
        if is_ours and not self._stands_alone(change.key):
            return self._add_with_reconnect(change, reconnected_s)
        person = self._people.get(change.key)
        if person is not None and change.at_s - person.first.at_s < GROUP_S:
            return self._again(person, change)
        alone = self._stands_alone(change.key)
        if self._crowd_line is not None and not alone:
            self._crowd.add(change)
            was_due, self._is_crowd_text_due = self._is_crowd_text_due, True
            return [] if was_due else [self._crowd_line]
        line = self._line_of(change)
        person = self._people[change.key] = _Person(change, line)
        if alone:
            return [line]
        self._recent = [each for each in self._recent if change.at_s - each.first.at_s <= CROWD_S]
        self._recent.append(person)
        return [line] if len(self._recent) <= ONE_BY_ONE else self._gather()

    def write_texts(self) -> None:
        """Write the texts of lines about many: once for all changes that were added together."""
        if self._is_crowd_text_due and self._crowd_line is not None:
            self._crowd_line.text = self._text_of(self._crowd)
        self._is_crowd_text_due = False
        if self._ours.is_text_due and self._ours.line is not None:
            self._ours.line.text = self._ours_text_of(self._ours.tally)
        self._ours.is_text_due = False

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

    def _gather(self) -> list[ActivityLine]:
        """Too many within a moment: their lines become one."""
        people, self._recent = self._recent, []
        self._crowd = ChangeTally(person.first for person in people)
        first, *others = [person.lines[0] for person in people]
        first.text, first.key = self._text_of(self._crowd), ""
        self._crowd_line = first
        for line in others:
            line.merged = True
        for person in people:
            del self._people[person.first.key]
        return [first, *others]

    def _add_with_reconnect(self, change: Change, reconnected_s: float | None) -> list[ActivityLine]:
        """Many with our own reconnect are one line, few have one each."""
        if self._ours.reconnected_s != reconnected_s:
            self.write_texts()
            self._ours = _WithReconnect(reconnected_s)
        ours = self._ours
        ours.tally.add(change)
        if ours.line is not None:
            was_due, ours.is_text_due = ours.is_text_due, True
            return [] if was_due else [ours.line]
        person = ours.people.get(change.key)
        if person is not None:
            return self._again(person, change)
        line = self._line_of(change)
        ours.people[change.key] = _Person(change, line)
        if len(ours.people) <= FEW:
            return [line]
        first, *others = [line for person in ours.people.values() for line in person.lines]
        first.text, first.key = self._ours_text_of(ours.tally), ""
        for other in others:
            other.merged = True
        ours.line = first
        return [first, *others]

    def _close_old(self, now_s: float) -> None:
        if self._crowd_line is not None and now_s - self._crowd.began_s >= GROUP_S:
            self.write_texts()
            self._crowd_line = None
        if len(self._people) > _MOST_PEOPLE:
            self._people = {
                key: each for key, each in self._people.items() if now_s - each.first.at_s < GROUP_S
            }
