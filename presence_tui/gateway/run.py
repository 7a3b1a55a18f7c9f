"""Runs a gateway until an event is set."""

import asyncio
from collections.abc import Callable

from presence_tui.gateway.server import Gateway, GatewayStartError
from presence_tui.gateway.settings import GatewaySettings

__all__ = ["GatewayStartError", "run_gateway"]


async def run_gateway(
    settings: GatewaySettings, announce: Callable[[dict[str, str]], None], until: asyncio.Event
) -> None:
    """Serve until the event; ``announce`` gets ``{url, token, conversation, profile}`` once it listens.

    Raises ``GatewayStartError`` with a sentence to show if it cannot listen.
    """
    gateway = Gateway(settings)
    await gateway.start()
    try:
        announce(
            {
                "url": gateway.url,
                "token": gateway.token,
                "conversation": gateway.conversation,
                "profile": settings.profile,
            }
        )
        await until.wait()
    finally:
        await gateway.stop()
