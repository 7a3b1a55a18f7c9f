"""Texts of click that our commands can show, listed for the catalogues.

Click translates them by gettext; a test compares them with the installed version.
"""

from typing import Final

from presence_tui.cli.language_option import marked, marked_both

WORDS: Final = frozenset(
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

TEXTS: Final = frozenset(
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
