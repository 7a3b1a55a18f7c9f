"""The command ``presence-tui``: its entry point, and the commands in the order of the help."""

import os
import sys

import click

from presence_tui import __version__
from presence_tui.cli import headless_commands, options, screen_commands, setup_commands
from presence_tui.cli.completion import script
from presence_tui.cli.configuration import Settings, configured_language
from presence_tui.cli.embedded_gateway import DemoOptions
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import language_asked, marked, say_raw, use_language
from presence_tui.cli.logs import mask_secrets_of, redirect_stray_output, report_crash
from presence_tui.cli.output import OutputClosed, OutputLost, open_standard_streams, print_sentence
from presence_tui.cli.screen_commands import open_demo, open_watch

_BEFORE_COMMAND = "presence_tui.options_before_the_command"


class Commands(click.Group):
    """Lists commands in order of declaration, and passes options before a command on to it.

    An option means the same on either side, and a command rejects options it does not have.
    """

    command_class = options.Configured
    context_class = options.Context
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
        print_sentence(str(stop))
        return stop.code
    except click.ClickException as mistake:
        mistake.show()
        return mistake.exit_code
    except (click.Abort, OutputClosed):
        # Ctrl-c, or a pipe closed by its reader.
        return ExitCode.OK
    except OutputLost as lost:
        print_sentence(str(lost))
        return ExitCode.FAILED
    except Exception as error:  # noqa: BLE001  (reported without local variables)
        print_sentence(report_crash(error))
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
    settings = options.with_sign_in(settings)
    if settings.gateway is not None:
        open_watch(settings)
    else:
        open_demo(settings, DemoOptions(), welcomes=True)


# In the order of the help.
for _command in (
    screen_commands.watch,
    screen_commands.demo,
    screen_commands.gateway,
    screen_commands.serve,
    screen_commands.wallboard,
    headless_commands.join,
    headless_commands.tail,
    headless_commands.roster,
    headless_commands.audit,
    headless_commands.metrics,
    headless_commands.flaps,
    headless_commands.wait_until,
    headless_commands.why,
    headless_commands.history,
    setup_commands.doctor,
    setup_commands.login,
    setup_commands.logout,
    setup_commands.notify_test,
    setup_commands.info,
):
    app.add_command(_command)


@app.command(help=marked("Print what a shell has to read to complete commands, options and their values."))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@options.language_alone
def completion(shell: str) -> None:
    print(script(app, shell))


def _help_topics(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Complete help topics."""
    from presence_tui.cli.help_command import TOPICS

    return [topic for topic in TOPICS if topic.startswith(begun)]


@app.command(
    "help",
    cls=options.Command,
    help=marked(
        "Show the reference: the page of a TOPIC, or the list of topics. The help of a command, too."
    ),
)
@click.argument("topic", required=False, shell_complete=_help_topics)
@options.logged
@options.language_alone
def show_help(topic: str | None) -> None:
    from presence_tui.cli.help_command import show

    show(click.get_current_context(), topic)
