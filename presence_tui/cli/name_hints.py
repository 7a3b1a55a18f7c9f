"""Says how to quote a name of several words, if its words were given apart."""

import shlex
from collections.abc import Sequence
from typing import Final

import click
from click.core import ParameterSource

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say
from presence_tui.cli.options import Configured
from presence_tui.wire.sanitize import safe_text

_NAMES: Final = ("name", "condition", "who")
"""Parameters that take a name, which may be one of several words."""
_CONVERSATIONS: Final = ("conversation", "link")
_GIVEN: Final = "presence_tui.arguments_of_the_command"


class Named(Configured):
    """A command with a name, behind which its next word reads as a conversation, or as one too many."""

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
