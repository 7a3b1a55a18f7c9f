"""The command ``presence-tui``. Commands import their modules when they run, so that each starts fast."""

import os
import sys
from pathlib import Path

import click
from msgspec.structs import replace

from presence_tui import __version__
from presence_tui.cli import options
from presence_tui.cli.completion import among, conversations, help_topics
from presence_tui.cli.configuration import CliError, Settings, configured_language
from presence_tui.cli.demo_options import DemoOptions
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.gc_tuning import postpone_collection
from presence_tui.cli.language_option import language_asked, marked, say, say_raw, use_language
from presence_tui.cli.logs import log_to, mask_secrets_of, redirect_stray_output
from presence_tui.cli.output import OutputClosed, OutputLost, open_standard_streams
from presence_tui.cli.terminal import require_terminal
from presence_tui.cli.who import Who

_BEFORE_COMMAND = "presence_tui.options_before_the_command"


class Commands(click.Group):
    """Lists commands in order of declaration, and passes options before a command on to it.

    An option means the same on either side, and a command rejects options it does not have.
    """

    command_class = options.Configured
    help = options.Translated()
    epilog = options.Translated()

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [say_raw(piece) for piece in super().collect_usage_pieces(ctx)]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        before, command = self._split(ctx, args)
        if not command:
            # Without a command, only the group's own options are accepted.
            options.use_configuration(ctx)
            return super().parse_args(ctx, args)
        ctx.meta[_BEFORE_COMMAND] = before
        return super().parse_args(ctx, command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, command, [*ctx.meta.get(_BEFORE_COMMAND, ()), *rest]

    def _split(self, ctx: click.Context, args: list[str]) -> tuple[list[str], list[str]]:
        """Split into the options before the command, and the command with the rest."""
        parser = self.make_parser(ctx)
        known = {option for parameter in self.get_params(ctx) for option in parameter.opts}
        for command in self.commands.values():
            for parameter in command.params:
                if isinstance(parameter, click.Option) and known.isdisjoint(parameter.opts):
                    parameter.add_to_parser(parser, ctx)
                    known.update(parameter.opts)
        _, rest, _ = parser.parse_args(list(args))
        before = args[: len(args) - len(rest)]
        return before[:-1] if before[-1:] == ["--"] else before, rest


def run() -> None:
    """Entry point. Exits with a code and, on an error, one sentence on stderr."""
    redirect_stray_output()
    open_standard_streams()
    mask_secrets_of(os.environ)
    use_language(language_asked(sys.argv[1:], os.environ, configured_language()))
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        try:
            app(standalone_mode=False)
        finally:
            sys.stdout.flush()
    except CliError as stop:
        click.echo(str(stop), err=True)
        return stop.code
    except click.ClickException as mistake:
        mistake.show()
        return mistake.exit_code
    except (click.Abort, OutputClosed):
        # Ctrl-c, or a pipe closed by its reader.
        return ExitCode.OK
    except OutputLost as lost:
        click.echo(str(lost), err=True)
        return ExitCode.FAILED
    except Exception as error:  # noqa: BLE001  (reported without local variables)
        from presence_tui.cli.crash_report import report_crash

        click.echo(report_crash(error), err=True)
        return ExitCode.FAILED
    return ExitCode.OK


@click.group(
    cls=Commands,
    name="presence-tui",
    epilog=marked(
        "Without a command: the watch of the configured gateway or the newest sign-in, else the demo.\n\n"
        "A wallboard for browsers: presence-tui serve. The reference: presence-tui help."
    ),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=marked("Live presence of a chat conversation in your terminal: who is online, since when, and why."),
)
@options.with_settings(*options.of_gateways, options.rule, *options.of_screens, *options.of_terminals)
@options.logged
@click.version_option(
    __version__,
    prog_name="presence-tui",
    message="%(prog)s %(version)s",
    cls=options.Option,
    help=marked("Print the version and exit."),
)
def app(settings: Settings) -> None:
    settings = _with_sign_in(settings)
    if settings.gateway is not None:
        _watch(settings)
    else:
        _demo(settings, DemoOptions(), welcomes=True)


@app.command(
    help=marked(
        "Watch a conversation on the screen.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent."
    )
)
@options.with_settings(
    options.conversation, *options.of_gateways, options.rule, *options.of_screens, *options.of_terminals
)
@options.logged
def watch(settings: Settings) -> None:
    _watch(_with_sign_in(settings))


@app.command(
    help=marked(
        "Watch the embedded gateway with its living population; needs nothing else.\n\n"
        "Nothing of it is kept: no history, no rules, no pins."
    )
)
@options.participants
@options.rate
@options.seed
@options.fault
@options.with_settings(options.profile, options.rule, *options.of_screens, *options.of_terminals)
@options.logged
def demo(participants: int, rate: float, seed: int, faults: tuple[str, ...], settings: Settings) -> None:
    if faults:
        from presence_tui.cli.fault_option import checked_faults

        checked_faults(faults, participants)
    _demo(settings, DemoOptions(participants, rate, seed, faults=faults))


@app.command(
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
def gateway(
    host: str,
    port: int,
    participants: int,
    rate: float,
    seed: int,
    profile: str,
    second_factor: bool,
    faults: tuple[str, ...],
    until_input_ends: bool,
) -> None:
    from presence_tui.cli.gateway_command import serve

    serve(
        host,
        port,
        participants,
        rate,
        seed,
        profile,
        second_factor=second_factor,
        faults=faults,
        until_input_ends=until_input_ends,
    )


@app.command(
    help=marked(
        'Show a conversation as a read-only wallboard in browsers; needs the extra "web". It has no '
        "login.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent."
    )
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
    serve_wallboard(_with_sign_in(settings), serve_options, [*logging, *given])


@app.command(hidden=True, help=marked("What serve runs for each browser."))
@options.with_settings(options.conversation, *options.of_gateways, options.rule, *options.of_screens)
@options.option("--demo", is_flag=True, help=marked("The gateway is an embedded one."))
@options.logged
def wallboard(demo: bool, settings: Settings) -> None:
    from presence_tui.cli.wallboard_command import show

    if sys.stdin.isatty():
        raise CliError(
            say("The wallboard is shown in browsers: presence-tui serve starts it."), ExitCode.USAGE
        )
    postpone_collection()
    show(_with_sign_in(settings), is_demo=demo)


@app.command(
    help=marked(
        "Be a participant until ctrl+c, as a guest. Without a gateway: of the demo running on this "
        "machine.\n\n"
        "CONVERSATION is a link, an identifier or an id."
    )
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
    from presence_tui.cli.login_selection import by_name

    stay(by_name(settings), link, name)


@app.command(
    help=marked(
        "Print a JSON object a line for every change of presence and of the link.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent."
    )
)
@options.option(
    "--duration", type=options.NumberRange(0), metavar="SECONDS", help=marked("Stop after this long.")
)
@options.option(
    "--raw", is_flag=True, help=marked("A line for every packet, received and sent, instead of changes.")
)
@options.option(
    "--only",
    metavar="EXPRESSION",
    help=marked("With --raw: only packets that match, as '~v malformed'; see help inspector."),
)
@options.with_settings(options.conversation, *options.of_gateways, options.rule, options.language)
@options.logged
@options.who
def tail(
    duration: float | None, raw: bool, only: str | None, who: tuple[str, ...], settings: Settings
) -> None:
    if raw:
        from presence_tui.cli.raw_tail_command import follow_packets

        follow_packets(_with_sign_in(settings), duration, Who(who), only or "")
        return
    if only is not None:
        raise CliError(say("--only is for packets: add --raw."), ExitCode.USAGE)
    from presence_tui.cli.tail_command import follow

    follow(_with_sign_in(settings), duration, Who(who))


@app.command(
    help=marked(
        "Print who is in the conversation and who is online, once.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent."
    )
)
@options.layout
@options.with_settings(options.conversation, *options.of_gateways, options.rule, options.language)
@options.logged
@options.who
def roster(layout: str, who: tuple[str, ...], settings: Settings) -> None:
    from presence_tui.cli.roster_command import show

    show(_with_sign_in(settings), layout, Who(who))


@app.command(
    help=marked(
        "Compare what the socket told with what the gateway's runtime says now, and print each confirmed "
        "difference.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent."
    )
)
@options.audit_layout
@options.option(
    "--every", metavar="TIME", help=marked("Go on, one pass after each such time: 30s, 5min, 1h.")
)
@options.option(
    "--fail-on",
    metavar="NAMES",
    default="",
    help=marked("Exit with 6 if such a finding is found: names separated by commas, or any."),
)
@options.with_settings(options.conversation, *options.of_gateways, options.rule, options.language)
@options.logged
def audit(layout: str, every: str | None, fail_on: str, settings: Settings) -> None:
    from presence_tui.cli.audit_command import show

    show(_with_sign_in(settings), layout, every, fail_on)


@app.command(
    help=marked(
        "Record where time goes, what arrives and how long the link is live, and print it at the end.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent."
    )
)
@options.option(
    "--duration", type=options.NumberRange(0), metavar="SECONDS", help=marked("Stop after this long.")
)
@options.audit_layout
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
@options.with_settings(options.conversation, *options.of_gateways, options.rule, options.language)
@options.logged
def metrics(
    duration: float | None, layout: str, listen: str | None, template: str | None, settings: Settings
) -> None:
    if template is not None:
        from presence_tui.cli.metrics_command import print_for_prometheus

        print_for_prometheus(template)
        return
    if listen is not None:
        from presence_tui.cli.metrics_exporter import listen as serve_figures

        serve_figures(_with_sign_in(settings), listen)
        return
    from presence_tui.cli.metrics_command import show

    show(_with_sign_in(settings), layout, duration)


@app.command(
    help=marked(
        "Record who returns again and again, and print how often, how long they stay and the likely "
        "cause.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, the most recent, or with --since "
        "everybody."
    )
)
@options.option(
    "--duration", type=options.NumberRange(0), metavar="SECONDS", help=marked("Stop after this long.")
)
@options.option(
    "--since",
    metavar="TIME",
    help=marked("Do not record, read the history: 90min, 6h, 2d, a date, a time or all."),
)
@options.audit_layout
@options.with_settings(options.conversation, *options.of_gateways, options.rule, options.language)
@options.logged
def flaps(duration: float | None, since: str | None, layout: str, settings: Settings) -> None:
    if since is None:
        from presence_tui.cli.flaps_command import show

        show(_with_sign_in(settings), layout, duration)
        return
    if duration is not None:
        raise CliError(
            say("--duration is for recording, --since for the history: choose one."), ExitCode.USAGE
        )
    from presence_tui.cli.flaps_command import show_recorded
    from presence_tui.cli.login_selection import by_name

    show_recorded(by_name(settings), layout, since)


@app.command(
    "wait",
    help=marked(
        "Wait until a condition holds: exit code 0 when it does, 6 when the time is over.\n\n"
        "CONDITION is 'Ada online' (a name, a handle or an id), 'all online', 'nobody of moderator' or "
        "'live'. CONVERSATION is an id, an identifier or a title; without one, the most recent."
    ),
)
@click.argument("condition")
@options.option(
    "--timeout", type=options.NumberRange(0), metavar="SECONDS", help=marked("Give up after this long.")
)
@options.with_settings(options.conversation, *options.of_gateways, options.rule, options.language)
@options.logged
def wait_until(condition: str, timeout: float | None, settings: Settings) -> None:
    from presence_tui.cli.wait_command import wait

    wait(_with_sign_in(settings), condition, timeout)


@app.command(
    help=marked(
        "Explain what is shown about somebody: which evidence decides, which does not, and what comes "
        "next.\n\n"
        "NAME is a name, a handle or an id. CONVERSATION is an id, an identifier or a title; without one, "
        "the most recent."
    ),
)
@click.argument("name")
@options.option(
    "--duration",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help=marked("Watch for this long first, so that there are events to name."),
)
@options.audit_layout
@options.with_settings(options.conversation, *options.of_gateways, options.rule, options.language)
@options.logged
def why(name: str, duration: float | None, layout: str, settings: Settings) -> None:
    from presence_tui.cli.why_command import show

    show(_with_sign_in(settings), name, layout, duration)


@app.command(
    help=marked(
        "Print what was recorded: changes, transitions of the link, and gaps in which nobody watched.\n\n"
        "CONVERSATION is an id, an identifier or a title; without one, of everybody. Asks the file "
        "alone."
    )
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
    from presence_tui.cli.login_selection import by_name

    settings = by_name(settings)
    show(settings, since, layout, Who(who))


@app.command(help=marked("Check the way to the gateway step by step: each ok, or why not and what to do."))
@options.with_settings(*options.of_gateways, options.language)
@options.logged
def doctor(settings: Settings) -> None:
    from presence_tui.cli.doctor_command import run_checks

    run_checks(_with_sign_in(settings))


@app.command(
    help=marked(
        "Sign in to a gateway and keep the token. The password is not kept, and never on the command "
        "line.\n\n"
        "GATEWAY is an address, or the name of a sign-in to renew."
    )
)
@options.option("--name", metavar="NAME", help=marked("What to call it; without one, after its host."))
@options.option("--user", metavar="NAME", help=marked("User name or e-mail; asked for without it."))
@options.option(
    "--password-stdin",
    is_flag=True,
    help=marked("Read the password from standard input; its second line is the code of a second factor."),
)
@options.option(
    "--link", metavar="LINK", help=marked("Come as a guest, by this link or its id, without an account.")
)
@options.option(
    "--as",
    "guest_name",
    metavar="NAME",
    help=marked("The guest's name; newer gateways put ano_ (anonymous) before it."),
)
@options.option("--hide", is_flag=True, help=marked("Turn the account's showOnlineStatus off."))
@options.option(
    "--no-keyring", is_flag=True, help=marked("Keep the token in a file, even if there is a keyring.")
)
@options.with_settings(options.gateway_to_sign_in, options.profile, options.ca_file, options.language)
@options.logged
def login(
    name: str | None,
    user: str | None,
    password_stdin: bool,
    link: str | None,
    guest_name: str | None,
    hide: bool,
    no_keyring: bool,
    settings: Settings,
) -> None:
    from presence_tui.cli.login_command import LoginOptions, log_in
    from presence_tui.cli.login_selection import by_name

    log_in(by_name(settings), LoginOptions(name, user, password_stdin, link, guest_name, hide, no_keyring))


@app.command(
    help=marked(
        "Sign out at the gateway and forget the token; a guest leaves its conversation.\n\n"
        "NAME is the sign-in's; it may be left out if there is only one."
    )
)
@click.argument("name", required=False)
@options.with_settings(options.profile, options.ca_file, options.language)
@options.logged
def logout(name: str | None, settings: Settings) -> None:
    from presence_tui.cli.logout_command import log_out

    log_out(settings, name)


@app.command(
    "notify-test", help=marked("Try each way in which watch rules tell of what happens, and say what it did.")
)
@options.option(
    "--by",
    metavar="WAY",
    type=click.Choice(["bell", "terminal", "command", "webhook"]),
    help=marked("bell, terminal, command or webhook; without it, each that is set up."),
)
@options.with_settings(options.ca_file, options.language)
@options.logged
def notify_test(by: str | None, settings: Settings) -> None:
    from presence_tui.cli.notify_test_command import try_channels

    try_channels(settings, by)


@app.command(help=marked("Print versions and where files are."))
@options.logged
@options.language_alone
def info() -> None:
    from presence_tui.cli.info_command import show

    show()


@app.command(help=marked("Print what a shell has to read to complete commands, options and their values."))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@options.language_alone
def completion(shell: str) -> None:
    from presence_tui.cli.completion import script

    print(script(app, shell))


@app.command(
    "help",
    cls=options.Command,
    help=marked(
        "Show the reference: the page of a TOPIC, or the list of topics. The help of a command, too."
    ),
)
@click.argument("topic", required=False, shell_complete=help_topics)
@options.logged
@options.language_alone
def show_help(topic: str | None) -> None:
    from presence_tui.cli.help_command import show

    show(click.get_current_context(), topic)


def _with_sign_in(settings: Settings) -> Settings:
    """Settings of a command that watches; without a configured gateway, the newest saved login is used."""
    from presence_tui.cli.login_selection import by_name_or_newest

    return by_name_or_newest(settings)


def _watch(settings: Settings) -> None:
    if settings.gateway is None:
        _demo(settings, DemoOptions())
    elif settings.plain:
        from presence_tui.cli.plain_command import announce_gateway

        announce_gateway(settings)
    else:
        postpone_collection()
        from presence_tui.cli.screen_command import open_gateway

        open_gateway(settings)


def _demo(settings: Settings, demo_options: DemoOptions, *, welcomes: bool = False) -> None:
    from presence_tui.cli.embedded import embedded_gateway

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
