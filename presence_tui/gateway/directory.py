"""The population: people, conversations, and the directory that holds them."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random


class Behaviour(StrEnum):
    """How a person uses the client."""

    REGULAR = "regular"
    """Connects and disconnects in turn."""
    IDLER = "idler"
    """Online for hours without activity."""
    FLAPPER = "flapper"
    """An unstable mobile connection."""
    TYPER = "typer"
    LURKER = "lurker"
    """Almost always offline."""
    MULTI_DEVICE = "multi-device"


@dataclass(slots=True, eq=False)
class Person:
    """An account or a guest, with its simulated presence."""

    key: str
    """Presence key: the user id, or the participant id of a guest (wire contract, section 0.1)."""
    handle: str
    first_name: str
    last_name: str
    display_name: str
    language: str
    guest: bool = False
    global_role: str = "USER"
    behaviour: Behaviour = Behaviour.REGULAR
    hidden: bool = False
    """``showOnlineStatus`` is off."""
    hides_last_seen: bool = False
    """``showLastSeen`` is off."""
    has_consented: bool = True
    """To data processing, without which analytics cannot stay on."""
    refuses_analytics: bool = False
    """``allowAnalytics`` is off."""
    last_active_s: float | None = None
    """Unix seconds; ``None`` if never seen."""
    devices: int = 0
    """Simulated sessions; real sockets are counted by the connection registry."""
    conversations: list["Conversation"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Membership:
    """One person's membership in one conversation."""

    participant_id: str
    person: Person
    role: str
    """creator, admin, moderator or member."""
    joined_s: float
    nickname: str = ""
    """The name in this conversation, if different from the person's own."""

    @property
    def display_name(self) -> str:
        """The name in this conversation."""
        return self.nickname or self.person.display_name


@dataclass(slots=True, eq=False)
class Conversation:
    """A conversation and its members, in the order of their participant ids."""

    id: str
    identifier: str
    title: str | None
    kind: str
    created_s: float
    last_message_s: float
    members: dict[str, Membership] = field(default_factory=dict)
    """By presence key."""
    _by_participant_id: dict[str, Membership] = field(default_factory=dict)
    _order: list[str] = field(default_factory=list)

    def add(self, membership: Membership) -> None:
        self.members[membership.person.key] = membership
        self._by_participant_id[membership.participant_id] = membership
        insort(self._order, membership.participant_id)
        membership.person.conversations.append(self)

    def remove(self, key: str) -> None:
        """Remove a member, if listed."""
        membership = self.members.pop(key, None)
        if membership is None:
            return
        del self._by_participant_id[membership.participant_id]
        del self._order[bisect_left(self._order, membership.participant_id)]

    def after(self, cursor: str | None) -> list[Membership]:
        """The members after a participant id, or all, in order of participant ids."""
        start = 0 if cursor is None else self._first_after(cursor)
        return [self._by_participant_id[each] for each in self._order[start:]]

    def page(self, cursor: str | None, limit: int) -> list[Membership]:
        """At most ``limit`` members after a participant id, without scanning the whole roster."""
        start = 0 if cursor is None else self._first_after(cursor)
        return [self._by_participant_id[each] for each in self._order[start : start + limit]]

    def _first_after(self, cursor: str) -> int:
        index = bisect_left(self._order, cursor)
        return index + (index < len(self._order) and self._order[index] == cursor)


class IdGenerator:
    """Generates ids of 24 hex digits in ascending order."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(seed)
        self._count = 0

    def next(self, series: int) -> str:
        """Return an id; ``series`` (32 bits) is its recognisable prefix."""
        self._count += 1
        return f"{series + self._count:08x}{self._rng.getrandbits(40):010x}{self._count:06x}"


ACCOUNT_IDS = 0x66AA0000
PARTICIPANT_IDS = 0x66EE0000
CONVERSATION_IDS = 0x66DD0000


class Directory:
    """All persons and conversations."""

    def __init__(self, ids: IdGenerator) -> None:
        self.ids = ids
        self.people: dict[str, Person] = {}
        self.handles: dict[str, Person] = {}
        self.conversations: dict[str, Conversation] = {}
        self._identifiers: dict[str, Conversation] = {}

    def add_person(self, person: Person) -> None:
        """Add a person; accounts can also be found by handle."""
        self.people[person.key] = person
        if not person.guest:
            self.handles[person.handle] = person

    def add_conversation(self, conversation: Conversation) -> None:
        self.conversations[conversation.id] = conversation
        self._identifiers[conversation.identifier] = conversation

    def forget_conversation(self, conversation: Conversation) -> None:
        del self.conversations[conversation.id]
        del self._identifiers[conversation.identifier]

    def conversation(self, id_or_identifier: str) -> Conversation | None:
        """Find a conversation by id (24 hex digits) or identifier."""
        return self.conversations.get(id_or_identifier) or self._identifiers.get(id_or_identifier)

    def add_member(
        self, person: Person, conversation: Conversation, role: str, joined_s: float
    ) -> Membership:
        """Make a person a member; a guest's participant id is its presence key."""
        participant_id = person.key if person.guest else self.ids.next(PARTICIPANT_IDS)
        membership = Membership(participant_id, person, role, joined_s)
        conversation.add(membership)
        return membership

    def add_guest(
        self,
        handle: str,
        first_name: str,
        last_name: str,
        language: str,
        conversation: Conversation,
        joined_s: float,
    ) -> Membership:
        """Add a guest to a conversation; others see the handle as its name."""
        guest = Person(
            key=self.ids.next(PARTICIPANT_IDS),
            handle=handle,
            first_name=first_name,
            last_name=last_name,
            display_name=handle,
            language=language,
            guest=True,
            last_active_s=joined_s,
        )
        self.add_person(guest)
        return self.add_member(guest, conversation, "member", joined_s)
