"""Options that several commands share: the same name means the same everywhere."""

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path

import click

from presence_tui.cli.completion import among, conversations, themes
from presence_tui.cli.configuration import Flags
from presence_tui.cli.logs import log_to

Command = Callable[..., None]
Decorator = Callable[[Command], Command]


def _gateway(without: str) -> Decorator:
    return click.option(
        "--gateway",
        "-g",
        metavar="NAME|URL",
        help=f"A sign-in's name or an address; without it, the configured one, else {without}.",
    )


gateway = _gateway("the newest sign-in, else the demo")
gateway_to_join = _gateway("the demo that runs on this machine")
gateway_recorded = _gateway("all of them")
conversation = click.argument("conversation", required=False, shell_complete=conversations)
profile = click.option(
    "--profile",
    metavar="NAME",
    shell_complete=among("auto", "meeshy-2026", "meeshy-2025"),
    help="auto, meeshy-2026 or meeshy-2025: the gateway's contract version.",
)
layout = click.option(
    "--format",
    "-f",
    "layout",
    metavar="NAME",
    default="table",
    show_default=True,
    shell_complete=among("table", "json", "csv"),
    help="table, json or csv.",
)
token_file = click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="A file with the token, readable by its owner alone.",
)
ca_file = click.option(
    "--ca-file",
    type=click.Path(path_type=Path),
    help="A certificate authority (PEM) to trust besides the system's.",
)
language = click.option(
    "--lang",
    "language",
    metavar="CODE",
    shell_complete=among("en", "fr"),
    help="en or fr; without it, as the locale says.",
)
theme = click.option(
    "--theme", metavar="NAME", shell_complete=themes, help="presence-dark, presence-light or another."
)
ascii_only = click.option("--ascii", is_flag=True, help="Draw marks, frames and scrollbars in ASCII.")
rule = click.option(
    "--rule",
    metavar="NAME",
    shell_complete=among("flag", "meeshy-2026", "meeshy-2025"),
    help="flag, meeshy-2026 or meeshy-2025: how states are derived.",
)
participants = click.option(
    "--participants",
    "-n",
    type=click.IntRange(1, 100_000),
    default=24,
    show_default=True,
    help="How many people there are.",
)
rate = click.option(
    "--rate",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="Mean number of presence events a second; 0 is still.",
)
seed = click.option(
    "--seed", default=7, show_default=True, help="The same seed gives the same people and lives."
)
log_file = click.option(
    "--log-file",
    type=click.Path(path_type=Path),
    help="Write a log there; nothing is logged otherwise.",
)
log_level = click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="How much of it.",
)
plain = click.option(
    "--plain", is_flag=True, help="No screen: a sentence for whatever happens, for screen readers and logs."
)
host = click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; loopback unless told otherwise.",
)


def as_flags(*given: Decorator) -> Decorator:
    """These options, handed to the command as one ``flags``, a ``Flags``."""
    names = _names(given)

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_flags(**said: object) -> None:
            flags = Flags(**{name: said.pop(name) for name in names})  # type: ignore[arg-type]
            command(flags=flags, **said)

        decorated: Command = with_flags
        for option in reversed(given):
            decorated = option(decorated)
        return decorated

    return decorate


def _names(given: Iterable[Decorator]) -> list[str]:
    def bare() -> None: ...

    for option in given:
        option(bare)
    parameters: list[click.Parameter] = getattr(bare, "__click_params__")  # noqa: B009  (put there by click)
    return [str(parameter.name) for parameter in parameters]


of_screens = (language, theme, ascii_only)
"""How a screen looks."""
of_gateways = (gateway, profile, token_file, ca_file)
"""How a gateway is reached, and by whom."""


def logged(command: Command) -> Command:
    """A command that writes a log where it is told to."""

    @log_file
    @log_level
    @wraps(command)
    def with_log(log_file: Path | None, log_level: str, **said: object) -> None:
        log_to(log_file, log_level)
        command(**said)

    return with_log


def as_given(flags: Flags) -> list[str]:
    """The words of a command line that say the same. None of them is a token: those are never given so."""
    said = {
        "--gateway": flags.gateway,
        "--profile": flags.profile,
        "--token-file": flags.token_file,
        "--ca-file": flags.ca_file,
        "--lang": flags.language,
        "--theme": flags.theme,
        "--rule": flags.rule,
    }
    words = [f"{name}={value}" for name, value in said.items() if value is not None]
    if flags.ascii:
        words.append("--ascii")
    # Last, behind a mark: a title may begin with a dash.
    return words if flags.conversation is None else [*words, "--", flags.conversation]
