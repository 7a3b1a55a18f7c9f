"""One connection: authentication, and how it ends."""

import asyncio
from typing import Any

import pytest

from presence_tui.domain.enums import Outcome
from presence_tui.domain.translatable import phrase
from presence_tui.monitor import connection_attempt as session_module
from presence_tui.monitor.connection_attempt import ConnectionAttempt
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.notice_limits import MOST_NOTICES, NOTICE_WINDOW_S
from presence_tui.transport.errors import (
    ConnectionLost,
    GatewayError,
    SessionRevoked,
    SignInNeeded,
    Slept,
    TokenExpired,
)
from presence_tui.wire import messages
from tests.unit.monitor.fake_feed import ME, WELCOME
from tests.unit.monitor.wait_until import other_tasks
from tests.unit.store.store_harness import StoreHarness

LOST = ConnectionLost(phrase("the gateway ended the connection"))
SAID_2025 = "Authentication required: send Authorization: Bearer <token> or x-session-token"


class AttemptHarness:
    """A connection attempt and its recorded signals."""

    def __init__(self) -> None:
        self.harness = StoreHarness()
        self.tally = EventCounters()
        self.session = ConnectionAttempt(Inbound(self.harness.store, self.tally), self.harness.clock)
        self.notices: list[str] = []
        self.session.notices.subscribe(lambda notice: self.notices.append(str(notice)))

    def hear(self, event: str, *arguments: object) -> None:
        self.session.on_event(event, arguments)

    async def verdict(self) -> GatewayError | None:
        async with asyncio.timeout(5):
            try:
                await self.session.authenticated()
            except GatewayError as error:
                return error
        return None


@pytest.fixture
def hearing() -> AttemptHarness:
    return AttemptHarness()


async def test_authenticated_event_completes_attempt(hearing: AttemptHarness) -> None:
    told: list[str] = []
    hearing.session.on_authenticated.subscribe(told.append)
    hearing.hear("authenticated", WELCOME)
    assert await hearing.verdict() is None
    assert told == [ME] == [hearing.session.key]


async def test_authenticated_event_without_user_is_accepted(hearing: AttemptHarness) -> None:
    hearing.hear("authenticated", {"success": True})
    assert await hearing.verdict() is None
    assert hearing.session.key == ""


async def test_authentication_is_reported_before_next_event_is_applied(hearing: AttemptHarness) -> None:
    seen: list[bool] = []
    store = hearing.harness.store
    hearing.session.on_authenticated.subscribe(lambda key: seen.append("x" in store.participants))
    hearing.hear("authenticated", WELCOME)
    hearing.hear("user:status", {"userId": "x", "isOnline": True})
    assert seen == [False]
    assert "x" in store.participants


REFUSALS: list[tuple[str, list[tuple[str, Any]], type[GatewayError], str]] = [
    # The messages of 2026 before it disconnects (wire contract, section 1.3).
    (
        "expired",
        [("auth:token-expired", {"code": "token_expired", "message": "x"})],
        TokenExpired,
        "has expired",
    ),
    ("bad", [("error", {"message": "Authentication failed"})], SignInNeeded, "Authentication failed"),
    ("unknown user", [("error", {"message": "User not found"})], SignInNeeded, "User not found"),
    (
        "too fast",
        [("error", {"message": "Too many", "code": "RATE_LIMIT_EXCEEDED"})],
        SignInNeeded,
        "Too many",
    ),
    ("only a code", [("error", {"code": "SOME_CODE"})], SignInNeeded, "SOME_CODE"),
    ("no word", [("error", {})], SignInNeeded, "error"),
    (
        "revoked",
        [("auth:session-revoked", {"code": "session_revoked", "message": "x", "reason": "password_changed"})],
        SessionRevoked,
        "password_changed",
    ),
    # The messages of 2025, which stays connected.
    (
        "2025",
        [("authenticated", {"success": False, "error": SAID_2025}), ("error", {"message": SAID_2025})],
        SignInNeeded,
        "x-session-token",
    ),
    ("2025, without a word", [("authenticated", {"success": False})], SignInNeeded, "authentication failed"),
]


@pytest.mark.parametrize(
    ("events", "kind", "said"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
@pytest.mark.parametrize("disconnects", [True, False])
async def test_refusal_decides_attempt_whatever_follows(
    hearing: AttemptHarness,
    events: list[tuple[str, Any]],
    kind: type[GatewayError],
    said: str,
    disconnects: bool,
) -> None:
    for event, payload in events:
        hearing.hear(event, payload)
    if disconnects:
        hearing.session.on_closed(LOST)
    error = await hearing.verdict()
    assert type(error) is kind
    assert said in str(error)
    assert hearing.notices == []


async def test_disconnect_before_authentication_is_lost_connection(hearing: AttemptHarness) -> None:
    hearing.session.on_closed(LOST)
    assert await hearing.verdict() is LOST


async def test_authentication_times_out(hearing: AttemptHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "AUTHENTICATION_LIMIT_S", 0.01)
    error = await hearing.verdict()
    assert isinstance(error, ConnectionLost)
    assert "did not answer the sign-in" in str(error)
    await asyncio.sleep(0)
    assert other_tasks() == set()


async def test_authentication_is_awaited(hearing: AttemptHarness) -> None:
    waiting = asyncio.create_task(hearing.verdict())
    await asyncio.sleep(0)
    hearing.hear("user:status", {"userId": "x", "isOnline": True})
    assert not waiting.done()
    hearing.hear("authenticated", WELCOME)
    assert await waiting is None


@pytest.mark.parametrize(
    "payload", [None, "yes", {"success": "yes"}, {"success": True, "user": {"id": "\x1b"}}]
)
async def test_unreadable_authentication_is_reported_but_not_accepted(
    hearing: AttemptHarness, payload: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "AUTHENTICATION_LIMIT_S", 0.01)
    hearing.hear("authenticated", payload)
    assert isinstance(await hearing.verdict(), ConnectionLost)
    assert hearing.notices == ["The gateway sent an unreadable authenticated."]


# --- after authentication ---


@pytest.fixture
def welcome(hearing: AttemptHarness) -> AttemptHarness:
    hearing.hear("authenticated", WELCOME)
    return hearing


async def test_error_after_authentication_is_notice(welcome: AttemptHarness) -> None:
    welcome.hear("error", {"message": "You type too fast."})
    assert welcome.notices == ["The gateway says: You type too fast."]
    ended = asyncio.create_task(welcome.session.ended())
    await asyncio.sleep(0)
    assert not ended.done()
    ended.cancel()


async def test_refused_join_is_notice(welcome: AttemptHarness) -> None:
    welcome.hear(
        "conversation:join-error", {"conversationId": "66dd01", "reason": "banned", "message": "You are out."}
    )
    welcome.hear("conversation:join-error", {"conversationId": "66dd01", "reason": "not_a_member"})
    assert welcome.notices == [
        "The gateway does not let you join 66dd01: You are out.",
        "The gateway does not let you join 66dd01: not_a_member.",
    ]


@pytest.mark.parametrize("event", ["error", "conversation:join-error"])
async def test_a_flood_of_messages_leaves_room_for_other_news(welcome: AttemptHarness, event: str) -> None:
    for minute in (1, 2):
        for number in range(100):
            welcome.hear(event, {"message": f"{number}", "conversationId": "66dd01", "reason": "banned"})
        assert len(welcome.notices) == minute * (MOST_NOTICES + 1)
        assert welcome.notices[-1].startswith("The gateway says more than is shown here")
        welcome.harness.clock.advance(NOTICE_WINDOW_S)
    assert welcome.tally.received == 201


async def test_malformed_events_are_counted_without_notice(welcome: AttemptHarness) -> None:
    welcome.hear("user:status", {"userId": 7})
    assert welcome.notices == []


async def test_first_close_reason_is_kept(welcome: AttemptHarness) -> None:
    welcome.hear("auth:session-revoked", {"message": "x", "reason": "logout_all_devices"})
    welcome.session.on_closed(LOST)
    assert isinstance(await welcome.session.ended(), SessionRevoked)


async def test_plain_close_has_reason(welcome: AttemptHarness) -> None:
    welcome.session.on_closed(LOST)
    assert await welcome.session.ended() is LOST


async def test_snapshot_sets_event(welcome: AttemptHarness) -> None:
    assert not welcome.session.snapshot_arrived.is_set()
    welcome.hear("presence:snapshot", {"users": "none"})
    assert not welcome.session.snapshot_arrived.is_set()
    welcome.hear("presence:snapshot", {"users": []})
    assert welcome.session.snapshot_arrived.is_set()


async def test_everything_received_updates_heard_time(welcome: AttemptHarness) -> None:
    for hear in (
        lambda: welcome.session.on_heard(),
        lambda: welcome.hear("user:status", None),
        lambda: welcome.hear("never:heard:of"),
    ):
        now_s = welcome.harness.clock.advance(10).wall_s
        hear()
        assert welcome.session.heard_s == now_s


async def test_silence_is_measured_from_last_received_data(
    welcome: AttemptHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []
    clock = welcome.harness.clock

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        clock.advance(seconds)
        if len(naps) == 1:
            clock.advance(-4)
            welcome.session.on_heard()
            clock.advance(4)

    monkeypatch.setattr(asyncio, "sleep", nap)
    await welcome.session.silent(30)
    assert naps == [30, 26]


async def test_silence_ends_no_moment_before_its_limit(
    welcome: AttemptHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []
    clock = welcome.harness.clock

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 1:
            clock.advance(0.5)
            welcome.session.on_heard()
            seconds -= 0.5
        clock.advance(seconds)

    monkeypatch.setattr(asyncio, "sleep", nap)
    await welcome.session.silent(30)
    assert naps == [30, 0.5]


async def test_missing_pings_while_receiving_are_reported_once(
    welcome: AttemptHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, notices = welcome.harness.clock, list[str]()
    welcome.session.notices.subscribe(lambda notice: notices.append(str(notice)))
    told_after = list[int]()

    async def nap(seconds: float) -> None:
        clock.advance(seconds)
        told_after.append(len(notices))
        if len(told_after) < 6:
            welcome.hear("user:status", {"userId": "ada", "isOnline": True})
        if len(told_after) == 1:
            welcome.session.on_ping()

    monkeypatch.setattr(asyncio, "sleep", nap)
    await welcome.session.silent(30)
    assert told_after == [0, 0, 0, 1, 1, 1], "the window was over twice, then it was said"
    assert notices == ["The gateway stopped pinging 60 s ago and keeps sending."]


async def test_pings_and_round_trips_are_those_of_the_connection(welcome: AttemptHarness) -> None:
    for since_s in (0, 25, 26):
        welcome.harness.clock.advance(since_s)
        welcome.session.on_ping(25.0)
    welcome.session.on_round_trip(0.25)
    welcome.session.on_round_trip(None)
    assert welcome.tally.ping_gaps.summary().count == 2
    assert welcome.tally.ping_lateness.summary().max_s == 1
    trips = welcome.tally.transport_round_trips.summary()
    assert (trips.count, trips.max_s, sum(trips.failures.values())) == (1, 0.25, 1)


async def test_invalid_packet_is_reported_before_authentication_only(hearing: AttemptHarness) -> None:
    hearing.session.on_unreadable("an event without a name")
    hearing.hear("authenticated", WELCOME)
    hearing.session.on_unreadable("an event without a name")
    assert hearing.notices == ["The gateway sent an unreadable packet: an event without a name."]


async def test_invalid_packet_is_counted_as_malformed(welcome: AttemptHarness) -> None:
    before = welcome.tally.of(Outcome.MALFORMED)
    welcome.session.on_unreadable("an event without a name")
    assert welcome.tally.of(Outcome.MALFORMED) == before + 1


# --- suspension ---


async def test_events_queued_during_sleep_are_counted_but_not_applied(hearing: AttemptHarness) -> None:
    hearing.hear("authenticated", WELCOME)
    heard_s = hearing.session.heard_s
    hearing.harness.clock.advance(3_600)
    hearing.session.fall_behind(3_600)
    hearing.hear("user:status", {"userId": "x", "isOnline": True})
    hearing.session.on_statuses([messages.Status("y", True), messages.Status("z", True)])
    hearing.session.on_snapshot(messages.Snapshot([], 0, complete=False))
    hearing.session.on_snapshot(messages.Snapshot([], 0, complete=True))
    assert hearing.tally.of(Outcome.LATE) == 4
    assert not {"x", "y", "z"} & set(hearing.harness.store.participants)
    assert hearing.session.heard_s == heard_s
    assert not hearing.session.snapshot_arrived.is_set()
    assert isinstance(await hearing.session.ended(), Slept)


async def test_revocation_queued_during_sleep_is_effective(hearing: AttemptHarness) -> None:
    hearing.hear("authenticated", WELCOME)
    hearing.session.fall_behind(3_600)
    hearing.hear("auth:session-revoked", {"message": "x", "reason": "password_changed"})
    assert isinstance(await hearing.session.ended(), SessionRevoked)


# --- recovery ---


async def test_a_recovered_connection_is_signed_in_without_another_welcome(hearing: AttemptHarness) -> None:
    """A gateway that looks at ``socket.recovered`` may not sign in a second time."""
    hearing.session._inbound.own_key = ME
    told: list[str] = []
    hearing.session.on_authenticated.subscribe(told.append)
    hearing.session.on_replay()
    hearing.hear("user:status", {"userId": "ada", "isOnline": True})
    assert (told, hearing.session.is_recovered) == ([], False)
    hearing.session.on_connected(is_recovered=True)
    assert (told, hearing.session.key, hearing.session.is_recovered) == ([ME], ME, True)
    hearing.hear("authenticated", WELCOME)
    assert told == [ME]
    assert await hearing.verdict() is None


async def test_an_accepted_connection_that_is_not_recovered_waits_for_its_welcome(
    hearing: AttemptHarness,
) -> None:
    hearing.session._inbound.own_key = ME
    hearing.session.on_connected(is_recovered=False)
    assert (hearing.session.key, hearing.session.is_recovered) == ("", False)
    hearing.hear("authenticated", WELCOME)
    assert await hearing.verdict() is None


async def test_a_recovered_connection_may_still_refuse(hearing: AttemptHarness) -> None:
    hearing.session.on_connected(is_recovered=True)
    hearing.hear("authenticated", {"success": False, "error": SAID_2025})
    refusal = await hearing.session.ended()
    assert isinstance(refusal, SignInNeeded)
    assert SAID_2025 in str(refusal)


async def test_a_replayed_snapshot_is_none_of_this_connection(hearing: AttemptHarness) -> None:
    hearing.session.on_replay()
    hearing.hear("presence:snapshot", {"users": []})
    hearing.session.on_snapshot(messages.Snapshot([], 0, complete=True))
    assert not hearing.session.snapshot_arrived.is_set()
    hearing.session.on_connected(is_recovered=True)
    hearing.session.on_snapshot(messages.Snapshot([], 0, complete=True))
    assert hearing.session.snapshot_arrived.is_set()


async def test_what_is_recovered_while_we_sleep_is_not_live(hearing: AttemptHarness) -> None:
    hearing.session.fall_behind(3_600)
    hearing.session.on_connected(is_recovered=True)
    assert not hearing.session.is_recovered
    assert isinstance(await hearing.verdict() or await hearing.session.ended(), Slept)
