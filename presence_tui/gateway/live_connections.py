"""The open sockets of a running gateway, and what tests do to them."""

from aiohttp import web

from presence_tui.gateway.connection_registry import Session
from presence_tui.gateway.context import GatewayContext
from presence_tui.gateway.socketio_server import SocketIoServer
from presence_tui.gateway.sockets import Sockets
from presence_tui.wire import names


class LiveConnections:
    """Serves Socket.IO between ``open`` and ``close``; held frames and snapshots stay held over a restart."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context
        self._server: SocketIoServer | None = None
        self._sockets: Sockets | None = None
        self._hold_snapshot = False
        self._hold_frames = False

    def open(self, app: web.Application) -> None:
        """Serve the sockets of an application that is about to start."""
        settings = self._context.settings
        server = SocketIoServer(
            settings.ping_interval_s or settings.contract.ping_interval_s,
            settings.ping_timeout_s or settings.contract.ping_timeout_s,
        )
        self._sockets = Sockets(server, self._context)
        self._sockets.hold_snapshots(self._hold_snapshot)
        server.hold(self._hold_frames)
        server.attach(app)
        self._server = server

    async def close(self) -> None:
        """End every connection."""
        self._context.registry.clear()
        if self._server is not None:
            await self._server.finish()
        self._server = self._sockets = None

    @property
    def count(self) -> int:
        """Number of connected sockets, authenticated or not."""
        return len(self._context.registry.sessions)

    @property
    def hold_snapshot(self) -> bool:
        """While true, snapshots are held; they are sent unchanged when it turns false."""
        return self._hold_snapshot

    @hold_snapshot.setter
    def hold_snapshot(self, hold: bool) -> None:
        self._hold_snapshot = hold
        if self._sockets is not None:
            self._sockets.hold_snapshots(hold)

    @property
    def hold_frames(self) -> bool:
        """While true, WebSocket frames are held, including pings; they are sent when it turns false."""
        return self._hold_frames

    @hold_frames.setter
    def hold_frames(self, hold: bool) -> None:
        self._hold_frames = hold
        if self._server is not None:
            self._server.hold(hold)

    def broadcast(self, event: str, payload: object) -> None:
        """Send any event to every socket, even a malformed or unknown one."""
        registry = self._context.registry
        registry.broadcast(list(registry.sessions.values()), event, payload)

    async def kick(self, key: str | None = None) -> None:
        """Disconnect a person's sockets (by default the observer's) without a message."""
        for session in self._sessions_of(key):
            await self._running_sockets().hang_up(session)

    async def revoke(self, reason: str = "logout_all_devices", key: str | None = None) -> None:
        """Revoke a person's sessions (by default the observer's): send the event, then disconnect."""
        message = {"code": "session_revoked", "message": "Please sign in again", "reason": reason}
        for session in self._sessions_of(key):
            self._context.registry.send(session, names.SESSION_REVOKED, message)
            await self._running_sockets().hang_up(session)

    def cut(self) -> None:
        """Abort every WebSocket, like a network failure. Polling clients continue."""
        if self._server is not None:
            for session in list(self._context.registry.sessions.values()):
                self._server.cut(session.connection)

    def _sessions_of(self, key: str | None) -> list[Session]:
        return self._context.registry.sessions_of(self._context.observer.key if key is None else key)

    def _running_sockets(self) -> Sockets:
        if self._sockets is None:
            raise RuntimeError("the gateway is not running")
        return self._sockets
