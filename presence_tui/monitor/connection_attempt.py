"""One connection, from opening to its end."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from presence_tui.domain.enums import Verdict
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.notice_limits import NoticeLimit
from presence_tui.monitor.signals import Signal
from presence_tui.store.clock import Clock
from presence_tui.transport.errors import (
    ConnectionLost,
    GatewayError,
    SessionRevoked,
    SignInNeeded,
    Slept,
    TokenExpired,
)
from presence_tui.wire import messages
from presence_tui.wire.decode import decode_event

AUTHENTICATION_LIMIT_S: Final = 10.0
"""Time limit for ``authenticated`` (wire contract, section 8.5)."""


class ConnectionAttempt:
    """The ``FeedListener`` of one connection."""

    def __init__(
        self,
        inbound: Inbound,
        clock: Clock,
        check_sleep: Callable[[], None] | None = None,
        gap_since_s: float | None = None,
    ) -> None:
        """``check_sleep`` is called when anything arrives; it may call ``fall_behind``. ``gap_since_s`` is
        the Unix time of the last receipt before the gap that this attempt is to end, if it is known.
        """
        self._inbound = inbound
        inbound.begin_connection()
        self.on_round_trip = inbound.record_round_trip
        self._clock = clock
        self._check_sleep = check_sleep
        self._gap_since_s = gap_since_s
        self._is_behind = False
        self._authenticated = asyncio.Event()
        self._ended = asyncio.Event()
        self._end: Exception = ConnectionLost(phrase("it ended"))
        self._heard = clock.stamp()
        self._has_heard = False
        self._pinged_s = self._heard.monotonic_s
        self._was_pinged = False
        self._tells_missing_pings = True
        self._is_replaying = False
        self.is_recovered = False
        """True once the gateway continued the session of the connection before."""
        self.snapshot_arrived = asyncio.Event()
        """Set by a snapshot of this connection, not by a replayed one."""
        self.key = ""
        """Our own presence key; empty before authentication."""
        self.notices: Signal[Phrase] = Signal()
        self._said = NoticeLimit(clock, self.notices.emit)
        self.on_authenticated: Signal[str] = Signal()
        """Emitted with our own presence key, before any later event is applied."""
        self.upgraded: Signal[ConnectionAttempt] = Signal()
        """The connection changed its transport."""

    @property
    def heard_s(self) -> float | None:
        """Unix time when anything last arrived; ``None`` before that."""
        return self._heard.wall_s if self._has_heard else None

    @property
    def is_over(self) -> bool:
        return self._ended.is_set()

    def fall_behind(self, slept_s: float) -> None:
        """End the connection after a suspension of ``slept_s``; later arrivals are outdated and only
        counted.
        """
        self._is_behind = True
        self._finish(Slept(slept_s))

    def on_heard(self) -> None:
        if self._check_sleep is not None:
            self._check_sleep()
        if self._is_behind:
            return
        self._has_heard = True
        self._heard = self._clock.stamp()

    def on_ping(self, interval_s: float | None = None) -> None:
        before_s, self._pinged_s = self._pinged_s, self._clock.stamp().monotonic_s
        self._inbound.record_ping(self._pinged_s - before_s if self._was_pinged else None, interval_s)
        self._was_pinged = True

    def on_control(self, packet: str | bytes) -> None:
        self._inbound.record_control(packet, Verdict.STALE if self._is_behind else Verdict.CONTROL)

    def on_sent(self, packet: str | bytes) -> None:
        self._inbound.record_control(packet, Verdict.SENT)

    def on_unreadable(self, why: str, packet: str = "") -> None:
        self._inbound.count_unreadable(packet)
        if not self._authenticated.is_set():
            self._said.emit(phrase("The gateway sent an unreadable packet: {why}.", why=why))

    def on_replay(self) -> None:
        self._is_replaying = True
        self._inbound.begin_replay(self._gap_since_s)

    def on_connected(self, *, is_recovered: bool | None) -> None:
        self._is_replaying = False
        self._inbound.end_replay(is_recovered=is_recovered)
        if is_recovered and not self._is_behind:
            self.is_recovered = True
            # The gateway may not sign in a second time whom it signed in before (``socket.recovered``).
            self._authenticate(self._inbound.own_key)

    def on_upgraded(self) -> None:
        self.upgraded.emit(self)

    def on_closed(self, reason: GatewayError) -> None:
        self._finish(reason)

    def on_event(self, event: str, arguments: tuple[object, ...], packet: str = "") -> None:
        self.on_heard()
        if self._is_behind:
            self._handle_late(event, arguments, packet)
            return
        self._handle_or_finish(lambda: self._handle(event, arguments, packet))

    def on_statuses(self, statuses: list[messages.Status], packets: Sequence[str] = ()) -> None:
        if self._is_behind:
            self._inbound.count_late(packets or [""] * len(statuses))
            return
        self._handle_or_finish(lambda: self._inbound.handle_statuses(statuses, packets))

    def on_snapshot(self, part: messages.Snapshot, packet: str = "") -> None:
        if self._is_behind:
            self._inbound.count_late([packet] if part.complete else [])
            return
        self._handle_or_finish(lambda: self._handle_snapshot(part, packet))

    def _handle_snapshot(self, part: messages.Snapshot, packet: str) -> None:
        self._inbound.handle_snapshot(part, packet)
        if part.complete and not self._is_replaying:
            self.snapshot_arrived.set()

    def _handle_late(self, event: str, arguments: tuple[object, ...], packet: str) -> None:
        self._inbound.count_late([packet])
        message = decode_event(event, arguments)
        if isinstance(message, messages.SessionRevokedEvent):
            # Never outdated: retrying with a revoked session would be refused forever.
            self._end = SessionRevoked(message.reason)

    def _handle_or_finish(self, handle: Callable[[], None]) -> None:
        try:
            handle()
        except Exception as mistake:  # noqa: BLE001  (raised to the task that awaits the end)
            # The library would only log it and continue.
            self._finish(mistake)

    def _handle(self, event: str, arguments: tuple[object, ...], packet: str) -> None:
        message = self._inbound.handle(event, arguments, packet)
        match message:
            case messages.Status():
                return
            case messages.Snapshot():
                if not self._is_replaying:
                    self.snapshot_arrived.set()
            case messages.Authenticated(success=True, key=key):
                self._authenticate(key)
            case messages.Authenticated():
                self._finish(_refused(message.error or "authentication failed"))
            case messages.TokenExpiredEvent():
                self._finish(TokenExpired())
            case messages.SessionRevokedEvent():
                self._finish(SessionRevoked(message.reason))
            case messages.GatewayErrorEvent():
                self._error(message)
            case messages.JoinRefused():
                self._said.emit(_join_refused(message))
            case messages.Malformed(event=broken) if not self._authenticated.is_set():
                self._said.emit(phrase("The gateway sent an unreadable {event}.", event=broken))

    async def authenticated(self) -> None:
        """Wait until authenticated. Raises the ``GatewayError`` if the gateway refuses."""
        verdicts = {
            asyncio.create_task(self._authenticated.wait()),
            asyncio.create_task(self._ended.wait()),
        }
        try:
            await asyncio.wait(verdicts, timeout=AUTHENTICATION_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for verdict in verdicts:
                verdict.cancel()
        if self._ended.is_set():
            raise self._end
        if not self._authenticated.is_set():
            raise ConnectionLost(phrase("the gateway did not answer the sign-in"))

    async def ended(self) -> Exception:
        """Wait for the end and return its error."""
        await self._ended.wait()
        return self._end

    async def silent(self, limit_s: float) -> None:
        """Wait until nothing has arrived for ``limit_s`` seconds."""
        left_s = limit_s
        while left_s > 0:
            await asyncio.sleep(left_s)
            now_s = self._clock.stamp().monotonic_s
            left_s = limit_s - (now_s - self._heard.monotonic_s)
            since_s = now_s - self._pinged_s
            if left_s > 0 and self._tells_missing_pings and since_s > limit_s:
                # Once, while other packets arrive; the connection stays.
                self._tells_missing_pings = False
                self.notices.emit(
                    phrase("The gateway stopped pinging {since:.0f} s ago and keeps sending.", since=since_s)
                )

    def _authenticate(self, key: str) -> None:
        if not self._authenticated.is_set():
            self.key = self._inbound.own_key = key
            self._authenticated.set()
            self.on_authenticated.emit(key)

    def _error(self, message: messages.GatewayErrorEvent) -> None:
        text = message.message or message.code or "error"
        if self._authenticated.is_set():
            self._said.emit(phrase("The gateway says: {said}.", said=text.rstrip(".")))
        else:
            self._finish(_refused(text))

    def _finish(self, end: Exception) -> None:
        # The first reason counts: a refusal is followed by a plain disconnect.
        if not self._ended.is_set():
            self._end = end
            self._ended.set()


def _refused(text: str) -> SignInNeeded:
    sentence = phrase("The gateway does not accept this token: {said}.", said=text.rstrip("."))
    return SignInNeeded(sentence, text)


def _join_refused(message: messages.JoinRefused) -> Phrase:
    return phrase(
        "The gateway does not let you join {conversation}: {reason}.",
        conversation=message.conversation_id,
        reason=(message.message or message.reason).rstrip("."),
    )
