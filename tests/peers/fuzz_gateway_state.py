"""The Node gateway's own state, and what an account that watches a conversation may know of it.

Independent of the product: expected values come only from the gateway's maps and the wire contract.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

AWAY_AFTER_S = 60.0
IDLE_AFTER_S = 180.0
"""The default rule."""

CLOSE_CALL_S = 3.0
"""An age this close to a limit may be on either side of it when drawn."""


@dataclass(frozen=True)
class Person:
    """A person known to the gateway."""

    key: str
    handle: str
    name: str
    guest: bool
    online: bool
    hidden: bool
    devices: int
    last_active_s: float | None


@dataclass(frozen=True)
class Room:
    """A conversation: members, banned accounts, and names in it."""

    id: str
    title: str
    members: frozenset[str]
    banned: frozenset[str]
    names: dict[str, str]


@dataclass(frozen=True)
class GatewayState:
    """The gateway's state at one moment."""

    me: str
    people: dict[str, Person]
    rooms: list[Room]
    is_busy: bool
    """True while a request is being answered."""

    @classmethod
    def parse(cls, told: dict[str, Any]) -> Self:
        return cls(
            told["me"],
            {row["key"]: _person(row) for row in told["people"]},
            [
                Room(
                    row["id"],
                    row["title"],
                    frozenset(row["members"]),
                    frozenset(row["banned"]),
                    dict(row["names"]),
                )
                for row in told["rooms"]
            ],
            told["openRequests"] > 0,
        )

    def room(self, room_id: str) -> Room:
        return next(room for room in self.rooms if room.id == room_id)

    def mine(self) -> Iterator[Room]:
        """The rooms of the watching account."""
        return (room for room in self.rooms if self.me in room.members)

    def told_of(self) -> set[str]:
        """Persons about whom the account gets events: itself and all it shares a room with."""
        return {self.me}.union(*(room.members for room in self.mine()))

    def is_shown(self, key: str) -> bool:
        """True if the account is notified that this person is online."""
        person = self.people[key]
        if key == self.me:
            return person.online
        return person.online and not person.hidden


def _person(row: dict[str, Any]) -> Person:
    active = row["lastActiveAt"]
    return Person(
        key=row["key"],
        handle=row["handle"],
        name=row["displayName"],
        guest=row["isGuest"],
        online=row["isOnline"],
        hidden=row["isHidden"],
        devices=row["devices"],
        last_active_s=None if active is None else datetime.fromisoformat(active).timestamp(),
    )


@dataclass
class Expected:
    """What a watcher of one room knows, once all events and reads are processed."""

    room_id: str
    is_member: bool = True
    members: frozenset[str] = frozenset()
    """The state at the end of the membership, afterwards."""
    names: dict[str, str] = field(default_factory=dict)
    flags: dict[str, bool] = field(default_factory=dict)
    """The last state of persons without further events."""
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Room title to online and total counts, for each room of the account."""

    def learn(self, gateway_state: GatewayState) -> None:
        """Update from the current state."""
        room = gateway_state.room(self.room_id)
        self.is_member = gateway_state.me in room.members
        if self.is_member:
            self.members, self.names = room.members, dict(room.names)
        for key in gateway_state.told_of():
            self.flags[key] = gateway_state.is_shown(key)
        self.counts = {
            each.title: (sum(map(gateway_state.is_shown, each.members)), len(each.members))
            for each in gateway_state.mine()
        }

    def online(self) -> set[str]:
        return {key for key in self.members if self.flags[key]}


def states_by_age(person: Person, now_s: float) -> set[str]:
    """The possible states of an online person, by last activity."""
    if person.last_active_s is None:
        return {"online"}
    age_s = now_s - person.last_active_s
    possible = set()
    if age_s <= AWAY_AFTER_S + CLOSE_CALL_S:
        possible.add("online")
    if AWAY_AFTER_S - CLOSE_CALL_S <= age_s <= IDLE_AFTER_S + CLOSE_CALL_S:
        possible.add("away")
    if age_s >= IDLE_AFTER_S - CLOSE_CALL_S:
        possible.add("idle")
    return possible
