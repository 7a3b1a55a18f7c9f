"""``tail``: prints one JSON object per line for every change of presence and of the link."""

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from presence_tui.alerts.delivery import AlertFormatter, build_notice
from presence_tui.alerts.rules import Alert
from presence_tui.cli.configuration import Settings
from presence_tui.cli.headless import FINAL_ERRORS, cli_error_for, say_error, serve_until, target_or_demo
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.cli.logs import log_events
from presence_tui.cli.output import OutputLost, print_sentence
from presence_tui.cli.participant_names import StrangerReport, Who
from presence_tui.cli.wiring import LiveTarget, headless_settings
from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, State
from presence_tui.domain.missed_events import MissedEvents
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.service.events import (
    AlertRaised,
    GapEnded,
    LinkChanged,
    MembershipEnded,
    MembershipRestored,
    Notice,
    PresenceChanged,
    Resynced,
    ServiceEvent,
)
from presence_tui.service.service import PresenceService
from presence_tui.store import ChangeSet, PresenceStore, Record
from presence_tui.store.strangers import StrangerChanges
from presence_tui.text.alert_texts import AlertTexts
from presence_tui.text.language import Language
from presence_tui.transport.errors import GatewayError, SignInNeeded
from presence_tui.wire.timestamps import wire_from_seconds


class ChangeLine(msgspec.Struct, kw_only=True):
    """One change of presence. Times are ISO-8601 UTC; ``flag`` is null if unknown."""

    at: str
    kind: str = "change"
    cause: str
    user_id: str
    name: str
    """Display name; empty if unknown."""
    handle: str
    before: str
    after: str
    flag: bool | None
    last_active_at: str | None
    source: str | None
    epoch: int


class AlertLine(msgspec.Struct, kw_only=True):
    """An alert; ``alert`` is the object a webhook would receive."""

    at: str
    kind: str = "alert"
    alert: msgspec.Raw


class LinkLine(msgspec.Struct, kw_only=True):
    """One transition of the link."""

    at: str
    kind: str = "link"
    state: str
    reason: str


class GapLine(msgspec.Struct, kw_only=True):
    """A gap has ended, and what it has hidden. The estimate is null if the rate before is unknown."""

    at: str
    kind: str = "gap"
    since: str
    until: str
    recovered: bool
    replayed: int
    missed_at_least: int
    missed_expected: float | None
    missed_low: int | None
    missed_high: int | None


class MembershipLine(msgspec.Struct, kw_only=True):
    """The account is no longer a member of the watched conversation, or is one again.

    ``state`` is removed, banned, closed, deleted, refused or member; the roster is as of ``since``.
    """

    at: str
    kind: str = "membership"
    conversation: str
    state: str
    since: str


def follow(settings: Settings, duration_s: float | None, who: Who) -> None:
    """Print lines until the duration ends, output is lost or ctrl+c. Raises ``CliError``."""
    asyncio.run(_follow(settings, duration_s, who))


@dataclass
class _Tail:
    """Writes lines, and records when and why to end."""

    service: PresenceService
    sentence_of: AlertFormatter
    who: Who
    strangers: StrangerChanges
    waiting: list[Change] = field(default_factory=list)
    written: dict[str, ChangeLine] = field(default_factory=dict)
    """Presence key to the last line written."""
    overtaken: int = 0
    """Changes dropped from a full queue because a newer one has the state."""
    most_waiting: int = 0
    roster_failed: bool = False
    """Without a roster all participants are written, because members are unknown."""
    was_live: bool = False
    last_error: GatewayError | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    error: BaseException | None = None
    report: StrangerReport = field(init=False)
    last_state: LinkState | None = None
    last_said: str = ""

    def __post_init__(self) -> None:
        self.report = StrangerReport(self.who)

    @property
    def store(self) -> PresenceStore:
        return self.service.store

    def on_event(self, event: ServiceEvent) -> None:
        match event:
            case PresenceChanged(changed):
                self.on_changes(changed)
            case LinkChanged(status):
                self.on_link(status)
            case MembershipEnded(end):
                self.on_membership(end.conversation_id)
            case MembershipRestored(conversation_id):
                self.on_membership(conversation_id)
            case Notice(phrase):
                self._narrate(say_phrase(phrase))
            case Resynced(report):
                self.on_resynced(report)
            case AlertRaised(alert):
                self.on_alert(alert)
            case GapEnded(summary) if summary.missed is not None:
                self._write(_line_of_gap(summary.missed, self.store.clock.stamp().wall_s))

    def on_changes(self, changed: ChangeSet) -> None:
        self.waiting += changed.changes
        self.write_changes()
        self.write_newcomers(changed.touched)
        if len(self.waiting) > max(self.most_waiting, self.store.bounds.queue):
            self._keep_newest()

    def write_changes(self) -> None:
        """Write the changes of the conversation; they wait until its roster is known."""
        conversation = self.service.state.conversation
        known = conversation is not None and self.store.rosters.knows(conversation.id)
        if not known and not self.roster_failed:
            return
        if self.overtaken:
            self._narrate(
                say(
                    "Changes left out because newer ones came before the roster was known: {count:,}; "
                    "{most:,} may wait (max_queue).",
                    count=self.overtaken,
                    most=self.store.bounds.queue,
                )
            )
            self.overtaken = 0
        waiting, self.waiting = self.waiting, []
        if known:
            waiting = self.strangers.released(waiting)
        for change in waiting:
            record = self.store.get_user_by_id(change.key)
            if known and not (
                conversation and record and self.store.rosters.is_member(conversation.id, record)
            ):
                continue
            self._write_change(_line_of(change, record))

    def write_newcomers(self, keys: Iterable[str]) -> None:
        """Write participants who become members, because their earlier changes were not written."""
        conversation = self.service.state.conversation
        if conversation is None or self.waiting:
            return
        now_s, members = self.store.clock.stamp().wall_s, self.store.rosters.held(conversation.id)
        for key in keys:
            record, last = self.store.get_user_by_id(key), self.written.get(key)
            if record is None or key not in members or record.flag is (last and last.flag):
                continue
            self._write_change(_line_of_newcomer(record, last, now_s))

    def _write_change(self, line: ChangeLine) -> None:
        self.written[line.user_id] = line
        if self.who.includes(line.user_id, line.name, line.handle):
            self._write(line)

    def _keep_newest(self) -> None:
        """Keep only the newest change of each participant, in order."""
        newest: dict[str, Change] = {}
        for change in self.waiting:
            newest.pop(change.key, None)
            newest[change.key] = change
        self.overtaken += len(self.waiting) - len(newest)
        self.waiting = list(newest.values())
        self.most_waiting = 2 * len(newest)

    def on_link(self, status: LinkStatus) -> None:
        if status.state is not self.last_state:
            self.last_state = status.state
            at = wire_from_seconds(self.store.clock.stamp().wall_s)
            self._write(LinkLine(at=at, state=status.state, reason=str(status.transition_reason)))
        self.was_live = self.was_live or status.state is LinkState.LIVE
        if status.state is LinkState.SIGNED_OUT:
            self._end(cli_error_for(SignInNeeded(status.reason)))

    def on_membership(self, conversation_id: str) -> None:
        """Write that the membership of the watched conversation ended or was restored."""
        state, at_s = self.service.state, self.store.clock.stamp().wall_s
        if state.conversation_id != conversation_id:
            return
        end = state.membership_end
        self._write(
            MembershipLine(
                at=wire_from_seconds(at_s),
                conversation=conversation_id,
                state="member" if end is None else end.cause,
                since=wire_from_seconds(at_s if end is None else end.at_s),
            )
        )

    def on_alert(self, alert: Alert) -> None:
        notice = build_notice(alert, self.sentence_of, self.service.state.gateway)
        self._write(AlertLine(at=wire_from_seconds(alert.at_s), alert=msgspec.Raw(notice.body)))

    def on_resynced(self, report: RefreshReport) -> None:
        error = report.roster_error
        if self.service.state.membership_end is not None:
            # Already written as a membership line; the membership may be restored.
            return
        if isinstance(error, FINAL_ERRORS):
            self._end(cli_error_for(error))
            return
        self.roster_failed = error is not None
        if error is not None:
            self.last_error = error
            self._narrate(say_error(error))
        elif (conversation := self.service.state.conversation) is not None:
            self.report.check(self.store, conversation.id, conversation.title)
        self.write_changes()

    def _narrate(self, sentence: str) -> None:
        if sentence != self.last_said:
            self.last_said = sentence
            print_sentence(sentence)

    def _write(self, line: ChangeLine | LinkLine | AlertLine | MembershipLine | GapLine) -> None:
        if self.ended.is_set():
            return
        try:
            sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
            sys.stdout.buffer.flush()
        except OutputLost as lost:
            self._end(lost)

    def _end(self, error: BaseException) -> None:
        self.error = self.error or error
        self.ended.set()


async def _follow(settings: Settings, duration_s: float | None, who: Who) -> None:
    async with target_or_demo(settings) as target:
        store = PresenceStore(rule=settings.rule, bounds=settings.bounds)
        sentence_of = AlertTexts(Language("en"), store).sentence

        async def find_target() -> LiveTarget:
            return LiveTarget(target, settings)

        parts = headless_settings(settings, target.address.shown, sentence_of)
        service = PresenceService(store, find_target, parts)
        log_events(service)
        tail = _Tail(service, sentence_of, who, StrangerChanges(store))
        service.events.subscribe(tail.on_event)
        await serve_until(service, tail.ended, duration_s)
        if tail.error is not None:
            raise tail.error
        if tail.last_error is not None and not (tail.was_live or tail.ended.is_set()):
            raise cli_error_for(tail.last_error)


def _line_of(change: Change, record: Record | None) -> ChangeLine:
    """A change has only the shown name, which may be a handle; the record has both."""
    last_active = None if change.last_active_s is None else wire_from_seconds(change.last_active_s)
    return ChangeLine(
        at=wire_from_seconds(change.at_s),
        cause=change.cause,
        user_id=change.key,
        name=record.name if record is not None else "",
        handle=record.handle if record is not None else "",
        before=change.before,
        after=change.after,
        flag=change.flag,
        last_active_at=last_active,
        source=change.source,
        epoch=change.epoch,
    )


def _line_of_gap(missed: MissedEvents, at_s: float) -> GapLine:
    estimate = missed.estimate
    return GapLine(
        at=wire_from_seconds(at_s),
        since=wire_from_seconds(missed.since_s),
        until=wire_from_seconds(missed.until_s),
        recovered=missed.is_recovered,
        replayed=missed.replayed,
        missed_at_least=missed.at_least,
        missed_expected=None if estimate is None else round(estimate.expected, 1),
        missed_low=None if estimate is None else estimate.low,
        missed_high=None if estimate is None else estimate.high,
    )


def _line_of_newcomer(record: Record, last: ChangeLine | None, at_s: float) -> ChangeLine:
    last_active = None if record.last_active_s is None else wire_from_seconds(record.last_active_s)
    return ChangeLine(
        at=wire_from_seconds(at_s),
        cause=Cause.RECONCILED,
        user_id=record.key,
        name=record.name,
        handle=record.handle,
        before=State.UNKNOWN if last is None else last.after,
        after=record.state,
        flag=record.flag,
        last_active_at=last_active,
        source=record.source,
        epoch=record.epoch,
    )
