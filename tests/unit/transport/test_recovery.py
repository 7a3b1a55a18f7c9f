"""Connection state recovery: what is sent with a CONNECT, and what the answer means."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from presence_tui.domain.limits import Bounds
from presence_tui.domain.translatable import phrase
from presence_tui.storage.user_files import tls_context
from presence_tui.transport import endings, socket_feed
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.endings import is_loss, is_noticed
from presence_tui.transport.errors import BoundExceeded, GatewayError, SessionUnknown, SocketRefused
from presence_tui.transport.recovery import RecoveryPoint, SessionProgress
from presence_tui.transport.socket_feed import SocketFeed
from tests.contract.recording_listener import RecordingListener
from tests.unit.transport.test_recovery_offsets import STATUS as WITH_OFFSET
from tests.unit.transport.tiny_gateway import TinyGateway, Upgrades

ACCOUNT = Credential(CredentialKind.ACCOUNT, "a-secret-token")
OTHER = Credential(CredentialKind.ACCOUNT, "another-token")
WELCOME = '40{"sid":"s","pid":"p"}'
OFFSET = "PZnJwqU"
RECOVERY = {"pid": "p", "offset": OFFSET}


def point_with(*, pid: str = "p", offset: str | None = OFFSET) -> RecoveryPoint:
    """A point of a session in which an event was received."""
    point = RecoveryPoint()
    point.request("me")
    point.accepted(pid)
    point.advance(offset)
    return point


def test_before_a_session_and_before_its_first_event_nothing_is_asked_for() -> None:
    assert RecoveryPoint().request("me") == {}
    assert point_with(offset=None).request("me") == {}
    assert point_with(pid="").request("me") == {}
    assert point_with(offset="").request("me") == {}


def test_the_session_is_asked_for_with_the_newest_offset() -> None:
    point = point_with()
    assert point.request("me") == RECOVERY
    point.advance("later")
    assert point.request("me") == {"pid": "p", "offset": "later"}
    point.advance(None)
    assert point.request("me") == {"pid": "p", "offset": "later"}, "an event without offset changes nothing"


def test_a_second_recovery_without_an_event_between_asks_for_the_same() -> None:
    point = point_with()
    for _ in range(2):
        assert point.request("me") == RECOVERY
        assert point.accepted("p") is True


def test_another_session_has_no_offset_until_its_first_event() -> None:
    """With the offset of the session before, the gateway would send again what was received."""
    point = point_with()
    point.request("me")
    assert point.accepted("q") is False
    assert point.request("me") == {}
    point.advance("first")
    assert point.request("me") == {"pid": "q", "offset": "first"}


def test_a_session_id_that_is_repeated_unasked_is_a_new_session() -> None:
    """Without an offset nothing was asked for, so nothing can have been sent again."""
    for offset in (None, ""):
        point = point_with(offset=offset)
        assert point.request("me") == {}
        assert point.accepted("p") is None
    point = point_with()
    assert point.request("me") == RECOVERY
    assert point.accepted("p") is True
    assert point.accepted("p") is None, "one question has one answer"
    assert point.request("me") == {}


def test_an_answer_is_a_refusal_only_if_the_session_was_asked_for() -> None:
    fresh = RecoveryPoint()
    assert fresh.request("me") == {}
    assert fresh.accepted("p") is None
    point = point_with()
    point.request("me")
    point.forget()
    assert point.accepted("q") is None, "it was given up meanwhile"


def test_a_gateway_that_stopped_recovering_is_asked_for_nothing() -> None:
    point = point_with()
    point.request("me")
    assert point.accepted("") is False
    point.advance("an argument")
    assert point.request("me") == {}


def test_a_session_belongs_to_its_owner() -> None:
    point = point_with()
    assert point.request("somebody else") == {}
    assert point.request("me") == {}


def test_a_session_left_by_us_is_asked_for_only_if_it_never_was_before() -> None:
    point = point_with()
    point.abandoned()
    assert point.request("me") == RECOVERY
    point.abandoned()
    assert point.request("me") == {}
    point = point_with()
    point.request("me")
    point.accepted("q")
    point.advance("first")
    point.abandoned()
    assert point.request("me") == {"pid": "q", "offset": "first"}, "the new session was never asked for"


def test_a_replay_is_told_once_and_only_where_one_was_asked_for() -> None:
    told: list[str] = []
    for point in (RecoveryPoint(), point_with(), point_with(offset=None)):
        progress = SessionProgress(point, lambda: told.append("replay"))
        progress.expect_event()
        progress.expect_event()
    assert told == ["replay"]
    asked = point_with()
    asked.request("me")
    answered = SessionProgress(asked, lambda: told.append("replay"))
    assert answered.accepted("p")
    answered.expect_event()
    assert told == ["replay"], "what follows the answer is new"


@pytest.mark.parametrize(
    ("end", "is_lost", "is_seen"),
    [
        (endings.fin(), True, True),
        (endings.rst(), True, True),
        (endings.closed(1001, ""), True, True),
        (endings.broken(TimeoutError()), True, False),
        (SessionUnknown(was_connected=True), True, False),
        (endings.no_packets(), True, False),
        (endings.goodbye(), False, False),
        (endings.refused("no"), False, False),
        (BoundExceeded(phrase("A frame of the gateway"), 5), False, False),
        (SocketRefused("gate.example", phrase("the answer was 503")), False, False),
    ],
)
def test_what_an_end_means_for_the_session(end: GatewayError, is_lost: bool, is_seen: bool) -> None:
    assert (is_loss(end), is_noticed(end)) == (is_lost, is_seen)


# --- over a socket ---


class Asking:
    """A feed of a tiny gateway with recovery; each opening has its own listener."""

    def __init__(self, gateway: TinyGateway, feed: SocketFeed) -> None:
        self.gateway = gateway
        self.feed = feed

    async def open(self, welcome: str = WELCOME, credential: Credential = ACCOUNT) -> RecordingListener:
        """Connect, and wait for the answer to CONNECT."""
        self.gateway.welcome = welcome
        listener = RecordingListener()
        await self.feed.open(credential, listener)
        await listener.until(lambda: listener.connections)
        return listener

    async def receive(self, listener: RecordingListener, *packets: str) -> None:
        before = len(listener.events)
        await self.gateway.send(*packets)
        await listener.until(lambda: len(listener.events) == before + len(packets))

    async def lose(self, listener: RecordingListener) -> None:
        """The gateway closes the line."""
        self.gateway.fin()
        await listener.until_closed()
        await self.feed.close()

    @property
    def auth(self) -> dict[str, str]:
        """What came with the last CONNECT."""
        last: dict[str, str] = json.loads([it for it in self.gateway.heard if it.startswith("40")][-1][2:])
        return last

    @property
    def asked(self) -> dict[str, str]:
        """The part of it that asks for recovery."""
        return {name: value for name, value in self.auth.items() if name in RECOVERY}


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    async with TinyGateway().running() as gateway:
        feed = SocketFeed(gateway.address, tls_context(), bounds=Bounds(frame_bytes=2**20))
        yield Asking(gateway, feed)
        await feed.close()


SLOW = '42["typing:start",{"userId":"ben","conversationId":"c"},"typing"]'
ROWS = ",".join(f'{{"userId":"{number:024x}","isOnline":true}}' for number in range(2_000))
LONG = f'42["presence:snapshot",{{"users":[{ROWS}]}},"snapshot"]'
DOUBTED = '42["user:status",{"userId":"odd","isOnline":"perhaps"},"doubted"]'


@pytest.mark.parametrize(
    ("packet", "offset"),
    [(WITH_OFFSET, OFFSET), (SLOW, "typing"), (LONG, "snapshot"), (DOUBTED, "doubted")],
    ids=["status", "event", "long snapshot", "malformed"],
)
async def test_a_lost_connection_is_continued_from_its_last_event(
    asking: Asking, packet: str, offset: str
) -> None:
    listener = await asking.open()
    assert asking.asked == {}
    before = len(listener.events)
    await asking.gateway.send(packet)
    await listener.until(lambda: len(listener.events) > before)
    await asking.lose(listener)
    second = await asking.open()
    assert asking.asked == {"pid": "p", "offset": offset}
    assert asking.auth == ACCOUNT.handshake | asking.asked
    assert (listener.connections, listener.replays) == ([(None, 0)], [])
    assert (second.connections, second.replays) == ([(True, 0)], [])


async def test_without_recovery_a_handshake_is_as_before(asking: Asking) -> None:
    for _ in range(2):
        listener = await asking.open('40{"sid":"s"}')
        await asking.receive(listener, SLOW)
        await asking.lose(listener)
        assert asking.auth == ACCOUNT.handshake
        assert listener.connections == [(None, 0)]


async def test_events_before_the_answer_were_missed_and_later_ones_are_new(asking: Asking) -> None:
    listener = await asking.open()
    await asking.receive(listener, WITH_OFFSET)
    await asking.lose(listener)
    asking.gateway.before_welcome = [WITH_OFFSET.replace(OFFSET, "missed"), SLOW]
    second = await asking.open()
    await asking.receive(second, WITH_OFFSET.replace(OFFSET, "new"))
    assert (second.replays, second.connections) == ([0], [(True, 2)])
    await asking.lose(second)
    asking.gateway.before_welcome = []
    await asking.open()
    assert asking.asked == {"pid": "p", "offset": "new"}


async def test_a_drop_during_the_replay_continues_behind_what_arrived(asking: Asking) -> None:
    listener = await asking.open()
    await asking.receive(listener, WITH_OFFSET)
    await asking.lose(listener)
    asking.gateway.before_welcome = [WITH_OFFSET.replace(OFFSET, "missed")]
    asking.gateway.welcome = None
    second = RecordingListener()
    opening = asyncio.create_task(asking.feed.open(ACCOUNT, second))
    await second.until(lambda: second.events)
    asking.gateway.before_welcome, asking.gateway.welcome = [], WELCOME
    asking.gateway.fin()
    # The same opening goes on by polling.
    await opening
    await second.until(lambda: second.connections)
    assert asking.asked == {"pid": "p", "offset": "missed"}


async def test_after_another_session_id_the_old_offset_is_not_used(asking: Asking) -> None:
    listener = await asking.open()
    await asking.receive(listener, WITH_OFFSET)
    await asking.lose(listener)
    second = await asking.open('40{"sid":"s","pid":"q"}')
    assert second.connections == [(False, 0)]
    await asking.lose(second)
    await asking.open('40{"sid":"s","pid":"r"}')
    assert asking.asked == {}


@pytest.mark.parametrize("packet", ["41", "1", '44{"message":"no"}'])
async def test_a_session_that_the_gateway_ended_is_not_asked_for(asking: Asking, packet: str) -> None:
    listener = await asking.open()
    await asking.receive(listener, WITH_OFFSET)
    await asking.gateway.send(packet)
    await listener.until_closed()
    await asking.open()
    assert asking.asked == {}


async def test_refused_attempts_between_do_not_lose_the_session(asking: Asking) -> None:
    listener = await asking.open()
    await asking.receive(listener, WITH_OFFSET)
    for _ in range(2):
        await asking.lose(listener)
        asking.gateway.upgrades = Upgrades.REFUSED
        port, asking.gateway.opening = asking.gateway.opening, {}
        with pytest.raises(GatewayError):
            await asking.feed.open(ACCOUNT, RecordingListener())
        asking.gateway.opening, asking.gateway.upgrades = port, Upgrades.WORK
        listener = await asking.open()
        assert asking.asked == RECOVERY
        # The refused polling would be tried first for a while.
        asking.feed._polls_until_s = 0.0


async def test_another_owner_does_not_continue_it(asking: Asking) -> None:
    listener = await asking.open()
    await asking.receive(listener, WITH_OFFSET)
    await asking.lose(listener)
    await asking.open(credential=OTHER)
    assert asking.asked == {}


async def test_what_the_monitor_forgets_is_not_asked_for(asking: Asking) -> None:
    listener = await asking.open()
    await asking.receive(listener, WITH_OFFSET)
    asking.feed.forget_session()
    await asking.lose(listener)
    await asking.open()
    assert asking.asked == {}


async def test_a_continued_session_that_we_left_is_not_asked_for_again(asking: Asking) -> None:
    """The gateway may still hold its socket, and would recover an earlier end of it."""
    listener = await asking.open()
    await asking.receive(listener, WITH_OFFSET)
    await asking.feed.close()
    listener = await asking.open()
    assert asking.asked == RECOVERY
    await asking.feed.close()
    await asking.open()
    assert asking.asked == {}


async def test_an_attempt_that_we_gave_up_counts_as_left(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = await asking.open()
    await asking.receive(listener, WITH_OFFSET)
    await asking.lose(listener)
    asking.gateway.welcome = None
    with monkeypatch.context() as patched:
        patched.setattr(socket_feed, "CONNECT_LIMIT_S", 0.2)
        with pytest.raises(GatewayError):
            await asking.feed.open(ACCOUNT, RecordingListener())
    assert asking.asked == RECOVERY
    await asking.open()
    assert asking.asked == {}


async def test_polling_recovers_as_well(asking: Asking) -> None:
    asking.gateway.upgrades = Upgrades.REFUSED
    asking.gateway.opening |= {"upgrades": []}
    listener = await asking.open()
    await asking.receive(listener, WITH_OFFSET)
    await asking.feed.close()
    second = await asking.open()
    assert asking.asked == RECOVERY
    assert second.connections == [(True, 0)]
