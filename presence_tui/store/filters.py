"""Filters of an index: by name or handle text, and by facets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from presence_tui.domain.enums import State
from presence_tui.store.records import Record, folded

INVERTS: Final = "!"
FUZZY: Final = "~"
HANDLE: Final = "@"
"""Begins a handle, as handles are written on the screen."""
LEAST_LIKENESS: Final = 75.0
"""Percent, by rapidfuzz's ``partial_ratio``: about one letter in four may be wrong or missing."""
PLAIN_ROLE: Final = "member"
"""The role of members without another known role."""

RoleOf = Callable[[str], str]
"""Returns a member's role by presence key; empty if unknown."""
Item = TypeVar("Item")
Pick = Callable[[Iterable[str], int], list[str]]
"""Filters order keys by their text; the number is the length of the prefix before the text."""


@dataclass(frozen=True, slots=True)
class Facets:
    """Criteria of shown participants. An empty or ``None`` criterion is not applied."""

    states: frozenset[State] = frozenset()
    roles: frozenset[str] = frozenset()
    guests: bool | None = None
    """True for only guests, false for only accounts."""

    def __bool__(self) -> bool:
        return bool(self.states or self.roles) or self.guests is not None

    def admitted(self, people: Iterable[tuple[Record, Item]], role_of: RoleOf) -> list[Item]:
        """The items whose record meets all criteria."""
        found = list(people)
        if self.states:
            # A tuple, because enum members are compared faster than hashed.
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
    """A query as typed, and facets.

    Plain text is searched in names and handles, ignoring case and accents; ``@`` before it selects handles
    that begin with it. ``!`` selects participants without the text, ``~`` those with similar text. A mark
    alone selects everyone.
    """

    query: str = ""
    facets: Facets = NO_FACETS

    def __bool__(self) -> bool:
        return bool(self.text or self.facets)

    @property
    def text(self) -> str:
        """The folded text to search for."""
        return folded(self.query[1:] if self.query[:1] in (INVERTS, FUZZY) else self.query)

    def narrows(self, wider: "Filter") -> bool:
        """True if this filter selects a subset of the other one."""
        if wider.facets and wider.facets != self.facets:
            return False
        if not wider.text or wider.query == self.query:
            return True
        marks = {self.query[:1], wider.query[:1]} & {INVERTS, FUZZY}
        return not marks and wider.text in self.text

    def pick(self) -> Pick:
        """Return the text filter, prepared once for many order keys."""
        text = self.text
        if text in ("", HANDLE):
            return lambda order_keys, begin: list(order_keys)
        if self.query[0] == FUZZY:
            return _fuzzy(text.removeprefix(HANDLE))
        picks = [_holding(text)]
        if text.startswith(HANDLE):
            # The handle follows a NUL in the order key.
            picks.append(_holding("\0" + text.removeprefix(HANDLE)))
        if self.query[0] == INVERTS:
            return _without(picks)
        return picks[0] if len(picks) == 1 else _any_of(picks)


def _any_of(picks: list[Pick]) -> Pick:
    def pick(order_keys: Iterable[str], begin: int) -> list[str]:
        known = list(order_keys)
        found = {order_key for each in picks for order_key in each(known, begin)}
        return [order_key for order_key in known if order_key in found]

    return pick


def _without(picks: list[Pick]) -> Pick:
    def pick(order_keys: Iterable[str], begin: int) -> list[str]:
        known = list(order_keys)
        found = {order_key for each in picks for order_key in each(known, begin)}
        return [order_key for order_key in known if order_key not in found]

    return pick


def _holding(text: str) -> Pick:
    def pick(order_keys: Iterable[str], begin: int) -> list[str]:
        # A search of the whole key excludes nearly all, three times as fast; cutting off the presence key,
        # which comes last and is not searchable, excludes many of the rest.
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
    # Imported here because only fuzzy queries need it.
    from rapidfuzz.fuzz import partial_ratio

    # Otherwise a short name would be searched in the text, instead of the reverse.
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
