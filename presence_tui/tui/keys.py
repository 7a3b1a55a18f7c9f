"""Validates configured keys."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, format_key

from presence_tui.domain.translatable import PhraseError, phrase
from presence_tui.text.language import Language
from presence_tui.text.nearest import nearest
from presence_tui.tui.commands import Command

PALETTE_KEY: Final = "ctrl+p"
FIXED: Final = frozenset(
    "up down left right pageup pagedown home end j k g G tab shift+tab escape "
    # Terminals send the same for these as for tab, enter, backspace and escape.
    "ctrl+i ctrl+m ctrl+h ctrl+left_square_bracket "
    f"ctrl+c ctrl+l ctrl+q ctrl+z {PALETTE_KEY}".split()
)
"""Keys for moving, going back, quitting, suspending, repainting and the palette, which work everywhere."""

_MODIFIERS: Final = ("ctrl", "alt", "shift")
_NAMED: Final = frozenset(key.value for key in Keys if key.value.isalnum())
_OTHERWISE: Final = {
    "esc": "escape",
    "return": "enter",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "del": "delete",
}


_WORDS: Final = {"enter": phrase("enter"), "space": phrase("space")}
"""Keys that are shown by a word which has a translation; esc, tab and ctrl stand on keyboards."""


class BadKeys(PhraseError):
    """Invalid keys; the message is a sentence with the reason."""


def with_keys(commands: list[Command], wanted: Mapping[str, Sequence[str]]) -> list[Command]:
    """Set keys by command name; other commands keep their default keys.

    A command without keys is only in the palette. Raises ``BadKeys`` for a command or key that does not
    exist, a reserved key, and a key shared by two commands.
    """
    movable = {command.name for command in commands if command.is_movable}
    for name in wanted:
        if name not in movable:
            if (likely := nearest(name, movable)) is not None:
                raise BadKeys(
                    phrase(
                        "[keys] {name!r}: there is no such command; perhaps {likely} is meant.",
                        name=name,
                        likely=likely,
                    )
                )
            raise BadKeys(
                phrase(
                    "[keys] {name!r}: there is no such command; choose one of {known}.",
                    name=name,
                    known=", ".join(sorted(movable)),
                )
            )
    moved = [
        _with_keys(command, wanted[command.name]) if command.name in wanted else command
        for command in commands
    ]
    _refuse_shared(moved)
    return moved


def key_of(commands: list[Command], name: str) -> str:
    """The key to show in a sentence about a command: its first one, or that of the palette."""
    return next((each.key_shown for each in commands if each.name == name and each.keys), PALETTE_KEY)


def keys_shown(command: Command, language: Language) -> str:
    """All keys of a command, as written on a keyboard."""
    return " ".join(key_in(language, _shown(key)) for key in command.keys.split(","))


def key_in(language: Language, shown: str) -> str:
    """A shown key in a language: ``enter`` is ``entrée`` in French."""
    return language.phrase(_WORDS[shown]) if shown in _WORDS else shown


def _with_keys(command: Command, written: Sequence[str]) -> Command:
    keys = [_key(command.name, each) for each in written]
    shown = _shown(written[0].lower() if len(written[0]) > 1 else written[0]) if written else ""
    in_footer = command.in_footer and bool(keys)
    return command._replace(keys=",".join(keys), key_shown=shown, in_footer=in_footer)


def _key(name: str, written: str) -> str:
    """A key in Textual's spelling."""
    *modifiers, last = written.split("+") if len(written) > 1 and not written.endswith("+") else [written]
    base = last if len(last) == 1 else _OTHERWISE.get(last.lower(), last.lower())
    is_character = len(base) == 1 and base.isprintable() and not base.isspace()
    if not (is_character or base in _NAMED) or not set(modifiers) <= set(_MODIFIERS):
        raise BadKeys(
            phrase(
                "[keys] {name}: {key!r} is no key; write a character, f1 to f24, or such as ctrl+r or space.",
                name=name,
                key=written,
            )
        )
    if modifiers == ["shift"] and is_character and base.isalpha():
        modifiers, base = [], base.upper()
    key = "+".join([*modifiers, _name_of(base) if is_character else base])
    if key in FIXED:
        raise BadKeys(
            phrase(
                "[keys] {name}: {key!r} has its own use everywhere; choose another key.",
                name=name,
                key=written,
            )
        )
    return key


def _name_of(character: str) -> str:
    """Textual's name of a printable character's key: the Unicode name, or a shorter one."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


def _shown(key: str) -> str:
    """Show ``slash`` as ``/``, but keep ``enter``: its sign is not on every keyboard."""
    sign = format_key(key)
    return sign if sign.isascii() else key


def _refuse_shared(commands: list[Command]) -> None:
    taken: dict[str, Command] = {}
    for command in commands:
        for key in filter(None, command.keys.split(",")):
            other = taken.setdefault(key, command)
            if other is not command:
                raise BadKeys(
                    phrase(
                        "[keys] {name} and {other} would share the key {key!r}; give one of them another.",
                        name=other.name,
                        other=command.name,
                        key=_shown(key),
                    )
                )
