"""The user's language, for people only: texts by the catalogues in ``locale/`` (gettext), numbers, durations.

Lines end neither before a unit nor at the no-break spaces of a catalogue. Libraries that wrap texts would end
them at both, so stand-ins take the place of such spaces meanwhile.
"""

import gettext
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Final

from presence_tui.domain.translatable import Phrase

LANGUAGES: Final = ("en", "fr")
LOCALE_FOLDER: Final = Path(__file__).parent / "locale"
DOMAIN: Final = "presence_tui"
NO_BREAK: Final = "\N{NO-BREAK SPACE}"

_MARKS: Final[Mapping[str, dict[int, str]]] = {
    "fr": str.maketrans({",": NO_BREAK, ".": ",", "%": f"{NO_BREAK}%"}),
}
"""Language code to its marks for those of English. A language without an entry uses these."""
_MARKED_GAP: Final = re.compile(r"\{\w+:[^{}]*[,.%]")
"""A gap whose format may write such marks, as ``{n:,}``."""
_UNBROKEN: Final = re.compile(
    r"(?<=\d) (?=(?:s|min|h|d|j|mo|mois|y|ans?|ms|µs|[KMG]iB|[KMG]io|kB|B|o)\b)|(?<=±) |(?<=[≤>]) (?=\d)"
)
_NO_BREAK_STAND_IN: Final = "\ue000"
_SPACE_STAND_IN: Final = "\ue001"
_BACK: Final = str.maketrans({_NO_BREAK_STAND_IN: NO_BREAK, _SPACE_STAND_IN: " "})

_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600
_DAY_S: Final = 86_400
_MOST_DAYS: Final = 100
_YEAR_S: Final = 31_557_600
_MONTH_S: Final = _YEAR_S // 12
_SPANS_KEPT: Final = 4_096


class Language:
    """One language. Templates are in English with named gaps: ``say("{count} left", count=3)``."""

    def __init__(self, code: str) -> None:
        """``code`` is one of ``LANGUAGES``; anything else falls back to English."""
        self.code = code if code in LANGUAGES else "en"
        self._catalogue = gettext.translation(DOMAIN, LOCALE_FOLDER, languages=[self.code], fallback=True)
        # Called for every row in every frame.
        self._span = lru_cache(maxsize=_SPANS_KEPT)(self._said_span)

    def say(self, template: str, **gaps: object) -> str:
        """Translate and fill a template."""
        # gettext returns the catalogue header for the empty string.
        return _fill(self._catalogue.gettext(template), gaps, self.code) if template else ""

    def count(self, singular: str, plural: str, number: int, **gaps: object) -> str:
        """Translate in the grammatical number for ``number``; ``{n}`` is the number."""
        return _fill(self._catalogue.ngettext(singular, plural, number), {"n": number, **gaps}, self.code)

    def number(self, value: float, form: str = ",") -> str:
        """A number by a format of Python; by default with its thousands in groups."""
        return _number_text(value, form, self.code)

    def labelled(self, label: str, text: str) -> str:
        """A label and a text, with the punctuation of the language."""
        return self.say("{label}: {text}", label=label, text=text)

    def phrase(self, phrase: Phrase) -> str:
        """A phrase of a lower layer in this language."""
        return phrase.in_language(self.say_raw, lambda template, gaps: _fill(template, gaps, self.code))

    def say_raw(self, template: str) -> str:
        """Translate a template without filling its gaps."""
        return self._catalogue.gettext(template) if template else ""

    def span(self, seconds: float) -> str:
        """A duration in its largest whole unit: ``12 s``, ``3 min``, ``2 h``, ``4 d``, ``2 y``.

        Months are used only from 100 days on.
        """
        return self._span(max(0, int(seconds)))

    def _said_span(self, whole: int) -> str:
        if whole < _MINUTE_S:
            return self.say("{n} s", n=whole)
        if whole < _HOUR_S:
            return self.say("{n} min", n=whole // _MINUTE_S)
        if whole < _DAY_S:
            return self.say("{n} h", n=whole // _HOUR_S)
        if whole < _MOST_DAYS * _DAY_S:
            return self.say("{n} d", n=whole // _DAY_S)
        if whole < _YEAR_S:
            return self.say("{n} mo", n=whole // _MONTH_S)
        return self.count("{n} y", "{n} y", whole // _YEAR_S)

    def span_in_words(self, seconds: float) -> str:
        """A duration in words: ``12 minutes``, ``2 hours``, by humanize."""
        # Imported here because only plain output needs it, not the screen.
        import humanize

        if self.code == "fr":
            humanize.activate("fr_FR")
        else:
            humanize.deactivate()
        return humanize.naturaldelta(max(1.0, seconds))


def language_code(wanted: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """Return the requested language, else that of ``LC_ALL``, ``LC_MESSAGES`` or ``LANG``, else English."""
    if wanted:
        return wanted
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return value[:2].lower()
    return "en"


def _number_text(value: float, form: str, code: str) -> str:
    """A number by a format of Python (``,`` groups thousands) in the language of ``code``."""
    text, marks = format(value, form), _MARKS.get(code)
    return text if marks is None else text.translate(marks)


def _fill(template: str, gaps: Mapping[str, object], code: str) -> str:
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
            return _number_text(value, format_spec, self._code)
        return str(super().format_field(value, format_spec))


def solid(text: str) -> str:
    """The text with stand-ins for spaces at which no line ends, of the same length."""
    return _UNBROKEN.sub(_SPACE_STAND_IN, text).replace(NO_BREAK, _NO_BREAK_STAND_IN)


def restored(text: str) -> str:
    """The text as it was before ``solid``."""
    return text.translate(_BACK)
