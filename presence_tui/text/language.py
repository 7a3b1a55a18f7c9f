"""The user's language. Catalogues live in ``locale/`` (gettext)."""

import gettext
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from presence_tui.domain.translatable import Phrase
from presence_tui.text.numbers import fill, number_text

LANGUAGES: Final = ("en", "fr")
LOCALE_FOLDER: Final = Path(__file__).parent / "locale"
DOMAIN: Final = "presence_tui"

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
        return fill(self._catalogue.gettext(template), gaps, self.code) if template else ""

    def count(self, singular: str, plural: str, number: int, **gaps: object) -> str:
        """Translate in the grammatical number for ``number``; ``{n}`` is the number."""
        return fill(self._catalogue.ngettext(singular, plural, number), {"n": number, **gaps}, self.code)

    def number(self, value: float, form: str = ",") -> str:
        """A number by a format of Python; by default with its thousands in groups."""
        return number_text(value, form, self.code)

    def labelled(self, label: str, text: str) -> str:
        """A label and a text, with the punctuation of the language."""
        return self.say("{label}: {text}", label=label, text=text)

    def phrase(self, phrase: Phrase) -> str:
        """A phrase of a lower layer in this language."""
        return phrase.in_language(self.say_raw, lambda template, gaps: fill(template, gaps, self.code))

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
