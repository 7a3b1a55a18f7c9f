"""No credential is stored with the packets: not in the handshake, nor in what a gateway sends back."""

import gc
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import pytest

from presence_tui.domain.redaction import MASK
from presence_tui.monitor.connection_attempt import ConnectionAttempt
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.packet_log import PacketLog
from presence_tui.storage.user_files import tls_context
from presence_tui.store import PresenceStore
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.socket_feed import SocketFeed
from tests.unit.monitor.wait_until import breathe
from tests.unit.transport.tiny_gateway import TinyGateway, Upgrades

pytestmark = pytest.mark.slow

OURS: Final = "s3ntinel-of-our-session"
"""Registered, as each credential of ours: masked wherever it occurs."""
THEIRS: Final = "s3ntinel-of-an-answer"
"""Nobody registered it: masked where its field or its form tells what it is."""
JWT: Final = "eyJzM250aW5lbCI.eyJzM250aW5lbCI.czNudGluZWw"
FORBIDDEN: Final = ("s3ntinel", "\\u0033ntinel", "czNudGluZWw", "zM250aW5lbCI")

STATUS: Final = '{"userId":"ada","isOnline":true}'
ESCAPED: Final = OURS.replace("3", "\\u0033")

ANSWERS: Final = {
    # Both versions.
    "refreshed token": ("auth:refreshed", {"token": THEIRS, "sessionToken": THEIRS}),
    "nested": ("session:new", {"data": [{"session": {"id": THEIRS}, "auth": {"accessToken": THEIRS}}]}),
    "list of tokens": ("session:new", {"tokens": [THEIRS, THEIRS]}),
    "token without a field": ("moon:rises", [JWT]),
    "URL": ("error", {"message": f"GET /socket.io/?EIO=4&token={THEIRS}&transport=polling failed"}),
    "password in a URL": ("error", {"message": f"cannot reach https://ada:{THEIRS}@gate.example/"}),
    "error of 2026": ("error", {"message": f"jwt malformed: {OURS}"}),
    "error of 2025": ("authenticated", {"success": False, "error": f"Bearer {THEIRS} is refused"}),
    "expired": ("auth:token-expired", {"code": "token_expired", "message": f"{JWT} has expired"}),
    "status with a further field": ("user:status", {"userId": "ada", "isOnline": True, "token": THEIRS}),
    "status with our token as name": ("user:status", {"userId": "ada", "isOnline": True, "username": OURS}),
    "status with a token as name": ("user:status", {"userId": "ada", "isOnline": True, "username": JWT}),
    "status with our token as time": ("user:status", {"userId": "a", "isOnline": True, "timestamp": OURS}),
    "malformed status": ("user:status", {"userId": OURS, "isOnline": "yes", "password": THEIRS}),
    "typing": ("typing:start", {"userId": "ada", "conversationId": "c", "displayName": f"Ada {OURS}"}),
}
PACKETS: Final = {
    **{name: "42" + json.dumps([event, told]) for name, (event, told) in ANSWERS.items()},
    "status with a further argument": f'42["user:status",{STATUS},"o",{{"jwt":"{THEIRS}"}}]',
    "status with our token as offset": f'42["user:status",{STATUS},"{OURS}"]',
    "status with an escaped token": f'42["user:status",{STATUS[:-1]},"username":"{ESCAPED}"}}]',
    "escaped field": f'42["moon:rises",{{"\\u0074oken":"{THEIRS}"}}]',
    "acknowledgement": f'430[{{"token":"{THEIRS}"}}]',
    "no packet": f'42["token":"{THEIRS}"',
    "binary event": f'451-["moon:rises",{{"secret":"{THEIRS}","_placeholder":true,"num":0}}]',
}


def reachable(root: object) -> Iterator[object]:
    """Everything that an object keeps alive, classes and modules left out."""
    seen, left = {id(root)}, [root]
    while left:
        each = left.pop()
        yield each
        found = gc.get_referents(each)
        if isinstance(each, msgspec.Struct):
            # The collector does not look into these.
            found += [getattr(each, name) for name in each.__struct_fields__]
        for other in found:
            if id(other) not in seen and not isinstance(other, type) and not hasattr(other, "__globals__"):
                seen.add(id(other))
                left.append(other)


def stored(log: PacketLog) -> str:
    """All texts that are reachable from a log."""
    texts = [each for each in reachable(log) if isinstance(each, str | bytes)]
    return "\n".join(each if isinstance(each, str) else each.decode(errors="replace") for each in texts)


class Connected:
    """A feed of a gateway, and the log of its packets."""

    def __init__(self, gateway: TinyGateway) -> None:
        self.gateway = gateway
        self.log = PacketLog()
        self._store, self.counters = PresenceStore(), EventCounters()
        self.feed = SocketFeed(gateway.address, tls_context())

    async def open(self, credential: Credential) -> None:
        inbound = Inbound(self._store, self.counters, packets=self.log)
        await self.feed.open(credential, ConnectionAttempt(inbound, self._store.clock))

    async def receive(self, *packets: str | bytes) -> None:
        before = self.log.next
        await self.gateway.send(*packets)
        while self.log.next < before + len(packets):
            await breathe()


@asynccontextmanager
async def connected(transport: str, kind: CredentialKind) -> AsyncIterator[Connected]:
    gateway = TinyGateway()
    gateway.upgrades = Upgrades.WORK if transport == "websocket" else Upgrades.REFUSED
    gateway.opening |= {"sid": THEIRS}
    gateway.welcome = f'40{{"sid":"y","pid":"{THEIRS}"}}'
    async with gateway.running():
        connection = Connected(gateway)
        await connection.open(Credential(kind, OURS))
        try:
            yield connection
        finally:
            await connection.feed.close()


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("kind", [CredentialKind.ACCOUNT, CredentialKind.GUEST])
async def test_no_credential_of_the_handshake_is_stored(transport: str, kind: CredentialKind) -> None:
    async with connected(transport, kind) as connection:
        sent = [record.text for record in connection.log.between(0, 99) if record.text.startswith("40")]
        assert any(OURS in heard for heard in connection.gateway.heard), "it was sent"
        kept = stored(connection.log)
    assert sent and MASK in sent[0]
    assert not any(word in kept for word in FORBIDDEN)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("place", PACKETS)
async def test_no_credential_that_is_sent_back_is_stored(transport: str, place: str) -> None:
    packet = PACKETS[place]
    async with connected(transport, CredentialKind.ACCOUNT) as connection:
        plain = '42["user:status",{"userId":"ben","isOnline":true,"username":"Ben"}]'
        # Alone, and among others that arrive together.
        packets: list[str | bytes] = [packet, plain, packet, plain]
        if place == "binary event":
            packets = [packet, OURS.encode(), plain] if transport == "websocket" else [plain]
        await connection.receive(*packets)
        kept = stored(connection.log)
        texts = [record.text for record in connection.log.between(0, 99)]
    assert plain in texts and plain in kept, "a packet without credentials stays as it was received"
    assert not any(word in kept for word in FORBIDDEN), [text for text in texts if "3ntinel" in text]
