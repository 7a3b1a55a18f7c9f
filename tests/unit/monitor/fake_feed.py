"""A feed with scripted connections, one step per opening."""

import asyncio
from collections import deque
from collections.abc import Callable

from presence_tui.transport.credentials import Credential
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.feed import FeedListener

ME = "66aa00000000000000000001"
WELCOME = {"success": True, "user": {"id": ME, "isAnonymous": False}, "version": "1.1.0"}

Step = Callable[[FeedListener], None]


def welcome(listener: FeedListener) -> None:
    listener.on_event("authenticated", (WELCOME,))


def silence(listener: FeedListener) -> None:
    """Connects, and receives nothing more."""


def tells(event: str, *arguments: object) -> Step:
    return lambda listener: listener.on_event(event, arguments)


def fails(error: GatewayError) -> Step:
    def fail(listener: FeedListener) -> None:
        raise error

    return fail


def ends(error: GatewayError) -> Step:
    """Connects, and the connection ends."""
    return lambda listener: listener.on_closed(error)


class FakeFeed:
    """A scripted ``Feed``. After the last step, opening never finishes."""

    def __init__(self, *steps: Step) -> None:
        self.steps = deque(steps)
        self.openings: list[str] = []
        """The secret used for each connection."""
        self.closings = self.forgotten = 0
        self.emitted: list[tuple[str, dict[str, str]]] = []
        self.listener: FeedListener | None = None
        self.silence_limit_s: float | None = None
        self.is_open = False
        self.transport = "websocket"

    @property
    def transport_name(self) -> str:
        return self.transport if self.is_open else ""

    @property
    def heard(self) -> FeedListener:
        """The listener of the current connection."""
        assert self.listener is not None
        return self.listener

    async def open(self, credential: Credential, listener: FeedListener) -> None:
        self.openings.append(credential.secret)
        self.listener = listener
        if not self.steps:
            await asyncio.Event().wait()
        self.is_open = True
        self.steps.popleft()(listener)

    async def emit(self, event: str, payload: dict[str, str]) -> None:
        self.emitted.append((event, payload))

    def forget_session(self) -> None:
        self.forgotten += 1

    async def close(self) -> None:
        self.closings += 1
        self.is_open = False
