"""``watch`` and ``demo``: open the screen on a configured or embedded gateway."""

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from presence_tui.cli.configuration import Settings, language_from
from presence_tui.cli.embedded_gateway import DemoOptions, EmbeddedGateway
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.gc_tuning import collect_when_idle
from presence_tui.cli.language_option import no_theme
from presence_tui.cli.output import require_terminal
from presence_tui.cli.screen_gateways import ScreenGateways
from presence_tui.service.service import PresenceService
from presence_tui.tui.app import PresenceApp
from presence_tui.tui.glyphs import glyphs_for
from presence_tui.tui.keys import BadKeys
from presence_tui.tui.terminal_reports import has_light_background
from presence_tui.tui.themes import fitting_theme

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.tui.controllers.alerts import TerminalNotification


def open_gateway(settings: Settings) -> None:
    """Open the screen on the configured gateway. Raises ``CliError`` before it opens if something is
    invalid.
    """
    with closing(ScreenGateways(settings, language_from(settings))) as gateways:
        _show(settings, gateways, gateways.open_configured())


def open_embedded(
    settings: Settings, gateway: EmbeddedGateway, demo_options: DemoOptions, *, welcomes: bool = False
) -> None:
    """Open the screen on an embedded gateway that is starting. Raises ``CliError``.

    With ``welcomes``, offers to connect to another one first.
    """
    with closing(ScreenGateways(settings, language_from(settings), demo_options)) as gateways:
        _show(settings, gateways, gateways.open_demo(gateway), welcomes=welcomes)


def _show(
    settings: Settings, gateways: ScreenGateways, service: PresenceService, *, welcomes: bool = False
) -> None:
    """Show a service until the user leaves. Raises ``CliError`` if there is nothing to show."""
    require_terminal()
    language = language_from(settings)
    try:
        application = PresenceApp(
            service,
            language=language,
            glyphs=glyphs_for(settings.ascii),
            keys=settings.keys,
            reduced_motion=settings.reduced_motion,
            frame_s=1 / settings.frames_per_second,
            welcomes=welcomes,
            gateways=gateways,
            when_idle=collect_when_idle,
            find_notification=partial(_find_notification, settings),
            escape_s=settings.escape_delay_ms / 1000,
        )
    except BadKeys as problem:
        raise CliError(language.phrase(problem.sentence), ExitCode.USAGE) from problem
    # The app may replace it, and nothing is to keep its rosters then.
    del service
    color_system = application.console.color_system
    application.follows_background = settings.theme is None and not application.no_color
    _set_theme(application, settings.theme or fitting_theme(color_system, is_light=has_light_background()))
    application.run_or_raise(mouse=settings.mouse)
    if application.has_lost_terminal:
        raise CliError(language.say("The terminal is gone."), ExitCode.FAILED)
    if application.refusal is not None:
        raise CliError(application.refusal, ExitCode.FAILED)


def _find_notification(settings: Settings) -> "TerminalNotification | None":
    from presence_tui.cli.alert_settings import terminal_notification

    return terminal_notification(settings.notifications)


def _set_theme(application: PresenceApp, name: str) -> None:
    if name not in application.available_themes:
        raise CliError(no_theme(name, application.available_themes), ExitCode.USAGE)
    application.theme = name
