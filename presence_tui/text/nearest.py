"""The name that was probably meant by a misspelt one."""

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most similar to ``name``, or ``None`` if none is similar."""
    # Only after a mistake, so not at the start of each command.
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(known), n=1)), None)
