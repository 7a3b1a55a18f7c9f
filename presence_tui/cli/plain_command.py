"""``--plain``: no screen, a sentence for whatever happens; for screen readers and logs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from presence_tui.cli.configuration import CliError, Settings
from presence_tui.cli.embedded import EmbeddedGateway
from presence_tui.cli.headless import cli_error_for, serve_until
from presence_tui.cli.language_option import language_from
from presence_tui.cli.logs import log_events
from presence_tui.cli.output import OutputLost
from presence_tui.cli.targets import Target, embedded_target, target_from
from presence_tui.cli.wiring import LiveTarget, headless_settings
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.monitor.refresh import RefreshReport
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
from presence_tui.store import PresenceStore
from presence_tui.text.alert_texts import AlertTexts
from presence_tui.text.language import Language
from presence_tui.text.loop_errors import LoopErrors
from presence_tui.text.plain_reporter import PlainReporter
from presence_tui.text.wording import Wording
from presence_tui.transport.errors import (
    AccessDenied,
    GatewayError,
    NoConversation,
    NotFound,
    SignInNeeded,
)


def announce_gateway(settings: Settings) -> None:
    """Announce the configured gateway until ctrl-c or until the reader has gone. Raises ``CliError``."""
    target = target_from(settings)
    asyncio.run(_announce(settings, target, target.address.shown))


def announce_embedded(settings: Settings, gateway: EmbeddedGateway) -> None:
    """Announce an embedded gateway that is starting, likewise. Raises ``CliError``."""
    asyncio.run(_announce_when_ready(settings, gateway))


async def _announce_when_ready(settings: Settings, gateway: EmbeddedGateway) -> None:
    await _announce(settings, embedded_target(await gateway.ready(), settings), "DEMO")


@dataclass
class _PlainOutput:
    """Standard output, and why it is over."""

    language: Language
    is_ended: Callable[[], bool] = lambda: False
    """True while the account is no member of the watched conversation any more; it may become one again."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    error: BaseException | None = None

    def write(self, line: str) -> None:
        try:
            print(line, flush=True)
        except OutputLost as lost:
            self.error = lost
            self.ended.set()

    def on_link(self, status: LinkStatus) -> None:
        """What only somebody could mend is the end: there is no key to press here."""
        if status.state is LinkState.SIGNED_OUT:
            self._end(SignInNeeded(status.reason))
        elif status.state is LinkState.OFFLINE:
            self._end(GatewayError(status.reason, status.advice))

    def on_resynced(self, report: RefreshReport) -> None:
        error = report.roster_error
        if self.is_ended():
            return
        if isinstance(error, SignInNeeded | AccessDenied | NotFound | NoConversation):
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
    said = PlainReporter(store, Wording(language, store), output.write, loop.call_later)
    loop.set_exception_handler(LoopErrors(language, said.announce))
    words = AlertTexts(language, store)

    async def find_target() -> LiveTarget:
        return LiveTarget(target, settings)

    def on_event(event: ServiceEvent) -> None:
        match event:
            case PresenceChanged(changed):
                said.on_changes(changed.changes)
            case ConversationChanged(conversation):
                said.on_conversation(conversation)
            case Notice(phrase):
                said.on_notice(phrase)
            case LinkChanged(status):
                said.on_link(status)
                output.on_link(status)
            case Resynced(report):
                # First: what ends it is told as the reason, and once.
                output.on_resynced(report)
                said.on_resynced(report)
            case MembershipEnded() | MembershipRestored():
                said.on_membership(service.state.membership_end)
            case GapEnded(summary):
                said.on_gap_ended(summary)
            case AlertRaised(alert):
                # A sentence is all there is, whatever channel a rule asks for.
                said.on_alert(words.sentence(alert))

    parts = headless_settings(settings, gateway_name, words.sentence)
    service = PresenceService(store, find_target, parts)
    log_events(service)
    service.events.subscribe(on_event)
    said.begin(gateway_name)
    await serve_until(service, output.ended)
    said.end()
    if output.error is not None:
        raise output.error
