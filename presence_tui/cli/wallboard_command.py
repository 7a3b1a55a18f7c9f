"""``wallboard``: the process that ``serve`` runs per browser. It stores no history."""

import asyncio

from presence_tui.cli.configuration import Settings, language_from
from presence_tui.cli.gc_tuning import follow_service
from presence_tui.cli.logs import log_events
from presence_tui.cli.targets import address_from, target_from
from presence_tui.cli.wiring import LiveTarget
from presence_tui.service.frames import FrameScheduler
from presence_tui.service.service import PresenceService
from presence_tui.service.state import DEMO
from presence_tui.service.target import ServiceSettings
from presence_tui.store import PresenceStore
from presence_tui.tui.glyphs import glyphs_for
from presence_tui.tui.themes import DARK
from presence_tui.tui.wallboard_app import WallboardApp


def show(settings: Settings, *, is_demo: bool) -> None:
    """Show the wallboard until the browser closes it. Raises ``CliError`` without a gateway."""

    async def resolve_target() -> LiveTarget:
        return LiveTarget(await asyncio.to_thread(target_from, settings), settings)

    frame_s = 1 / settings.frames_per_second
    store = PresenceStore(rule=settings.rule, schedule=FrameScheduler(frame_s), bounds=settings.bounds)
    gateway = DEMO if is_demo else address_from(settings.gateway or "").shown
    service = PresenceService(store, resolve_target, ServiceSettings(gateway))
    log_events(service)
    follow_service(service)
    WallboardApp(
        service,
        language=language_from(settings),
        glyphs=glyphs_for(settings.ascii),
        theme=settings.theme or DARK,
        frame_s=frame_s,
    ).run_or_raise()
