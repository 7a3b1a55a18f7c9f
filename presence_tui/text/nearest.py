"""The names that were probably meant by a misspelt one."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

_MOST_COMPARED: Final = 10_000
"""Comparing one takes some 20 µs."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most similar to ``name``, or ``None`` if none is similar."""
    # Only after a mistake, so not at the start of each command.
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(known), n=1)), None)


def nearest_of(wanted: str, known: Mapping[str, str], most: int) -> list[str]:
    """The names that have ``wanted`` as a part, then those with a similar word, ``most`` at most.

    ``known`` are names in the form in which they are compared, and as they are shown.
    """
    from difflib import get_close_matches

    if not wanted:
        return []
    found = [shown for name, shown in known.items() if wanted in name]
    if len(found) < most:
        by_word: dict[str, list[str]] = {}
        for name, shown in islice(known.items(), _MOST_COMPARED):
            for word in dict.fromkeys((name, *name.split())):
                by_word.setdefault(word, []).append(shown)
        for word in get_close_matches(wanted, by_word, n=most):
            found += by_word[word]
    return list(dict.fromkeys(found))[:most]
