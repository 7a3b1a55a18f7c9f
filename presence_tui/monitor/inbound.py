"""Applies decoded events to the store, counts each exactly once, and records its packet with the verdict.

Never raises on bad input.
"""

from collections.abc import Sequence
from typing import assert_never

import msgspec

from presence_tui.domain.enums import Outcome, Source, Verdict
from presence_tui.domain.evidence import is_possible
from presence_tui.domain.participants import Participant
from presence_tui.monitor.event_counters import NO_PONG, UNREADABLE, EventCounters
from presence_tui.monitor.gateway_clock import GatewayClock
from presence_tui.monitor.notice_limits import LimitWarnings
from presence_tui.monitor.packet_log import AnyVerdict, PacketLog, packet_size
from presence_tui.monitor.signals import Signal
from presence_tui.monitor.update_batching import UpdateBatcher
from presence_tui.store import PresenceStore, Stamp
from presence_tui.wire import messages, names
from presence_tui.wire.decode import decode_event
from presence_tui.wire.messages import Message, OtherMessage
from presence_tui.wire.packet_reading import event_of

MembershipNews = (
    messages.ParticipantJoined
    | messages.ParticipantLeft
    | messages.RoleUpdated
    | messages.ConversationChanged
    | messages.ConversationEnded
    | messages.AccountRenamed
    | messages.SystemMessage
    | messages.JoinRefused
)


class Inbound:
    """Applies events to the store in order of arrival."""

    def __init__(
        self,
        store: PresenceStore,
        counters: EventCounters,
        limit_warnings: LimitWarnings | None = None,
        packets: PacketLog | None = None,
        clock: GatewayClock | None = None,
    ) -> None:
        """Without ``clock``, times that arrive unasked do not correct the clock skew."""
        self._store = store
        self._counters = counters
        self._limit_warnings = limit_warnings or LimitWarnings(store)
        self._batcher = UpdateBatcher(store)
        self._packets = packets or PacketLog(store.bounds)
        self._clock = clock
        self._epoch = 0
        """The epoch of packets that arrive; before sign-in, the one that is to begin."""
        self._sent_since_s: float | None = None
        """During a replay, when its events were sent at the earliest, by our clock."""
        self._received_before = 0
        """Events before the replay."""
        self.own_key = ""
        """Our own presence key, once known."""
        self.membership_news: Signal[MembershipNews] = Signal()
        """A membership or a conversation's details changed."""
        self.overtaken: Signal[str] = Signal()
        """Emits the key of a participant whose event was taken for an overtaken copy."""

    def begin_connection(self) -> None:
        """Packets from now on are those of a new connection."""
        self._epoch = self._store.epochs.current + 1
        self._end_replay()

    def begin_replay(self, sent_since_s: float | None = None) -> None:
        """Events from now on were sent during the gap, which began at ``sent_since_s`` (Unix seconds, by
        default now): they change states, but nobody is alerted, and they are no signs of life of now.
        """
        self._sent_since_s = self._store.clock.stamp().wall_s if sent_since_s is None else sent_since_s
        self._received_before = self._counters.received

    def end_replay(self, *, is_recovered: bool | None) -> None:
        """Events from now on are new. ``is_recovered`` is ``None`` if no recovery was asked for."""
        self._end_replay()
        if is_recovered is not None:
            self._counters.recoveries += is_recovered
            self._counters.refused_recoveries += not is_recovered

    def _end_replay(self) -> None:
        if self._sent_since_s is not None:
            self._counters.replayed += self._counters.received - self._received_before
        self._sent_since_s = None

    def record_control(self, packet: str | bytes, verdict: Verdict) -> None:
        """Record a packet that is no event, received or sent."""
        counters, size = self._counters, len(packet) if isinstance(packet, bytes) else packet_size(packet)
        if verdict is Verdict.SENT:
            counters.sent += 1
            counters.sent_bytes += size
        else:
            counters.control += 1
            counters.control_bytes += size
        self._record(packet, verdict)

    def record_ping(self, since_last_s: float | None, interval_s: float | None = None) -> None:
        """Count a ping; ``None`` for the first of a connection, and without an announced interval."""
        self._counters.pings += 1
        if since_last_s is not None:
            self._counters.ping_gaps.add(since_last_s)
            if interval_s is not None:
                self._counters.ping_lateness.add(since_last_s - interval_s)

    def record_round_trip(self, round_trip_s: float | None) -> None:
        """Record a round trip of the transport; ``None`` for one without an answer."""
        if round_trip_s is None:
            self._counters.transport_round_trips.failures[NO_PONG] += 1
        else:
            self._counters.transport_round_trips.add(round_trip_s)

    def handle(self, event: str, arguments: tuple[object, ...], packet: str = "") -> Message:
        """Decode, apply, count and record one event; return the message."""
        message = decode_event(event, arguments)
        packet = packet or _packet_of(event, arguments)
        self._counters.record_event(event, packet_size(packet))
        if isinstance(message, messages.Status):
            (outcome,) = self._apply_statuses([message], self._store.clock.stamp())
            self._record(packet, outcome)
        else:
            outcome = self._apply(message)
            self._counters.count([outcome])
            self._record(packet, outcome)
            self._enforce_limits()
            if isinstance(message, MembershipNews):
                self.membership_news.emit(message)
        return message

    def count_unreadable(self, packet: str = "") -> None:
        """Count something that is not a packet, so that its event is unknown."""
        self._counters.count([Outcome.MALFORMED])
        self._counters.record_event(UNREADABLE, packet_size(packet))
        self._record(packet, Outcome.MALFORMED)

    def count_late(self, packets: Sequence[str]) -> None:
        """Count events that arrived while we were suspended, which are outdated."""
        self._counters.count([Outcome.LATE] * len(packets))
        for packet in packets:
            self._counters.record_event(event_of(packet), packet_size(packet))
            self._record(packet, Verdict.STALE)

    def handle_statuses(self, statuses: list[messages.Status], packets: Sequence[str] = ()) -> None:
        """Apply, count and record status events that arrived together, in order."""
        now = self._store.clock.stamp()
        outcomes = self._apply_statuses(statuses, now)
        self._counters.record_statuses(len(statuses), packet_size("".join(packets)))
        self._packets.add_statuses(now.wall_s, self._epoch, packets, outcomes)

    def _apply_statuses(self, statuses: list[messages.Status], now: Stamp) -> list[Outcome]:
        if self._clock is not None and self._sent_since_s is None:
            self._clock.on_statuses(statuses, now)
        gateway_now_s = now.wall_s + self._store.states.skew_s
        counters = self._counters
        # A replayed event has waited, which is no latency.
        for status in statuses if self._sent_since_s is None else ():
            if status.emitted_s is not None and is_possible(status.emitted_s, gateway_now_s):
                counters.record_latency(gateway_now_s - status.emitted_s)
                # One of those that arrived together is enough.
                break
        if self._sent_since_s is None:
            outcomes = self._store.apply_statuses(statuses, now)
            counters.status_rate.add(outcomes.count(Outcome.APPLIED), now.monotonic_s)
        else:
            outcomes = self._apply_replayed(statuses, now, self._sent_since_s)
        counters.store_time.add(self._store.clock.stamp().monotonic_s - now.monotonic_s, len(outcomes))
        counters.count(outcomes)
        for key in self._store.take_overtaken():
            self.overtaken.emit(key)
        self._enforce_limits()
        return outcomes

    def _apply_replayed(
        self, statuses: list[messages.Status], now: Stamp, sent_since_s: float
    ) -> list[Outcome]:
        """Apply missed statuses; those about ourselves tell of the drop itself, and are over."""
        others = [status for status in statuses if status.key != self.own_key]
        outcomes = iter(self._store.apply_statuses(others, now, sent_since_s=sent_since_s))
        return [Outcome.LATE if status.key == self.own_key else next(outcomes) for status in statuses]

    def handle_snapshot(self, part: messages.Snapshot, packet: str = "") -> None:
        """Apply a part of a long snapshot. The snapshot counts as one event, once complete."""
        if not part.complete:
            self._batcher.defer(len(part.rows))
        self._snapshot(part)
        if part.complete:
            self._batcher.release()
            self._counters.count([Outcome.APPLIED])
            self._counters.record_event(names.SNAPSHOT, packet_size(packet))
            self._record(packet, Outcome.APPLIED)
            self._enforce_limits()

    def _record(self, packet: str | bytes, verdict: AnyVerdict) -> None:
        self._packets.add(self._store.clock.stamp().wall_s, self._epoch, packet, verdict)

    def _enforce_limits(self) -> None:
        self._store.flush_if_full()
        self._limit_warnings.check()

    def _snapshot(self, part: messages.Snapshot) -> None:
        self._counters.malformed_rows += part.malformed_rows
        self._store.apply_answers(part.rows, Source.SNAPSHOT, self._store.clock.stamp())

    def _apply(self, message: OtherMessage) -> Outcome:
        match message:
            case messages.Malformed():
                return Outcome.MALFORMED
            case messages.Unrecognised():
                return Outcome.UNKNOWN
            case messages.Snapshot():
                self._snapshot(message)
            case messages.HeartbeatAck(server_time_s=float(told_s)):
                if self._clock is not None and self._sent_since_s is None:
                    self._clock.on_server_time(told_s, self._store.clock.stamp())
            case messages.Typing(started=True):
                return self._store.apply_typing(
                    message.key,
                    message.conversation_id,
                    name=message.name,
                    handle=message.handle,
                    sent_since_s=self._sent_since_s,
                )
            case messages.Typing():
                self._store.stop_typing(message.key)
            case messages.ParticipantJoined():
                self._joined(message)
            case messages.ParticipantLeft():
                self._left(message)
            case messages.RoleUpdated():
                self._store.members.set_role(message.key, message.conversation_id, message.role)
            case messages.Named():
                self._store.members.apply_names(message.names)
            case messages.AccountRenamed():
                self._store.members.apply_names({message.key: (message.handle, message.name)})
            case (
                messages.HeartbeatAck()
                | messages.Authenticated()
                | messages.TokenExpiredEvent()
                | messages.SessionRevokedEvent()
                | messages.GatewayErrorEvent()
                | messages.RoomJoined()
                | messages.RoomLeft()
                | messages.JoinRefused()
                | messages.ConversationChanged()
                | messages.ConversationEnded()
                | messages.SystemMessage()
            ):
                # The connection attempt and the membership updates act on these.
                pass
            case _:
                assert_never(message)
        return Outcome.APPLIED

    def _left(self, message: messages.ParticipantLeft) -> None:
        # After our own end of membership, the roster stays as it was.
        if message.key != self.own_key:
            self._store.members.remove(message.key, message.conversation_id)

    def _joined(self, message: messages.ParticipantJoined) -> None:
        # In a conversation never read, one member would look like the whole roster.
        if self._store.rosters.knows(message.conversation_id):
            newcomer = Participant(message.key, role="member")
            self._store.set_participants([newcomer], message.conversation_id)
            # This is the account's name. The name in the conversation comes from its roster.
            self._store.members.apply_names({message.key: ("", message.name)})


def _packet_of(event: str, arguments: tuple[object, ...]) -> str:
    """The text of an event from a feed that does not have its packet."""
    try:
        return "42" + msgspec.json.encode([event, *arguments]).decode()
    except (TypeError, ValueError, RecursionError):
        # An attachment, or a text that is no Unicode.
        return ""
