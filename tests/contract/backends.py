"""The four gateways that feeds and sources must support: ours and Node's, each in both versions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.wire.profiles import PROFILES, Profile
from tests.peers.node import NodeGateway, node_ready


class Backend(Protocol):
    """A gateway controlled by a test."""

    url: str
    token: str
    conversation: str
    profile: Profile

    async def me(self) -> str:
        """The observer's presence key."""
        ...

    async def accounts(self) -> list[str]:
        """Keys of the other accounts: no guests, and none that hides its presence."""
        ...

    async def status(self, key: str, flag: bool) -> None: ...

    async def kick(self) -> None: ...

    async def cut(self) -> None: ...

    async def forged_token(self) -> str: ...


class EmbeddedBackend:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.url, self.token, self.conversation = gateway.url, gateway.token, gateway.conversation
        self.profile = gateway.settings.contract

    async def me(self) -> str:
        return self._gateway.observer.key

    async def accounts(self) -> list[str]:
        people = self._gateway.people()
        own = self._gateway.observer.key
        return [key for key, it in people.items() if not (it.guest or it.hidden or key == own)]

    async def status(self, key: str, flag: bool) -> None:
        self._gateway.set_online(key, flag)

    async def kick(self) -> None:
        await self._gateway.connections.kick()

    async def cut(self) -> None:
        self._gateway.connections.cut()

    async def forged_token(self) -> str:
        return self._gateway.mint_token(forged=True)


class NodeBackend:
    def __init__(self, gateway: NodeGateway) -> None:
        self._gateway = gateway
        self.url, self.token, self.conversation = gateway.url, gateway.token, gateway.conversation
        self.profile = PROFILES[gateway.profile]

    async def me(self) -> str:
        return await self._gateway.me()

    async def accounts(self) -> list[str]:
        own = await self.me()
        truth = await self._gateway.truth()
        return [key for key, it in truth.items() if not it["isGuest"] and key != own]

    async def status(self, key: str, flag: bool) -> None:
        await self._gateway.status(key, flag)

    async def kick(self) -> None:
        await self._gateway.kick()

    async def cut(self) -> None:
        await self._gateway.cut()

    async def forged_token(self) -> str:
        return await self._gateway.mint(forged=True)


BACKENDS = [f"{maker} {profile}" for maker in ("embedded", "node") for profile in PROFILES]


@asynccontextmanager
async def named_backend(name: str) -> AsyncIterator[Backend]:
    """One of ``BACKENDS``. Skips the test if Node is not available."""
    maker, _, profile = name.partition(" ")
    if maker == "node":
        if reason := node_ready():
            pytest.skip(reason)
        async with NodeGateway(profile=profile) as peer:
            yield NodeBackend(peer)
        return
    gateway = Gateway(GatewaySettings(rate=0, profile=profile, secret="of the tests"))
    await gateway.start()
    try:
        yield EmbeddedBackend(gateway)
    finally:
        await gateway.stop()
