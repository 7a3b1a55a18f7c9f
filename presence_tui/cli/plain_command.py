"""``--plain``: sentences instead of a screen, for screen readers and logs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from presence_tui.cli.configuration import Settings, language_from
from presence_tui.cli.embedded_gateway import EmbeddedGateway
from presence_tui.cli.exit_codes import CliError
from presence_tui.cli.headless import FINAL_ERRORS, cli_error_for, serve_until
from presence_tui.cli.logs import log_events
from presence_tui.cli.output import OutputLost
from presence_tui.cli.targets import Target, embedded_target, target_from
from presence_tui.cli.wiring import LiveTarget, headless_settings
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.service.events import (
    AlertRaised,
    ConversationChanged,
    GapEnded,
    LinkChanged,
    MembershipEnded,
    MembershipRestored,
    Notice,
    PresenceChanged,
    Resynced,
    ServiceEvent,
)
from presence_tui.service.frames import READABLE_S, FrameScheduler
from presence_tui.service.service import PresenceService
from presence_tui.service.state import DEMO
from presence_tui.store import PresenceStore
from presence_tui.text.alert_texts import AlertTexts
from presence_tui.text.language import Language
from presence_tui.text.loop_errors import LoopErrors
from presence_tui.text.plain_reporter import PlainReporter
from presence_tui.text.wording import Wording
from presence_tui.transport.errors import GatewayError, SignInNeeded


def announce_gateway(settings: Settings) -> None:
    """Report on the configured gateway until ctrl+c or until output is lost. Raises ``CliError``."""
    target = target_from(settings)
    asyncio.run(_announce(settings, target, target.address.shown))


def announce_embedded(settings: Settings, gateway: EmbeddedGateway) -> None:
    """Like ``announce_gateway``, for an embedded gateway that is starting. Raises ``CliError``."""
    asyncio.run(_announce_when_ready(settings, gateway))


async def _announce_when_ready(settings: Settings, gateway: EmbeddedGateway) -> None:
    await _announce(settings, embedded_target(await gateway.ready(), settings), DEMO)


@dataclass
class _PlainOutput:
    """Standard output, and the error that ended it."""

    language: Language
    is_ended: Callable[[], bool] = lambda: False
    """True while the account is not a member of the watched conversation; it may be restored."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    error: BaseException | None = None

    def write(self, line: str) -> None:
        try:
            print(line, flush=True)
        except OutputLost as lost:
            self.error = lost
            self.ended.set()

    def on_link(self, status: LinkStatus) -> None:
        """End on a state that only the user can fix, because there is no key to press."""
        if status.state is LinkState.SIGNED_OUT:
            self._end(SignInNeeded(status.reason))
        elif status.state is LinkState.OFFLINE:
            self._end(GatewayError(status.reason, status.advice))

    def on_resynced(self, report: RefreshReport) -> None:
        error = report.roster_error
        if self.is_ended():
            return
        if isinstance(error, FINAL_ERRORS):
            self._end(error)

    def _end(self, error: GatewayError) -> None:
        stop = cli_error_for(error)
        advice = self.language.phrase(error.advice)
        if isinstance(error, SignInNeeded):
            advice = self.language.say("Set another token and start again.")
        sentence = self.language.phrase(error.sentence)
        self.error = self.error or CliError(f"{sentence} {advice}".rstrip(), stop.code)
        self.ended.set()


async def _announce(settings: Settings, target: Target, gateway_name: str) -> None:
    language = language_from(settings)
    loop = asyncio.get_running_loop()
    store = PresenceStore(rule=settings.rule, schedule=FrameScheduler(READABLE_S), bounds=settings.bounds)
    output = _PlainOutput(language, lambda: service.state.membership_end is not None)
    reporter = PlainReporter(store, Wording(language, store), output.write, loop.call_later)
    loop.set_exception_handler(LoopErrors(language, reporter.announce))
    words = AlertTexts(language, store)

    async def find_target() -> LiveTarget:
        return LiveTarget(target, settings)

    def on_event(event: ServiceEvent) -> None:
        match event:
            case PresenceChanged(changed):
                reporter.on_changes(changed.changes)
            case ConversationChanged(conversation):
                reporter.on_conversation(conversation)
            case Notice(phrase):
                reporter.on_notice(phrase)
            case LinkChanged(status):
                reporter.on_link(status)
                output.on_link(status)
            case Resynced(report):
                # First, so that an error that ends the command is reported once, as the reason.
                output.on_resynced(report)
                reporter.on_resynced(report)
            case MembershipEnded() | MembershipRestored():
                reporter.on_membership(service.state.membership_end)
            case GapEnded(summary):
                reporter.on_gap_ended(summary)
            case AlertRaised(alert):
                # Always a sentence, whatever channels the rule has.
                reporter.on_alert(words.sentence(alert))

    parts = headless_settings(settings, gateway_name, words.sentence)
    service = PresenceService(store, find_target, parts)
    log_events(service)
    service.events.subscribe(on_event)
    reporter.begin(gateway_name)
    await serve_until(service, output.ended)
    reporter.end()
    if output.error is not None:
        raise output.error
