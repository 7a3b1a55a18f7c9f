"""Entries for the writer: immutable, so that its thread can read them while the monitor runs."""

from typing import NamedTuple

from presence_tui.domain.changes import Change
from presence_tui.domain.participants import Conversation


class AccountEntry(NamedTuple):
    """The account of the run, which applies to its earlier entries too."""

    key: str
    hint: str
    """A hint at the credential's owner: a user id or a digest, never the credential."""


class LinkEntry(NamedTuple):
    """A transition of the link."""

    at_s: float
    state: str
    reason: str
    epoch: int


class CoverageEntry(NamedTuple):
    """A time span without gaps. An entry with the same start extends it."""

    began_s: float
    until_s: float


class UnrecordedEntry(NamedTuple):
    """Number of changes lost between two times, because the disk was unwritable and the queue full."""

    began_s: float
    until_s: float
    changes: int


class PersonEntry(NamedTuple):
    """The current record of a participant, for the roster cache."""

    key: str
    name: str
    handle: str
    guest: bool
    flag: bool | None
    last_active_s: float | None
    told_s: float | None
    rosters: str
    """JSON: conversation id to role."""


class ConversationsEntry(NamedTuple):
    """All conversations of the account, in the gateway's order."""

    conversations: tuple[Conversation, ...]


Entry = AccountEntry | LinkEntry | CoverageEntry | UnrecordedEntry | PersonEntry | ConversationsEntry | Change
