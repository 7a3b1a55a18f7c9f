"""``tail --raw``: prints one JSON object per line for every packet, in both directions."""

import asyncio
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from presence_tui.cli.configuration import Settings
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.headless import cli_error_for, say_error, serve_until, target_or_demo
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.cli.logs import log_events
from presence_tui.cli.output import OutputLost, print_sentence
from presence_tui.cli.participant_names import StrangerReport, Who
from presence_tui.cli.wiring import LiveTarget, headless_settings
from presence_tui.domain.packet_filter import FilterError, parse_filter
from presence_tui.monitor.link import LinkState
from presence_tui.service.events import LinkChanged, Notice, PhaseChanged, Resynced, ServiceEvent
from presence_tui.service.packets import Packet, PacketReader
from presence_tui.service.service import PresenceService
from presence_tui.service.state import Phase
from presence_tui.store import PresenceStore
from presence_tui.text.alert_texts import AlertTexts
from presence_tui.text.language import Language
from presence_tui.transport.errors import GatewayError, SignInNeeded
from presence_tui.wire.timestamps import wire_from_seconds

_UNSEEN: Final = re.compile(
    "[\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
"""Characters that a terminal may interpret and that JSON leaves as they are."""


class PacketLine(msgspec.Struct, kw_only=True):
    """One packet. ``raw`` is its text as received, without credentials."""

    at: str
    kind: str = "packet"
    seq: int
    epoch: int
    direction: str
    event: str
    bytes: int
    user_id: str | None
    verdict: str
    summary: str
    raw: str


def follow_packets(settings: Settings, duration_s: float | None, who: Who, only: str) -> None:
    """Print lines until the duration ends, output is lost or ctrl+c. Raises ``CliError``."""
    try:
        parse_filter(only)
    except FilterError as problem:
        reason = say_phrase(problem.sentence)
        raise CliError(
            say("--only cannot be understood: {reason}.", reason=reason), ExitCode.USAGE
        ) from problem
    asyncio.run(_follow(settings, duration_s, who, only))


@dataclass
class RawTail:
    """Writes lines, and records when and why to end."""

    service: PresenceService
    who: Who
    only: str = ""
    reader: PacketReader | None = None
    last_error: GatewayError | None = None
    was_live: bool = False
    missed: int = 0
    last_said: str = ""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    error: BaseException | None = None
    report: StrangerReport = field(init=False)

    def __post_init__(self) -> None:
        self.report = StrangerReport(self.who)

    def on_event(self, event: ServiceEvent) -> None:
        match event:
            case PhaseChanged(Phase.MONITOR) if (log := self.service.packets) is not None:
                self.reader = PacketReader(log, self.service.store, self.only)
                log.subscribe(self.write)
            case LinkChanged(status):
                self.was_live = self.was_live or status.state is LinkState.LIVE
                if status.state is LinkState.SIGNED_OUT:
                    self._end(cli_error_for(SignInNeeded(status.reason)))
                elif status.state is LinkState.RECONNECTING:
                    self._narrate(say_phrase(status.reason))
            case Notice(phrase):
                self._narrate(say_phrase(phrase))
            case Resynced(report) if report.roster_error is not None:
                self.last_error = report.roster_error
                self._narrate(say_error(report.roster_error))
            case Resynced() if (conversation := self.service.state.conversation) is not None:
                self.report.check(self.service.store, conversation.id, conversation.title)

    def write(self) -> None:
        """Write the packets since the last call."""
        if self.reader is None or self.ended.is_set():
            return
        lines = [encoded(packet_line(packet)) for packet in self.reader.read() if self._includes(packet)]
        if self.reader.missed > self.missed:
            more, self.missed = self.reader.missed - self.missed, self.reader.missed
            print_sentence(
                say("Packets left out because more came at once than max_packets: {n:,}.", n=more),
            )
        if not lines:
            return
        try:
            sys.stdout.buffer.write(b"".join(lines))
            sys.stdout.buffer.flush()
        except OutputLost as lost:
            self._end(lost)

    def _includes(self, packet: Packet) -> bool:
        if not self.who.asked:
            return True
        record = packet.participant
        name, handle = (record.name, record.handle) if record is not None else ("", "")
        return bool(packet.key) and self.who.includes(packet.key, name, handle)

    def _narrate(self, sentence: str) -> None:
        if sentence != self.last_said:
            self.last_said = sentence
            print_sentence(sentence)

    def _end(self, error: BaseException) -> None:
        self.error = self.error or error
        self.ended.set()


def packet_line(packet: Packet) -> PacketLine:
    """The line of a packet."""
    return PacketLine(
        at=wire_from_seconds(packet.at_s),
        seq=packet.seq,
        epoch=packet.epoch,
        direction=packet.direction,
        event=packet.event,
        bytes=packet.size,
        user_id=packet.key or None,
        verdict=packet.verdict,
        summary=packet.summary,
        raw=packet.text,
    )


def encoded(line: PacketLine) -> bytes:
    """The line as JSON. The raw text is exact, but nothing in it is interpreted by a terminal."""
    text = msgspec.json.encode(line).decode()
    return (_UNSEEN.sub(_escaped, text) + "\n").encode()


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


async def _follow(settings: Settings, duration_s: float | None, who: Who, only: str) -> None:
    async with target_or_demo(settings) as target:
        store = PresenceStore(rule=settings.rule, bounds=settings.bounds)
        sentence_of: Callable[..., str] = AlertTexts(Language("en"), store).sentence

        async def find_target() -> LiveTarget:
            return LiveTarget(target, settings)

        parts = headless_settings(settings, target.address.shown, sentence_of)
        service = PresenceService(store, find_target, parts)
        log_events(service)
        tail = RawTail(service, who, only)
        service.events.subscribe(tail.on_event)
        await serve_until(service, tail.ended, duration_s)
        if tail.error is not None:
            raise tail.error
        if tail.last_error is not None and not (tail.was_live or tail.ended.is_set()):
            raise cli_error_for(tail.last_error)
