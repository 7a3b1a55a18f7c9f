"""The language of the process, for help, errors, prompts and all other output for people.

It is set once at the start, because help and click's errors come before any setting is known.
"""

import gettext
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from presence_tui.domain.translatable import Phrase
from presence_tui.text.language import DOMAIN, LOCALE_FOLDER, Language, language_code
from presence_tui.text.nearest import nearest

_in_use = Language("en")


def use_language(code: str) -> None:
    """Set the language of the process; English if the code is unknown."""
    global _in_use
    _in_use = Language(code)
    # Click uses gettext, which reads the environment.
    os.environ["LANGUAGE"] = _in_use.code
    gettext.bindtextdomain(DOMAIN, str(LOCALE_FOLDER))
    gettext.textdomain(DOMAIN)


def language_asked(words: Sequence[str], environment: Mapping[str, str], in_file: str | None) -> str:
    """The language code of command line, environment or file, otherwise of the locale.

    The command line is not parsed yet, because errors in it are reported in that language.
    """
    requested = None
    for word, following in pairwise([*words, ""]):
        if word == "--lang":
            requested = following
        elif word.startswith("--lang="):
            requested = word.removeprefix("--lang=")
    return language_code(requested or environment.get("PRESENCE_TUI_LANG") or in_file, environment)


def language_in_use() -> str:
    """The code of the language in use."""
    return _in_use.code


def say(template: str, **gaps: object) -> str:
    """Translate and fill a template. Catalogues find templates by this function's name."""
    return _in_use.say(template, **gaps)


def count(singular: str, plural: str, number: int, **gaps: object) -> str:
    """Translate in the grammatical number for ``number``."""
    return _in_use.count(singular, plural, number, **gaps)


def say_phrase(sentence: Phrase) -> str:
    """Translate a phrase from a lower layer."""
    return _in_use.phrase(sentence)


def say_raw(template: str) -> str:
    """Translate a text without gaps, such as help."""
    return _in_use.say_raw(template)


def heading_text(text: str) -> str:
    """A heading with the colon of the language."""
    return _in_use.labelled(text, "").rstrip(" ")


def span(seconds: float) -> str:
    """Format a duration in the language in use."""
    return _in_use.span(seconds)


def marked(text: str) -> str:
    """Return the text unchanged. Marks it for catalogues; it is translated when displayed."""
    return text


def marked_both(singular: str, plural: str) -> tuple[str, str]:
    """The same for a text and its plural."""
    return singular, plural


def no_theme(name: str, known: Iterable[str]) -> str:
    """A sentence with the name that was probably meant, or else all."""
    known = sorted(known)
    if (likely := nearest(name, known)) is not None:
        return say("There is no theme {name!r}; perhaps {likely} is meant.", name=name, likely=likely)
    return say("There is no theme {name!r}; choose one of {known}.", name=name, known=", ".join(known))
