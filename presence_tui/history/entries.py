"""Entries for the writer: immutable values, so that its thread can read them while the monitor runs."""

from typing import NamedTuple

from presence_tui.domain.changes import Change
from presence_tui.domain.participants import Conversation


class AccountEntry(NamedTuple):
    """The gateway has said who we are. Everything of this run, before and after, is of this account."""

    key: str
    hint: str
    """What the credential says of its owner: a user id, or a digest; never the credential."""


class LinkEntry(NamedTuple):
    """The link went to another state."""

    at_s: float
    state: str
    reason: str
    epoch: int


class CoverageEntry(NamedTuple):
    """From one moment to another nothing can have escaped us. The same beginning again moves the end."""

    began_s: float
    until_s: float


class UnrecordedEntry(NamedTuple):
    """So many changes between two moments are lost: the disk took nothing, and memory has an end."""

    began_s: float
    until_s: float
    changes: int


class PersonEntry(NamedTuple):
    """Somebody as known now, for the last roster."""

    key: str
    name: str
    handle: str
    guest: bool
    flag: bool | None
    last_active_s: float | None
    told_s: float | None
    rosters: str
    """JSON: id of a conversation to the role in it."""


class ConversationsEntry(NamedTuple):
    """All conversations of the account, in the gateway's order."""

    conversations: tuple[Conversation, ...]


Entry = AccountEntry | LinkEntry | CoverageEntry | UnrecordedEntry | PersonEntry | ConversationsEntry | Change
