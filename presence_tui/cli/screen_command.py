"""``watch`` and ``demo``: the screen, on a gateway or on the embedded one."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from presence_tui.cli.collector import Rosters, collect_in_portions
from presence_tui.cli.configuration import Settings, Stop
from presence_tui.cli.embedded import EmbeddedGateway
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.logs import log_watch
from presence_tui.cli.spoken import language_from
from presence_tui.cli.targets import (
    Target,
    address_from,
    embedded_target,
    sign_in_in_use,
    target_from,
    trusted,
)
from presence_tui.cli.terminal import require_terminal
from presence_tui.store import PresenceStore
from presence_tui.tui.app import CannotOpen, PresenceApp
from presence_tui.tui.frames import FrameScheduler
from presence_tui.tui.glyphs import glyphs_for
from presence_tui.tui.keys import BadKeys
from presence_tui.tui.themes import fitting_theme

if TYPE_CHECKING:
    # Only to say what it is: making one is not the screen's business, and its imports take time.
    from presence_tui.monitor.watch import Watch

OpenTarget = Callable[[PresenceStore], Awaitable["Watch"]]


def watch_gateway(settings: Settings) -> None:
    """The screen on the configured gateway. Raises ``Stop`` before it opens, if anything is amiss."""
    sign_in = sign_in_in_use(settings)
    # A keyring takes its time, and may ask its owner first: that waits until there is a screen.
    target = None if sign_in is not None and sign_in.in_keyring else target_from(settings)
    shown = address_from(settings.gateway or "").shown
    if settings.ca_file is not None:
        trusted(settings)

    async def open_watch(store: PresenceStore) -> "Watch":
        return await _make_watch(target or await _slow_target(settings), settings, store)

    _show(settings, open_watch, shown)


def watch_embedded(settings: Settings, gateway: EmbeddedGateway, *, welcomes: bool = False) -> bool:
    """The screen on an embedded gateway that is starting. Raises ``Stop``.

    Offers to connect to another one, if it ``welcomes``; true if that is wanted.
    """

    async def open_watch(store: PresenceStore) -> "Watch":
        return await _open_on(gateway, settings, store)

    return _show(settings, open_watch, "DEMO", welcomes=welcomes)


async def _slow_target(settings: Settings) -> Target:
    try:
        return await asyncio.to_thread(target_from, settings)
    except Stop as stop:
        raise CannotOpen(str(stop)) from stop


async def _open_on(gateway: EmbeddedGateway, settings: Settings, store: PresenceStore) -> "Watch":
    try:
        ready = await gateway.ready()
    except Stop as stop:
        raise CannotOpen(str(stop)) from stop
    target = embedded_target(ready, settings)
    return await _make_watch(target, settings, store)


async def _make_watch(target: Target, settings: Settings, store: PresenceStore) -> "Watch":
    # What this imports takes longer than a frame, so the screen goes on meanwhile.
    wiring = await asyncio.to_thread(importlib.import_module, "presence_tui.cli.wiring")
    try:
        watch: Watch = wiring.make_watch(target, settings, store)
    except Stop as stop:
        raise CannotOpen(str(stop)) from stop
    log_watch(watch)
    collect_in_portions()
    rosters = Rosters()
    watch.resynced.subscribe(lambda report: rosters.read(len(store.participants)))
    return watch


def _show(
    settings: Settings,
    open_watch: OpenTarget,
    gateway_name: str,
    *,
    welcomes: bool = False,
) -> bool:
    """True if the screen was left to connect to another gateway."""
    require_terminal()
    frame_s = 1 / settings.frames_per_second
    store = PresenceStore(rule=settings.rule, schedule=FrameScheduler(frame_s), bounds=settings.bounds)
    try:
        application = PresenceApp(
            store,
            open_watch,
            gateway=gateway_name,
            language=language_from(settings),
            glyphs=glyphs_for(settings.ascii),
            keys=settings.keys,
            reduced_motion=settings.reduced_motion,
            frame_s=frame_s,
            welcomes=welcomes,
        )
    except BadKeys as problem:
        raise Stop(str(problem), ExitCode.USAGE) from problem
    _set_theme(application, settings.theme or fitting_theme(application.console.color_system))
    application.run()
    if application.return_code:
        raise SystemExit(ExitCode.FAILED)
    return application.wants_to_connect


def _set_theme(application: PresenceApp, name: str) -> None:
    if name not in application.available_themes:
        known = ", ".join(sorted(application.available_themes))
        raise Stop(f"There is no theme {name!r}; choose one of {known}.", ExitCode.USAGE)
    application.theme = name
