"""The language of the process: of help, errors, prompts and whatever else a command says to people.

It is set once at the start, because help and click's errors come before any setting is known.
"""

import gettext
import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from presence_tui.domain.translatable import Phrase
from presence_tui.text.language import DOMAIN, LOCALE_FOLDER, Language, language_code

if TYPE_CHECKING:
    # Typing only; settings speak themselves.
    from presence_tui.cli.configuration import Settings

_in_use = Language("en")


def use_language(code: str) -> None:
    """Speak this language from now on; English if it is not known. Holds for the process."""
    global _in_use
    _in_use = Language(code)
    # Click looks its texts up by gettext, which asks the environment.
    os.environ["LANGUAGE"] = _in_use.code
    gettext.bindtextdomain(DOMAIN, str(LOCALE_FOLDER))
    gettext.textdomain(DOMAIN)


def language_asked(words: Sequence[str], environment: Mapping[str, str], in_file: str | None) -> str:
    """The code that a command line, an environment or a file asks for, else that of the locale.

    The command line is not parsed yet: a mistake in it is to be told in the language it asks for.
    """
    said = None
    for word, following in pairwise([*words, ""]):
        if word == "--lang":
            said = following
        elif word.startswith("--lang="):
            said = word.removeprefix("--lang=")
    return language_code(said or environment.get("PRESENCE_TUI_LANG") or in_file, environment)


def language_in_use() -> str:
    """Its code."""
    return _in_use.code


def say(template: str, **gaps: object) -> str:
    """The sentence in the language in use. Catalogues collect its template by this function's name."""
    return _in_use.say(template, **gaps)


def count(singular: str, plural: str, number: int, **gaps: object) -> str:
    """The sentence in the grammatical number that ``number`` needs."""
    return _in_use.count(singular, plural, number, **gaps)


def say_phrase(sentence: Phrase) -> str:
    """A phrase of a lower layer in the language in use."""
    return _in_use.phrase(sentence)


def say_raw(template: str) -> str:
    """A text without gaps, such as help, in the language in use."""
    return _in_use.say_raw(template)


def span(seconds: float) -> str:
    """A length of time in the language in use."""
    return _in_use.span(seconds)


def marked(text: str) -> str:
    """The text as it is. Catalogues collect it by this function's name; it is translated when it is read."""
    return text


def marked_both(singular: str, plural: str) -> tuple[str, str]:
    """The same for a text and its plural."""
    return singular, plural


def no_theme(name: str, known: str) -> str:
    """A sentence."""
    return say("There is no theme {name!r}; choose one of {known}.", name=name, known=known)


def language_from(settings: "Settings") -> Language:
    """The language asked for, else that of the locale."""
    return Language(language_code(settings.language))
