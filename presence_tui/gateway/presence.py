"""Presence: who is online, what others may see of it, and who gets its events.

A person is online while a simulated device or a real socket is open (wire contract, sections
1.5 and 2.1 to 2.6). The first and the second device send true, closing the last one sends false.
"""

from presence_tui.gateway.connection_registry import ConnectionRegistry, Session
from presence_tui.gateway.directory import Conversation, Directory, Person
from presence_tui.gateway.faults import Faults
from presence_tui.store.clock import Clock
from presence_tui.wire import names
from presence_tui.wire.profiles import MEESHY_2025, Profile
from presence_tui.wire.timestamps import wire_from_seconds

REFRESH_S = 60.0
"""Minimum interval between writes of activity, and between broadcast heartbeats."""
DISCONNECT_GRACE_S = 1800.0
"""How long an account seen only over REST counts as online (wire contract, section 6, row 3)."""
GLOBAL_MODERATORS = frozenset({"MODERATOR", "ADMIN", "BIGBOSS"})


class Presence:
    """The presence table of the gateway."""

    def __init__(
        self,
        directory: Directory,
        profile: Profile,
        clock: Clock,
        registry: ConnectionRegistry,
        faults: Faults,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._registry = registry
        self._faults = faults
        self._one_session_each = profile is MEESHY_2025
        self._lingering: dict[str, float] = {}
        self._announced_s: dict[str, float] = {}

    # What is true, and what others may see.

    def is_live(self, person: Person) -> bool:
        """True while the person has a device or a socket."""
        return person.devices > 0 or self._registry.has_sessions(person.key)

    def last_active_s(self, person: Person) -> float | None:
        """Unix time of the last activity; pongs of a real socket refresh it once a minute."""
        newest = person.last_active_s
        if not self._registry.has_sessions(person.key):
            return newest
        for session in self._registry.sessions_of(person.key):
            newest = max(newest or 0.0, self._beaten_s(session))
        return newest

    def _beaten_s(self, session: Session) -> float:
        """Unix time of the last pong of a socket that was written down."""
        connected_s = self._clock.stamp().wall_s - session.opened_s
        return session.opened_s + connected_s // REFRESH_S * REFRESH_S

    def last_active_at(self, person: Person) -> str | None:
        """The same as ISO-8601, as the wire has it."""
        last_active_s = self.last_active_s(person)
        return None if last_active_s is None else wire_from_seconds(last_active_s)

    def seen_by(self, viewer: Person, person: Person) -> tuple[bool, str | None]:
        """Flag and last activity (ISO-8601) as a viewer may see them (wire contract, section 2.6)."""
        full = viewer is person or viewer.global_role in GLOBAL_MODERATORS
        if person.hidden and not full:
            return False, None
        last_active_at = None if person.hides_last_seen and not full else self.last_active_at(person)
        return self.is_live(person), last_active_at

    def truth(self, conversation: Conversation) -> dict[str, bool]:
        """Presence key to flag as other members see it: hidden persons are false."""
        return {
            key: not membership.person.hidden and self.is_live(membership.person)
            for key, membership in conversation.members.items()
        }

    def snapshot_for(self, viewer: Person) -> list[dict[str, object]]:
        """Rows of all other members of the viewer's conversations, each once, online or not (section 2.2)."""
        others: dict[str, Person] = {}
        for conversation in viewer.conversations:
            for key, membership in conversation.members.items():
                others[key] = membership.person
        others.pop(viewer.key, None)
        rows: list[dict[str, object]] = []
        for key, person in others.items():
            flag, last_active_at = self.seen_by(viewer, person)
            flag = self._faults.told.get(key, flag)
            rows.append(
                {"userId": key, "username": person.handle, "isOnline": flag, "lastActiveAt": last_active_at}
            )
        return rows

    # Devices of the simulated population. Each method returns whether an event was sent.

    def connect_device(self, person: Person) -> bool:
        """A device connects: others receive ``true``, also for the second device."""
        person.devices = 1 if self._one_session_each else person.devices + 1
        return self.mark_active(person)

    def disconnect_device(self, person: Person) -> bool:
        """A device disconnects: others receive ``false`` after the last one."""
        if person.devices == 0 or self._is_always_online(person):
            return False
        person.devices -= 1
        return not self.is_live(person) and self._broadcast(person, False)

    def mark_active(self, person: Person) -> bool:
        """A sign of life, such as a device's heartbeat: others receive ``true`` again."""
        person.last_active_s = self._clock.stamp().wall_s
        return self._broadcast(person, True)

    def set_online(self, person: Person, flag: bool) -> bool:
        """Set one person's state; real sockets are not affected."""
        if flag:
            person.devices = max(1, person.devices)
            return self.mark_active(person)
        person.devices = min(1, person.devices)
        return self.disconnect_device(person)

    # Real sockets.

    def connect_socket(self, person: Person) -> None:
        """Mark a person active whose socket has authenticated."""
        self._lingering.pop(person.key, None)
        if self._one_session_each:
            person.devices = 0
        self._announced_s[person.key] = self._clock.stamp().wall_s
        self.mark_active(person)

    def disconnect_socket(self, session: Session, person: Person) -> None:
        """A socket has closed. After a person's last one, others receive ``false``."""
        person.last_active_s = max(person.last_active_s or 0.0, self._beaten_s(session))
        if self._is_always_online(person):
            person.devices = 1
        elif not self.is_live(person):
            self._broadcast(person, False)

    def heartbeat(self, person: Person) -> None:
        """A client's heartbeat: others receive ``true`` again, at most once a minute."""
        now_s = self._clock.stamp().wall_s
        if now_s - self._announced_s.get(person.key, now_s - REFRESH_S) < REFRESH_S:
            return
        self._announced_s[person.key] = now_s
        self.mark_active(person)

    # Accounts seen only over REST, the origin of ghosts.

    def record_login(self, person: Person) -> None:
        """A login marks the account online without an event (section 3.2)."""
        self._lingering.setdefault(person.key, self._clock.stamp().wall_s)

    def record_request(self, person: Person) -> None:
        """An authenticated request of an offline account sends ``true`` to others (section 2.1)."""
        if self._one_session_each or person.guest:
            return
        if self.is_live(person) or person.key in self._lingering:
            return
        self._lingering[person.key] = self._clock.stamp().wall_s
        self.mark_active(person)

    def create_ghost(self, person: Person) -> bool:
        """Send ``true`` without a session: an event that the runtime does not confirm."""
        self._lingering[person.key] = self._clock.stamp().wall_s
        return self.mark_active(person)

    def sweep(self) -> None:
        """Send ``false`` for accounts seen over REST too long ago."""
        now_s = self._clock.stamp().wall_s
        for key, since_s in list(self._lingering.items()):
            if now_s - since_s > DISCONNECT_GRACE_S:
                del self._lingering[key]
                person = self._directory.people[key]
                if not self.is_live(person):
                    self._broadcast(person, False)

    def forget_sessions(self) -> None:
        """Forget connections at a restart."""
        self._lingering.clear()
        self._announced_s.clear()

    # Broadcasts.

    def _broadcast(self, person: Person, flag: bool) -> bool:
        """Send ``user:status``; false if this person's presence is never sent to others."""
        if person.hidden or not person.conversations:
            return False
        if self._faults.drops_status(flag):
            return True
        payload: dict[str, object] = {
            "userId": person.key,
            "username": person.display_name,
            "isOnline": flag,
        }
        if self._one_session_each:
            # One emission per room: clients that share several rooms with the person receive it several
            # times.
            audiences = [self._registry.in_room(conversation.id) for conversation in person.conversations]
        else:
            audiences = [self._registry.members_of(person.conversations)]
            payload["lastActiveAt"] = None if person.hides_last_seen else self.last_active_at(person)
        payload["timestamp"] = wire_from_seconds(self._clock.stamp().wall_s)
        for audience in audiences:
            if audience:
                self._registry.broadcast(audience, names.STATUS, payload)
        return True

    def _is_always_online(self, person: Person) -> bool:
        """In 2025 a guest's disconnection finds no record, so no event is sent (section 1.5)."""
        return self._one_session_each and person.guest
