"""Participants and conversations, as listed by the gateway."""

from dataclasses import dataclass
from typing import NamedTuple


class Participant(NamedTuple):
    """A member. All texts are sanitized; empty text means unknown."""

    key: str
    """Presence key: the user id, or the participant id of a guest."""
    name: str = ""
    """Display name."""
    handle: str = ""
    """Account name, without the at sign."""
    role: str = ""
    """Lower case: creator, admin, moderator, member."""
    guest: bool = False
    language: str = ""
    """Language code, such as ``fr``."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation of the account, from the list of conversations."""

    id: str
    title: str
    identifier: str = ""
    member_count: int = 0
    member_count_capped: bool = False
    """True if the gateway's count is capped ("199+")."""
    last_message_s: float | None = None
    """Unix time of its last message, by the gateway's clock, as reported in the list."""
