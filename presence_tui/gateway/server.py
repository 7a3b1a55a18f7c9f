"""The embedded gateway: assembles, starts and stops the parts, and runs until an event is set."""

import asyncio
from collections.abc import Callable
from random import Random

from aiohttp import web

from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.gateway.access import LIFETIME_S
from presence_tui.gateway.context import build_context
from presence_tui.gateway.directory import Conversation, Membership, Person
from presence_tui.gateway.faults import apply_faults
from presence_tui.gateway.live_connections import LiveConnections
from presence_tui.gateway.memberships import Memberships
from presence_tui.gateway.rest import build_app
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.gateway.simulator import DirectoryActions, Simulator
from presence_tui.gateway.socketio_server import SILENT_LOGGER
from presence_tui.store.clock import Clock, SystemClock
from presence_tui.transport.network_errors import system_reason

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
        concerned = apply_faults(
            self.settings.faults,
            [person for key, person in self.people().items() if key != self.observer.key],
            self._context.faults,
            Random(f"faults, seed {self.settings.seed}"),
            self._clock.stamp().wall_s,
        )
        people = [
            person
            for person in self._context.directory.people.values()
            if person is not self.observer and person.key not in concerned
        ]
        self._lives = Simulator(people, stage, rng, self.settings.rate)
        self._port = self.settings.port
        self._started_before = False
        self._runner: web.AppRunner | None = None
        self._pulse: asyncio.Task[None] | None = None
        self.faults = self._context.faults
        """Simulated faults; set its attributes."""
        self.connections = LiveConnections(self._context)
        """The open sockets, and what tests do to them."""

    # Running.

    async def start(self) -> None:
        """Listen and start the simulation. Raises ``GatewayStartError`` if the address is not available."""
        if self._runner is not None:
            return
        context, settings = self._context, self.settings
        started_s = self._clock.stamp().wall_s
        app = build_app(context, started_s)
        self.connections.open(app)
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
        self._runner = runner
        if self._started_before:
            self._lives.restart(started_s)
        self._started_before = True
        self._pulse = asyncio.create_task(self._live(), name="gateway-pulse")

    async def stop(self) -> None:
        """End every session, task and socket."""
        if self._runner is None or self._pulse is None:
            return
        self._pulse.cancel()
        await asyncio.gather(self._pulse, return_exceptions=True)
        await self.connections.close()
        await self._runner.cleanup()
        self._context.presence.forget_sessions()
        self._context.statistics.forget()
        self._runner = self._pulse = None

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
        members = self.find_conversation(conversation_id).members
        return {key: membership.person for key, membership in members.items()}

    def members(self, conversation_id: str | None = None) -> dict[str, Membership]:
        """The memberships of a conversation (by default the main one) by presence key."""
        return self.find_conversation(conversation_id).members

    @property
    def memberships(self) -> Memberships:
        """Memberships and their events."""
        return self._context.memberships

    def person(self, key: str) -> Person:
        """The person with this presence key. Raises ``KeyError``."""
        return self._context.directory.people[key]

    def find_conversation(self, id_or_identifier: str | None = None) -> Conversation:
        """A conversation, by default the main one. Raises ``KeyError``."""
        if id_or_identifier is None:
            return self._context.main
        conversation = self._context.directory.conversation(id_or_identifier)
        if conversation is None:
            raise KeyError(id_or_identifier)
        return conversation

    def truth(self, conversation_id: str | None = None) -> dict[str, bool]:
        """Presence key to flag as a viewer sees it: hidden persons are false."""
        return self._context.presence.truth(self.find_conversation(conversation_id))

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

    def end_link(self, key: str) -> None:
        """End a guest's link: session and membership end without an event."""
        guest = self.person(key)
        self._context.access.close_guest_sessions_of(guest)
        for conversation in list(guest.conversations):
            self.memberships.leave_silently(guest, conversation)

    async def _live(self) -> None:
        """Run due simulation events, sweep ghosts, and in 2025 repeat the statistics."""
        every_s = self.settings.online_stats_every_s
        repeats_s = self._clock.stamp().wall_s + every_s
        while True:
            now_s = self._clock.stamp().wall_s
            next_in_s = self._lives.advance(now_s)
            self._context.presence.sweep()
            if self.settings.is_legacy and now_s >= repeats_s:
                repeats_s = now_s + every_s
                self._context.statistics.repeat_online(self._context.registry)
            pause_s = IDLE_TICK_S if next_in_s is None else min(next_in_s, IDLE_TICK_S)
            await asyncio.sleep(max(TICK_S, min(pause_s, every_s)))


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
