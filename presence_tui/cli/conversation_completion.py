"""Complete conversation names from the history, without network access and without errors."""

import re
import sqlite3
from contextlib import closing
from typing import Final

import click
from click.shell_completion import CompletionItem

from presence_tui.cli.configuration import Settings, history_path, settings_of
from presence_tui.cli.exit_codes import CliError
from presence_tui.cli.targets import by_name, by_name_or_newest
from presence_tui.domain.participants import Conversation
from presence_tui.history.database import open_for_reading
from presence_tui.history.roster_cache import read_conversations
from presence_tui.transport.addresses import Address, BadAddress

BUSY_LIMIT_S: Final = 0.1
"""Limit of waiting for the database, because the user waits at a prompt."""
_ONE_WORD: Final = re.compile(r"[\w@+][\w@+.-]*")
"""Characters that need no shell quoting. Names come from a gateway, and a shell could run some of them."""


def completions(context: click.Context, begun: str, *, everywhere: bool) -> list[CompletionItem]:
    """Conversations whose identifier or title starts with ``begun``; of all gateways if ``everywhere`` and
    none is selected.
    """
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


def _known(asked: Settings, everywhere: bool) -> list[Conversation]:
    settings = by_name(asked) if everywhere else by_name_or_newest(asked)
    if settings.gateway is None and not everywhere:
        return []
    url = None if settings.gateway is None else Address.parse(settings.gateway).url
    with closing(open_for_reading(history_path(), BUSY_LIMIT_S)) as connection:
        return read_conversations(connection, url)


def _word(conversation: Conversation) -> str | None:
    """The most readable name that needs no shell quoting, or ``None``."""
    names = (conversation.identifier, conversation.title, conversation.id)
    return next((name for name in names if _ONE_WORD.fullmatch(name)), None)
