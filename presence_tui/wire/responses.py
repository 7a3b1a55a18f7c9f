"""Decodes bodies of REST responses into typed, sanitized values (wire contract, section 3).

Every function takes the bytes of a body and raises ``UnexpectedShape`` if they violate the contract. Single
bad rows are counted instead, so that one malformed member does not hide the others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final, TypeVar

import msgspec

from presence_tui.domain.participants import Conversation, Participant
from presence_tui.domain.redaction import MaskedRepr
from presence_tui.wire import payloads
from presence_tui.wire.decode import ROWS_A_PART, decoded_rows, full_name, presence_rows, raw_name, rows_of
from presence_tui.wire.json_repair import decode_repaired
from presence_tui.wire.messages import PresenceRow, RosterRow
from presence_tui.wire.profiles import Profile
from presence_tui.wire.sanitize import (
    ID_CHARS,
    MESSAGE_CELLS,
    are_safe_ids,
    is_safe_id,
    safe_name,
    safe_names,
    safe_text,
)
from presence_tui.wire.timestamps import seconds_from_wire, told_seconds
from presence_tui.wire.tokens import is_carriable

Shape = TypeVar("Shape", bound=msgspec.Struct)

MOST_COUNTED: Final = 1_000_000_000
"""Larger numbers of members are cut to this."""

_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Errors of parsing unknown bytes; the last for endless nesting."""


class UnexpectedShape(ValueError):
    """The body violates the contract; the text is sanitized."""


@dataclass(frozen=True, slots=True)
class RosterPage:
    rows: list[RosterRow]
    malformed_rows: int
    next_cursor: str | None
    total: int | None
    total_capped: bool
    complete: bool = True
    """False for a part of a long page that is not its last."""
    former_members: int = 0
    """Rows of former members, which are not in ``rows``."""


@dataclass(frozen=True, slots=True)
class ConversationsPage:
    rows: list[Conversation]
    malformed_rows: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Account:
    """The account of a credential."""

    key: str
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """A JWT, and its session token if the gateway uses one. Never show them."""

    token: str = field(repr=False)
    session: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A successful login; ``account`` is ``None`` if the gateway does not return it."""

    tokens: Tokens
    account: Account | None


@dataclass(frozen=True, slots=True)
class GuestSession:
    """The session of a guest; ``handle`` is the name given by the gateway."""

    token: str = field(repr=False)
    key: str
    handle: str
    conversation_id: str


@dataclass(frozen=True, slots=True)
class SecondFactorAsked:
    """The password was correct, but a code is required; send ``challenge`` with it."""

    challenge: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Health:
    healthy: bool
    server_time_s: float | None
    version: str
    uptime_s: float | None


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """The content of an error body of any form; all fields may be empty."""

    text: str = ""
    code: str = ""
    retry_after_s: float | None = None


class _Rows(payloads.WireShape):
    data: list[msgspec.Raw]
    pagination: object = None


class _PresenceUsers(payloads.WireShape):
    users: list[msgspec.Raw]


class _Presence(payloads.WireShape):
    data: _PresenceUsers


class _UserEnvelope(payloads.WireShape):
    user: payloads.UserShape


class _Me(payloads.WireShape):
    data: _UserEnvelope


class _TokenEnvelope(MaskedRepr, payloads.WireShape):
    token: str
    session_token: str | None = None


class _LoginEnvelope(MaskedRepr, payloads.WireShape):
    token: str | None = None
    session_token: str | None = None
    user: payloads.UserShape | None = None
    two_factor_token: str | None = None


class _Login(payloads.WireShape):
    data: _LoginEnvelope


class _PrivacyEnvelope(payloads.WireShape):
    show_online_status: bool


class _Privacy(payloads.WireShape):
    data: _PrivacyEnvelope


class _Violation(payloads.WireShape):
    field: str


class _Violations(payloads.WireShape):
    violations: list[_Violation]


class _Refreshed(payloads.WireShape):
    data: _TokenEnvelope


class _Identified(payloads.WireShape):
    id: payloads.Id


class _GuestParticipant(payloads.WireShape):
    id: payloads.Id
    username: str | None = None


class _GuestEnvelope(MaskedRepr, payloads.WireShape):
    session_token: str
    participant: _GuestParticipant
    conversation: _Identified


class _GuestJoined(payloads.WireShape):
    data: _GuestEnvelope


class _Error(payloads.WireShape):
    error: object = None
    message: object = None
    code: object = None
    retry_after: object = None


def read_participants(body: bytes, profile: Profile) -> Iterator[RosterPage]:
    """Decode one page of participants, a long one in parts; the last part has the cursor.

    Rows are located at once and decoded in parts, so that keys are not delayed by a hundred thousand
    participants. In profiles whose list is outdated for accounts, only guests have a flag.
    """
    return _roster_parts(_decode(body, _Rows), profile)


def _roster_parts(page: _Rows, profile: Profile) -> Iterator[RosterPage]:
    told = _object(page.pagination)
    cursor = told.get("nextCursor")
    if not isinstance(cursor, str) or not 0 < len(cursor) <= ID_CHARS or told.get("hasMore") is False:
        cursor = None
    for start in range(0, max(1, len(page.data)), ROWS_A_PART):
        items = page.data[start : start + ROWS_A_PART]
        shaped, misshapen = decoded_rows(items, payloads.ParticipantShape)
        members = [row for row in shaped if row.is_active is not False]
        rows = _roster_rows(members, profile)
        is_last = start + ROWS_A_PART >= len(page.data)
        yield RosterPage(
            rows=rows,
            malformed_rows=misshapen + len(members) - len(rows),
            next_cursor=cursor if is_last else None,
            total=_count(told.get("totalCount")),
            total_capped=told.get("totalCountCapped") is True,
            complete=is_last,
            former_members=len(shaped) - len(members),
        )


def read_runtime_presence(body: bytes) -> tuple[list[PresenceRow], int]:
    """Decode ``/users/presence``: rows, and the number of malformed ones."""
    rows, misshapen = decoded_rows(_decode(body, _Presence).data.users, payloads.StatusShape)
    decoded, unkeyed = presence_rows(rows)
    return decoded, misshapen + unkeyed


def read_conversations(body: bytes, own_key: str = "") -> ConversationsPage:
    """Decode one page of conversations. Those without a title get the names of their other members."""
    page = _decode(body, _Rows)
    shaped, misshapen = decoded_rows(page.data, payloads.ConversationShape)
    rows = [_conversation(row, own_key) for row in shaped if is_safe_id(row.id)]
    more = _object(page.pagination).get("hasMore") is True
    return ConversationsPage(rows, misshapen + len(shaped) - len(rows), more)


def read_account(body: bytes) -> Account:
    """Decode ``/auth/me``."""
    return _account(_decode(body, _Me).data.user)


def read_login(body: bytes) -> LoggedIn | SecondFactorAsked:
    """Decode a successful ``/auth/login`` or ``/auth/login/2fa`` (section 3.2)."""
    login = _decode(body, _Login).data
    if login.token is not None:
        account = None if login.user is None else _account(login.user)
        return LoggedIn(_tokens(login.token, login.session_token), account)
    if login.two_factor_token:
        return SecondFactorAsked(login.two_factor_token)
    raise UnexpectedShape("a login without a token")


def read_refreshed_tokens(body: bytes) -> Tokens:
    """Decode ``/auth/refresh``; the session token may be unchanged or missing."""
    refreshed = _decode(body, _Refreshed).data
    return _tokens(refreshed.token, refreshed.session_token)


def read_online_status(body: bytes) -> bool:
    """True if others may see whether the account is online (``/me/preferences/privacy``)."""
    return _decode(body, _Privacy).data.show_online_status


def read_violations(body: bytes) -> frozenset[str]:
    """The preferences that need a consent, where a refusal names them. Raises nothing."""
    try:
        return frozenset(safe_text(each.field) for each in _decode(body, _Violations).violations)
    except UnexpectedShape:
        return frozenset()


def read_guest_session(body: bytes) -> GuestSession:
    """Decode the session of a guest after joining."""
    guest = _decode(body, _GuestJoined).data
    if not (is_safe_id(guest.participant.id) and is_safe_id(guest.conversation.id)):
        raise UnexpectedShape("the guest's ids cannot be shown as they are")
    return GuestSession(
        token=_tokens(guest.session_token, None).token,
        key=guest.participant.id,
        handle=safe_name(guest.participant.username or ""),
        conversation_id=guest.conversation.id,
    )


def read_health(body: bytes) -> Health:
    """Decode ``/health``, which has the same form whether healthy or not."""
    shape = _decode(body, payloads.HealthShape)
    return Health(
        healthy=shape.status == "healthy",
        server_time_s=seconds_from_wire(shape.timestamp),
        version=safe_text(shape.version or ""),
        uptime_s=shape.uptime,
    )


def read_error(body: bytes) -> ErrorBody:
    """Decode an error body of any form; empty for HTML or invalid JSON. Never raises."""
    try:
        shape = decode_repaired(body, msgspec.json.Decoder(_Error).decode)
    except _NOT_JSON:
        return ErrorBody()
    nested = shape.error if isinstance(shape.error, dict) else {}
    text = _first_text(shape.message, shape.error, nested.get("message"))
    code = _first_text(shape.code, nested.get("code"))
    retry_after_s = shape.retry_after if isinstance(shape.retry_after, int | float) else None
    return ErrorBody(safe_text(text, MESSAGE_CELLS), safe_text(code), retry_after_s)


def _account(user: payloads.UserShape) -> Account:
    if not is_safe_id(user.id):
        raise UnexpectedShape("the account's id cannot be shown as it is")
    return Account(user.id, safe_text(user.username or ""), safe_text(user.display_name or ""))


def _tokens(token: str, session: str | None) -> Tokens:
    if not is_carriable(token) or (session and not is_carriable(session)):
        raise UnexpectedShape("a token that no header can carry")
    return Tokens(token, session or "")


def _decode(body: bytes, shape: type[Shape]) -> Shape:
    try:
        return decode_repaired(body, msgspec.json.Decoder(shape).decode)
    except _NOT_JSON as problem:
        raise UnexpectedShape(safe_text(str(problem), MESSAGE_CELLS)) from problem


_LANGUAGE_CELLS: Final = 16
"""Gateways may have codes of any length."""


def _roster_rows(members: list[payloads.ParticipantShape], profile: Profile) -> list[RosterRow]:
    """Rows with a safe key. Column by column, in half the time of row by row."""
    keys = [row.user_id or row.id for row in members]
    if not are_safe_ids(keys):
        members = [row for row in members if is_safe_id(row.user_id or row.id)]
        keys = [row.user_id or row.id for row in members]
    guests = [row.is_anonymous or row.type == "anonymous" for row in members]
    participants = zip(
        keys,
        safe_names([raw_name(row.display_name, row.first_name, row.last_name) for row in members]),
        safe_names(["" if guest else row.username or "" for row, guest in zip(members, guests, strict=True)]),
        [_role(row.conversation_role or "member") for row in members],
        guests,
        [_language(row.system_language or "") for row in members],
        strict=True,
    )
    tells = profile.roster_tells_presence
    # The older gateway reports the time of joining as guests' last activity (section 3.4).
    flags = [row.is_online if guest or tells else None for row, guest in zip(members, guests, strict=True)]
    times_s = [
        told_seconds(row.last_active_at) if guest is not tells else None
        for row, guest in zip(members, guests, strict=True)
    ]
    return list(map(RosterRow, map(_participant_of, participants), flags, times_s))


_participant_of: Callable[[tuple[str, str, str, str, bool, str]], Participant]
_participant_of = partial(tuple.__new__, Participant)
"""Three times as fast as passing fields by name."""


@lru_cache(maxsize=64)
def _role(text: str) -> str:
    return safe_text(text).lower()


@lru_cache(maxsize=256)
def _language(text: str) -> str:
    return safe_text(text, _LANGUAGE_CELLS)


def _conversation(row: payloads.ConversationShape, own_key: str) -> Conversation:
    title = row.title or _other_names(row, own_key) or row.identifier or row.id
    return Conversation(
        id=row.id,
        title=safe_text(title),
        identifier=safe_text(row.identifier or ""),
        member_count=_count(row.member_count) or 0,
        member_count_capped=row.member_count_capped is True,
        last_message_s=seconds_from_wire(row.last_message_at),
    )


def _other_names(row: payloads.ConversationShape, own_key: str) -> str:
    people, _ = rows_of(row.participants or row.members or [], _Person)
    others = [person for person in people if not own_key or person.key != own_key]
    return ", ".join(name for person in others if (name := person.shown_name()))


class _Person(payloads.WireShape):
    display_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    id: str | None = None
    user_id: str | None = None
    user: payloads.StatsUserShape | None = None

    @property
    def key(self) -> str:
        return self.user_id or (self.user.id if self.user else self.id) or ""

    def shown_name(self) -> str:
        own = full_name(self.display_name, self.first_name, self.last_name)
        if own or self.user is None:
            return own or safe_text(self.username or "")
        user = self.user
        return full_name(user.display_name, user.first_name, user.last_name) or safe_text(user.username or "")


def _object(told: object) -> dict[str, object]:
    return told if isinstance(told, dict) else {}


def _count(told: object) -> int | None:
    """A number of members, at most ``MOST_COUNTED``; ``None`` if it is not a number."""
    if not isinstance(told, int | float) or isinstance(told, bool) or told < 0:
        return None
    return int(min(told, MOST_COUNTED))


def _first_text(*candidates: object) -> str:
    texts: Sequence[str] = [text for text in candidates if isinstance(text, str) and text]
    return texts[0] if texts else ""
