"""``serve``: shows the wallboard in browsers, read-only, with one process per browser: ``wallboard``."""

import asyncio
import importlib.util
import ipaddress
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from presence_tui.cli.configuration import Settings, language_from
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.gc_tuning import follow_service
from presence_tui.cli.headless import target_or_demo, warn_of
from presence_tui.cli.language_option import no_theme, say, say_phrase
from presence_tui.cli.logs import LoggedText, log_events
from presence_tui.cli.output import print_sentence
from presence_tui.cli.targets import Target, address_from, target_from, tls_context_for
from presence_tui.cli.wiring import LiveTarget
from presence_tui.service.ending_signals import on_ending_signals
from presence_tui.service.frames import FrameScheduler
from presence_tui.service.service import PresenceService
from presence_tui.service.state import DEMO
from presence_tui.service.target import ServiceSettings
from presence_tui.store import PresenceStore
from presence_tui.transport.network_errors import system_reason
from presence_tui.tui.themes import DARK, colours_of, theme_names

if TYPE_CHECKING:
    # typing only; aiohttp comes with the extra "web"
    from aiohttp.web import Application

    from presence_tui.web.wallboard_site import Showing

SHUTDOWN_S: Final = 8.0
"""Time limit for the browsers' processes to end before they are killed."""
DRIVER: Final = "presence_tui.tui.wallboard_app:WallboardDriver"


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Where to serve, at most how many browsers, and the public URL behind a proxy."""

    host: str
    port: int
    most: int
    public_url: str | None


def serve(settings: Settings, options: ServeOptions, passed_on: Sequence[str]) -> None:
    """Serve until ctrl+c or SIGTERM. ``passed_on`` are options for each browser's process.

    Raises ``CliError`` before it listens, for errors that can be known by then.
    """
    if importlib.util.find_spec("textual_serve") is None:
        raise CliError(
            say('serve needs the library textual-serve: pip install "textual-serve<2".'),
            ExitCode.FAILED,
        )
    if settings.theme is not None and settings.theme not in theme_names():
        raise CliError(no_theme(settings.theme, theme_names()), ExitCode.USAGE)
    if options.public_url is not None:
        address_from(options.public_url)
    tls_context_for(settings)
    asyncio.run(_serve(settings, options, passed_on))


async def _serve(settings: Settings, options: ServeOptions, passed_on: Sequence[str]) -> None:
    from presence_tui.web.wallboard_site import WallboardSite

    ended = asyncio.Event()
    on_ending_signals(ended.set)
    async with target_or_demo(settings) as target:
        warn_of(target.address)
        showing = _showing(settings, target, options.most, passed_on)
        await _listen(WallboardSite(showing, options.public_url).application(), options, ended)


def _showing(settings: Settings, target: Target, most: int, passed_on: Sequence[str]) -> "Showing":
    from presence_tui.web.wallboard_site import Showing

    command = [sys.executable, "-m", "presence_tui", "wallboard"]
    environment = {"TEXTUAL_DRIVER": DRIVER, "PYTHONIOENCODING": "utf-8"}
    if settings.gateway is None:
        # One demo for all browsers, so that all show the same. Its token is passed like other tokens.
        command.append("--demo")
        environment["PRESENCE_TUI_GATEWAY"] = target.address.url
        environment["PRESENCE_TUI_TOKEN"] = target.credential.secret
        environment["PRESENCE_TUI_CONVERSATION"] = target.conversation or ""
    background, foreground = colours_of(settings.theme or DARK)
    words = {
        "language": language_from(settings).code,
        "title": "presence-tui",
        "background": background,
        "foreground": foreground,
        "begin": say("Looking who is here…"),
        "lost": say("The wallboard is out of reach; it is tried again by itself."),
        "full": say("All places are taken ({most}); it is tried again by itself.", most=most),
    }
    return Showing([*command, *passed_on], environment, words, most)


async def _listen(application: "Application", options: ServeOptions, ended: asyncio.Event) -> None:
    from aiohttp import web

    runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, options.host, options.port).start()
        except OSError as problem:
            raise CliError(_cannot_listen(options, problem), ExitCode.FAILED) from problem
        port = runner.addresses[0][1]
        _announce(options, port)
        # textual-serve prints the error output of a browser's process.
        with redirect_stdout(LoggedText()):
            await ended.wait()
            await runner.cleanup()
    finally:
        await runner.cleanup()


def _announce(options: ServeOptions, port: int) -> None:
    host = f"[{options.host}]" if ":" in options.host else options.host
    print(f"http://{host}:{port}/", flush=True)
    print_sentence(say("Read-only; {most} may look at once. ctrl+c ends it.", most=options.most))
    if not _is_loopback(options.host):
        print_sentence(
            say(
                "There is no login: whoever can reach port {port} of this machine sees who is here. "
                "Put a proxy with a login before it, or let it listen on 127.0.0.1.",
                port=port,
            ),
        )


def _cannot_listen(options: ServeOptions, problem: OSError) -> str:
    host, port, reason = options.host, options.port, say_phrase(system_reason(problem))
    if isinstance(problem, PermissionError):
        return say(
            "Cannot listen on {host}:{port} ({reason}): choose a --port of 1024 or above.",
            host=host,
            port=port,
            reason=reason,
        )
    if options.port and _is_loopback(options.host):
        return say(
            "Cannot listen on {host}:{port} ({reason}): stop the program there or choose another --port; "
            "0 takes a free one.",
            host=host,
            port=port,
            reason=reason,
        )
    return say(
        "Cannot listen on {host}:{port} ({reason}): choose a --host of this machine, such as 127.0.0.1, and "
        "a --port that is free.",
        host=host,
        port=port,
        reason=reason,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def show_wallboard(settings: Settings, *, is_demo: bool) -> None:
    """Show the wallboard until the browser closes it, and store no history. Raises ``CliError`` without a
    gateway.
    """
    # Not for the server.
    from presence_tui.tui.glyphs import glyphs_for
    from presence_tui.tui.wallboard_app import WallboardApp

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
