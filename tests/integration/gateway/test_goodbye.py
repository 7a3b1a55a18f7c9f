"""The gateway disconnects a client that is sending. A broken pipe would make it miss the last messages."""

import asyncio

import aiohttp
import pytest

from presence_tui.gateway import socketio_server
from presence_tui.gateway.server import Gateway
from presence_tui.wire import names
from tests.integration.gateway.bare_socket import HEARTBEAT, signing_in, speak_on, until_goodbye, until_told
from tests.unit.monitor.wait_until import PATIENCE_S

PING = "2"
LAST_PACKETS = ["41", "1"]
"""The disconnect packets of Socket.IO and Engine.IO."""


async def test_a_revoked_client_may_send_until_it_closes(newest: Gateway) -> None:
    async with signing_in(newest.url, newest.token) as socket:
        await until_told(socket, names.SNAPSHOT)
        await socket.send_str(HEARTBEAT)
        await newest.connections.revoke()
        *_, told, last, end = await until_goodbye(socket)
        assert names.SESSION_REVOKED in told
        assert [last, end] == LAST_PACKETS
        await speak_on(socket)


async def test_a_refused_client_may_send_until_it_closes(newest: Gateway) -> None:
    async with signing_in(newest.url, newest.mint_token(lifetime_s=-1)) as socket:
        await socket.send_str(HEARTBEAT)
        *_, told, ping, last, end = await until_goodbye(socket)
        assert names.TOKEN_EXPIRED in told
        assert [ping, last, end] == [PING, *LAST_PACKETS]
        await speak_on(socket)


async def test_a_refused_client_that_never_answers_is_disconnected_all_the_same(
    newest: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socketio_server, "ANSWER_LIMIT_S", 0.05)
    async with signing_in(newest.url, newest.mint_token(lifetime_s=-1)) as socket:
        assert (await until_goodbye(socket))[-3:] == [PING, *LAST_PACKETS]
    assert newest.connections.count == 0


async def test_what_a_refused_client_still_sends_is_ignored(newest: Gateway) -> None:
    async with signing_in(newest.url, newest.mint_token(lifetime_s=-1)) as socket:
        await socket.send_str(f'42["{names.AUTHENTICATE}",{{"token":"{newest.token}"}}]')
        await socket.send_str(HEARTBEAT)
        heard = await until_goodbye(socket)
        assert heard[-3:] == [PING, *LAST_PACKETS]
        assert not any(
            event in said for said in heard for event in (names.AUTHENTICATED, names.HEARTBEAT_ACK)
        )


async def test_waiting_for_a_client_to_close_is_bounded(
    newest: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socketio_server, "CLOSE_PATIENCE_S", 0.05)
    async with signing_in(newest.url, newest.token) as socket:
        await until_told(socket, names.SNAPSHOT)
        await newest.connections.kick()
        await until_goodbye(socket)
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(aiohttp.ClientConnectionResetError):
                while True:
                    await speak_on(socket)


async def test_stop_does_not_wait_for_clients_that_never_close(newest: Gateway) -> None:
    async with signing_in(newest.url, newest.token) as socket:
        await until_told(socket, names.SNAPSHOT)
        await newest.connections.kick()
        await until_goodbye(socket)
        await asyncio.wait_for(newest.stop(), 2)
