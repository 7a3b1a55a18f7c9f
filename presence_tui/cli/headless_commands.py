"""The commands that print what happens or is known, without a screen: join, tail, roster, audit and others.

Each imports its module when it runs, so that the others start fast.
"""

import click

from presence_tui.cli import options
from presence_tui.cli.completion import among, conversations
from presence_tui.cli.configuration import Settings
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import marked, say
from presence_tui.cli.participant_names import Named, Who


@click.command(
    cls=Named,
    help=marked(
        "Be a participant until ctrl+c, as a guest. Without a gateway: of the demo running on this "
        "machine.\n\n"
        "CONVERSATION is a link, an identifier or an id."
    ),
)
@click.argument("link", metavar="CONVERSATION", shell_complete=conversations)
@options.option(
    "--as",
    "name",
    metavar="NAME",
    required=True,
    help=marked("The name to be seen under; newer gateways put ano_ (anonymous) before it."),
)
@options.with_settings(options.gateway_to_join, options.profile, options.ca_file, options.language)
@options.logged
def join(link: str, name: str, settings: Settings) -> None:
    from presence_tui.cli.join_command import stay
    from presence_tui.cli.targets import by_name

    stay(by_name(settings), link, name)


@click.command(
    cls=Named,
    help=marked(
        "Print a JSON object a line for every change of presence and of the link.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent."
    ),
)
@options.duration
@options.option(
    "--raw", is_flag=True, help=marked("A line for every packet, received and sent, instead of changes.")
)
@options.option(
    "--only",
    metavar="EXPRESSION",
    help=marked("With --raw: only packets that match, as '~v malformed'; see help inspector."),
)
@options.watches
@options.who
def tail(
    duration: float | None, raw: bool, only: str | None, who: tuple[str, ...], settings: Settings
) -> None:
    if raw:
        from presence_tui.cli.raw_tail_command import follow_packets

        follow_packets(options.with_sign_in(settings), duration, Who(who), only or "")
        return
    if only is not None:
        raise CliError(say("--only is for packets: add --raw."), ExitCode.USAGE)
    from presence_tui.cli.tail_command import follow

    follow(options.with_sign_in(settings), duration, Who(who))


@click.command(
    cls=Named,
    help=marked(
        "Print who is in the conversation and who is online, once.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent."
    ),
)
@options.layout
@options.watches
@options.who
def roster(layout: str, who: tuple[str, ...], settings: Settings) -> None:
    from presence_tui.cli.roster_command import show

    show(options.with_sign_in(settings), layout, Who(who))


@click.command(
    cls=options.Configured,
    help=marked(
        "Compare what the socket told with what the gateway's runtime says now, and print each confirmed "
        "difference.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent."
    ),
)
@options.layout_without_csv
@options.option(
    "--every", metavar="TIME", help=marked("Go on, one pass after each such time: 30s, 5min, 1h.")
)
@options.option(
    "--fail-on",
    metavar="NAMES",
    default="",
    help=marked("Exit with 6 if such a finding is found: names separated by commas, or any."),
)
@options.watches
def audit(layout: str, every: str | None, fail_on: str, settings: Settings) -> None:
    from presence_tui.cli.audit_command import show

    show(options.with_sign_in(settings), layout, every, fail_on)


@click.command(
    cls=options.Configured,
    help=marked(
        "Record where time goes, what arrives and how long the link is live, and print it at the end.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent."
    ),
)
@options.duration
@options.layout_without_csv
@options.option(
    "--listen",
    metavar="HOST:PORT",
    help=marked('Serve the figures to Prometheus until ctrl+c; needs the extra "metrics".'),
)
@options.option(
    "--print",
    "template",
    metavar="NAME",
    shell_complete=among("alerts", "dashboard"),
    help=marked("Print alerts (rules for Prometheus) or dashboard (for Grafana), and nothing else."),
)
@options.watches
def metrics(
    duration: float | None, layout: str, listen: str | None, template: str | None, settings: Settings
) -> None:
    if template is not None:
        from presence_tui.cli.metrics_command import print_for_prometheus

        print_for_prometheus(template)
        return
    if listen is not None:
        from presence_tui.cli.metrics_exporter import listen as serve_figures

        serve_figures(options.with_sign_in(settings), listen)
        return
    from presence_tui.cli.metrics_command import show

    show(options.with_sign_in(settings), layout, duration)


@click.command(
    cls=options.Configured,
    help=marked(
        "Record who returns again and again, and print how often, how long they stay and the likely "
        "cause.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent, or with --since "
        "everybody."
    ),
)
@options.duration
@options.option(
    "--since",
    metavar="TIME",
    help=marked("Do not record, read the history: 90min, 6h, 2d, a date, a time or all."),
)
@options.layout_without_csv
@options.watches
def flaps(duration: float | None, since: str | None, layout: str, settings: Settings) -> None:
    if since is None:
        from presence_tui.cli.flaps_command import show

        show(options.with_sign_in(settings), layout, duration)
        return
    if duration is not None:
        raise CliError(
            say("--duration is for recording, --since for the history: choose one."), ExitCode.USAGE
        )
    from presence_tui.cli.flaps_command import show_recorded
    from presence_tui.cli.targets import by_name

    show_recorded(by_name(settings), layout, since)


@click.command(
    "wait",
    cls=Named,
    help=marked(
        "Wait until a condition holds: exit code 0 when it does, 6 when the time is over.\n\n"
        "CONDITION is 'Ada Okafor online' (a name, a handle or an id), 'all online', 'nobody of moderator' "
        "or 'live', in quotes. CONVERSATION is an id, an identifier or a title; without one, the most recent."
    ),
)
@click.argument("condition")
@options.option(
    "--timeout", type=options.NumberRange(0), metavar="SECONDS", help=marked("Give up after this long.")
)
@options.option(
    "--may-join",
    is_flag=True,
    help=marked("Wait also for a name that nobody in the conversation has yet; without it, exit with 2."),
)
@options.watches
def wait_until(condition: str, timeout: float | None, may_join: bool, settings: Settings) -> None:
    from presence_tui.cli.wait_command import wait

    wait(options.with_sign_in(settings), condition, timeout, may_join=may_join)


@click.command(
    cls=Named,
    help=marked(
        "Explain what is shown about somebody: which evidence decides, which does not, and what comes "
        "next.\n\n"
        "NAME is a name, a handle or an id, in quotes if it has several words. CONVERSATION is an id, an "
        "identifier or a title; without one, the most recent."
    ),
)
@click.argument("name")
@options.option(
    "--duration",
    type=options.NumberRange(0),
    metavar="SECONDS",
    help=marked("Watch for this long first, so that there are events to name."),
)
@options.layout_without_csv
@options.watches
def why(name: str, duration: float | None, layout: str, settings: Settings) -> None:
    from presence_tui.cli.why_command import show

    show(options.with_sign_in(settings), name, layout, duration)


@click.command(
    cls=Named,
    help=marked(
        "Print what was recorded: changes, transitions of the link, and gaps in which nobody watched.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, of everybody. Asks the file "
        "alone."
    ),
)
@options.option(
    "--since",
    metavar="TIME",
    default="1d",
    show_default=True,
    help=marked("90min, 6h, 2d, a date, a time (2026-11-22T10:15) or all."),
)
@options.layout
@options.with_settings(options.conversation, options.gateway_recorded, options.language)
@options.logged
@options.who
def history(since: str, layout: str, who: tuple[str, ...], settings: Settings) -> None:
    from presence_tui.cli.history_command import show
    from presence_tui.cli.targets import by_name

    settings = by_name(settings)
    show(settings, since, layout, Who(who))
