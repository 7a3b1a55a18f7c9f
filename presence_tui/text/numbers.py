"""Numbers as a language writes them, for people only: never in JSON or CSV."""

import re
from collections.abc import Mapping
from functools import lru_cache
from string import Formatter
from typing import Any, Final

NO_BREAK: Final = "\N{NO-BREAK SPACE}"

_MARKS: Final[Mapping[str, dict[int, str]]] = {
    "fr": str.maketrans({",": NO_BREAK, ".": ",", "%": f"{NO_BREAK}%"}),
}
"""Language code to its marks for those of English. A language without an entry uses these."""

_MARKED_GAP: Final = re.compile(r"\{\w+:[^{}]*[,.%]")
"""A gap whose format may write such marks, as ``{n:,}``."""


def number_text(value: float, form: str, code: str) -> str:
    """A number by a format of Python (``,`` groups thousands) in the language of ``code``."""
    text, marks = format(value, form), _MARKS.get(code)
    return text if marks is None else text.translate(marks)


def fill(template: str, gaps: Mapping[str, object], code: str) -> str:
    """Fill a template's gaps; numbers with a format are written in the language of ``code``."""
    if code in _MARKS and _has_marked_gap(template):
        return _Filler(code).vformat(template, (), gaps)
    return template.format(**gaps)


@lru_cache(maxsize=1_024)
def _has_marked_gap(template: str) -> bool:
    return _MARKED_GAP.search(template) is not None


class _Filler(Formatter):
    """Slower than ``str.format``, so it serves only where marks differ."""

    def __init__(self, code: str) -> None:
        self._code = code

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec and isinstance(value, int | float):
            return number_text(value, format_spec, self._code)
        return str(super().format_field(value, format_spec))
