"""Keys of a person's own: what a configuration says, made sure of."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, format_key

from presence_tui.tui.commands import Command

PALETTE_KEY: Final = "ctrl+p"
FIXED: Final = frozenset(
    "up down left right pageup pagedown home end j k g G tab shift+tab escape "
    # What a terminal sends for them is what it sends for tab, enter, backspace and escape.
    "ctrl+i ctrl+m ctrl+h ctrl+left_square_bracket "
    f"ctrl+c ctrl+l ctrl+q ctrl+z {PALETTE_KEY}".split()
)
"""Keys that move the cursor, go back, leave, suspend, repaint, or open the palette, wherever one is."""

_MODIFIERS: Final = ("ctrl", "alt", "shift")
_NAMED: Final = frozenset(key.value for key in Keys if key.value.isalnum())
_OTHERWISE: Final = {
    "esc": "escape",
    "return": "enter",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "del": "delete",
}


class BadKeys(ValueError):
    """The keys cannot be given like that; the message is a sentence that says why."""


def with_keys(commands: list[Command], wanted: Mapping[str, Sequence[str]]) -> list[Command]:
    """The commands with the keys wanted, by name of the command; what is left out keeps its own.

    No keys at all leave a command to the palette. Raises ``BadKeys`` for a command or key that does not
    exist, a key that is not to be had, and one that two commands share.
    """
    movable = {command.name for command in commands if command.is_movable}
    for name in wanted:
        if name not in movable:
            known = ", ".join(sorted(movable))
            raise BadKeys(f"[keys] {name!r}: there is no such command; choose one of {known}.")
    moved = [
        _with_keys(command, wanted[command.name]) if command.name in wanted else command
        for command in commands
    ]
    _refuse_shared(moved)
    return moved


def key_of(commands: list[Command], name: str) -> str:
    """The key to name where a sentence names a command: its first one, or that of the palette."""
    return next((each.key_shown for each in commands if each.name == name and each.keys), PALETTE_KEY)


def keys_shown(command: Command) -> str:
    """All keys of a command, as they are written on a keyboard."""
    return " ".join(_shown(key) for key in command.keys.split(","))


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
            f"[keys] {name}: {written!r} is no key; write a character, f1 to f24, or such as ctrl+r or space."
        )
    if modifiers == ["shift"] and is_character and base.isalpha():
        modifiers, base = [], base.upper()
    key = "+".join([*modifiers, _name_of(base) if is_character else base])
    if key in FIXED:
        raise BadKeys(f"[keys] {name}: {written!r} has its own use everywhere; choose another key.")
    return key


def _name_of(character: str) -> str:
    """What Textual calls the key of one printable character: the name of Unicode, or a shorter one."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


def _shown(key: str) -> str:
    """``slash`` as ``/``, but ``enter`` as it is: its sign is not on every keyboard."""
    sign = format_key(key)
    return sign if sign.isascii() else key


def _refuse_shared(commands: list[Command]) -> None:
    taken: dict[str, Command] = {}
    for command in commands:
        for key in filter(None, command.keys.split(",")):
            other = taken.setdefault(key, command)
            if other is not command:
                raise BadKeys(
                    f"[keys] {other.name} and {command.name} would share the key {_shown(key)!r}; "
                    "give one of them another."
                )
