"""What a feed requires of every gateway, and how it handles it."""

from functools import partial

from presence_tui.storage.user_files import tls_context
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.errors import ConnectionLost
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.wire import messages, names
from tests.contract.backends import Backend, named_backend
from tests.contract.recording_listener import RecordingListener
from tests.integration.gateway.bare_socket import signing_in, speak_on, until_goodbye, until_told
from tests.integration.watch.running_monitor import open_files
from tests.unit.monitor.wait_until import breathe, other_tasks


async def test_it_connects_by_websocket_and_knows_the_ping_window(
    backend: Backend, feed: SocketFeed, listener: RecordingListener
) -> None:
    assert feed.transport_name == "websocket"
    assert feed.silence_limit_s == backend.profile.ping_interval_s + backend.profile.ping_timeout_s
    assert listener.heard > 0
    assert listener.closed == []


async def test_the_handshake_is_told_in_both_directions(listener: RecordingListener) -> None:
    await listener.until_message(messages.Authenticated)
    (asked,), (answered, *_) = listener.sent, listener.control
    assert str(asked).startswith('40{"') and "token" in str(asked)
    assert str(answered).startswith('40{"sid":')


async def test_a_good_token_is_welcome(backend: Backend, listener: RecordingListener) -> None:
    welcome = await listener.until_message(messages.Authenticated)
    assert welcome == messages.Authenticated(True, await backend.me(), version=welcome.version)


async def test_a_snapshot_comes_from_the_version_that_sends_one(
    backend: Backend, listener: RecordingListener
) -> None:
    if backend.profile.sends_snapshot:
        snapshot = await listener.until_message(messages.Snapshot)
        keys = {row.key for row in snapshot.rows}
        assert set(await backend.accounts()) <= keys
        assert await backend.me() not in keys
        assert snapshot.malformed_rows == 0
    else:
        (first, *_) = await backend.accounts()
        await backend.status(first, True)
        await listener.until(lambda: (first, True) in listener.statuses())
        assert not any(isinstance(message, messages.Snapshot) for message in listener.messages())


async def test_an_event_names_who_moved_and_where(backend: Backend, listener: RecordingListener) -> None:
    (first, *_) = await backend.accounts()
    for flag in (True, False, True):
        before = len(listener.statuses())
        await backend.status(first, flag)
        await listener.until(partial(listener.has_told, (first, flag), before))


async def test_events_arrive_in_the_order_they_were_sent(
    backend: Backend, listener: RecordingListener
) -> None:
    first, second, third = (await backend.accounts())[:3]
    for key in (first, second, third):
        await backend.status(key, True)
        await listener.until(partial(listener.has_told, (key, True)))
    already = len(listener.moves())
    sent = [(key, flag) for _ in range(25) for flag in (False, True) for key in (first, second, third)]
    for key, flag in sent:
        await backend.status(key, flag)
    await listener.until(lambda: len(listener.moves()) >= already + len(sent))
    assert listener.moves()[already:] == sent


async def test_nothing_that_arrives_is_unreadable(backend: Backend, listener: RecordingListener) -> None:
    for key in await backend.accounts():
        await backend.status(key, True)
    last = (await backend.accounts())[-1]
    await listener.until(lambda: (last, True) in listener.statuses())
    assert [told for told in listener.messages() if isinstance(told, messages.Malformed)] == []


async def test_a_join_is_answered(backend: Backend, feed: SocketFeed, listener: RecordingListener) -> None:
    await feed.emit("conversation:join", {"conversationId": backend.conversation})
    joined = await listener.until_message(messages.RoomJoined)
    assert joined == messages.RoomJoined(backend.conversation, await backend.me())


async def test_a_kick_closes_the_feed_once_with_a_reason(
    backend: Backend, feed: SocketFeed, listener: RecordingListener
) -> None:
    await backend.kick()
    reason = await listener.until_closed()
    await feed.close()
    await breathe()
    assert listener.closed == [reason]
    assert isinstance(reason, ConnectionLost)
    assert "the gateway ended the connection" in str(reason)


async def test_a_kicked_client_may_send_until_it_closes(backend: Backend) -> None:
    """A client that gets a broken pipe while writing does not read what was sent before."""
    async with signing_in(backend.url, backend.token) as socket:
        await until_told(socket, names.AUTHENTICATED)
        await backend.kick()
        assert "41" in await until_goodbye(socket)
        await speak_on(socket)


async def test_a_broken_connection_closes_the_feed_once_with_a_reason(
    backend: Backend, feed: SocketFeed, listener: RecordingListener
) -> None:
    await backend.cut()
    reason = await listener.until_closed()
    await feed.close()
    await breathe()
    assert listener.closed == [reason]
    assert "the gateway dropped the connection" in str(reason)
    assert (feed.transport_name, feed.silence_limit_s) == ("", None)


async def test_closing_the_feed_ourselves_is_not_reported(
    feed: SocketFeed, listener: RecordingListener
) -> None:
    await feed.close()
    await breathe()
    assert listener.closed == []
    heard = len(listener.events)
    await feed.emit("conversation:join", {"conversationId": "x"})
    assert len(listener.events) == heard


async def test_a_reopened_feed_reads_one_connection(
    backend: Backend, feed: SocketFeed, listener: RecordingListener, credential: Credential
) -> None:
    later = RecordingListener()
    await feed.open(credential, later)
    await later.until_message(messages.Authenticated)
    heard = len(listener.events)
    (first, *_) = await backend.accounts()
    await backend.status(first, True)
    await later.until(lambda: (first, True) in later.statuses())
    assert len(listener.events) == heard
    assert listener.closed == []


async def test_a_bad_token_is_refused_in_the_versions_own_way(backend: Backend, feed: SocketFeed) -> None:
    listener = RecordingListener()
    await feed.open(Credential(CredentialKind.ACCOUNT, await backend.forged_token()), listener)
    if backend.profile.sends_snapshot:
        refusal = await listener.until_message(messages.GatewayErrorEvent)
        assert refusal.message == "Authentication failed"
        await listener.until_closed()
    else:
        refusal = await listener.until_message(messages.Authenticated)
        assert not refusal.success
        assert refusal.error
        assert listener.closed == []


async def test_connections_leave_nothing_behind_however_they_end(backend_name: str) -> None:
    tasks, files = other_tasks(), open_files()
    async with named_backend(backend_name) as backend:
        feed = SocketFeed(Address.parse(backend.url), tls_context())
        for end in (feed.close, backend.kick, backend.cut):
            listener = RecordingListener()
            await feed.open(Credential(CredentialKind.ACCOUNT, backend.token), listener)
            await listener.until_message(messages.Authenticated)
            await end()
            if end != feed.close:
                await listener.until_closed()
                await feed.close()
    await breathe()
    assert other_tasks() - tasks == set()
    assert open_files() - files == set()
