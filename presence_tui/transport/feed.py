"""A feed: where live events come from. Live, demo, tests and replay differ only in the feed injected."""

from typing import Protocol

from presence_tui.transport.credentials import Credential
from presence_tui.transport.errors import GatewayError
from presence_tui.wire.messages import Snapshot, Status


class FeedListener(Protocol):
    """Who hears a feed. All are plain functions, called in the order of arrival."""

    def on_event(self, event: str, arguments: tuple[object, ...]) -> None:
        """An event arrived; nothing of it is safe yet."""
        ...

    def on_statuses(self, statuses: list[Status]) -> None:
        """Status events arrived, one behind the other, from a feed that decodes them itself."""
        ...

    def on_snapshot(self, part: Snapshot) -> None:
        """A part of a long snapshot arrived, from a feed that decodes it itself; the last one is complete."""
        ...

    def on_heard(self) -> None:
        """Anything at all arrived, be it a ping."""
        ...

    def on_ping(self) -> None:
        """A ping arrived, from a feed that hears them."""
        ...

    def on_unreadable(self, why: str) -> None:
        """Something arrived that is no packet, or none that was asked for; ``why`` is safe."""
        ...

    def on_upgraded(self) -> None:
        """The connection goes on over another transport; ``transport_name`` tells which."""
        ...

    def on_closed(self, reason: GatewayError) -> None:
        """The connection ended, not by our wish. Called once at most."""
        ...


class Feed(Protocol):
    """One connection at a time."""

    @property
    def transport_name(self) -> str:
        """``websocket`` or ``polling``; empty while not connected."""
        ...

    @property
    def silence_limit_s(self) -> float | None:
        """Ping interval and ping timeout of the connection together; ``None`` while not connected."""
        ...

    async def open(self, credential: Credential, listener: FeedListener) -> None:
        """Connect. Returns when connected, before authentication. Raises ``GatewayError``."""
        ...

    async def emit(self, event: str, payload: dict[str, str]) -> None:
        """Send an event; without a connection, nothing happens."""
        ...

    async def close(self) -> None:
        """End the connection, if there is one, and leave nothing behind."""
        ...
