"""The embedded gateway: assembles, starts and stops the parts, with controls for tests."""

import asyncio
from random import Random

from aiohttp import web

from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.gateway.actions import DirectoryActions
from presence_tui.gateway.clock import Clock, SystemClock
from presence_tui.gateway.connection_registry import Session
from presence_tui.gateway.context import build_context
from presence_tui.gateway.directory import Conversation, Membership, Person
from presence_tui.gateway.memberships import Memberships
from presence_tui.gateway.rest import build_app
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.gateway.simulator import Simulator
from presence_tui.gateway.socketio_server import SILENT_LOGGER, SocketIoServer
from presence_tui.gateway.sockets import Sockets
from presence_tui.gateway.tokens import LIFETIME_S
from presence_tui.transport.network_errors import system_reason
from presence_tui.wire import names
from presence_tui.wire.profiles import MEESHY_2025

TICK_S = 0.015
"""Events within one tick are sent together."""
IDLE_TICK_S = 0.5
SHUTDOWN_S = 2.0
LONGEST_LINE = 16_384
"""Bytes of a URL or header, as in Node; 200 ids fit."""


class GatewayStartError(Exception):
    """The gateway cannot listen. ``sentence`` says what to do."""

    def __init__(self, sentence: Phrase) -> None:
        self.sentence = sentence
        super().__init__(str(sentence))


class Gateway:
    """An embedded gateway. May be restarted: the population survives, sessions do not."""

    def __init__(
        self,
        settings: GatewaySettings | None = None,
        clock: Clock | None = None,
        rng: Random | None = None,
    ) -> None:
        self.settings = settings or GatewaySettings()
        self._clock = clock or SystemClock()
        rng = rng or Random(self.settings.seed)
        self._context = build_context(self.settings, self._clock, rng)
        stage = DirectoryActions(self._context)
        people = [person for person in self._context.directory.people.values() if person is not self.observer]
        self._lives = Simulator(people, stage, rng, self.settings.rate)
        self._port = self.settings.port
        self._started_before = False
        self._server: SocketIoServer | None = None
        self._sockets: Sockets | None = None
        self._runner: web.AppRunner | None = None
        self._pulse: asyncio.Task[None] | None = None
        self._hold_snapshot = False
        self._hold_frames = False

    # Running.

    async def start(self) -> None:
        """Listen and start the simulation. Raises ``GatewayStartError`` if the address is not available."""
        if self._runner is not None:
            return
        context, settings = self._context, self.settings
        started_s = self._clock.now()
        app = build_app(context, started_s)
        server = self._build_server()
        server.attach(app)
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=SILENT_LOGGER,
            shutdown_timeout=SHUTDOWN_S,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            raise GatewayStartError(_advice(settings.host, self._port, error)) from error
        self._port = runner.addresses[0][1]
        self._server, self._runner = server, runner
        if self._started_before:
            self._lives.restart(started_s)
        self._started_before = True
        self._pulse = asyncio.create_task(self._live(), name="gateway-pulse")

    async def stop(self) -> None:
        """End every session, task and socket."""
        if self._runner is None or self._server is None or self._pulse is None:
            return
        self._pulse.cancel()
        await asyncio.gather(self._pulse, return_exceptions=True)
        self._context.registry.clear()
        await self._server.finish()
        await self._runner.cleanup()
        self._context.presence.forget_sessions()
        self._context.statistics.forget()
        self._server = self._sockets = self._runner = self._pulse = None

    # For clients.

    @property
    def url(self) -> str:
        """The base URL, without a path."""
        host = self.settings.host
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    @property
    def token(self) -> str:
        """A token for the observer's account, valid for a day."""
        return self.mint_token()

    @property
    def conversation(self) -> str:
        """The id (24 hex) of the main conversation."""
        return self._context.main.id

    @property
    def observer(self) -> Person:
        """The observer's hidden account."""
        return self._context.observer

    def people(self, conversation_id: str | None = None) -> dict[str, Person]:
        """The members of a conversation (by default the main one) by presence key."""
        members = self._conversation(conversation_id).members
        return {key: membership.person for key, membership in members.items()}

    def members(self, conversation_id: str | None = None) -> dict[str, Membership]:
        """The memberships of a conversation (by default the main one) by presence key."""
        return self._conversation(conversation_id).members

    @property
    def memberships(self) -> Memberships:
        """Memberships and their events."""
        return self._context.memberships

    def person(self, key: str) -> Person:
        """The person with this presence key. Raises ``KeyError``."""
        return self._context.directory.people[key]

    def find_conversation(self, id_or_identifier: str | None = None) -> Conversation:
        """A conversation, by default the main one. Raises ``KeyError``."""
        return self._conversation(id_or_identifier)

    def truth(self, conversation_id: str | None = None) -> dict[str, bool]:
        """Presence key to flag as a viewer sees it: hidden persons are false."""
        return self._context.presence.truth(self._conversation(conversation_id))

    @property
    def connections(self) -> int:
        """Number of connected sockets, authenticated or not."""
        return len(self._context.registry.sessions)

    # Controls for tests.

    def mint_token(self, key: str | None = None, lifetime_s: float = LIFETIME_S, forged: bool = False) -> str:
        """Mint a token for an account, by default the observer's; expired with a negative lifetime."""
        person = self.observer if key is None else self.person(key)
        return self._context.access.mint(person, lifetime_s, forged)

    def expire_tokens(self) -> None:
        """Make all tokens minted so far expired; open sockets stay, as in the gateways."""
        self._context.access.expire_tokens()

    def set_online(self, key: str, flag: bool) -> None:
        """Set a person online (or send a heartbeat) or offline, with events. Real sockets are not affected.

        A guest of a 2025 gateway cannot go offline, because the original sends no event.
        """
        self._context.presence.set_online(self.person(key), flag)

    def create_ghost(self, key: str) -> None:
        """Send ``true`` for a person without a session."""
        self._context.presence.create_ghost(self.person(key))

    def broadcast(self, event: str, payload: object) -> None:
        """Send any event to every socket, even a malformed or unknown one."""
        registry = self._context.registry
        registry.broadcast(list(registry.sessions.values()), event, payload)

    async def kick(self, key: str | None = None) -> None:
        """Disconnect a person's sockets (by default the observer's) without a message."""
        for session in self._sessions_of(key):
            await self._live_sockets().hang_up(session)

    async def revoke(self, reason: str = "logout_all_devices", key: str | None = None) -> None:
        """Revoke a person's sessions (by default the observer's): send the event, then disconnect."""
        message = {"code": "session_revoked", "message": "Please sign in again", "reason": reason}
        for session in self._sessions_of(key):
            self._context.registry.send(session, names.SESSION_REVOKED, message)
            await self._live_sockets().hang_up(session)

    def cut_connections(self) -> None:
        """Abort every WebSocket, like a network failure. Polling clients continue."""
        if self._server is not None:
            for session in list(self._context.registry.sessions.values()):
                self._server.cut(session.connection)

    @property
    def refuse_sockets(self) -> bool:
        """While true, the Socket.IO path answers 503; open sockets stay."""
        return self._context.faults.refuse_sockets

    @refuse_sockets.setter
    def refuse_sockets(self, refuse: bool) -> None:
        self._context.faults.refuse_sockets = refuse

    def refuse_sockets_for(self, seconds: int) -> None:
        """Refuse sockets, and ask with each refusal for a pause; ``refuse_sockets`` ends it."""
        self._context.faults.refuse_sockets = True
        self._context.faults.refused_retry_after_s = seconds

    @property
    def refuse_rest(self) -> bool:
        """While true, every REST route answers 503."""
        return self._context.faults.refuse_rest

    @refuse_rest.setter
    def refuse_rest(self, refuse: bool) -> None:
        self._context.faults.refuse_rest = refuse

    @property
    def refuse_sign_ins(self) -> bool:
        """While true, every credential is refused with the message for a bad one, as without a database."""
        return self._context.faults.refuse_sign_ins

    @refuse_sign_ins.setter
    def refuse_sign_ins(self, refuse: bool) -> None:
        self._context.faults.refuse_sign_ins = refuse

    @property
    def refuse_links(self) -> bool:
        """While true, links are expired and admit no guests."""
        return self._context.faults.refuse_links

    @refuse_links.setter
    def refuse_links(self, refuse: bool) -> None:
        self._context.faults.refuse_links = refuse

    def end_link(self, key: str) -> None:
        """End a guest's link: session and membership end without an event."""
        guest = self.person(key)
        self._context.access.close_guest_sessions_of(guest)
        for conversation in list(guest.conversations):
            self.memberships.leave_silently(guest, conversation)

    def leave_out(self, *keys: str) -> None:
        """Omit these keys from snapshots and runtime answers; without arguments, omit none."""
        self._context.faults.left_out = set(keys)

    @property
    def runtime_is_empty(self) -> bool:
        """While true, the runtime answers false for everyone, as while the gateway boots."""
        return self._context.faults.runtime_is_empty

    @runtime_is_empty.setter
    def runtime_is_empty(self, empty: bool) -> None:
        self._context.faults.runtime_is_empty = empty

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

    def _build_server(self) -> SocketIoServer:
        """The Socket.IO server of this start, with its handlers."""
        settings, context = self.settings, self._context
        contract = settings.contract
        server = SocketIoServer(
            settings.ping_interval_s or contract.ping_interval_s,
            settings.ping_timeout_s or contract.ping_timeout_s,
        )
        self._sockets = Sockets(server, context)
        self._sockets.hold_snapshots(self._hold_snapshot)
        server.hold(self._hold_frames)
        return server

    async def _live(self) -> None:
        """Run due simulation events, sweep ghosts, and in 2025 repeat the statistics."""
        every_s = self.settings.online_stats_every_s
        repeats_s = self._clock.now() + every_s
        while True:
            now_s = self._clock.now()
            next_in_s = self._lives.advance(now_s)
            self._context.presence.sweep()
            if self.settings.contract is MEESHY_2025 and now_s >= repeats_s:
                repeats_s = now_s + every_s
                self._context.statistics.repeat_online(self._context.registry)
            pause_s = IDLE_TICK_S if next_in_s is None else min(next_in_s, IDLE_TICK_S)
            await asyncio.sleep(max(TICK_S, min(pause_s, every_s)))

    def _conversation(self, conversation_id: str | None) -> Conversation:
        if conversation_id is None:
            return self._context.main
        conversation = self._context.directory.conversation(conversation_id)
        if conversation is None:
            raise KeyError(conversation_id)
        return conversation

    def _sessions_of(self, key: str | None) -> list[Session]:
        return self._context.registry.sessions_of(self.observer.key if key is None else key)

    def _live_sockets(self) -> Sockets:
        if self._sockets is None:
            raise RuntimeError("the gateway is not running")
        return self._sockets


def _advice(host: str, port: int, error: OSError) -> Phrase:
    """One sentence of advice for an address that is not available."""
    reason = system_reason(error)
    if port and port < 1024:
        return phrase(
            "Cannot listen on {host}:{port} ({reason}): choose a --port of 1024 or above.",
            host=host,
            port=port,
            reason=reason,
        )
    if port:
        return phrase(
            "Cannot listen on {host}:{port} ({reason}): stop the program there or choose another --port.",
            host=host,
            port=port,
            reason=reason,
        )
    return phrase(
        "Cannot listen on {host} ({reason}): choose a --host of this machine, such as 127.0.0.1.",
        host=host,
        reason=reason,
    )
