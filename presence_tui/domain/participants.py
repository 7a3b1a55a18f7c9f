"""Participants: the members of conversations, as a roster lists them."""

from dataclasses import dataclass
from typing import NamedTuple


class Participant(NamedTuple):
    """Who a member is. Every text is already safe to show; empty text means not told."""

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
    """The code of the language they read, such as ``fr``."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation of the account, as the list of conversations tells."""

    id: str
    title: str
    identifier: str = ""
    member_count: int = 0
    member_count_capped: bool = False
    """True where the gateway counts no further ("199+")."""
    last_message_s: float | None = None
    """When its last message was sent, in Unix seconds by the gateway's clock, as the list told."""
