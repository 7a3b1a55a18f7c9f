"""The command ``presence-tui``. What a command needs is imported when it runs, so that each starts fast."""

import sys
from dataclasses import replace
from typing import Annotated

import typer

from presence_tui.cli import options
from presence_tui.cli.configuration import Flags, Settings, Stop, resolve
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.output import ReaderGone, reader_may_leave
from presence_tui.cli.population import Population
from presence_tui.cli.terminal import require_terminal

app = typer.Typer(
    name="presence-tui",
    help="Live presence of a chat conversation in your terminal: who is online, since when, and why.",
    epilog="Without a command: the watch of the configured gateway, or the demo where none is configured.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run() -> None:
    """Entry point. Every end is an exit code and, where something went wrong, a sentence on stderr."""
    try:
        app()
    except Stop as stop:
        typer.echo(str(stop), err=True)
        sys.exit(stop.code)
    except KeyboardInterrupt:
        sys.exit(ExitCode.OK)
    except ReaderGone:
        sys.exit(ExitCode.OK)


@app.callback(invoke_without_command=True)
def default(
    context: typer.Context,
    language: options.LanguageCode = None,
    theme: options.ThemeName = None,
    ascii_only: options.Ascii = False,
) -> None:
    """Live presence of a chat conversation in your terminal: who is online, since when, and why."""
    if context.invoked_subcommand is None:
        _watch(resolve(Flags(language=language, theme=theme, ascii=ascii_only)), None)


@app.command()
def watch(
    conversation: options.Conversation = None,
    gateway: options.Gateway = None,
    profile: options.ProfileName = None,
    token_file: options.TokenFile = None,
    ca_file: options.CaFile = None,
    rule: options.RuleName = None,
    language: options.LanguageCode = None,
    theme: options.ThemeName = None,
    ascii_only: options.Ascii = False,
    log_file: options.LogFile = None,
) -> None:
    """Watch a conversation on the screen."""
    settings = resolve(
        Flags(gateway, conversation, profile, token_file, ca_file, language, theme, ascii_only, rule)
    )
    _watch(settings, log_file)


@app.command()
def demo(
    participants: options.Participants = 24,
    rate: options.Rate = 1.0,
    seed: options.Seed = 7,
    profile: options.ProfileName = None,
    rule: options.RuleName = None,
    language: options.LanguageCode = None,
    theme: options.ThemeName = None,
    ascii_only: options.Ascii = False,
    log_file: options.LogFile = None,
) -> None:
    """Watch the embedded gateway with its living population; needs nothing else."""
    settings = resolve(Flags(profile=profile, rule=rule, language=language, theme=theme, ascii=ascii_only))
    _demo(settings, Population(participants, rate, seed), log_file)


@app.command()
def gateway(
    host: Annotated[str, typer.Option(help="Where to listen; loopback unless told otherwise.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    participants: options.Participants = 24,
    rate: options.Rate = 1.0,
    seed: options.Seed = 7,
    profile: Annotated[str, typer.Option(help="meeshy-2026 or meeshy-2025.")] = "meeshy-2026",
    until_input_ends: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run the embedded gateway alone. Prints one JSON line when it listens; ctrl-c ends it."""
    from presence_tui.cli.gateway_command import serve

    serve(host, port, participants, rate, seed, profile, until_input_ends=until_input_ends)


@app.command()
def join(
    conversation: Annotated[str, typer.Argument(help="The conversation's link, identifier or id.")],
    name: Annotated[str, typer.Option("--as", help="The name to be seen under.")],
    gateway: options.Gateway = None,
    profile: options.ProfileName = None,
    ca_file: options.CaFile = None,
) -> None:
    """Be a participant until ctrl-c, as a guest. Without a gateway: of the demo running on this machine."""
    from presence_tui.cli.join_command import stay

    settings = resolve(Flags(gateway=gateway, profile=profile, ca_file=ca_file))
    stay(settings, conversation, name)


@app.command()
def tail(
    conversation: options.Conversation = None,
    duration: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Stop after this long.")
    ] = None,
    gateway: options.Gateway = None,
    profile: options.ProfileName = None,
    token_file: options.TokenFile = None,
    ca_file: options.CaFile = None,
    rule: options.RuleName = None,
) -> None:
    """Print a JSON object a line for every change of presence and of the link."""
    from presence_tui.cli.tail_command import follow

    settings = resolve(Flags(gateway, conversation, profile, token_file, ca_file, rule=rule))
    with reader_may_leave():
        follow(settings, duration)


@app.command()
def roster(
    conversation: options.Conversation = None,
    layout: Annotated[str, typer.Option("--format", "-f", help="table, json or csv.")] = "table",
    gateway: options.Gateway = None,
    profile: options.ProfileName = None,
    token_file: options.TokenFile = None,
    ca_file: options.CaFile = None,
    rule: options.RuleName = None,
) -> None:
    """Print who is in the conversation and who is online, once."""
    from presence_tui.cli.roster_command import show

    settings = resolve(Flags(gateway, conversation, profile, token_file, ca_file, rule=rule))
    with reader_may_leave():
        show(settings, layout)


@app.command()
def doctor(
    gateway: options.Gateway = None,
    profile: options.ProfileName = None,
    token_file: options.TokenFile = None,
    ca_file: options.CaFile = None,
) -> None:
    """Check the way to the gateway step by step: each ok, or why not and what to do."""
    from presence_tui.cli.doctor_command import examine

    settings = resolve(Flags(gateway=gateway, profile=profile, token_file=token_file, ca_file=ca_file))
    with reader_may_leave():
        examine(settings)


@app.command()
def info() -> None:
    """Print versions and where files are."""
    from presence_tui.cli.info_command import show

    with reader_may_leave():
        show()


def _watch(settings: Settings, log_file: options.LogFile) -> None:
    if settings.gateway is None:
        _demo(settings, Population(), log_file)
        return
    from presence_tui.cli.screen_command import watch_gateway

    watch_gateway(settings, log_file=log_file)


def _demo(settings: Settings, population: Population, log_file: options.LogFile) -> None:
    from presence_tui.cli.embedded import embedded_gateway

    require_terminal()
    if settings.profile is not None:
        population = replace(population, profile=settings.profile.name)
    # The gateway starts while the screen is still being imported.
    with embedded_gateway(population) as gateway:
        from presence_tui.cli.screen_command import watch_embedded

        watch_embedded(settings, gateway, log_file=log_file)
