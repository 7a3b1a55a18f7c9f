"""Applies the simulator's actions to presence, rooms and rosters."""

from presence_tui.gateway.context import GatewayContext
from presence_tui.gateway.directory import Conversation, Person
from presence_tui.gateway.rooms import typing_payload
from presence_tui.wire import names
from presence_tui.wire.profiles import MEESHY_2025


class DirectoryActions:
    """Applies the simulator's actions to presence, rooms and rosters."""

    def __init__(self, context: GatewayContext) -> None:
        presence = context.presence
        self._profile = context.settings.contract
        self._main = context.main
        self._generator = context.generator
        self._memberships = context.memberships
        self._registry = context.registry
        self.connect_device = presence.connect_device
        self.disconnect_device = presence.disconnect_device
        self.heartbeat = presence.device_heartbeat

    def typing(self, person: Person, conversation: Conversation, is_typing: bool) -> None:
        """Send typing or its end to the room; in 2025 a guest's typing is dropped (wire contract, section
        1.5).
        """
        if person.hidden or (person.guest and self._profile is MEESHY_2025):
            return
        listeners = self._registry.in_room(conversation.id)
        if listeners:
            payload = typing_payload(self._profile, person, conversation.id, is_typing)
            event = names.TYPING_START if is_typing else names.TYPING_STOP
            self._registry.broadcast(listeners, event, payload)

    def join_account(self) -> Person:
        """Add an offline account to the main conversation."""
        person = self._generator.account()
        person.last_active_s = None
        self._memberships.join(person, self._main)
        return person

    def leave_account(self, person: Person) -> bool:
        """Remove a plain account from the main conversation; false if it must stay."""
        membership = self._main.members.get(person.key)
        if membership is None or membership.role != "member" or person.guest:
            return False
        if len(person.conversations) > 1 or self._registry.has_sessions(person.key):
            return False
        self._memberships.leave(person, self._main)
        return True

    def change_role(self, person: Person) -> None:
        """The creator makes a member moderator, or a moderator member."""
        membership = self._main.members.get(person.key)
        if membership is None or person.guest or membership.role not in ("member", "moderator"):
            return
        creator = next(each.person for each in self._main.members.values() if each.role == "creator")
        role = "moderator" if membership.role == "member" else "member"
        self._memberships.promote(person, self._main, role, creator)
