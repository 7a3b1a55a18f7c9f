"""``--who``: limits a command to some participants."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from presence_tui.cli.language_option import say
from presence_tui.cli.output import print_sentence
from presence_tui.store import PresenceStore
from presence_tui.store.records import folded
from presence_tui.text.nearest import nearest_of
from presence_tui.wire.sanitize import safe_text

Person = tuple[str, str, str]
"""Presence key, name and handle."""

MOST_SIMILAR: Final = 3
"""Similar names that are said of an unknown one."""


class Who:
    """Participants by id, handle (with or without "@") or name, ignoring case and accents."""

    def __init__(self, asked: Sequence[str] = ()) -> None:
        """Without names, all participants match."""
        self.asked = tuple(asked)
        self._keys = frozenset(asked)
        self._names = frozenset(folded(each.removeprefix("@").strip()) for each in asked) - {""}

    def includes(self, key: str, name: str, handle: str) -> bool:
        if not self.asked:
            return True
        return key in self._keys or folded(name) in self._names or folded(handle) in self._names

    def strangers_among(self, people: Iterable[Person]) -> tuple[str, ...]:
        """The names asked for that none of these people has."""
        left = {each: Who([each]) for each in self.asked}
        for person in people:
            for each in [each for each, who in left.items() if who.includes(*person)]:
                del left[each]
            if not left:
                break
        return tuple(left)


class StrangerReport:
    """Says once on stderr which names nobody of the watched conversation has, when its roster is known."""

    def __init__(self, who: Who) -> None:
        self._who = who
        self._is_due = bool(who.asked)

    def check(self, store: PresenceStore, conversation_id: str, title: str) -> None:
        if self._is_due and store.rosters.knows(conversation_id):
            self._is_due = False
            people = people_of(store, conversation_id)
            say_strangers(self._who.strangers_among(people), title, people)


def people_of(store: PresenceStore, conversation_id: str) -> list[Person]:
    """The members of a conversation."""
    members = store.rosters.records(conversation_id)
    return [(record.key, record.name, record.handle) for record in members]


def say_strangers(names: Sequence[str], title: str, people: Iterable[Person] = ()) -> None:
    """Say on stderr that nobody in the conversation is called so; nothing without names."""
    if names:
        print_sentence(nobody_called(names, title, people))


def nobody_called(names: Sequence[str], title: str, people: Iterable[Person]) -> str:
    """A sentence that nobody is called so, with the nearest names of these people."""
    shown, similar = ", ".join(map(safe_text, names)), _similar_to(names, people)
    if not similar:
        return say(
            "Nobody in {title} is called {names}. Give whole names, handles or ids.", title=title, names=shown
        )
    return say(
        "Nobody in {title} is called {names}; similar: {similar}. Give whole names, handles or ids.",
        title=title,
        names=shown,
        similar=", ".join(similar),
    )


def _similar_to(names: Sequence[str], people: Iterable[Person]) -> list[str]:
    known: dict[str, str] = {}
    for _, name, handle in people:
        known.setdefault(folded(handle), name or f"@{handle}")
        known.setdefault(folded(name), name)
    known.pop("", None)
    found = (nearest_of(folded(each.removeprefix("@").strip()), known, MOST_SIMILAR) for each in names)
    return list(dict.fromkeys(chain.from_iterable(found)))[:MOST_SIMILAR]
