"""Keeps one connection to the gateway open and reconnects when it ends."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from random import Random

from presence_tui.domain.translatable import Phrase
from presence_tui.monitor.backoff import delay_s, refused_delay_s
from presence_tui.monitor.connection_attempt import ConnectionAttempt
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.link import Link, LinkState
from presence_tui.monitor.sign_in import RenewToken, SignIn
from presence_tui.monitor.signals import Signal
from presence_tui.monitor.sleep import SleepDetector
from presence_tui.store import PresenceStore
from presence_tui.transport.credentials import REFRESH_MARGIN_S, CredentialHolder
from presence_tui.transport.errors import (
    HUNG_UP,
    BoundExceeded,
    ConnectionLost,
    FellSilent,
    GatewayError,
    RefusedForNow,
    SignInNeeded,
    Slept,
)
from presence_tui.transport.feed import Feed
from presence_tui.transport.rate_limits import LONGEST_PAUSE_S

STEADY_S = 3.0
"""After a live time of at least this, the next attempt counts as a first one."""

STEADY_IF_HUNG_UP_S = 10.0
"""The same if the gateway ended the connection: two monitors of one account may evict each other in turn."""

NEW_CREDENTIAL_S = 60.0
"""While signed out, interval at which the credential store is read for a new credential."""

_SOONEST_RENEWAL_S = 30.0


class Connection:
    """Runs the link. The library's own reconnection is off, because it stops when a gateway refuses."""

    def __init__(
        self,
        feed: Feed,
        link: Link,
        store: PresenceStore,
        inbound: Inbound,
        credentials: CredentialHolder,
        renew_token: RenewToken,
        random: Random,
        *,
        on_set_back: Callable[[float], None] | None = None,
    ) -> None:
        self._feed = feed
        self._link = link
        self._store = store
        self._inbound = inbound
        self._credentials = credentials
        self._renew_token = renew_token
        self._random = random
        self.sign_in = SignIn(credentials, renew_token, self._gateway_now_s)
        self._attempt = 0
        self._refusals = 0
        """Consecutive refused sign-ins."""
        self._doubts = False
        """True once a notice was emitted for a refused token that should be valid."""
        self._offered = credentials.current
        self._live_since_s: float | None = None
        self._last_heard_s: float | None = None
        self._woken = asyncio.Event()
        self._sleep_detector = SleepDetector(
            store.clock, self._after_sleep, on_set_back or store.states.on_clock_set_back
        )
        self.attempt: ConnectionAttempt | None = None
        """The current or last connection; ``None`` before the first."""
        self.went_live: Signal[ConnectionAttempt] = Signal()
        self.failed: Signal[GatewayError] = Signal()
        """The error of a failed attempt or an ended connection."""
        self.noticed: Signal[Phrase] = Signal()

    @property
    def heard_s(self) -> float | None:
        """Unix time when anything was last received."""
        heard_s = self.attempt.heard_s if self.attempt else None
        self._last_heard_s = heard_s or self._last_heard_s
        return self._last_heard_s

    def wake(self) -> None:
        """Start the next attempt now, even after giving up. Does nothing while connected."""
        self._woken.set()

    def check_sleep(self) -> None:
        """Check for a suspension of the process before a timer of its time has an effect."""
        self._sleep_detector.check_timers()

    async def run(self) -> None:
        """Connect, stay connected and reconnect, until cancelled."""
        self._sleep_detector.start()
        try:
            await self._keep_connected()
        finally:
            self._sleep_detector.close()

    async def _keep_connected(self) -> None:
        while True:
            try:
                await self._stay_connected()
            except SignInNeeded as refusal:
                await self._after_refusal(refusal)
            except FellSilent as silence:
                await self._stay_stale(silence)
            except Slept as sleep:
                was_live = self._link.status.state in (LinkState.LIVE, LinkState.STALE)
                await (self._stay_stale(sleep) if was_live else self._pause(sleep))
            except BoundExceeded as bound:
                self.failed.emit(bound)
                self._link.offline(bound.sentence, bound.advice, self.heard_s)
                await self._until_woken()
            except GatewayError as error:
                await self._pause(error)

    async def _stay_stale(self, end: GatewayError) -> None:
        # The state stays STALE during the pause and the next attempt.
        self.failed.emit(end)
        self._link.stale(end.sentence, end.advice, self.heard_s)
        await self._woken_within(self._next_pause_s(end))

    def _after_sleep(self, slept_s: float) -> None:
        if self.attempt is not None and not self.attempt.is_over:
            self.attempt.fall_behind(slept_s)
            if self._link.status.state is LinkState.LIVE:
                # Immediately, so that alerts due now do not fire.
                slept = Slept(slept_s)
                self._link.stale(slept.sentence, slept.advice, self.heard_s)
        elif self._link.status.state in (LinkState.RECONNECTING, LinkState.STALE):
            self.wake()

    async def _stay_connected(self) -> None:
        """Open one connection and keep it to its end; raises the error it ended with."""
        await self._renew_if_old()
        self._last_heard_s = self.heard_s
        attempt = self.attempt = ConnectionAttempt(
            self._inbound,
            self._store.clock,
            self._sleep_detector.check,
            self._link.status.fresh_until_s,
        )
        attempt.on_authenticated.subscribe(lambda _: self._stay_live(attempt))
        attempt.notices.subscribe(self.noticed.emit)
        attempt.upgraded.subscribe(lambda _: self._link.upgraded(self._feed.transport_name))
        try:
            self._offered = self._credentials.current
            await self._feed.open(self._offered, attempt)
            if self._link.status.state is not LinkState.LIVE:
                self._link.connected(self._feed.transport_name)
            raise await self._end_once_live(attempt)
        finally:
            await self._feed.close()

    def _stay_live(self, attempt: ConnectionAttempt) -> None:
        # ``authenticated`` can arrive before the library reports that the socket is open.
        if self._link.status.state not in (LinkState.CONNECTED, LinkState.LIVE):
            self._link.connected(self._feed.transport_name)
        self.sign_in.accept(self._offered)
        self._refusals, self._doubts = 0, False
        self._live_since_s = self._store.clock.stamp().monotonic_s
        self._link.live(self._store.epochs.begin(self._link.status.fresh_until_s))
        self.went_live.emit(attempt)

    async def _end_once_live(self, attempt: ConnectionAttempt) -> Exception:
        """Wait for the sign-in and the end. Only a signed-in session that was lost is continued."""
        end: Exception | None = None
        try:
            await attempt.authenticated()
            end = await self._end_of(attempt)
        except GatewayError as error:
            # It may have ended at once after the sign-in.
            end = error
            raise
        finally:
            if not attempt.key or not isinstance(end, ConnectionLost):
                self._feed.forget_session()
        return end

    async def _end_of(self, attempt: ConnectionAttempt) -> Exception:
        limit_s = self._feed.silence_limit_s
        ended = asyncio.create_task(attempt.ended())
        renewing = asyncio.create_task(self._renew_token_early())
        waits: list[asyncio.Task[object]] = [ended]
        if limit_s is not None:
            waits.append(asyncio.create_task(attempt.silent(limit_s)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*waits, renewing):
                task.cancel()
        if ended.done() and not ended.cancelled():
            return ended.result()
        assert limit_s is not None, "without a limit the end alone is waited for"
        return FellSilent(limit_s)

    async def _pause(self, error: GatewayError) -> None:
        pause_s = self._next_pause_s(error)
        self._link.reconnecting(error.sentence, error.advice, self._attempt, pause_s, self.heard_s)
        self.failed.emit(error)
        await self._woken_within(pause_s)
        self._link.attempting()

    def _next_pause_s(self, end: GatewayError) -> float:
        """Seconds before the next attempt, and count that attempt. Every end is followed by a pause."""
        if self._was_steady(end):
            self._attempt = 0
        self._attempt += 1
        # Everybody was asked for the same pause, so that the usual one comes on top of it.
        return min(end.retry_after_s or 0.0, LONGEST_PAUSE_S) + self._own_pause_s(end)

    def _own_pause_s(self, end: GatewayError) -> float:
        if isinstance(end, SignInNeeded | RefusedForNow):
            self._refusals += 1
            return refused_delay_s(self._refusals, self._random)
        return delay_s(self._attempt, self._random)

    def _was_steady(self, end: GatewayError) -> bool:
        """True if the connection was live long enough to restart the backoff.

        A gateway that accepts connections and ends them at once, as with an account watched twice, must not
        be retried forever at the pace of a first attempt.
        """
        since_s, self._live_since_s = self._live_since_s, None
        if since_s is None:
            return False
        enough_s = STEADY_IF_HUNG_UP_S if end.kind == HUNG_UP else STEADY_S
        return self._store.clock.stamp().monotonic_s - since_s >= enough_s

    async def _after_refusal(self, refusal: SignInNeeded) -> None:
        """Retry if that may help, otherwise wait for another credential or the user."""
        verdict = await self.sign_in.judge(refusal, self._offered)
        error = verdict.error
        if verdict.is_final:
            await self._give_up(error)
            return
        if isinstance(error, RefusedForNow) and not self._doubts:
            self._doubts = True
            self.noticed.emit(error.sentence)
        await self._pause(error)

    async def _give_up(self, refusal: GatewayError) -> None:
        if isinstance(refusal, SignInNeeded):
            self._credentials.advise(refusal)
        self.failed.emit(refusal)
        self._link.signed_out(refusal.sentence, refusal.advice, self.heard_s)
        while not await self._woken_within(NEW_CREDENTIAL_S) and not await self.sign_in.reload():
            pass
        self._start_anew()
        self.sign_in.forget()

    async def _until_woken(self) -> None:
        await self._woken_within(None)
        self._start_anew()

    def _start_anew(self) -> None:
        self._attempt = self._refusals = 0
        self._link.connecting()

    async def _woken_within(self, limit_s: float | None) -> bool:
        self._woken.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._woken.wait()
        return self._woken.is_set()

    async def _renew_if_old(self) -> None:
        """Refresh a token near its expiry, which would fail at this handshake or the next (wire contract,
        section 1.3).
        """
        credential = self._credentials.current
        is_spent = self.sign_in.is_spent(credential)
        if not is_spent and not credential.nearly_expired(self._gateway_now_s()):
            return
        try:
            await self._renew_token()
        except GatewayError:
            if is_spent:
                raise
            # The gateway decides: it may still accept the token, and gives the reason if not.

    async def _renew_token_early(self) -> None:
        """While connected, refresh the token shortly before its expiry, so that REST keeps working."""
        pause_s = _SOONEST_RENEWAL_S
        while (expires_s := self._credentials.current.expires_s) is not None:
            await asyncio.sleep(max(expires_s - REFRESH_MARGIN_S - self._gateway_now_s(), pause_s))
            # Doubled each time, so that a token that is always near its expiry does not cause polling.
            pause_s *= 2
            try:
                if not await self._renew_token():
                    return
            except SignInNeeded as refusal:
                self.noticed.emit(refusal.sentence)
                return
            except GatewayError as error:
                self.noticed.emit(error.sentence)

    def _gateway_now_s(self) -> float:
        return self._store.clock.stamp().wall_s + self._store.states.skew_s
