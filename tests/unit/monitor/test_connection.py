"""Consecutive connections of a scripted feed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any

import pytest

from presence_tui.domain.translatable import phrase
from presence_tui.monitor import connection as connection_module
from presence_tui.monitor import connection_attempt as session_module
from presence_tui.monitor.connection import STEADY_S, Connection
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.link import Link, LinkState, LinkStatus
from presence_tui.transport.credentials import (
    REFRESH_MARGIN_S,
    Credential,
    CredentialError,
    CredentialHolder,
    CredentialKind,
    CredentialStore,
)
from presence_tui.transport.errors import (
    BoundExceeded,
    ConnectionLost,
    FellSilent,
    GatewayBroken,
    GatewayError,
    PortRefused,
    RateLimited,
    RefusedForNow,
    SessionRevoked,
    SignInNeeded,
    SocketRefused,
    TokenExpired,
)
from tests.unit.clock import START_S
from tests.unit.monitor.fake_feed import ME, FakeFeed, Step, ends, fails, silence, tells, welcome
from tests.unit.monitor.wait_until import Condition, breathe, other_tasks
from tests.unit.store.store_harness import StoreHarness
from tests.unit.transport.jwt import token

REFUSED = PortRefused("gate.example")
KICKED = ConnectionLost(phrase("the gateway ended the connection"))
TOO_BIG = BoundExceeded(phrase("A frame of the gateway"), 2**26)
EXPIRED: Step = tells("auth:token-expired", {"code": "token_expired", "message": "x"})
BAD: Step = tells("error", {"message": "Authentication failed"})
REVOKED: Step = tells("auth:session-revoked", {"message": "x", "reason": "password_changed"})
FAILED_2025: Step = tells("authenticated", {"success": False, "error": "no"})

Renewal = bool | GatewayError


class Running:
    """A running connection and its recorded signals."""

    def __init__(self, feed: FakeFeed, secret: str, renewals: list[Renewal]) -> None:
        self.harness = StoreHarness()
        self.feed = feed
        self.link = Link(self.harness.clock)
        self.holder = CredentialHolder(Credential(CredentialKind.ACCOUNT, secret))
        self.renewals = renewals
        self.renewed = 0
        self.renewed_secret = ""
        """The secret of a renewal, by default a numbered one."""
        self.rebuild()
        self.task: asyncio.Task[None] | None = None

    def rebuild(self) -> None:
        """Build the connection with the current holder."""
        self.connection = Connection(
            self.feed,
            self.link,
            self.harness.store,
            Inbound(self.harness.store, EventCounters()),
            self.holder,
            self._renew,
            Random(7),
        )
        self.statuses: list[LinkStatus] = []
        self.failures: list[GatewayError] = []
        self.notices: list[str] = []
        self.live: list[str] = []
        self.news = Condition()
        for signal, listener in (
            (self.link.changed, self.statuses.append),
            (self.connection.failed, self.failures.append),
            (self.connection.noticed, lambda notice: self.notices.append(str(notice))),
            (self.connection.went_live, lambda session: self.live.append(session.key)),
        ):
            signal.subscribe(listener)  # type: ignore[arg-type]
            signal.subscribe(self.news.notify)

    def is_attempt(self, number: int) -> bool:
        return self.link.status.attempt == number

    def start(self) -> None:
        self.task = asyncio.create_task(self.connection.run())

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task

    @property
    def is_live(self) -> bool:
        return self.link.status.state is LinkState.LIVE

    @property
    def states(self) -> list[LinkState]:
        """All states entered, in order."""
        found = [LinkState.CONNECTING]
        for status in self.statuses:
            if status.state is not found[-1]:
                found.append(status.state)
        return found

    async def until(self, condition: Callable[[], Any]) -> Any:
        return await self.news.until(condition, instead=lambda: (self.states, self.failures))

    async def until_state(self, state: LinkState) -> LinkStatus:
        await self.until(lambda: self.link.status.state is state)
        return self.link.status

    async def until_live(self, times: int = 1) -> None:
        await self.until(lambda: len(self.live) >= times)

    async def _renew(self) -> bool:
        self.renewed += 1
        self.news.notify()
        outcome = self.renewals.pop(0) if self.renewals else False
        if isinstance(outcome, GatewayError):
            raise outcome
        if outcome:
            self.holder.renew(self.renewed_secret or f"renewed {self.renewed}")
        return outcome


class Pauses:
    """The delays of the backoff: recorded, and skipped unless set to block."""

    def __init__(self) -> None:
        self.attempts: list[int] = []
        self.refusals: list[int] = []
        self.seconds = 0.0

    def delay_s(self, attempt: int, random: Random) -> float:
        self.attempts.append(attempt)
        return self.seconds

    def refused_delay_s(self, refusals: int, random: Random) -> float:
        self.refusals.append(refusals)
        return self.seconds


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    pauses = Pauses()
    monkeypatch.setattr(connection_module, "delay_s", pauses.delay_s)
    monkeypatch.setattr(connection_module, "refused_delay_s", pauses.refused_delay_s)
    return pauses


Run = Callable[..., Running]


@pytest.fixture
async def run(pauses: Pauses) -> AsyncIterator[Run]:
    """Runs a connection through these steps."""
    started: list[Running] = []

    def start(
        *steps: Step, secret: str = "secret", renewals: tuple[Renewal, ...] = (), now: bool = True
    ) -> Running:
        running = Running(FakeFeed(*steps), secret, list(renewals))
        started.append(running)
        if now:
            running.start()
        return running

    yield start
    for running in started:
        await running.stop()
    await breathe()
    assert other_tasks() == set()


# --- going live ---


async def test_authentication_makes_link_live_and_begins_epoch(run: Run) -> None:
    running = run(welcome)
    await running.until_live()
    assert running.states == [LinkState.CONNECTING, LinkState.CONNECTED, LinkState.LIVE]
    assert running.live == [ME]
    assert running.harness.store.epochs.current == running.link.status.epoch == 1
    assert running.link.status.transport == "websocket"
    assert running.failures == []


async def test_open_socket_is_not_live(run: Run) -> None:
    running = run(silence)
    await running.until_state(LinkState.CONNECTED)
    running.feed.heard.on_event("user:status", ({"userId": "ada", "isOnline": True},))
    await breathe()
    assert running.link.status.state is LinkState.CONNECTED
    assert running.harness.store.epochs.current == 0
    running.feed.heard.on_event("authenticated", ({"success": True},))
    await running.until_live()


async def test_events_directly_after_authentication_belong_to_its_epoch(run: Run) -> None:
    def welcome_and_more(listener: Any) -> None:
        welcome(listener)
        listener.on_event("user:status", ({"userId": "ada", "isOnline": True},))

    running = run(welcome_and_more)
    await running.until_live()
    assert running.harness.record("ada").epoch == 1


# --- losing the connection and reconnecting ---


async def test_lost_connection_is_reopened(run: Run, pauses: Pauses) -> None:
    running = run(welcome, welcome)
    await running.until_live()
    running.harness.clock.advance(5)
    running.feed.heard.on_heard()
    running.harness.clock.advance(5)
    pauses.seconds = 60
    running.feed.heard.on_closed(KICKED)
    status = await running.until_state(LinkState.RECONNECTING)
    assert (status.reason, status.advice) == (KICKED.sentence, KICKED.advice)
    assert (status.attempt, status.retry_s) == (1, START_S + 70)
    assert status.is_stale
    assert status.fresh_until_s == START_S + 5, "fresh until the last received packet"
    assert running.failures == [KICKED]
    running.connection.wake()
    await running.until_live(2)
    assert running.link.status.epoch == running.harness.store.epochs.current == 2
    assert running.link.status.is_stale, "stale until a reading reconciles the gap"
    running.link.synced(running.harness.clock.stamp().wall_s)
    assert not running.link.status.is_stale


async def test_attempts_are_counted_until_authentication(run: Run, pauses: Pauses) -> None:
    running = run(fails(REFUSED), fails(REFUSED), fails(REFUSED), welcome, fails(REFUSED), welcome)
    await running.until_live()
    assert pauses.attempts == [1, 2, 3]
    running.harness.clock.advance(STEADY_S)
    running.feed.heard.on_closed(KICKED)
    await running.until_live(2)
    assert pauses.attempts == [1, 2, 3, 1, 2]


async def test_backoff_grows_if_gateway_authenticates_and_disconnects(run: Run, pauses: Pauses) -> None:
    """On the older gateway, two monitors of one account evict each other (wire contract, section 1.5)."""
    running = run(welcome, welcome, welcome)
    for lives in (1, 2):
        await running.until_live(lives)
        running.feed.heard.on_closed(KICKED)
    await running.until_live(3)
    assert pauses.attempts == [1, 2]


async def test_open_socket_without_authentication_keeps_attempt_count(run: Run, pauses: Pauses) -> None:
    running = run(ends(KICKED), ends(KICKED), welcome)
    await running.until_live()
    assert pauses.attempts == [1, 2]


async def test_connection_is_closed_before_next_is_opened(run: Run) -> None:
    running = run(fails(REFUSED), ends(KICKED), welcome)
    await running.until_live()
    assert (len(running.feed.openings), running.feed.closings) == (3, 2)


async def test_unanswered_sign_in_is_lost_connection(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "AUTHENTICATION_LIMIT_S", 0.01)
    running = run(silence, welcome)
    await running.until_live()
    assert "did not answer the sign-in" in str(running.failures[0])


async def test_no_fresh_until_before_first_live_time(run: Run) -> None:
    running = run(fails(REFUSED))
    status = await running.until_state(LinkState.RECONNECTING)
    assert not status.is_stale
    assert status.fresh_until_s is None
    assert running.connection.heard_s is None, "nothing was received yet"


async def test_silence_makes_link_stale_and_reconnects(run: Run) -> None:
    running = run(welcome, welcome, now=False)
    running.feed.silence_limit_s = 0.01
    stamps = iter(range(10**6))
    clock = running.harness.clock
    clock.stamp = lambda: type(clock).stamp(clock.__class__(START_S, 5_000.0 + next(stamps)))  # type: ignore[method-assign]
    running.start()
    await running.until_live(2)
    stale_while_trying = [LinkState.LIVE, LinkState.STALE, LinkState.CONNECTED, LinkState.LIVE]
    assert running.states[2:6] == stale_while_trying
    assert isinstance(running.failures[0], FellSilent)
    assert "nothing was heard" in str(running.failures[0])


async def test_silence_is_followed_by_pause_and_counted(run: Run, pauses: Pauses) -> None:
    """A gateway that announced no ping window caused two hundred connections a second."""
    pauses.seconds = 3_600
    running = run(welcome, welcome, now=False)
    running.feed.silence_limit_s = 0.0
    running.start()
    await running.until_state(LinkState.STALE)
    await breathe(50)
    assert (len(running.feed.openings), running.feed.closings) == (1, 1)
    assert pauses.attempts == [1]
    assert [error.kind for error in running.failures] == ["ping time-out"]
    running.connection.wake()
    await running.until_live(2)


async def test_sleep_before_the_sign_in_is_a_failed_attempt(run: Run, pauses: Pauses) -> None:
    running = run(silence, welcome)
    await running.until(lambda: running.link.status.state is LinkState.CONNECTED)
    running.connection._after_sleep(600.0)
    await running.until_live()
    connected = LinkState.CONNECTED
    assert running.states == [
        LinkState.CONNECTING, connected, LinkState.RECONNECTING, connected, LinkState.LIVE
    ]  # fmt: skip
    assert [type(failure).__name__ for failure in running.failures] == ["Slept"]
    assert pauses.attempts == [1]


async def test_transport_upgrade_is_reported(run: Run) -> None:
    running = run(welcome)
    await running.until_live()
    running.feed.transport = "polling"
    running.feed.heard.on_upgraded()
    assert running.link.status.transport == "polling"
    assert running.link.status.state is LinkState.LIVE


# --- pauses and wake-ups ---


async def test_wake_ends_pause(run: Run, pauses: Pauses) -> None:
    pauses.seconds = 3_600
    running = run(fails(REFUSED), fails(REFUSED), welcome)
    for attempt in (1, 2):
        await running.until(partial(running.is_attempt, attempt))
        assert running.link.status.retry_s == START_S + 3_600
        await breathe()
        running.connection.wake()
    await running.until_live()


async def test_wake_while_connected_has_no_effect(run: Run, pauses: Pauses) -> None:
    running = run(welcome)
    await running.until_live()
    running.connection.wake()
    await breathe()
    assert running.link.status.state is LinkState.LIVE
    assert len(running.feed.openings) == 1
    pauses.seconds = 3_600
    running.feed.heard.on_closed(KICKED)
    await running.until_state(LinkState.RECONNECTING)
    await breathe()
    assert len(running.feed.openings) == 1, "an earlier wake has no effect"


@pytest.mark.parametrize(("asked_s", "waited_s"), [(36.0, 36.0), (1e9, 3_600.0)])
async def test_retry_after_of_gateway_is_observed(run: Run, asked_s: float, waited_s: float) -> None:
    refused = SocketRefused("gate.example", phrase("the answer was {status}", status=503), "", asked_s)
    running = run(fails(refused))
    status = await running.until_state(LinkState.RECONNECTING)
    assert status.retry_s == START_S + waited_s
    assert f"it asks for a pause of {asked_s:.0f} s" in str(status.reason)


async def test_attempt_after_pause_is_reported(run: Run) -> None:
    running = run(fails(REFUSED))
    await running.until(lambda: len(running.feed.openings) == 2 or running.link.status.attempt == 1)
    await running.until(lambda: running.link.status.attempt == 1 and running.link.status.retry_s is None)
    assert running.link.status.state is LinkState.RECONNECTING


async def test_too_large_frame_stops_retries_until_woken(run: Run, pauses: Pauses) -> None:
    running = run(welcome, welcome)
    await running.until_live()
    running.feed.heard.on_closed(TOO_BIG)
    status = await running.until_state(LinkState.OFFLINE)
    assert (status.reason, status.advice, status.retry_s) == (TOO_BIG.sentence, TOO_BIG.advice, None)
    assert status.is_stale
    await breathe()
    assert len(running.feed.openings) == 1
    assert pauses.attempts == []
    assert running.failures == [TOO_BIG]
    running.connection.wake()
    await running.until_live(2)
    assert running.states[-4:] == [
        LinkState.OFFLINE,
        LinkState.CONNECTING,
        LinkState.CONNECTED,
        LinkState.LIVE,
    ]


# --- refusals and renewals ---


@pytest.mark.parametrize("refusal", [EXPIRED, BAD, FAILED_2025], ids=["expired", "bad", "2025"])
async def test_refused_token_is_renewed_once_and_retried(run: Run, refusal: Step) -> None:
    running = run(refusal, welcome, renewals=(True,))
    await running.until_live()
    assert running.feed.openings == ["secret", "renewed 1"]
    assert running.renewed == 1
    assert LinkState.SIGNED_OUT not in running.states


async def test_refused_renewed_token_is_final(run: Run) -> None:
    running = run(EXPIRED, BAD, renewals=(True, True))
    status = await running.until_state(LinkState.SIGNED_OUT)
    await breathe()
    assert running.renewed == 1
    assert len(running.feed.openings) == 2
    assert "Authentication failed" in str(status.reason)
    assert str(status.advice)
    assert status.retry_s is None


async def test_token_may_be_renewed_again_after_live_time(run: Run) -> None:
    running = run(EXPIRED, welcome, EXPIRED, welcome, renewals=(True, True))
    await running.until_live()
    running.feed.heard.on_closed(KICKED)
    await running.until_live(2)
    assert running.renewed == 2


async def test_refused_token_that_cannot_be_renewed_signs_out(run: Run) -> None:
    running = run(BAD)
    status = await running.until_state(LinkState.SIGNED_OUT)
    await breathe()
    assert len(running.feed.openings) == 1
    assert "Authentication failed" in str(status.reason)


@pytest.mark.parametrize(("refusal", "said"), [(EXPIRED, "has expired"), (BAD, "Authentication failed")])
async def test_refused_renewal_signs_out_with_reason_of_refusal(run: Run, refusal: Step, said: str) -> None:
    running = run(refusal, renewals=(TokenExpired(),))
    status = await running.until_state(LinkState.SIGNED_OUT)
    assert said in str(status.reason)


@pytest.mark.parametrize("trouble", [GatewayBroken(500, ""), REFUSED, RateLimited(0.01)])
async def test_temporary_failure_of_renewal_is_retried(run: Run, trouble: GatewayError) -> None:
    running = run(EXPIRED, welcome, renewals=(trouble, trouble, True))
    await running.until_live()
    assert running.renewed == 3
    assert running.feed.openings == ["secret", "renewed 3"], "an expired token is sent once"
    assert LinkState.SIGNED_OUT not in running.states
    assert trouble.sentence in [status.reason for status in running.statuses]


GOOD = token(START_S + 86_400)


@pytest.mark.parametrize("refusal", [BAD, FAILED_2025], ids=["2026", "2025"])
@pytest.mark.parametrize("renewal", [TokenExpired(), GatewayBroken(500, ""), False])
async def test_refused_unexpired_token_that_was_accepted_is_retried(
    run: Run, refusal: Step, renewal: Renewal, pauses: Pauses
) -> None:
    """The gateway's database was down for 14 s, and a valid token was signed out for good."""
    running = run(welcome, *[refusal] * 6, welcome, secret=GOOD, renewals=(renewal,) * 6)
    await running.until_live()
    running.feed.heard.on_closed(KICKED)
    await running.until_live(2)
    assert LinkState.SIGNED_OUT not in running.states
    assert running.feed.openings == [GOOD] * 8
    assert pauses.refusals == [1, 2, 3, 4, 5, 6]


async def test_refusal_of_good_token_is_reported_once(run: Run) -> None:
    running = run(welcome, BAD, BAD, BAD, welcome, secret=GOOD, renewals=(TokenExpired(),))
    await running.until_live()
    running.feed.heard.on_closed(KICKED)
    await running.until_live(2)
    sentence = (
        "The gateway refuses a token that should still be good: Authentication failed. It is tried again, up "
        "to a minute apart."
    )
    assert running.notices == [sentence]
    assert sentence in [str(status.reason) for status in running.statuses]
    assert [type(failure) for failure in running.failures[1:]] == [RefusedForNow] * 3
    running.feed.steps += [BAD, welcome]
    running.feed.heard.on_closed(KICKED)
    await running.until_live(3)
    assert running.notices == [sentence] * 2, "repeated after the link was live"


async def test_token_refreshed_by_gateway_is_retried_after_refusal(run: Run) -> None:
    running = run(BAD, BAD, BAD, welcome, secret=GOOD, now=False)
    running.renewed_secret = token(START_S + 90_000)
    running.renewals.append(True)
    running.start()
    await running.until_live()
    assert running.renewed == 1
    assert LinkState.SIGNED_OUT not in running.states


async def test_opaque_token_is_retried_with_renewal_error(run: Run) -> None:
    running = run(BAD, welcome, renewals=(GatewayBroken(500, "Sorry"),))
    await running.until_live()
    assert "failed with 500 Sorry" in str(running.failures[0])


async def test_refusals_before_the_first_live_time_are_counted(run: Run, pauses: Pauses) -> None:
    for_now = fails(RefusedForNow(SignInNeeded()))
    running = run(for_now, for_now, fails(REFUSED), welcome)
    await running.until_live()
    assert (pauses.refusals, pauses.attempts) == ([1, 2], [3])


async def test_never_accepted_token_without_refresh_is_final(run: Run) -> None:
    running = run(BAD, secret=GOOD, renewals=(TokenExpired(),))
    await running.until_state(LinkState.SIGNED_OUT)
    assert len(running.feed.openings) == 1


@pytest.mark.parametrize("refusal", [BAD, EXPIRED], ids=["its own word", "the gateway's word"])
async def test_expired_token_is_final(run: Run, refusal: Step) -> None:
    left_s = 400.0 if refusal is BAD else 86_400.0
    running = run(welcome, refusal, secret=token(START_S + left_s), renewals=(TokenExpired(), TokenExpired()))
    await running.until_live()
    running.harness.clock.advance(500)
    running.feed.heard.on_closed(KICKED)
    await running.until_state(LinkState.SIGNED_OUT)


async def test_token_without_expiry_is_retried_for_a_minute(run: Run) -> None:
    running = run(welcome, BAD, BAD, BAD, welcome, *[BAD] * 6)
    await running.until_live()
    running.feed.heard.on_closed(KICKED)
    await running.until_live(2)

    def take_time(status: LinkStatus) -> None:
        running.harness.clock.advance(7)

    running.link.changed.subscribe(take_time)
    running.feed.heard.on_closed(KICKED)
    await running.until_state(LinkState.SIGNED_OUT)


async def test_revocation_signs_out_despite_unexpired_token(run: Run) -> None:
    running = run(welcome, REVOKED, secret=GOOD)
    await running.until_live()
    running.feed.heard.on_closed(KICKED)
    await running.until_state(LinkState.SIGNED_OUT)
    assert running.renewed == 0


class Place(CredentialStore):
    """Holds the credential set by the test."""

    def __init__(self) -> None:
        self.found: Credential | None = None

    def read(self) -> Credential | None:
        return self.found


@pytest.mark.parametrize("is_final", [True, False])
async def test_new_credential_is_found_without_request(
    run: Run, monkeypatch: pytest.MonkeyPatch, is_final: bool
) -> None:
    """At a wallboard nobody can press a key."""
    monkeypatch.setattr(connection_module, "NEW_CREDENTIAL_S", 0.001)
    place = Place()
    refusals = [REVOKED] if is_final else [BAD, BAD]
    running = run(welcome, *refusals, welcome, secret=GOOD, now=False)
    running.holder = CredentialHolder(running.holder.current, place)
    running.rebuild()
    replaced: list[Credential] = []
    running.connection.sign_in.replaced.subscribe(replaced.append)
    running.start()
    await running.until_live()
    running.feed.heard.on_closed(KICKED)
    await running.until(lambda: len(running.failures) >= 2)
    place.found = Credential(CredentialKind.ACCOUNT, "another")
    await running.until_live(2)
    assert running.feed.openings[-1] == "another"
    assert replaced == [place.found]


async def test_unreadable_credential_store_changes_nothing(run: Run) -> None:
    class Broken(CredentialStore):
        def read(self) -> Credential | None:
            raise CredentialError(phrase("unreadable"))

    running = run(welcome, BAD, welcome, secret=GOOD, now=False)
    running.holder = CredentialHolder(running.holder.current, Broken())
    running.rebuild()
    running.start()
    await running.until_live()
    running.feed.heard.on_closed(KICKED)
    await running.until_live(2)


async def test_revoked_session_is_not_renewed(run: Run) -> None:
    running = run(REVOKED, renewals=(True,))
    status = await running.until_state(LinkState.SIGNED_OUT)
    await breathe()
    assert "password_changed" in str(status.reason)
    assert running.renewed == 0
    assert len(running.feed.openings) == 1


async def test_session_revoked_while_live_is_final(run: Run) -> None:
    running = run(welcome)
    await running.until_live()
    REVOKED(running.feed.heard)
    running.feed.heard.on_closed(KICKED)
    status = await running.until_state(LinkState.SIGNED_OUT)
    await breathe()
    assert status.is_stale
    assert [type(failure) for failure in running.failures] == [SessionRevoked]
    assert len(running.feed.openings) == 1


async def test_state_is_as_of_the_last_received_data_once_signed_out(run: Run) -> None:
    running = run(welcome)
    await running.until_live()
    running.link.synced(running.harness.now_s)
    heard_s = running.harness.clock.advance(60).wall_s
    REVOKED(running.feed.heard)
    running.feed.heard.on_closed(KICKED)
    running.harness.clock.advance(60)
    assert (await running.until_state(LinkState.SIGNED_OUT)).fresh_until_s == heard_s


async def test_wake_while_signed_out_retries(run: Run) -> None:
    running = run(BAD, EXPIRED, welcome, renewals=(False, True))
    await running.until_state(LinkState.SIGNED_OUT)
    running.holder.renew("a new one")
    await breathe()
    running.connection.wake()
    await running.until_live()
    assert running.feed.openings == ["secret", "a new one", "renewed 2"]


async def test_refusal_is_reported_once(run: Run) -> None:
    running = run(EXPIRED, welcome, renewals=(True,))
    await running.until_live()
    assert [type(failure) for failure in running.failures] == [TokenExpired]


# --- tokens near expiry ---


@pytest.mark.parametrize("left_s", [-10, 1, REFRESH_MARGIN_S - 1])
async def test_token_near_expiry_is_renewed_before_handshake(run: Run, left_s: float) -> None:
    running = run(welcome, secret=token(START_S + left_s), renewals=(True,))
    await running.until_live()
    assert running.feed.openings == ["renewed 1"]


@pytest.mark.parametrize("secret", [token(START_S + 86_400), token(), "opaque"])
async def test_unexpired_token_is_not_renewed(run: Run, secret: str) -> None:
    running = run(welcome, secret=secret)
    await running.until_live()
    assert (running.feed.openings, running.renewed) == ([secret], 0)


async def test_token_expiry_uses_gateway_clock(run: Run) -> None:
    running = run(welcome, secret=token(START_S + 86_400), renewals=(True,), now=False)
    running.harness.store.states.set_skew(86_300)
    running.start()
    await running.until_live()
    assert running.feed.openings == ["renewed 1"]


@pytest.mark.parametrize("trouble", [GatewayBroken(500, ""), TokenExpired(), False])
async def test_token_is_tried_if_early_renewal_fails(run: Run, trouble: Renewal) -> None:
    secret = token(START_S + 10)
    running = run(welcome, secret=secret, renewals=(trouble,))
    await running.until_live()
    assert running.feed.openings == [secret]


async def test_token_is_renewed_before_expiry_while_live(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "_SOONEST_RENEWAL_S", 0.001)
    running = run(welcome, secret=token(START_S + 10), renewals=(False, GatewayBroken(503, "Sorry"), True))
    await running.until_live()
    await running.until(lambda: running.renewed == 3)
    assert running.notices == ["The gateway failed with 503 Sorry."]
    assert running.link.status.state is LinkState.LIVE
    await breathe()
    assert running.renewed == 3, "the new token has no expiry"


async def test_token_that_cannot_be_renewed_is_not_renewed_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "_SOONEST_RENEWAL_S", 0.0)
    running = run(welcome, secret=token(START_S + 10), renewals=(False, False, True))
    await running.until_live()
    await running.until(lambda: running.renewed == 2)
    await breathe()
    assert running.renewed == 2 and running.notices == []


# --- closing ---


@pytest.mark.parametrize(
    "steps",
    [(), (silence,), (welcome,), (fails(REFUSED),), (REVOKED,)],
    ids=["opening", "open", "live", "failed", "out"],
)
async def test_cancel_leaves_no_task_or_connection(run: Run, steps: tuple[Step, ...]) -> None:
    running = run(*steps)
    await running.until(lambda: running.feed.openings or running.statuses) if steps else await breathe()
    await running.stop()
    assert not running.feed.is_open
    await breathe()
    assert other_tasks() == set()


async def test_second_authentication_on_same_connection_begins_no_epoch(run: Run) -> None:
    running = run(welcome)
    await running.until_live()
    welcome(running.feed.heard)
    await breathe()
    assert running.harness.store.epochs.current == 1
    assert len(running.live) == 1


# --- recovery ---


async def test_only_a_signed_in_session_that_was_lost_is_continued(run: Run) -> None:
    running = run(welcome, welcome, fails(REFUSED), BAD, welcome)
    await running.until_live()
    running.feed.heard.on_closed(KICKED)
    await running.until(lambda: len(running.feed.openings) == 2 and running.is_live)
    assert running.feed.forgotten == 0
    assert running.connection.attempt is not None
    running.connection.attempt.fall_behind(3_600)
    # What arrived while we slept was received and not applied, so that it must not count as received.
    await running.until(lambda: len(running.feed.openings) == 5)
    assert running.feed.forgotten == 2, "slept, and refused; an attempt that found nobody changes nothing"


async def test_a_recovered_connection_begins_an_epoch_and_is_resynced(run: Run) -> None:
    """A replay tells nothing of rooms that were entered meanwhile, so its states are read all the same."""

    def recovers(listener: Any) -> None:
        listener.on_replay()
        listener.on_event("user:status", ({"userId": "ada", "isOnline": True},))
        running.harness.clock.advance(0.001)
        listener.on_connected(is_recovered=True)

    running = run(welcome, recovers)
    await running.until_live()
    running.harness.clock.advance(5)
    running.feed.heard.on_closed(KICKED)
    await running.until(lambda: running.link.status.epoch == 2)
    assert running.live == [ME, ME]
    assert running.link.status.is_stale, "until it is resynced"
    lost_s = running.link.status.fresh_until_s
    assert lost_s is not None
    assert running.harness.record("ada").activity_s == lost_s
    assert running.harness.now_s > lost_s
    assert running.harness.record("ada").epoch == 1, "it was sent in the session of the first connection"
    assert running.harness.store.epochs.unconfirmed_since_s(running.harness.record("ada")) is not None
