"""Runs a service for a job that needs current states, such as ``audit``, or that records for a time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from presence_tui.cli.configuration import Settings
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.headless import FINAL_ERRORS, cli_error_for, serve_until, target_or_demo
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.cli.logs import log_events
from presence_tui.cli.output import print_sentence
from presence_tui.cli.wiring import LiveTarget
from presence_tui.monitor.link import LinkState
from presence_tui.service.events import LinkChanged, MembershipEnded, Notice, Resynced, ServiceEvent
from presence_tui.service.frames import READABLE_S, FrameScheduler
from presence_tui.service.service import PresenceService
from presence_tui.service.target import ServiceSettings
from presence_tui.store import PresenceStore
from presence_tui.transport.errors import AccessDenied, GatewayError, SignInNeeded

START_LIMIT_S: Final = 30.0
"""A link that is not live by then is an error for a command that does one thing and ends."""


class CurrentService:
    """A service, and when its states are current: live, and read since."""

    def __init__(self, service: PresenceService) -> None:
        self.service = service
        self._changed = asyncio.Event()
        self._last_error: GatewayError | None = None
        self._final: CliError | None = None
        self._was_live = False
        service.events.subscribe(self._on_event)

    @property
    def is_current(self) -> bool:
        state = self.service.state
        link, report = state.link, state.last_report
        is_live = link is not None and link.state is LinkState.LIVE and link.fresh_until_s is None
        return is_live and state.membership_end is None and report is not None and report.error is None

    async def until(self, condition: Callable[[], bool], *, fails_early: bool) -> None:
        """Wait until the condition holds, checked after each event.

        Raises ``CliError`` for an error that no further attempt heals; with ``fails_early``, for any.
        """
        while not condition():
            if self._final is not None:
                raise self._final
            if fails_early and self._last_error is not None:
                raise cli_error_for(self._last_error)
            self._changed.clear()
            await self._changed.wait()

    async def until_current(self, *, fails_early: bool) -> None:
        """Wait for current states. With ``fails_early``, no longer than a start may take."""
        try:
            async with asyncio.timeout(START_LIMIT_S if fails_early else None):
                await self.until(lambda: self.is_current, fails_early=fails_early)
        except TimeoutError as late:
            raise self._never_live() from late

    async def record(self, duration_s: float | None, write: Callable[[PresenceService], None]) -> None:
        """Record until the time is over or ctrl+c, then write. Raises ``CliError``, also if the link was
        never live.
        """
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(duration_s):
                    await self.until(lambda: False, fails_early=False)
        except asyncio.CancelledError:
            # Ctrl-c, which is how a recording without a duration ends.
            write(self.service)
            raise
        except CliError:
            if self._was_live:
                write(self.service)
            raise
        if not self._was_live:
            report = self.service.state.last_report
            unread = report.roster_error if report is not None else None
            raise self._final or (self._never_live() if unread is None else cli_error_for(unread))
        write(self.service)

    def _never_live(self) -> CliError:
        link = self.service.state.link
        reason = say_phrase(link.reason) if link is not None and link.reason.template else ""
        return CliError(say("The link did not get live. {reason}", reason=reason), ExitCode.FAILED)

    def _on_event(self, event: ServiceEvent) -> None:
        match event:
            case LinkChanged(status):
                self._was_live = self._was_live or status.state is LinkState.LIVE
                if status.state is LinkState.SIGNED_OUT:
                    self._final = cli_error_for(SignInNeeded(status.reason))
                elif status.state is LinkState.OFFLINE:
                    self._final = CliError(say_phrase(status.reason), ExitCode.FAILED)
            case Resynced(report):
                self._last_error = report.error
                if isinstance(report.roster_error, FINAL_ERRORS):
                    self._final = cli_error_for(report.roster_error)
            case MembershipEnded(end) if end.conversation_id == self.service.state.conversation_id:
                self._final = cli_error_for(AccessDenied(""))
            case Notice(phrase):
                print_sentence(say_phrase(phrase))
        self._changed.set()


def record(settings: Settings, duration_s: float | None, write: Callable[[PresenceService], None]) -> None:
    """Run a service, and write what it recorded. Raises ``CliError``, also if the link was never live."""
    run_with_service(settings, lambda current: current.record(duration_s, write))


def run_with_service(settings: Settings, job: Callable[[CurrentService], Awaitable[None]]) -> bool:
    """Run a job on a service, which records nothing and alerts nobody. False if it was interrupted.

    Raises ``CliError``.
    """
    return asyncio.run(_run(settings, job))


async def _run(settings: Settings, job: Callable[[CurrentService], Awaitable[None]]) -> bool:
    async with target_or_demo(settings) as target:
        # Conditions are checked once a frame, however many events arrive in it.
        scheduler = FrameScheduler(READABLE_S)
        store = PresenceStore(rule=settings.rule, schedule=scheduler, bounds=settings.bounds)

        async def find_target() -> LiveTarget:
            return LiveTarget(target, settings)

        service = PresenceService(store, find_target, ServiceSettings(target.address.shown))
        log_events(service)
        current, ended = CurrentService(service), asyncio.Event()
        running = asyncio.ensure_future(job(current))
        running.add_done_callback(lambda _: ended.set())
        try:
            await serve_until(service, ended)
        finally:
            was_done = running.done()
            running.cancel()
            await asyncio.wait([running])
        if was_done:
            running.result()
        return was_done
