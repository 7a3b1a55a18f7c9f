"""The language of the process, for help, errors, prompts and all other output for people.

It is set once at the start, because help and click's errors come before any setting is known.
"""

import gettext
import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

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


# Texts of click that our commands can show, listed for the catalogues. Click translates them by gettext; a
# test compares them with the installed version.
CLICK_WORDS: Final = frozenset(
    {
        marked("[COMMAND] [ARGS]..."),
        # As click before 8.2 writes it.
        marked("COMMAND [ARGS]..."),
        marked("integer"),
        marked("integer range"),
        marked("float range"),
        marked("INTEGER"),
        marked("INTEGER RANGE"),
        marked("FLOAT RANGE"),
        marked("PATH"),
        marked("NAME"),
        marked("NAMES"),
        marked("NAME|URL"),
        marked("NAME=VALUE"),
        marked("ADDRESS"),
        marked("HOST:PORT"),
        marked("LINK"),
        marked("SECONDS"),
        marked("TIME"),
        marked("WAY"),
    }
)
"""Words for values, in usage and help, and click's names of types. Ours translate them."""

CLICK_TEXTS: Final = frozenset(
    {
        marked("Usage:"),
        marked("Options"),
        marked("Commands"),
        marked("Show this message and exit."),
        marked("default: {default}"),
        marked("Error: {message}"),
        marked("Try '{command} {option}' for help."),
        marked("No such option {name!r}."),
        marked("No such command {name!r}."),
        marked_both("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
        marked_both("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
        marked("Option {name!r} does not take a value."),
        marked_both("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
        marked("Missing argument"),
        marked("Missing option"),
        marked("Invalid value: {message}"),
        marked("Invalid value for {param_hint}: {message}"),
        marked("Choose from:\n\t{choices}"),
        marked_both("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
        marked("{value!r} is not a valid {number_type}."),
        marked("{value!r} is not a valid boolean. Recognized values: {states}"),
        marked("{value} is not in the range {range}."),
        # Of click 8.1, the oldest version allowed.
        marked("No such option: {name}"),
        marked("required"),
        marked("(Deprecated) {text}"),
    }
)
