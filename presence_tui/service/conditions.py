"""Conditions on who is here, as ``wait`` reads them: ``Ada online``, ``nobody of moderator``, ``live``."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from presence_tui.domain.enums import State
from presence_tui.domain.translatable import PhraseError, phrase
from presence_tui.store import PresenceStore, Record
from presence_tui.store.records import folded

ROLES: Final = ("creator", "admin", "moderator", "member", "guest")
"""Roles that are valid although no member has them."""


class Quantifier(StrEnum):
    LIVE = "live"
    """The link alone."""
    ALL = "all"
    NOBODY = "nobody"
    SOMEBODY = "somebody"
    NAMED = "named"
    """Everyone of one name, handle or id, and there must be one."""


class BadCondition(PhraseError):
    """The text is not a condition; the message says what one is."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the members of a conversation, without ourselves unless named."""

    quantifier: Quantifier
    state: State = State.ONLINE
    """``ONLINE`` is everybody listed in Online: away and idle too."""
    name: str = ""
    role: str = ""
    """Empty for all roles."""


def read_condition(text: str) -> Condition:
    """Read a condition. Raises ``BadCondition``."""
    words = text.split()
    if [word.lower() for word in words] == ["live"]:
        return Condition(Quantifier.LIVE)
    state = State.ONLINE
    has_state = bool(words) and words[-1].lower() in set(State)
    if has_state:
        state = State(words.pop().lower())
    match [word.lower() for word in words]:
        case [("all" | "nobody" | "somebody") as quantifier] if has_state:
            return Condition(Quantifier(quantifier), state)
        case [("all" | "nobody" | "somebody") as quantifier, "of", role]:
            return Condition(Quantifier(quantifier), state, role=role)
        case [_, *_] if has_state:
            return Condition(Quantifier.NAMED, state, name=" ".join(words))
    raise BadCondition(
        phrase(
            "{text!r} is no condition; write 'NAME online', 'all online', 'nobody of moderator', 'somebody "
            "away' or 'live', with online, away, idle, offline or unknown",
            text=text,
        )
    )


def holds(condition: Condition, store: PresenceStore, conversation_id: str, own_key: str) -> bool:
    """True if the condition holds in a synced conversation. Unconfirmed members may be in any state.

    Raises ``BadCondition`` for a role that does not exist.
    """
    if condition.quantifier is Quantifier.LIVE:
        return True
    members = store.rosters.records(conversation_id)
    if condition.quantifier is Quantifier.NAMED:
        named = [record for record in members if _is_called(record, condition.name)]
        return bool(named) and all(_is_in(store, record, condition.state) for record in named)
    _check_role(condition.role, store.rosters.roles(conversation_id))
    among = [
        record
        for record in members
        if record.key != own_key and _has_role(store, record, conversation_id, condition.role)
    ]
    match condition.quantifier:
        case Quantifier.ALL:
            return bool(among) and all(_is_in(store, record, condition.state) for record in among)
        case Quantifier.SOMEBODY:
            return any(_is_in(store, record, condition.state) for record in among)
        case _:
            return not any(_may_be_in(store, record, condition.state) for record in among)


def names_nobody(condition: Condition, store: PresenceStore, conversation_id: str) -> bool:
    """True if the condition names a participant who is not a member, or not yet."""
    if condition.quantifier is not Quantifier.NAMED:
        return False
    return not any(_is_called(record, condition.name) for record in store.rosters.records(conversation_id))


def _is_called(record: Record, name: str) -> bool:
    wanted = folded(name.removeprefix("@"))
    return name == record.key or wanted in (folded(record.name), folded(record.handle))


def _is_in(store: PresenceStore, record: Record, state: State) -> bool:
    if store.epochs.unconfirmed_since_s(record) is not None:
        return False
    return record.listed is True if state is State.ONLINE else record.state is state


def _may_be_in(store: PresenceStore, record: Record, state: State) -> bool:
    return store.epochs.unconfirmed_since_s(record) is not None or _is_in(store, record, state)


def _has_role(store: PresenceStore, record: Record, conversation_id: str, role: str) -> bool:
    if not role:
        return True
    if role == "guest":
        return record.guest
    return (store.rosters.role(conversation_id, record.key) or "member") == role


def _check_role(role: str, held: Sequence[str] | set[str]) -> None:
    if role and role not in ROLES and role not in held:
        known = ", ".join([*ROLES, *sorted(set(held).difference(ROLES) - {""})])
        raise BadCondition(phrase("nobody has the role {role!r}; choose of {known}", role=role, known=known))
