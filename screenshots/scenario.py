"""A seeded scenario with a fixed clock: every run gives the same people, events and pictures."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from presence_tui.domain.participants import Conversation, Participant
from presence_tui.domain.translatable import phrase
from presence_tui.store.clock import Stamp
from presence_tui.transport.credentials import Credential
from presence_tui.transport.errors import ConnectionLost, GatewayError
from presence_tui.transport.feed import FeedListener
from presence_tui.transport.presence_source import AskedPage, AskedPresence, OwnConversations, Timing
from presence_tui.transport.rate_limits import RequestCounters
from presence_tui.wire.messages import PresenceRow, RosterRow
from presence_tui.wire.profiles import MEESHY_2026, Profile
from presence_tui.wire.responses import Account, Health, RosterPage
from presence_tui.wire.timestamps import wire_from_seconds

NOW_S = 1_795_342_542.0
"""2026-11-22 10:15:42 UTC."""
START_S = NOW_S - 300
"""When the watch begins."""

ME = "66aa00000000000000000001"
HARBOUR = Conversation("66dd00000000000000000041", "Harbour crew", "harbour", 24)
CONVERSATIONS = [
    HARBOUR,
    Conversation("66dd00000000000000000042", "Lighthouse", "lighthouse", 6),
    Conversation("66dd00000000000000000043", "Night shift", "night", 9),
    Conversation("66dd00000000000000000044", "Blaise Lind", "", 2),
]


@dataclass(frozen=True, slots=True)
class Character:
    """A participant of the scenario. ``age_s`` is the age of the last activity; ``None`` if never
    reported.
    """

    name: str
    handle: str
    flag: bool
    age_s: float | None
    role: str = "member"
    guest: bool = False
    language: str = "en"

    @property
    def last_active_at(self) -> str | None:
        """The last activity as the gateway reports it when the watch begins."""
        return None if self.age_s is None else wire_from_seconds(min(NOW_S - self.age_s, START_S))

    @property
    def key(self) -> str:
        return f"66aa{sum(map(ord, self.name)):020d}"


CAST = (
    Character("Ada Okafor", "ada", True, 12, "moderator"),
    Character("Blaise Lind", "blaise", True, 41),
    Character("Chloé Beaumont", "chloe.b", True, 124),
    Character("Elena Popescu", "elena", True, 3),
    Character("Hana Sato", "hana", True, 1_260, "admin"),
    Character("Ibrahim Sesay", "isesay", True, 95),
    Character("Mina Okonkwo", "mina", True, 28, "creator"),
    Character("river_otter", "", True, 65, guest=True),
    Character("Bo Li", "boli", False, 43_200),
    Character("Dmitri", "", False, None, guest=True),
    Character("Folasade Adeyemi", "folasade", False, 180),
    Character("Işıl Çelik", "isil", False, 432_000),
    Character("Jürgen Groß", "jgross", False, 54_000),
    Character("Kim Min-jun", "minjun", False, 21_600),
    Character("Łukasz Wiśniewski", "lukasz", False, 600),
    Character("Mikko Hämäläinen", "mikko", False, 2_460),
    Character("Nadia Ferreira", "nadia.f", False, 172_800, "moderator"),
    Character("Nguyễn Thị Ánh", "anh", False, None),
    Character("佐藤 花", "sato.h", False, 7_300),
    Character("Siobhán Ó Briain", "siobhan", False, 900),
    Character("Tomás Quiroga", "tquiroga", False, 18_000),
    Character("Yael Barak", "yael", False, 3_700),
    Character("Zoë Marlowe", "zoe", False, 86_500),
)


MEMBERS = dict(
    zip(
        (conversation.id for conversation in CONVERSATIONS),
        (CAST, CAST[::4], CAST[1::3], CAST[1:2]),
        strict=True,
    )
)


class FixedClock:
    """A clock that moves only when it is set."""

    def __init__(self) -> None:
        self.now_s = START_S

    def stamp(self) -> Stamp:
        return Stamp(self.now_s, self.now_s)

    def move_to(self, now_s: float) -> None:
        self.now_s = now_s


def _participant(who: Character) -> Participant:
    return Participant(who.key, who.name, who.handle, who.role, who.guest, who.language)


@dataclass
class ScriptedFeed:
    """A ``Feed`` that delivers the scenario's events."""

    listener: FeedListener | None = None
    refused: GatewayError | None = None
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    transport_name: str = "websocket"
    silence_limit_s: float | None = None

    async def open(self, credential: Credential, listener: FeedListener) -> None:
        if self.refused is not None:
            raise self.refused
        self.listener = listener
        self.tell("authenticated", {"success": True, "user": {"id": ME}})
        self.tell(
            "presence:snapshot",
            {
                "users": [
                    {
                        "userId": who.key,
                        "username": who.handle or who.name,
                        "isOnline": who.flag,
                        "lastActiveAt": who.last_active_at,
                    }
                    for who in CAST
                ]
            },
        )
        self.opened.set()

    async def emit(self, event: str, payload: dict[str, str]) -> None:
        """Discard it: the scenario needs no answers."""

    def forget_session(self) -> None: ...

    async def close(self) -> None:
        self.opened.clear()

    def ping(self, interval_s: float, round_trip_s: float) -> None:
        """Deliver a ping, and answer the one that follows it."""
        assert self.listener is not None
        self.listener.on_heard()
        self.listener.on_ping(interval_s)
        self.listener.on_round_trip(round_trip_s)

    def tell(self, event: str, payload: object) -> None:
        """Deliver an event."""
        assert self.listener is not None
        self.listener.on_event(event, (payload,))

    def status(self, name: str, flag: bool, at_s: float) -> None:
        """Deliver a status event, stamped by the gateway's clock."""
        who = next(who for who in CAST if who.name == name)
        moment = wire_from_seconds(at_s)
        told = {"userId": who.key, "username": name, "isOnline": flag}
        self.tell("user:status", {**told, "lastActiveAt": moment, "timestamp": moment})

    def typing(self, name: str) -> None:
        who = next(who for who in CAST if who.name == name)
        self.tell("typing:start", {"userId": who.key, "conversationId": HARBOUR.id, "displayName": name})

    def break_off(self) -> None:
        """Lose the connection for good."""
        assert self.listener is not None
        self.refused = ConnectionLost(phrase("the gateway dropped the connection"))
        self.listener.on_closed(self.refused)


class ScriptedSource:
    """A ``PresenceSource`` over the participants of the scenario."""

    def __init__(self, clock: FixedClock, trouble: GatewayError | None = None) -> None:
        self._clock = clock
        self.trouble = trouble
        self.lies: dict[str, bool | None] = {}
        """Name to what the runtime says instead of what was told; ``None`` omits them."""
        self.counters = RequestCounters()
        self.on_pause: Callable[[float], None] = lambda pause_s: None

    @property
    def profile(self) -> Profile:
        return MEESHY_2026

    async def rediscover(self) -> bool:
        return False

    async def discover(self) -> Profile:
        if self.trouble is not None:
            raise self.trouble
        return MEESHY_2026

    def time_of_answers(self) -> Timing | None:
        return None

    async def health(self) -> tuple[Health, Timing]:
        return Health(True, self._clock.now_s, "1.1.0", 86_400.0), Timing(0.012, 0.0)

    async def account(self) -> Account:
        return Account(ME, "observer", "Observer")

    async def conversations(self, own_key: str = "") -> OwnConversations:
        return OwnConversations(CONVERSATIONS, 0)

    async def participants(self, conversation_id: str) -> AsyncIterator[AskedPage]:
        members = MEMBERS[conversation_id]
        rows = [RosterRow(_participant(who)) for who in members]
        rows.append(RosterRow(Participant(ME, "Observer", "observer", "member")))
        yield AskedPage(self._clock.stamp(), RosterPage(rows, 0, None, len(rows), False))

    async def runtime_presence(self, keys: Sequence[str]) -> AsyncIterator[AskedPresence]:
        active_s = self._clock.now_s - 40
        told = [
            PresenceRow(who.key, flag, active_s)
            for who in CAST
            if who.key in keys and (flag := self.lies.get(who.name, who.flag)) is not None
        ]
        yield AskedPresence(self._clock.stamp(), told, 0)

    async def renew_token(self) -> bool:
        return False

    async def close(self) -> None:
        """Do nothing: no connection is open."""
