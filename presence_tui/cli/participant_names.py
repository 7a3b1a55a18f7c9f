"""Names of participants on the command line: whom they mean, and hints about those that mean nobody."""

import shlex
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

import click
from click.core import ParameterSource

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say
from presence_tui.cli.options import Configured
from presence_tui.cli.output import print_sentence
from presence_tui.store import PresenceStore
from presence_tui.store.records import folded
from presence_tui.text.nearest import nearest_of
from presence_tui.wire.sanitize import safe_text

Person = tuple[str, str, str]
"""Presence key, name and handle."""

MOST_SIMILAR: Final = 3
"""Similar names that are said of an unknown one."""
_NAMES: Final = ("name", "condition", "who")
"""Parameters that take a name, which may be one of several words."""
_CONVERSATIONS: Final = ("conversation", "link")
_GIVEN: Final = "presence_tui.arguments_of_the_command"


class Who:
    """``--who``: participants by id, handle (with or without "@") or name, ignoring case and accents."""

    def __init__(self, asked: Sequence[str] = ()) -> None:
        """Without names, all participants match."""
        self.asked = tuple(asked)
        self._keys = frozenset(asked)
        self._names = frozenset(folded(each.removeprefix("@").strip()) for each in asked) - {""}

    def includes(self, key: str, name: str, handle: str) -> bool:
        if not self.asked:
            return True
        return key in self._keys or folded(name) in self._names or folded(handle) in self._names

    def strangers_among(self, people: Iterable[Person]) -> tuple[str, ...]:
        """The names asked for that none of these people has."""
        left = {each: Who([each]) for each in self.asked}
        for person in people:
            for each in [each for each, who in left.items() if who.includes(*person)]:
                del left[each]
            if not left:
                break
        return tuple(left)


class StrangerReport:
    """Says once on stderr which names nobody of the watched conversation has, when its roster is known."""

    def __init__(self, who: Who) -> None:
        self._who = who
        self._is_due = bool(who.asked)

    def check(self, store: PresenceStore, conversation_id: str, title: str) -> None:
        if self._is_due and store.rosters.knows(conversation_id):
            self._is_due = False
            people = people_of(store, conversation_id)
            say_strangers(self._who.strangers_among(people), title, people)


def people_of(store: PresenceStore, conversation_id: str) -> list[Person]:
    """The members of a conversation."""
    members = store.rosters.records(conversation_id)
    return [(record.key, record.name, record.handle) for record in members]


def say_strangers(names: Sequence[str], title: str, people: Iterable[Person] = ()) -> None:
    """Say on stderr that nobody in the conversation is called so; nothing without names."""
    if names:
        print_sentence(nobody_called(names, title, people))


def nobody_called(names: Sequence[str], title: str, people: Iterable[Person]) -> str:
    """A sentence that nobody is called so, with the nearest names of these people."""
    shown, similar = ", ".join(map(safe_text, names)), _similar_to(names, people)
    if not similar:
        return say(
            "Nobody in {title} is called {names}. Give whole names, handles or ids.", title=title, names=shown
        )
    return say(
        "Nobody in {title} is called {names}; similar: {similar}. Give whole names, handles or ids.",
        title=title,
        names=shown,
        similar=", ".join(similar),
    )


def _similar_to(names: Sequence[str], people: Iterable[Person]) -> list[str]:
    known: dict[str, str] = {}
    for _, name, handle in people:
        known.setdefault(folded(handle), name or f"@{handle}")
        known.setdefault(folded(name), name)
    known.pop("", None)
    found = (nearest_of(folded(each.removeprefix("@").strip()), known, MOST_SIMILAR) for each in names)
    return list(dict.fromkeys(chain.from_iterable(found)))[:MOST_SIMILAR]


class Named(Configured):
    """A command with a name, of which words that are not quoted read as a conversation or as too many."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        ctx.meta[_GIVEN] = given
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as mistake:
            hint = _hint(ctx) if _has_rest(self, ctx, given) else ""
            if not hint:
                raise
            raise click.UsageError(f"{mistake.message.removesuffix('.')}. {hint}", ctx) from mistake

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CliError as stop:
            is_given = any(
                ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in _CONVERSATIONS
            )
            if not is_given or not (stop.code is ExitCode.DENIED or _is_half_a_condition(ctx)):
                raise
            raise CliError(f"{stop} {_hint(ctx)}".rstrip(), stop.code) from stop


def _has_rest(command: click.Command, ctx: click.Context, args: Sequence[str]) -> bool:
    """True if there are more words than arguments."""
    parser = command.make_parser(ctx)
    try:
        _, rest, _ = parser.parse_args(list(args))
    except click.UsageError:
        return False
    return bool(rest)


def _is_half_a_condition(ctx: click.Context) -> bool:
    """True if ``wait`` got a part of its condition."""
    from presence_tui.service.conditions import BadCondition, read_condition

    condition = ctx.params.get("condition")
    if not isinstance(condition, str):
        return False
    try:
        read_condition(condition)
    except BadCondition:
        return True
    return False


def _hint(ctx: click.Context) -> str:
    """The name with what follows it, in quotes; empty if no name was given."""
    args: list[str] = ctx.meta[_GIVEN]
    for parameter in _NAMES:
        value = ctx.params.get(parameter)
        name = value[-1] if isinstance(value, tuple) and value else value
        if isinstance(name, str):
            return _quoted(args, name)
    return ""


def _quoted(args: Sequence[str], name: str) -> str:
    place = next((at for at, word in enumerate(args) if word == name or word.endswith(f"={name}")), len(args))
    words = [name]
    for word in args[place + 1 :]:
        if word.startswith("-"):
            break
        words.append(word)
    if len(words) == 1:
        return ""
    whole = safe_text(" ".join(words))
    return say("Words that belong together need quotes: {words}.", words=shlex.quote(whole))
