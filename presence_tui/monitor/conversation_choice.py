"""The conversations of the account, which of them is watched, and the one that a user asks for."""

from collections.abc import Sequence
from dataclasses import replace

from presence_tui.domain.participants import Conversation
from presence_tui.monitor.signals import Signal
from presence_tui.store import PresenceStore
from presence_tui.wire.sanitize import safe_text


def find_conversation(wanted: str | None, known: Sequence[Conversation]) -> Conversation | None:
    """Find a conversation by id, identifier or title; the first known one if none is wanted.

    An unknown one is used as given: guests have no list, and the gateway refuses it if it is
    not theirs. ``None`` if none is wanted and none is known.
    """
    if wanted is None:
        return known[0] if known else None
    for conversation in known:
        if wanted in (conversation.id, conversation.identifier):
            return conversation
    for conversation in known:
        if wanted.casefold() == conversation.title.casefold():
            return conversation
    return Conversation(id=wanted, title=safe_text(wanted))


class ConversationChoice:
    """``wanted`` is an id, identifier or title; without one, the most recent conversation is watched."""

    def __init__(self, store: PresenceStore, wanted: str | None) -> None:
        self._store = store
        self._wanted = wanted
        self._may_switch = False
        """True while the watched conversation is only the most recent one of the last run."""
        self.watched: Conversation | None = None
        self.listed: list[Conversation] = []
        """The account's conversations as last read, most recent first."""
        self.changed: Signal[Conversation] = Signal()
        """Emits the watched conversation when it is chosen, also when it is chosen again."""
        self.list_changed: Signal[list[Conversation]] = Signal()

    @property
    def watched_id(self) -> str:
        """Id of the watched conversation; empty while there is none."""
        return self.watched.id if self.watched is not None else ""

    def is_watched(self, conversation_id: str) -> bool:
        return self.watched is not None and self.watched.id == conversation_id

    def lists(self, conversation_id: str) -> bool:
        """True if the account's list contains this conversation."""
        return any(each.id == conversation_id for each in self.listed)

    def restore(self, conversations: Sequence[Conversation]) -> None:
        """Use a cached list; the wanted conversation is watched at once if its roster is known."""
        self.set_list(list(conversations))
        chosen = find_conversation(self._wanted, self.listed)
        if chosen is not None and self._store.rosters.knows(chosen.id):
            self._may_switch = self._wanted is None
            self._watch(chosen)

    def select(self, conversation: Conversation) -> None:
        """Watch another conversation."""
        self._wanted, self._may_switch = conversation.id, False
        self._watch(conversation)

    def choose(self) -> None:
        """Choose from a list just read, but stay with what the user selected or already reads."""
        chosen = find_conversation(self._wanted, self.listed)
        if chosen is None:
            return
        watched, may_switch = self.watched, self._may_switch
        self._may_switch = False
        if watched is None or (may_switch and chosen.id != watched.id):
            self._watch(chosen)
        else:
            self._update_watched((chosen, *self.listed))

    def stay(self) -> None:
        """Do not switch the conversation under a user who reads the remembered one."""
        self._may_switch = False

    def set_list(self, conversations: list[Conversation]) -> None:
        """Replace the list, and the details of the watched conversation."""
        self.listed = conversations
        self._update_watched(conversations)
        self.list_changed.emit(conversations)

    def retitle(self, conversation_id: str, title: str) -> None:
        """Change the title of a listed conversation."""
        self.set_list(
            [each if each.id != conversation_id else replace(each, title=title) for each in self.listed]
        )

    def _watch(self, conversation: Conversation) -> None:
        self.watched = conversation
        self._store.members.prefer_names_of(conversation.id)
        self.changed.emit(conversation)

    def _update_watched(self, conversations: Sequence[Conversation]) -> None:
        watched = self.watched
        if watched is not None:
            self.watched = next((each for each in conversations if each.id == watched.id), watched)
