"""``help``: the reference, as Markdown pages in the package."""

import sys
from importlib.resources import files
from typing import Final

import click
import msgspec

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import language_in_use, say
from presence_tui.cli.output import print_sentence
from presence_tui.wire.sanitize import safe_text

TOPICS: Final = (
    "start",
    "commands",
    "exit-codes",
    "keys",
    "views",
    "find",
    "states",
    "inspector",
    "metrics",
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
    "debugging",
)
"""Names of the pages, in the order of the list."""

_FOLDER: Final = files("presence_tui.cli") / "help_pages"
_MOST_CELLS: Final = 100
"""Maximum line width, for readability."""


def show(context: click.Context, topic: str | None) -> None:
    """Print a page, the help of a command or, without a topic, the list. Raises ``CliError``."""
    commands = context.find_root().command
    assert isinstance(commands, click.Group)
    if topic is not None and topic not in TOPICS:
        _show_command(context, commands, topic)
        return
    if language_in_use() != "en":
        print_sentence(say("The reference is in English only."))
    if topic is None:
        print(_list(), end="")
    else:
        _print_page(page(topic))


def page(topic: str) -> str:
    """The Markdown of a topic: a title, a one-line summary and the text."""
    text = (_FOLDER / f"{topic}.md").read_text("utf-8")
    if topic != "json":
        return text
    from presence_tui.cli.json_lines import schemas_text

    return text + schemas_text(line_types())


def line_types() -> tuple[type[msgspec.Struct], ...]:
    """The structs of the lines whose schemas the page ``json`` shows."""
    # Imported only for the page that describes them.
    from presence_tui.cli.audit_command import AuditLine, FindingLine
    from presence_tui.cli.flaps_command import FlapLine, FlapsLine, WaveLine
    from presence_tui.cli.metrics_command import MetricsLine
    from presence_tui.cli.raw_tail_command import PacketLine
    from presence_tui.cli.wait_command import WaitLine
    from presence_tui.cli.why_command import CountsLine, ExplanationLine

    return (
        FindingLine,
        AuditLine,
        WaitLine,
        MetricsLine,
        PacketLine,
        FlapLine,
        WaveLine,
        FlapsLine,
        ExplanationLine,
        CountsLine,
    )


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
    """Print Markdown, rendered on a terminal and unchanged in a pipe."""
    if not sys.stdout.isatty():
        sys.stdout.write(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    console.print(
        # Themes with fixed colours would paint a background that does not fit every terminal.
        Markdown(text, code_theme="ansi_dark", hyperlinks=False),
        width=min(console.width, _MOST_CELLS),
    )
