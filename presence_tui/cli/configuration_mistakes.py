"""Sentences for a configuration file that cannot be read: which setting, and what it should be."""

import re
from collections.abc import Mapping
from typing import Final

from presence_tui.cli.language_option import marked, say, say_raw
from presence_tui.text.nearest import nearest
from presence_tui.wire.sanitize import safe_text

_UNKNOWN: Final = re.compile(
    r"Object contains unknown field `(?P<key>.*?)`(?: - at `\$\.(?P<place>.*)`)?", re.DOTALL
)
_MISSING: Final = re.compile(r"Object missing required field `(?P<key>.*)` - at `\$\.(?P<place>.*)`")
_WRONG_TYPE: Final = re.compile(r"Expected `(?P<kinds>[^`]*)`, got `[^`]*` - at `\$\.(?P<place>.*)`")
_NO_TOML: Final = re.compile(r".*\(at line (?P<line>\d+), column (?P<column>\d+)\)", re.DOTALL)
_NO_END: Final = re.compile(r".*\(at end of document\)", re.DOTALL)
_ELEMENT: Final = re.compile(r"(?P<name>\w+)\[(?P<index>\d+|\.\.\.)\]")
_KINDS: Final = {
    "str": marked("a text"),
    "int": marked("a whole number"),
    "float": marked("a number"),
    "bool": marked("true or false"),
    "array": marked("a list"),
    "object": marked("a table"),
}
"""Types by msgspec's names."""


def mistake_in_file(problem: Exception, known: Mapping[str, tuple[str, ...]]) -> str:
    """The reason as the end of a sentence. ``problem`` is msgspec's; ``known`` has the keys of each table."""
    text = str(problem)
    if found := _UNKNOWN.fullmatch(text):
        table, key = _table(found["place"] or ""), safe_text(found["key"])
        likely = nearest(key, known.get((found["place"] or "").partition("[")[0], ()))
        setting = f"{table} {key}".strip()
        if likely is None:
            return say("there is no setting {setting!r}", setting=setting)
        return say(
            "there is no setting {setting!r}; perhaps {likely} is meant", setting=setting, likely=likely
        )
    if found := _MISSING.fullmatch(text):
        return say("{table} lacks {key}", table=_table(found["place"]), key=found["key"])
    if found := _WRONG_TYPE.fullmatch(text):
        kinds = [say_raw(_KINDS[kind]) for kind in found["kinds"].split(" | ") if kind in _KINDS]
        return say("{setting} must be {kind}", setting=_setting(found["place"]), kind=say(" or ").join(kinds))
    if found := _NO_TOML.fullmatch(text):
        return say(
            "it is no TOML at line {line}, column {column}", line=found["line"], column=found["column"]
        )
    if _NO_END.fullmatch(text):
        return say("it is no TOML: something is missing at its end")
    return safe_text(text)


def _table(place: str) -> str:
    """A table as written in the file."""
    if found := _ELEMENT.fullmatch(place):
        number = "" if found["index"] == "..." else f" {int(found['index']) + 1}"
        return f"[[{found['name']}]]{number}"
    return f"[{place}]" if place else ""


def _setting(place: str) -> str:
    """A setting with its table."""
    table, _, key = place.rpartition(".")
    if not table and (found := _ELEMENT.fullmatch(key)):
        return f"[{found['name']}]"
    found = _ELEMENT.fullmatch(key)
    return f"{_table(table)} {found['name'] if found else key}".strip()
