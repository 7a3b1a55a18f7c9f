"""Pings of the official server, and the round trips of those of the WebSocket."""

import pytest

from presence_tui.storage.user_files import tls_context
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.socket_feed import SocketFeed
from tests.contract.recording_listener import RecordingListener
from tests.peers.conftest import StartGateway
from tests.peers.node import PROFILES

ENOUGH = 4


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_each_ping_gives_a_round_trip(
    start_node_gateway: StartGateway, profile: str, transport: str
) -> None:
    gateway = await start_node_gateway(profile, ping_interval_ms=300, ping_timeout_ms=5_000)
    feed, listener = SocketFeed(Address.parse(gateway.url), tls_context()), RecordingListener()
    if transport == "polling":
        feed._polls_until_s = float("inf")
    try:
        await feed.open(Credential(CredentialKind.ACCOUNT, gateway.token), listener)
        assert feed.transport_name == transport
        await listener.until(lambda: len(listener.round_trips_s) >= ENOUGH)
    finally:
        await feed.close()
    assert None not in listener.round_trips_s
    assert listener.pings > 0
    assert set(listener.intervals_s) == {0.3}
    assert listener.closed == []
