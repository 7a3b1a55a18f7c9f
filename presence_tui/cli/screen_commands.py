"""The commands that open a screen or serve: watch, demo, gateway, serve and wallboard.

Each imports its module when it runs, so that the others start fast.
"""

import sys
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from presence_tui.cli import options
from presence_tui.cli.configuration import Settings
from presence_tui.cli.embedded_gateway import DemoOptions, checked_faults, embedded_gateway
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.gc_tuning import postpone_collection
from presence_tui.cli.language_option import marked, say
from presence_tui.cli.logs import log_to
from presence_tui.cli.output import require_terminal


@click.command(
    cls=options.Configured,
    help=marked(
        "Watch a conversation on the screen.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent."
    ),
)
@options.with_settings(
    options.conversation, *options.of_gateways, options.rule, *options.of_screens, *options.of_terminals
)
@options.logged
def watch(settings: Settings) -> None:
    open_watch(options.with_sign_in(settings))


@click.command(
    cls=options.Configured,
    help=marked(
        "Watch the embedded gateway with its living population; needs nothing else.\n\n"
        "Nothing of it is kept: no history, no rules, no pins."
    ),
)
@options.participants
@options.rate
@options.seed
@options.fault
@options.with_settings(options.profile, options.rule, *options.of_screens, *options.of_terminals)
@options.logged
def demo(participants: int, rate: float, seed: int, faults: tuple[str, ...], settings: Settings) -> None:
    if faults:
        checked_faults(faults, participants)
    open_demo(settings, DemoOptions(participants, rate, seed, faults=faults))


@click.command(
    cls=options.Command,
    help=marked(
        "Run the embedded gateway alone. Prints one JSON line when it listens; ctrl+c ends it.\n\n"
        "Sign in as observer or as anybody else there; the password of every account is demo."
    ),
)
@options.host
@options.option("--port", type=options.WholeRange(0, 65535), default=0, help=marked("0 takes a free one."))
@options.participants
@options.rate
@options.seed
@options.option(
    "--profile",
    metavar="NAME",
    default="meeshy-2026",
    show_default=True,
    help=marked("meeshy-2026 or meeshy-2025."),
)
@options.option(
    "--second-factor", is_flag=True, help=marked("Logins ask for a code as well, which is 246810.")
)
@options.fault
@options.option("--until-input-ends", is_flag=True, hidden=True)
@options.logged
@options.language_alone
def gateway(**given: Any) -> None:
    from presence_tui.cli.gateway_command import serve

    serve(**given)


@click.command(
    cls=options.Configured,
    help=marked(
        'Show a conversation as a read-only wallboard in browsers; needs the extra "web". It has no '
        "login.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent."
    ),
)
@options.with_settings(options.conversation, *options.of_gateways, options.rule, *options.of_screens)
@options.host
@options.option(
    "--port",
    type=options.WholeRange(0, 65535),
    default=8000,
    show_default=True,
    help=marked("0 takes a free one."),
)
@options.option(
    "--browsers",
    type=options.WholeRange(1, 100),
    default=8,
    show_default=True,
    help=marked("How many may look at once; each is a process of its own."),
)
@options.option(
    "--public-url", metavar="URL", help=marked("What browsers call it, where a proxy stands before it.")
)
@options.log_file
@options.log_level
def serve(
    host: str,
    port: int,
    browsers: int,
    public_url: str | None,
    log_file: Path | None,
    log_level: str,
    settings: Settings,
) -> None:
    from presence_tui.cli.serve_command import ServeOptions
    from presence_tui.cli.serve_command import serve as serve_wallboard

    log_to(log_file, log_level)
    serve_options = ServeOptions(host, port, browsers, public_url)
    logging = [] if log_file is None else [f"--log-file={log_file}", f"--log-level={log_level}"]
    given = options.as_given(click.get_current_context())
    serve_wallboard(options.with_sign_in(settings), serve_options, [*logging, *given])


@click.command(cls=options.Configured, hidden=True, help=marked("What serve runs for each browser."))
@options.with_settings(options.conversation, *options.of_gateways, options.rule, *options.of_screens)
@options.option("--demo", is_flag=True, help=marked("The gateway is an embedded one."))
@options.logged
def wallboard(demo: bool, settings: Settings) -> None:
    from presence_tui.cli.serve_command import show_wallboard

    if sys.stdin.isatty():
        raise CliError(
            say("The wallboard is shown in browsers: presence-tui serve starts it."), ExitCode.USAGE
        )
    postpone_collection()
    show_wallboard(options.with_sign_in(settings), is_demo=demo)


def open_watch(settings: Settings) -> None:
    """Open the screen, or print lines with ``--plain``; without a gateway, of the demo."""
    if settings.gateway is None:
        open_demo(settings, DemoOptions())
    elif settings.plain:
        from presence_tui.cli.plain_command import announce_gateway

        announce_gateway(settings)
    else:
        postpone_collection()
        from presence_tui.cli.screen_command import open_gateway

        open_gateway(settings)


def open_demo(settings: Settings, demo_options: DemoOptions, *, welcomes: bool = False) -> None:
    """The same on an embedded gateway."""
    if not settings.plain:
        require_terminal()
    if settings.profile is not None:
        demo_options = replace(demo_options, profile=settings.profile.name)
    # The gateway starts while the screen's modules are imported.
    with embedded_gateway(demo_options) as gateway:
        if settings.plain:
            from presence_tui.cli.plain_command import announce_embedded

            announce_embedded(settings, gateway)
            return
        postpone_collection()
        from presence_tui.cli.screen_command import open_embedded

        open_embedded(settings, gateway, demo_options, welcomes=welcomes)
