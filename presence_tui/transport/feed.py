"""The source of live events. Live, demo, tests and replay differ only in the injected feed."""

from collections.abc import Sequence
from typing import Protocol

from presence_tui.transport.credentials import Credential
from presence_tui.transport.errors import GatewayError
from presence_tui.wire.messages import Snapshot, Status


class FeedListener(Protocol):
    """Callbacks of a feed: plain functions, called in order of arrival.

    ``packet`` is the text of the packet as it arrived; empty from a feed that does not have it.
    """

    def on_event(self, event: str, arguments: tuple[object, ...], packet: str = "") -> None:
        """An event arrived. Its arguments are not sanitized."""
        ...

    def on_statuses(self, statuses: list[Status], packets: Sequence[str] = ()) -> None:
        """Consecutive status events arrived, from a feed that decodes them itself, each with its packet."""
        ...

    def on_snapshot(self, part: Snapshot, packet: str = "") -> None:
        """Part of a long snapshot arrived, from a feed that decodes it itself; the last part is complete."""
        ...

    def on_control(self, packet: str | bytes) -> None:
        """A packet arrived that is neither an event nor unreadable: a ping, an attachment, a handshake."""
        ...

    def on_sent(self, packet: str | bytes) -> None:
        """We sent a packet. It may hold a credential."""
        ...

    def on_heard(self) -> None:
        """Anything arrived, including a ping."""
        ...

    def on_ping(self, interval_s: float | None = None) -> None:
        """A ping arrived, from a feed that reports pings; ``interval_s`` is the announced interval."""
        ...

    def on_round_trip(self, round_trip_s: float | None) -> None:
        """Something of ours was answered by the transport at the other end; ``None`` if it was not."""
        ...

    def on_unreadable(self, why: str, packet: str = "") -> None:
        """Something arrived that is not a packet, or not one we expect. ``why`` is sanitized."""
        ...

    def on_replay(self) -> None:
        """What follows until ``on_connected`` was sent while we were not connected, in order."""
        ...

    def on_connected(self, *, is_recovered: bool | None) -> None:
        """The gateway accepted the socket, from a feed that reports it; it may not have signed us in yet.

        ``is_recovered`` is true if it continues the session of the connection before: everything it sent
        meanwhile has been received. It is false if the gateway refused that, ``None`` if it was not asked.
        """
        ...

    def on_upgraded(self) -> None:
        """The connection changed its transport; ``transport_name`` gives the new one."""
        ...

    def on_closed(self, reason: GatewayError) -> None:
        """The connection ended without our request. Called at most once."""
        ...


class Feed(Protocol):
    """Opens one connection at a time."""

    @property
    def transport_name(self) -> str:
        """``websocket`` or ``polling``; empty while not connected."""
        ...

    @property
    def silence_limit_s(self) -> float | None:
        """Sum of ping interval and ping timeout of the connection; ``None`` while not connected."""
        ...

    async def open(self, credential: Credential, listener: FeedListener) -> None:
        """Connect. Returns when connected, before authentication. Raises ``GatewayError``."""
        ...

    async def emit(self, event: str, payload: dict[str, str]) -> None:
        """Send an event. Does nothing without a connection."""
        ...

    def forget_session(self) -> None:
        """Do not ask the gateway to continue the session of the last connection."""
        ...

    async def close(self) -> None:
        """Close the connection, if any, and release its resources."""
        ...
