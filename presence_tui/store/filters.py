"""Filters of an index: by name or handle text, and by facets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from presence_tui.domain.enums import State
from presence_tui.store.records import Record, folded

INVERTS: Final = "!"
FUZZY: Final = "~"
LEAST_LIKENESS: Final = 75.0
"""In percent, by rapidfuzz's ``partial_ratio``: about one letter in four may be wrong or missing."""
PLAIN_ROLE: Final = "member"
"""The role of those of whom no other is known."""

RoleOf = Callable[[str], str]
"""The role of a member by presence key; empty if not known."""
Item = TypeVar("Item")
Pick = Callable[[Iterable[str], int], list[str]]
"""Of places, those whose text fits; the number is how many characters stand before the text."""


@dataclass(frozen=True, slots=True)
class Facets:
    """What somebody must be to be shown. What is empty or ``None`` asks for nothing."""

    states: frozenset[State] = frozenset()
    roles: frozenset[str] = frozenset()
    guests: bool | None = None
    """True for guests alone, false for accounts alone."""

    def __bool__(self) -> bool:
        return bool(self.states or self.roles) or self.guests is not None

    def admitted(self, people: Iterable[tuple[Record, Item]], role_of: RoleOf) -> list[Item]:
        """Of everybody who has all of them, what comes with the record."""
        found = list(people)
        if self.states:
            # A tuple, because members of an enumeration are compared faster than hashed.
            states = tuple(self.states)
            found = [each for each in found if each[0].state in states]
        if self.guests is not None:
            found = [each for each in found if each[0].guest is self.guests]
        if self.roles:
            found = [each for each in found if (role_of(each[0].key) or PLAIN_ROLE) in self.roles]
        return [order_key for _, order_key in found]


NO_FACETS: Final = Facets()


@dataclass(frozen=True, slots=True)
class Filter:
    """A text as it is typed, and facets.

    Plain text is looked for in names and handles, ignoring case and accents. After ``!`` those are shown
    who do not hold it, after ``~`` those who hold something like it. A mark alone asks for nothing yet.
    """

    query: str = ""
    facets: Facets = NO_FACETS

    def __bool__(self) -> bool:
        return bool(self.text or self.facets)

    @property
    def text(self) -> str:
        """What is looked for, folded."""
        return folded(self.query[1:] if self.query[:1] in (INVERTS, FUZZY) else self.query)

    def narrows(self, wider: "Filter") -> bool:
        """True if all whom this one lets through pass the other one as well."""
        if wider.facets and wider.facets != self.facets:
            return False
        if not wider.text or wider.query == self.query:
            return True
        marks = {self.query[:1], wider.query[:1]} & {INVERTS, FUZZY}
        return not marks and wider.text in self.text

    def pick(self) -> Pick:
        """The part that looks at the text; made once for many places."""
        text = self.text
        if not text:
            return lambda order_keys, begin: list(order_keys)
        if self.query[0] == INVERTS:
            return lambda order_keys, begin: [
                order_key
                for order_key in order_keys
                if text not in order_key or not _holds(order_key, text, begin)
            ]
        if self.query[0] == FUZZY:
            return _fuzzy(text)
        return _holding(text)


def _holding(text: str) -> Pick:
    def pick(order_keys: Iterable[str], begin: int) -> list[str]:
        # Nearly all are ruled out by looking anywhere, which is three times as fast, and many of the rest by
        # leaving out the key, which stands last and is nothing that anybody reads.
        found = [
            order_key
            for order_key in order_keys
            if text in order_key and text in order_key.rpartition("\0")[0]
        ]
        return [order_key for order_key in found if _holds(order_key, text, begin)] if begin else found

    return pick


def _holds(order_key: str, text: str, begin: int) -> bool:
    return order_key.find(text, begin, order_key.rindex("\0")) >= 0


def _fuzzy(text: str) -> Pick:
    # Here, because only who asks for it should wait for it.
    from rapidfuzz.fuzz import partial_ratio

    # Else a short name would be looked for in the text, instead of the other way round.
    least = len(text)

    def pick(order_keys: Iterable[str], begin: int) -> list[str]:
        return [
            order_key
            for order_key in order_keys
            if partial_ratio(
                text, order_key[begin : order_key.rindex("\0")].ljust(least), score_cutoff=LEAST_LIKENESS
            )
        ]

    return pick
