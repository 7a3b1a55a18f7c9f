"""Engine.IO with its own read and write loops, and a fast path for status events.

Stock python-socketio starts one task per packet, which costs most of its time and loses the order of handlers
that wait, and on Python 3.11 another per wait with a time limit. It reports only messages, while the monitor
needs the time of everything received, pings included. It ends a connection whose gateway stops pinging
although other packets arrive, and it reports an end without its close code. This subclass reads and writes
itself, dispatches in place, and passes status events on in batches: all that arrived before the loop would
have had to wait. It overrides private methods of the library through ``engineio_internals``, which checks
them. If one is missing, the stock client is used: slower, without recovery, and only events count as
received.

Polling has its own loop as well, so that answers are limited like frames and handled in batches, and so that
the connection can upgrade to a WebSocket later.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final

import aiohttp
from engineio import packet, payload
from engineio.base_client import connected_clients

from presence_tui.domain.limits import Bounds
from presence_tui.transport import endings
from presence_tui.transport.engineio_internals import LOOPS, EngineClient, LoopedEngine
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.feed import FeedListener
from presence_tui.transport.packet_dispatch import PacketDispatch
from presence_tui.transport.polling_answers import BoundedResponse, packets_in, refusal_of
from presence_tui.transport.recovery import RecoveryPoint, SessionProgress
from presence_tui.transport.websocket_pings import FrameWebSocket, PingRoundTrips
from presence_tui.wire.fast_decode import begins_status

BUNDLE: Final = 500
"""Maximum packets per iteration of the loop: a few milliseconds, then the screen can draw."""

POLL_MARGIN_S: Final = 5.0
"""A poll may take this much longer than the ping window."""

SHORTEST_WINDOW_S: Final = 5.0
LONGEST_WINDOW_S: Final = 300.0
"""An announced ping window outside this range is treated as a configuration error of the gateway."""

UPGRADE_LIMIT_S: Final = 4.0
"""Time limit for the WebSocket handshake once TCP is connected: polling begins within 5 s."""
FIRST_UPGRADE_S: Final = 60.0
LAST_UPGRADE_S: Final = 900.0
"""First and longest pause before a polling connection tries to upgrade to a WebSocket."""

HOT_POLL_S: Final = 1.0
"""A poll that brings no message sooner than this is followed by a pause, if the one before was as well."""
LONGEST_IDLE_PAUSE_S: Final = 2.0

_KINDS: Final = frozenset("0123456b")
_NO_MESSAGES: Final = frozenset("236")
"""Engine.IO packets: ping, pong and noop."""

DROP_LIMIT_S: Final = 1.0
"""Time limit for cancelled loops to end."""


async def pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


class _InlineEngine(LoopedEngine):
    write_loop_task: asyncio.Task[None] | None

    def __init__(
        self,
        *args: Any,
        listener: FeedListener,
        bounds: Bounds,
        recovery: RecoveryPoint,
        on_open: Callable[[], None],
        on_end: Callable[[GatewayError], None],
        **kwargs: Any,
    ) -> None:
        self._bounds = bounds
        super().__init__(*args, **kwargs)
        self._listener = listener
        session = SessionProgress(recovery, listener.on_replay)
        self._dispatch = PacketDispatch(self, listener, session, bounds.frame_bytes)
        self.admitted = self._dispatch.admitted
        self._on_open = on_open
        self._on_end = on_end
        self._pings = PingRoundTrips(listener.on_round_trip)
        self._posting = asyncio.Lock()
        self._upgrading: asyncio.Task[Any] | None = None
        self._upgrade_pause_s = FIRST_UPGRADE_S
        self._upgrade_at_s = 0.0
        self.over = asyncio.Event()
        self.end: GatewayError | None = None
        """Why the connection ended or failed to open, if this engine noticed."""

    @property
    def window_s(self) -> float:
        """Sum of ping interval and ping timeout, limited to a sensible range."""
        announced_s: float = self.ping_interval + self.ping_timeout
        return min(max(announced_s, SHORTEST_WINDOW_S), LONGEST_WINDOW_S)

    def create_queue(self, *args: Any, **kwargs: Any) -> Any:
        # The send queue is bounded: if the gateway does not read our answers, we stop reading its packets.
        return asyncio.Queue(self._bounds.queue)

    def url_asked(self, url: str) -> str:
        # The library uses ws://, which a forwarding proxy does not support.
        return f"http{url.removeprefix('ws')}" if url.startswith("ws") else url

    def opened(self) -> None:
        self._on_open()

    # Ends.

    async def read_websocket(self, say_goodbye: Callable[[], Awaitable[None]]) -> None:
        await self._to_the_end(self._read_packets)
        # Without a writer task, the library's loop reads nothing and only disconnects as usual.
        await say_goodbye()
        self._tell_end()

    async def read_polling(self, say_goodbye: Callable[[], Awaitable[None]]) -> None:
        self._upgrade_at_s = _now_s() + self._upgrade_pause_s
        try:
            await self._to_the_end(self._read_answers)
        finally:
            if self._upgrading is not None:
                self._upgrading.cancel()
        await say_goodbye()
        self._tell_end()

    def _tell_end(self) -> None:
        self.over.set()
        self._on_end(self.end or endings.fin())

    async def _to_the_end(self, read: Callable[[], Awaitable[None]]) -> None:
        # Handle also what arrived before the end.
        for step in (read, self._dispatch.after_statuses):
            try:
                await step()
            except GatewayError as error:
                self.end = self.end or error
            except Exception as error:  # noqa: BLE001  (an unvalidated packet; ends the connection)
                self.logger.info("reading ended: %s", error)
                self.end = self.end or endings.broken(error)
        if writer := self.write_loop_task:
            try:
                self.queue.put_nowait(None)
            except asyncio.QueueFull:
                # The writer waits for a connection that accepts no more data.
                writer.cancel()
            await asyncio.wait([writer])
            self.write_loop_task = None

    # A WebSocket.

    async def _read_packets(self) -> None:
        websocket, text = self.ws, aiohttp.WSMsgType.TEXT
        receive = websocket.read_frame if isinstance(websocket, FrameWebSocket) else websocket.receive
        line = endings.watch_line(self.ws)
        packets, in_turn = self._dispatch.statuses, 0
        while self.state == "connected" and self.write_loop_task:
            message = await receive()
            if message.type is text and begins_status(message.data):
                if not packets:
                    await self._dispatch.after_doubted()
                    # Runs when this loop waits, that is, when everything that had arrived is read.
                    asyncio.get_running_loop().call_soon(self._dispatch.hand_over)
                packets.append(message.data)
            elif message.type is aiohttp.WSMsgType.PING:
                await websocket.pong(message.data)
            elif message.type is aiohttp.WSMsgType.PONG:
                self._pings.on_pong(message.data)
            elif isinstance(message.data, str | bytes):
                await self._dispatch.handle_frame(message.data)
            else:
                raise endings.of_websocket(message, line, self._bounds)
            in_turn += 1
            if in_turn == BUNDLE:
                in_turn = 0
                await asyncio.sleep(0)

    # Polling.

    async def _read_answers(self) -> None:
        idle_polls = 0
        while self.state == "connected" and self.write_loop_task:
            if await self._is_upgraded():
                await self._read_packets()
                return
            polled_s = _now_s()
            answer = await self._poll(self.write_loop_task)
            # A broken character costs its name only.
            body = (await answer.read()).decode(errors="replace")
            kinds: set[str] = set()
            for number, text in enumerate(packets_in(body), 1):
                kinds.add(text[:1])
                if begins_status(text):
                    self._dispatch.statuses.append(text)
                else:
                    await self._dispatch.handle_frame(text)
                if number % BUNDLE == 0:
                    await self._dispatch.after_statuses()
                    await asyncio.sleep(0)
            await self._dispatch.after_statuses()
            if kinds.isdisjoint(_KINDS):
                raise endings.no_packets()
            if kinds <= _NO_MESSAGES and _now_s() - polled_s < HOT_POLL_S:
                await pause(
                    min(0.05 * 2.0 ** min(idle_polls, 8), LONGEST_IDLE_PAUSE_S) if idle_polls else 0.0
                )
                idle_polls += 1
            else:
                idle_polls = 0

    async def _poll(self, writing: asyncio.Task[None]) -> BoundedResponse:
        """Return the next answer. Raises the reason if there is none, immediately if a POST is refused
        meanwhile.
        """
        url, limit_s = self.base_url + self.url_mark, self.window_s + POLL_MARGIN_S
        polling = asyncio.create_task(self.ask("GET", url, None, None, limit_s))
        try:
            await asyncio.wait({polling, writing}, return_when=asyncio.FIRST_COMPLETED)
            answer = polling.result() if polling.done() else None
        finally:
            polling.cancel()
        if not isinstance(answer, BoundedResponse) or not answer.is_success:
            raise self.end or endings.fin()
        return answer

    async def ask(self, method: str, url: str, headers: Any, body: Any, timeout: float | None) -> Any:
        options = {"headers": headers, "data": body, "timeout": aiohttp.ClientTimeout(total=timeout)}
        try:
            try:
                answer = await self.http.request(method, url, **options)
            except (aiohttp.ServerDisconnectedError, ConnectionResetError):
                if method != "POST":
                    raise
                # The proxy closed a kept-alive connection. aiohttp repeats a GET itself; our POSTs are safe
                # to repeat.
                answer = await self.http.request(method, url, **options)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.end = self.end or endings.broken(error)
            return str(error) or type(error).__name__
        if not 200 <= answer.status < 300:
            self.end = self.end or await refusal_of(answer, was_connected=self.admitted.is_set())
        return BoundedResponse(answer, self._bounds.frame_bytes)

    async def _is_upgraded(self) -> bool:
        """Switch to a WebSocket if one has answered the probe. Polling continues during the probe."""
        upgrading = self._upgrading
        if upgrading is None:
            if "websocket" in self.upgrades and _now_s() >= self._upgrade_at_s:
                self._upgrading = asyncio.create_task(self._probed_websocket())
            return False
        if not upgrading.done():
            return False
        self._upgrading = None
        websocket = upgrading.result()
        if websocket is None:
            self._upgrade_pause_s = min(2 * self._upgrade_pause_s, LAST_UPGRADE_S)
            self._upgrade_at_s = _now_s() + self._upgrade_pause_s
            return False
        # A POST in flight must arrive before the gateway switches to the WebSocket.
        async with self._posting:
            await websocket.send_str(str(packet.UPGRADE))
            self.ws = websocket
            self.current_transport = "websocket"
        self._listener.on_upgraded()
        return True

    async def _probed_websocket(self) -> aiohttp.ClientWebSocketResponse | None:
        """Open a WebSocket and probe it; return ``None`` if it does not answer."""
        url = self.base_url.replace("transport=polling", "transport=websocket")
        websocket: aiohttp.ClientWebSocketResponse | None = None
        try:
            async with asyncio.timeout(UPGRADE_LIMIT_S):
                websocket = await self.http.ws_connect(url, **self.websocket_extra_options)
                await websocket.send_str(f"{packet.PING}probe")
                answer = await websocket.receive()
                if answer.data == f"{packet.PONG}probe":
                    return websocket
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.logger.info("no WebSocket comes through yet: %s", error)
        if websocket is not None:
            await websocket.close()
        return None

    # Sending.

    async def write(self) -> None:
        # The library closes a connection that sends nothing for a while, as when no pings arrive.
        try:
            while self.state == "connected" and (packets := await self._waiting_packets()):
                await self._send_packets(packets)
                for _ in packets:
                    self.queue.task_done()
        except (aiohttp.ClientError, GatewayError, OSError) as error:
            # The reader still reads what was sent before, and notices the end.
            self.logger.info("writing ended: %s", error)
        self.write_loop_task = None

    async def _waiting_packets(self) -> list[Any]:
        """Return the queued packets, at least one; none after the end."""
        packets = [await self.queue.get()]
        while packets[-1] is not None and not self.queue.empty():
            packets.append(self.queue.get_nowait())
        return packets if packets[-1] is not None else packets[:-1]

    async def _send_packets(self, packets: Sequence[Any]) -> None:
        async with self._posting:
            if self.current_transport != "polling":
                for each in packets:
                    send = self.ws.send_bytes if each.binary else self.ws.send_str
                    encoded = each.encode()
                    await send(encoded)
                    self._listener.on_sent(encoded)
                    if each.packet_type == packet.PONG and isinstance(self.ws, FrameWebSocket):
                        await self._pings.ping(self.ws)
                return
            posted_s = _now_s()
            body = payload.Payload(packets=list(packets)).encode()
            headers = {"Content-Type": "text/plain"}
            answer = await self.ask("POST", self.base_url, headers, body, self.request_timeout)
        if not isinstance(answer, BoundedResponse) or not answer.is_success:
            raise self.end or endings.fin()
        answer.close()
        self._listener.on_round_trip(_now_s() - posted_s)
        for each in packets:
            self._listener.on_sent(each.encode(b64=True))

    async def take_packet_of_opening(self, pkt: Any) -> None:
        await self._dispatch.handle_frame(pkt.encode(b64=True))


class InlineClient(EngineClient):
    """A Socket.IO client that dispatches in order of arrival, and status events in batches.

    ``on_open`` is called when the gateway has answered, ``on_end`` once when the connection has ended.
    """

    engine = _InlineEngine

    def __init__(
        self,
        *,
        listener: FeedListener,
        bounds: Bounds,
        on_open: Callable[[], None],
        on_end: Callable[[GatewayError], None],
        recovery: RecoveryPoint | None = None,
        **kwargs: Any,
    ) -> None:
        recovery = recovery or RecoveryPoint()
        ours = (
            {
                "listener": listener,
                "bounds": bounds,
                "recovery": recovery,
                "on_open": on_open,
                "on_end": on_end,
            }
            if LOOPS.available
            else {}
        )
        super().__init__(**kwargs, **ours)
        if not LOOPS.available:
            self.on("*", lambda event, *arguments: listener.on_event(event, arguments))
            self.on("disconnect", lambda *reason: on_end(endings.of_library(*reason)))

    @property
    def window_s(self) -> float | None:
        """Longest allowed silence of the gateway; ``None`` while not connected or if unknown.

        The library's own loop does not report pings, so silence cannot be measured; it has its own time
        limit.
        """
        if not LOOPS.available or not self.connected or self.eio.ping_interval is None:
            return None
        return float(self.eio.window_s)

    async def connect(self, *args: Any, **kwargs: Any) -> None:
        """Connect like the library, but raise immediately if the connection ends first.

        Reading pauses after the CONNECT packet: until the library has noticed that it is connected, it
        ignores a DISCONNECT that follows at once.
        """
        connecting = asyncio.create_task(super().connect(*args, **kwargs))
        waits: list[asyncio.Task[Any]] = [connecting]
        if LOOPS.available:
            waits.append(asyncio.create_task(self.eio.over.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if not connecting.done() or (connecting.exception() is not None and self.end is not None):
                raise self.end or endings.fin()
            connecting.result()
        finally:
            await _cancelled(waits)
            self._admit()

    async def disconnect(self) -> None:
        """Disconnect like the library, which waits for the read loop; that loop may wait for ``admitted``."""
        self._admit()
        if self.eio.read_loop_task is None:
            # The opening was not understood to its end, so there is no loop that the library could wait for.
            self.eio.state = "disconnected"
        await super().disconnect()

    async def drop(self) -> None:
        """End the remaining tasks and remove the client from the library's list."""
        loops = [task for task in (self.eio.read_loop_task, self.eio.write_loop_task) if task is not None]
        await _cancelled(loops)
        # The library removes a client only at the end of a loop that was not cancelled.
        with suppress(ValueError):
            connected_clients.remove(self.eio)

    @property
    def end(self) -> GatewayError | None:
        """Why the connection ended or failed to open, if our own loop noticed."""
        return self.eio.end if LOOPS.available else None

    def _admit(self) -> None:
        if LOOPS.available:
            self.eio.admitted.set()


async def _cancelled(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait for them, at most ``DROP_LIMIT_S``. Their exceptions are discarded."""
    for task in tasks:
        task.cancel()
    if tasks:
        done, _ = await asyncio.wait(tasks, timeout=DROP_LIMIT_S)
        for task in done:
            if not task.cancelled():
                task.exception()


def _now_s() -> float:
    return asyncio.get_running_loop().time()
