"""``help``: the reference, as Markdown pages that ship in the package."""

import sys
from importlib.resources import files
from typing import Final

import click

from presence_tui.cli.configuration import CliError
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.language_option import language_in_use, say
from presence_tui.wire.sanitize import safe_text

TOPICS: Final = (
    "start",
    "commands",
    "exit-codes",
    "keys",
    "views",
    "find",
    "states",
    "alerts",
    "configuration",
    "terminals",
    "network",
    "history",
    "json",
    "library",
    "wallboard",
    "privacy",
    "troubleshooting",
)
"""Each is the name of a page, in the order in which they are listed."""

_FOLDER: Final = files("presence_tui.cli") / "help_pages"
_MOST_CELLS: Final = 100
"""Longer lines are hard to read, however wide the terminal is."""


def show(context: click.Context, topic: str | None) -> None:
    """Print a page, the help of a command, or without a topic the list. Raises ``CliError``."""
    commands = context.find_root().command
    assert isinstance(commands, click.Group)
    if topic is not None and topic not in TOPICS:
        _show_command(context, commands, topic)
        return
    if language_in_use() != "en":
        print(say("The reference is in English only."), file=sys.stderr)
    if topic is None:
        print(_list(), end="")
    else:
        _print_page(page(topic))


def page(topic: str) -> str:
    """The Markdown of a topic: a title, one line that says what it is about, and the text."""
    return (_FOLDER / f"{topic}.md").read_text("utf-8")


def _show_command(context: click.Context, commands: click.Group, name: str) -> None:
    command = commands.get_command(context, name)
    if command is None or command.hidden:
        raise CliError(
            say(
                "There is no help topic {name!r}; choose one of {topics}, or a command.",
                name=safe_text(name),
                topics=", ".join(TOPICS),
            ),
            ExitCode.USAGE,
        )
    with click.Context(command, info_name=name, parent=context.parent) as of_command:
        click.echo(command.get_help(of_command))


def _list() -> str:
    width = max(map(len, TOPICS)) + 2
    lines = [f"  {topic:<{width}}{page(topic).splitlines()[2]}" for topic in TOPICS]
    return "\n".join(["presence-tui help TOPIC", "", *lines, ""])


def _print_page(text: str) -> None:
    """Rendered on a terminal, as it is in a pipe."""
    if not sys.stdout.isatty():
        sys.stdout.write(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    console.print(
        # Themes with colours of their own would paint a background that suits half of the terminals.
        Markdown(text, code_theme="ansi_dark", hyperlinks=False),
        width=min(console.width, _MOST_CELLS),
    )
