"""Records a running service until a time is over or ctrl+c, then writes what was recorded."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from presence_tui.cli.configuration import Settings
from presence_tui.cli.current_service import CurrentService, run_with_service
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.headless import cli_error_for
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.monitor.link import LinkState
from presence_tui.service.events import LinkChanged, ServiceEvent
from presence_tui.service.service import PresenceService
from presence_tui.transport.errors import SignInNeeded


def record(settings: Settings, duration_s: float | None, write: Callable[[PresenceService], None]) -> None:
    """Record, and write at the end. Raises ``CliError``, also if the link was never live."""
    run_with_service(settings, _Recording(duration_s, write).run)


class _Recording:
    """One recording."""

    def __init__(self, duration_s: float | None, write: Callable[[PresenceService], None]) -> None:
        self._duration_s = duration_s
        self._write = write
        self._was_live = False

    async def run(self, current: CurrentService) -> None:
        """Record and write. Raises ``CliError``, also if the link was never live."""
        current.service.events.subscribe(self._on_event)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._duration_s):
                    await current.until(lambda: False, fails_early=False)
        except asyncio.CancelledError:
            # Ctrl-c, which is how a recording without a duration ends.
            self._write(current.service)
            raise
        except CliError:
            if self._was_live:
                self._write(current.service)
            raise
        self._check(current.service)
        self._write(current.service)

    def _on_event(self, event: ServiceEvent) -> None:
        match event:
            case LinkChanged(status):
                self._was_live = self._was_live or status.state is LinkState.LIVE

    def _check(self, service: PresenceService) -> None:
        if self._was_live:
            return
        link, report = service.state.link, service.state.last_report
        if link is not None and link.state is LinkState.SIGNED_OUT:
            raise cli_error_for(SignInNeeded(link.reason))
        if report is not None and report.roster_error is not None:
            raise cli_error_for(report.roster_error)
        reason = say_phrase(link.reason) if link is not None and link.reason.template else ""
        raise CliError(say("The link did not get live. {reason}", reason=reason), ExitCode.FAILED)
