"""The commands about sign-ins and the installation: doctor, login, logout, notify-test and info.

Each imports its module when it runs, so that the others start fast.
"""

import click

from presence_tui.cli import options
from presence_tui.cli.configuration import Settings
from presence_tui.cli.language_option import marked


@click.command(
    cls=options.Configured,
    help=marked("Check the way to the gateway step by step: each ok, or why not and what to do."),
)
@options.with_settings(*options.of_gateways, options.language)
@options.logged
def doctor(settings: Settings) -> None:
    from presence_tui.cli.doctor_command import run_checks

    run_checks(options.with_sign_in(settings))


@click.command(
    cls=options.Configured,
    help=marked(
        "Sign in to a gateway and keep the token. The password is not kept, and never on the command "
        "line.\n\n"
        "GATEWAY is an address, or the name of a sign-in to renew."
    ),
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
    from presence_tui.cli.targets import by_name

    log_in(by_name(settings), LoginOptions(name, user, password_stdin, link, guest_name, hide, no_keyring))


@click.command(
    cls=options.Configured,
    help=marked(
        "Sign out at the gateway and forget the token; a guest leaves its conversation.\n\n"
        "NAME is the sign-in's; it may be left out if there is only one."
    ),
)
@click.argument("name", required=False)
@options.with_settings(options.profile, options.ca_file, options.language)
@options.logged
def logout(name: str | None, settings: Settings) -> None:
    from presence_tui.cli.logout_command import log_out

    log_out(settings, name)


@click.command(
    "notify-test",
    cls=options.Configured,
    help=marked("Try each way in which watch rules tell of what happens, and say what it did."),
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


@click.command(cls=options.Configured, help=marked("Print versions and where files are."))
@options.logged
@options.language_alone
def info() -> None:
    from presence_tui.cli.info_command import show

    show()
