"""``watch`` and ``demo``: open the screen on a configured or embedded gateway."""

import asyncio
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from presence_tui.cli.configuration import (
    CliError,
    Settings,
    history_path,
    user_rules_folder,
    view_state_folder,
)
from presence_tui.cli.embedded import EmbeddedGateway
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.gc_tuning import collect_when_idle, follow_service
from presence_tui.cli.language_option import language_from, no_theme
from presence_tui.cli.logs import log_events
from presence_tui.cli.targets import (
    address_from,
    embedded_target,
    saved_login_in_use,
    target_from,
    tls_context_for,
)
from presence_tui.cli.terminal import require_terminal
from presence_tui.cli.wiring import LiveTarget, alert_settings, history_settings
from presence_tui.service.frames import FrameScheduler
from presence_tui.service.service import FindTarget, PresenceService
from presence_tui.service.target import ServiceSettings
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language
from presence_tui.tui.app import PresenceApp
from presence_tui.tui.glyphs import glyphs_for
from presence_tui.tui.keys import BadKeys
from presence_tui.tui.terminal_background import is_light
from presence_tui.tui.themes import fitting_theme

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.alerts.alert import Alert
    from presence_tui.tui.controllers.alerts import TerminalNotification

DEMO = "DEMO"


class Files(NamedTuple):
    """Paths of the files stored for the next run."""

    history: Path
    user_rules: Path
    view_state: Path


def open_gateway(settings: Settings) -> None:
    """Open the screen on the configured gateway. Raises ``CliError`` before it opens if something is
    invalid.
    """
    saved_login = saved_login_in_use(settings)
    # A keyring is slow and may prompt its owner, so it is read after the screen opened.
    target = None if saved_login is not None and saved_login.in_keyring else target_from(settings)
    shown = address_from(settings.gateway or "").shown
    if settings.ca_file is not None:
        tls_context_for(settings)

    async def resolve_target() -> LiveTarget:
        found = await asyncio.to_thread(target_from, settings) if target is None else target
        return LiveTarget(found, settings)

    _show(settings, resolve_target, Files(history_path(), user_rules_folder(), view_state_folder()), shown)


def open_embedded(settings: Settings, gateway: EmbeddedGateway, *, welcomes: bool = False) -> bool:
    """Open the screen on an embedded gateway that is starting. Raises ``CliError``.

    With ``welcomes``, offers to connect to another one; returns true if the user accepts.
    """

    async def resolve_target() -> LiveTarget:
        return LiveTarget(embedded_target(await gateway.ready(), settings), settings)

    # A demo has its own temporary history, rules and pins, so that it never mixes with real ones.
    with TemporaryDirectory(prefix="presence-tui-", ignore_cleanup_errors=True) as folder:
        files = Files(Path(folder) / "history.sqlite", Path(folder) / "watch-rules", Path(folder))
        return _show(settings, resolve_target, files, DEMO, welcomes=welcomes)


def _show(
    settings: Settings,
    resolve_target: FindTarget,
    files: Files,
    gateway_name: str,
    *,
    welcomes: bool = False,
) -> bool:
    """Return true if the user left the screen to connect to another gateway."""
    require_terminal()
    frame_s = 1 / settings.frames_per_second
    store = PresenceStore(rule=settings.rule, schedule=FrameScheduler(frame_s), bounds=settings.bounds)
    language = language_from(settings)
    service = PresenceService(
        store,
        resolve_target,
        ServiceSettings(
            gateway_name,
            history_settings(settings, files.history, shows_cache=True) if settings.history else None,
            partial(alert_settings, settings, files.user_rules, partial(_alert_sentence, language, store)),
            files.view_state,
        ),
    )
    log_events(service)
    follow_service(service)
    try:
        application = PresenceApp(
            service,
            language=language,
            glyphs=glyphs_for(settings.ascii),
            keys=settings.keys,
            reduced_motion=settings.reduced_motion,
            frame_s=frame_s,
            welcomes=welcomes,
            at_rest=collect_when_idle,
            find_notification=partial(_find_notification, settings),
            escape_s=settings.escape_delay_ms / 1000,
        )
    except BadKeys as problem:
        raise CliError(str(problem), ExitCode.USAGE) from problem
    color_system = application.console.color_system
    application.follows_background = settings.theme is None and not application.no_color
    _set_theme(application, settings.theme or fitting_theme(color_system, is_light=is_light()))
    application.run_or_raise(mouse=settings.mouse)
    if application.has_lost_terminal:
        raise CliError(language.say("The terminal is gone."), ExitCode.FAILED)
    if application.refusal is not None:
        raise CliError(application.refusal, ExitCode.FAILED)
    return application.wants_to_connect


def _alert_sentence(language: Language, store: PresenceStore, alert: "Alert") -> str:
    from presence_tui.text.alert_texts import AlertTexts

    return AlertTexts(language, store).sentence(alert)


def _find_notification(settings: Settings) -> "TerminalNotification | None":
    from presence_tui.cli.alert_wiring import terminal_notification

    return terminal_notification(settings)


def _set_theme(application: PresenceApp, name: str) -> None:
    if name not in application.available_themes:
        known = ", ".join(sorted(application.available_themes))
        raise CliError(no_theme(name, known), ExitCode.USAGE)
    application.theme = name
