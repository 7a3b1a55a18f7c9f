"""Shell completion: the scripts, and the completions of options with a fixed set of values."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

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


def help_topics(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Complete help topics."""
    from presence_tui.cli.help_command import TOPICS

    return [topic for topic in TOPICS if topic.startswith(begun)]


def faults(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Complete names of faults, up to their value."""
    from presence_tui.gateway.faults import FaultName

    return [f"{fault}=" for fault in FaultName if fault.startswith(begun)]


def conversations(context: click.Context, _: click.Parameter, begun: str) -> "list[CompletionItem]":
    """Complete conversations of the selected gateway, as far as the history knows them."""
    # Imported only when a shell completes, not whenever a command starts.
    from presence_tui.cli.conversation_completion import completions

    return completions(context, begun, everywhere=context.info_name == "history")
