"""Shell completion: the scripts, and the completions of arguments and of values of options."""

import re
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Final

import click

from presence_tui.cli.configuration import Settings, history_path, settings_of
from presence_tui.cli.exit_codes import CliError

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from click.shell_completion import CompletionItem

    from presence_tui.domain.participants import Conversation

BUSY_LIMIT_S: Final = 0.1
"""Limit of waiting for the database, because the user waits at a prompt."""
_ONE_WORD: Final = r"[\w@+][\w@+.-]*"
"""Characters that need no shell quoting. Names come from a gateway, and a shell could run some of them."""

Offer = Callable[[click.Context, click.Parameter, str], list[str]]


def script(command: click.Command, shell: str) -> str:
    """Return the completion script of ``command`` for bash, zsh or fish."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None or command.name is None:
        raise ValueError(f"{shell} is no shell that can be taught")
    variable = f"_{command.name.replace('-', '_').upper()}_COMPLETE"
    return kind(command, {}, command.name, variable).source()


def among(*values: str) -> Offer:
    """Complete from these values."""
    return lambda context, parameter, begun: [value for value in values if value.startswith(begun)]


def themes(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Complete theme names, our own first."""
    from presence_tui.tui.themes import theme_names

    return [name for name in theme_names() if name.startswith(begun)]


def faults(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Complete names of faults, up to their value."""
    from presence_tui.gateway.faults import FaultName

    return [f"{fault}=" for fault in FaultName if fault.startswith(begun)]


def conversations(context: click.Context, _: click.Parameter, begun: str) -> "list[CompletionItem]":
    """Complete conversations of the selected gateway from the history, without network and without errors.

    For ``history``, those of all gateways if none is selected.
    """
    # Imported only when a shell completes, not whenever a command starts.
    import sqlite3

    from click.shell_completion import CompletionItem

    from presence_tui.transport.addresses import BadAddress

    everywhere = context.info_name == "history"
    try:
        known = _known(settings_of(context), everywhere)
    except (CliError, BadAddress, OSError, sqlite3.Error):
        return []
    wanted = begun.casefold()
    words = sorted((word, each.title) for each in known if (word := _word(each)))
    return [
        CompletionItem(word, help=title)
        for word, title in words
        if word.casefold().startswith(wanted) or title.casefold().startswith(wanted)
    ]


def _known(asked: Settings, everywhere: bool) -> "list[Conversation]":
    from presence_tui.cli.targets import by_name, by_name_or_newest
    from presence_tui.history.database import open_for_reading
    from presence_tui.history.roster_cache import read_conversations
    from presence_tui.transport.addresses import Address

    settings = by_name(asked) if everywhere else by_name_or_newest(asked)
    if settings.gateway is None and not everywhere:
        return []
    url = None if settings.gateway is None else Address.parse(settings.gateway).url
    with closing(open_for_reading(history_path(), BUSY_LIMIT_S)) as connection:
        return read_conversations(connection, url)


def _word(conversation: "Conversation") -> str | None:
    """The most readable name that needs no shell quoting, or ``None``."""
    names = (conversation.identifier, conversation.title, conversation.id)
    return next((name for name in names if re.fullmatch(_ONE_WORD, name)), None)
