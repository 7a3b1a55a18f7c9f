"""Options shared by several commands; a name means the same everywhere."""

from collections.abc import Callable, Iterable
from functools import cache, partial, wraps
from pathlib import Path

import click
from click.core import ParameterSource
from click.types import IntParamType

from presence_tui.cli.completion import among, conversations, faults, themes
from presence_tui.cli.configuration import OPTIONS, Settings, defaults, read_configuration, settings_of
from presence_tui.cli.configuration_file import ConfigurationFile, configuration_path
from presence_tui.cli.exit_codes import CliError
from presence_tui.cli.language_option import heading_text, marked, say_raw
from presence_tui.cli.logs import log_to

Callback = Callable[..., None]
Decorator = Callable[[Callback], Callback]


class Translated:
    """A text of a click object, stored in English and translated when read."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_{name}_in_english"

    def __get__(self, instance: object, owner: type) -> str | None:
        text: str | None = getattr(instance, self._name, None)
        return say_raw(text) if text else text

    def __set__(self, instance: object, text: str | None) -> None:
        setattr(instance, self._name, text)


class Option(click.Option):
    """An option with translated help and a translated word for its value."""

    help = Translated()

    def make_metavar(self, *context: click.Context, **named: click.Context) -> str:
        # Older versions of click pass no context.
        return say_raw(super().make_metavar(*context, **named))


class HelpFormatter(click.HelpFormatter):
    """Writes headings with the colon of the language."""

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{heading_text(heading)}\n")


class Context(click.Context):
    formatter_class = HelpFormatter


class Command(click.Command):
    """A command with translated help."""

    context_class = Context
    help = Translated()
    epilog = Translated()


class Whole(IntParamType):
    """A whole number, with a translated name."""

    name = property(lambda self: say_raw("integer"))


class WholeRange(click.IntRange):
    """A range of whole numbers, with a translated name."""

    name = property(lambda self: say_raw("integer range"))


class NumberRange(click.FloatRange):
    """A range of numbers, with a translated name."""

    name = property(lambda self: say_raw("float range"))


option = partial(click.option, cls=Option)


def _gateway(help_text: str) -> Decorator:
    return option(
        "--gateway",
        "-g",
        envvar="PRESENCE_TUI_GATEWAY",
        metavar="NAME|URL",
        help=help_text,
    )


gateway = _gateway(
    marked(
        "A sign-in's name or an address; without it, the configured one, else the newest sign-in, else "
        "the demo."
    )
)
gateway_to_join = _gateway(
    marked(
        "A sign-in's name or an address; without it, the configured one, else the demo that runs on this "
        "machine."
    )
)
gateway_to_sign_in = click.argument("gateway", required=False, envvar="PRESENCE_TUI_GATEWAY")
gateway_recorded = _gateway(
    marked("A sign-in's name or an address; without it, the configured one, else all of them.")
)
conversation = click.argument(
    "conversation", required=False, envvar="PRESENCE_TUI_CONVERSATION", shell_complete=conversations
)
profile = option(
    "--profile",
    envvar="PRESENCE_TUI_PROFILE",
    metavar="NAME",
    shell_complete=among("auto", "meeshy-2026", "meeshy-2025"),
    help=marked("auto, meeshy-2026 or meeshy-2025: the gateway's contract version."),
)
_layout = partial(option, "--format", "-f", "layout", metavar="NAME", default="table", show_default=True)
layout = _layout(shell_complete=among("table", "json", "csv"), help=marked("table, json or csv."))
layout_without_csv = _layout(shell_complete=among("table", "json"), help=marked("table or json."))
duration = option("--duration", type=NumberRange(0), metavar="SECONDS", help=marked("Stop after this long."))
token_file = option(
    "--token-file",
    envvar="PRESENCE_TUI_TOKEN_FILE",
    type=click.Path(path_type=Path),
    help=marked("A file with the token, readable by its owner alone."),
)
ca_file = option(
    "--ca-file",
    envvar="PRESENCE_TUI_CA_FILE",
    type=click.Path(path_type=Path),
    help=marked("A certificate authority (PEM) to trust besides the system's."),
)
_language = partial(
    option,
    "--lang",
    envvar="PRESENCE_TUI_LANG",
    metavar="CODE",
    shell_complete=among("en", "fr"),
    help=marked("en or fr; without it, as the locale says."),
)
language = _language("language")
language_alone = _language("process_language", expose_value=False)
"""For commands without settings, so it has a name that is not a key of the configuration file."""
theme = option(
    "--theme",
    envvar="PRESENCE_TUI_THEME",
    metavar="NAME",
    shell_complete=themes,
    help=marked("presence-dark, presence-light or another."),
)
ascii_only = option(
    "--ascii",
    is_flag=True,
    envvar="PRESENCE_TUI_ASCII",
    help=marked("Draw marks, frames and scrollbars in ASCII."),
)
rule = option(
    "--rule",
    envvar="PRESENCE_TUI_RULE",
    metavar="NAME",
    shell_complete=among("flag", "meeshy-2026", "meeshy-2025"),
    help=marked("flag, meeshy-2026 or meeshy-2025: how states are derived."),
)
who = option(
    "--who",
    metavar="NAME",
    multiple=True,
    help=marked("Only about this person: a name, a handle or an id. May be given several times."),
)
participants = option(
    "--participants",
    "-n",
    type=WholeRange(1, 100_000),
    default=24,
    show_default=True,
    help=marked("How many people there are."),
)
rate = option(
    "--rate",
    type=NumberRange(0),
    default=1.0,
    show_default=True,
    help=marked("Mean number of presence events a second; 0 is still."),
)
seed = option(
    "--seed",
    type=Whole(),
    default=7,
    show_default=True,
    help=marked("The same seed gives the same people and events."),
)
fault = option(
    "--fault",
    "faults",
    metavar="NAME=VALUE",
    multiple=True,
    shell_complete=faults,
    help=marked(
        "Simulate faults: ghost-online=2, forget=0.1, …; help debugging lists them. "
        "May be given several times."
    ),
)
log_file = option(
    "--log-file",
    type=click.Path(path_type=Path),
    help=marked("Write a log there; nothing is logged otherwise."),
)
log_level = option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help=marked("Least level to log."),
)
plain = option(
    "--plain",
    is_flag=True,
    envvar="PRESENCE_TUI_PLAIN",
    help=marked("No screen: a sentence for whatever happens, for screen readers and logs."),
)
mouse = option(
    "--mouse/--no-mouse",
    default=None,
    envvar="PRESENCE_TUI_MOUSE",
    help=marked(
        "Use the mouse, or leave it to the terminal to select text; without it yes, in GNU screen no."
    ),
)
escape_delay = option(
    "--escape-delay",
    "escape_delay_ms",
    type=Whole(),
    metavar="MS",
    envvar="PRESENCE_TUI_ESCAPE_DELAY_MS",
    help=marked("How long after esc the rest of an arrow key is waited for; without it 50, over SSH 100."),
)
host = option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help=marked("Where to listen; loopback unless told otherwise."),
)


class Configured(Command):
    """A command with settings, whose options may also be set in the configuration file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        use_configuration(ctx)
        return super().parse_args(ctx, args)


def use_configuration(context: click.Context) -> None:
    """Let this context's options default to the file, which is read on first use."""
    file = cache(partial(read_configuration, configuration_path()))
    if context.resilient_parsing:
        # During shell completion, errors in the file are ignored; the command reports them.
        file = cache(partial(_readable, file))
    context.obj, context.default_map = file, defaults(file)


def _readable(read: Callable[[], ConfigurationFile]) -> ConfigurationFile:
    try:
        return read()
    except CliError:
        return ConfigurationFile()


def with_settings(*given: Decorator) -> Decorator:
    """Add these options to a command and pass them as ``settings``, together with all other settings."""
    names = _names(given)

    def decorate(command: Callback) -> Callback:
        @wraps(command)
        def with_them(**values: object) -> None:
            context = click.get_current_context()
            if context.invoked_subcommand is not None:
                # click calls the group first; the options belong to the subcommand.
                return
            others = {name: value for name, value in values.items() if name not in names}
            command(settings=settings_of(context), **others)

        decorated: Callback = with_them
        for option in reversed(given):
            decorated = option(decorated)
        return decorated

    return decorate


def with_sign_in(settings: Settings) -> Settings:
    """Settings of a command that watches; without a configured gateway, the newest saved login is used."""
    from presence_tui.cli.targets import by_name_or_newest

    return by_name_or_newest(settings)


def _names(given: Iterable[Decorator]) -> list[str]:
    bare = click.Command(None)
    for option in given:
        option(bare)
    return [str(parameter.name) for parameter in bare.params]


of_screens = (language, theme, ascii_only)
"""Options for how a screen looks."""
of_terminals = (plain, mouse, escape_delay)
"""Options for the use of a terminal; a wallboard has none."""
of_gateways = (gateway, profile, token_file, ca_file)
"""Options for the gateway and its credential."""


def logged(command: Callback) -> Callback:
    """Add the options of the log, and open it."""

    @log_file
    @log_level
    @wraps(command)
    def with_log(log_file: Path | None, log_level: str, **options: object) -> None:
        log_to(log_file, log_level)
        command(**options)

    return with_log


def watches(command: Callback) -> Callback:
    """Add the options of a command that watches a conversation without a screen, and those of the log."""
    return with_settings(conversation, *of_gateways, rule, language)(logged(command))


def as_given(context: click.Context) -> list[str]:
    """Command-line words that set the same settings. None of them is a token."""
    words: list[str] = []
    title: list[str] = []
    for parameter in context.command.params:
        name, value = parameter.name or "", context.params.get(parameter.name or "")
        if name not in OPTIONS or context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        if isinstance(parameter, click.Argument):
            # Last and after "--", because a title may begin with a dash.
            title = ["--", str(value)]
        elif isinstance(value, bool):
            # A switch: its name for on, or its name for off.
            words.append((parameter.opts if value else parameter.secondary_opts)[0])
        else:
            words.append(f"{parameter.opts[0]}={value}")
    return [*words, *title]
