"""Sentences about presence: the reason of a state, changes, and the link."""

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Source, State
from presence_tui.domain.evidence import EARLIEST_S, UNREADABLE_S
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.monitor.memberships import EndCause, MembershipEnd
from presence_tui.store import Facets, PresenceStore, Record
from presence_tui.text.language import Language
from presence_tui.text.local_time import time_beside, time_or_date

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.monitor.roster_refresh import RefreshReport

TYPING_SHOWN_S = 15.0
"""How long a participant without a "stop" event is shown typing (wire contract, section 2.4)."""


class Wording:
    """Sentences in one language, about one store."""

    def __init__(self, language: Language, store: PresenceStore) -> None:
        self.language = language
        self.store = store

    def state(self, state: State) -> str:
        """Name of a state."""
        say = self.language.say
        match state:
            case State.ONLINE:
                return say("online")
            case State.AWAY:
                return say("away")
            case State.IDLE:
                return say("idle")
            case State.OFFLINE:
                return say("offline")
            case State.UNKNOWN:
                return say("unknown")

    def role(self, role: str) -> str:
        """Name of a role; empty for plain members, the gateway's own word for unknown roles."""
        say = self.language.say
        match role:
            case "" | "member":
                return ""
            case "creator":
                return say("creator")
            case "admin":
                return say("admin")
            case "moderator":
                return say("mod")
            case _:
                return role

    def total(self, conversation: Conversation) -> str:
        """Number of known members, and the total if the gateway lists fewer."""
        return _total(conversation, self.store) or "—"

    def listed_in_part(self, conversation_id: str, total: int, *, capped: bool) -> str:
        """Online and listed members, and the total, if the gateway lists only some members."""
        counts = self.store.counts(conversation_id)
        return self.language.say(
            "{online} of {listed} listed, {total} members",
            online=counts.online,
            listed=counts.total,
            total=_members(total, capped),
        )

    def role_named(self, role: str) -> str:
        """Like ``role``, but with a name for plain members."""
        return self.language.say("member") if role in ("", "member") else self.role(role)

    def facets(self, facets: Facets, *, brief: bool = False) -> str:
        """Format the facets in the order of the dialog; ``brief`` is for lines without room."""
        word = self.state if brief else partial(state_facet, wording=self)
        states = [word(state) for state in State if state in facets.states]
        roles = [self.role_named(role) for role in sorted(facets.roles)]
        kinds = {True: [self.language.say("guests")], False: [self.language.say("accounts")], None: []}
        return " · ".join(", ".join(group) for group in (states, roles, kinds[facets.guests]) if group)

    def age(self, record: Record) -> str:
        """Age of the last sign of life, otherwise of their leaving if that was seen, or a dash if unknown."""
        age_s = self.store.states.latest_age_s(record)
        return "—" if age_s is None else self.language.span(age_s)

    def distinction(self, record: Record) -> tuple[str, ...]:
        """What tells a participant from others of the same name, the best first: ``@handle``, ``#`` and the
        end of the presence key. Empty for a unique name.
        """
        found = self.store.namesakes.distinction(record)
        if found is None:
            return ()
        id_end = f"#{found.id_end}"
        return (f"@{found.handle}", id_end) if found.handle else (id_end,)

    def name(self, change: Change) -> str:
        """The name in a change, with what tells them from others of the same name."""
        record = self.store.get_user_by_id(change.key)
        if record is None or record.shown_name != change.name:
            return change.name
        return " ".join((change.name, *self.distinction(record)[:1]))

    def there_since(self, record: Record) -> str:
        """When a participant was seen to come or leave: the time, or the date of another day; or empty.

        Empty too where the rule in force contradicts the flag, which is what has changed then.
        """
        say, now_s = self.language.say, self.store.clock.stamp().wall_s
        if record.contradicts_flag:
            return ""
        if record.flag_noticed_s is not None:
            return say("by {time}", time=time_or_date(record.flag_noticed_s, now_s))
        if record.flag_since_s is None:
            return ""
        time = time_or_date(record.flag_since_s, now_s)
        return say("since {time}", time=time) if record.flag else say("left {time}", time=time)

    def is_typing(self, record: Record) -> bool:
        if record.typing_s is None:
            return False
        return self.store.clock.stamp().wall_s - record.typing_s <= TYPING_SHOWN_S

    def source(self, source: Source, seq: int = 0) -> str:
        """Name of a source of evidence."""
        say = self.language.say
        match source:
            case Source.EVENT:
                return say("event #{seq}", seq=seq)
            case Source.SNAPSHOT:
                return say("snapshot")
            case Source.RUNTIME:
                return say("runtime (REST)")
            case Source.ROSTER:
                return say("roster (REST)")
            case Source.TYPING:
                return say("typing")
            case Source.CACHE:
                return say("cache")

    def why(self, record: Record) -> str:
        """Explain a participant's state in one line."""
        language = self.language
        now_s = self.store.clock.stamp().wall_s
        parts = [language.say("{name} is {state}", name=record.shown_name, state=self.state(record.state))]
        evidence = record.evidence
        if evidence is None:
            parts[0] += language.say(": nobody has told yet")
        else:
            parts[0] += language.say(
                ": {source}, {age} ago, epoch {epoch}",
                source=self.source(evidence.source, evidence.seq),
                age=language.span(now_s - evidence.received_s),
                epoch=evidence.epoch,
            )
        if as_of := self.as_of(record):
            parts.append(as_of)
        if checked := self._checked(record, now_s):
            parts.append(checked)
        if evidence is not None:
            parts.append(self._activity(record))
        parts.append(language.say("rule {rule}", rule=self.store.states.rule.name))
        return " · ".join(filter(None, parts))

    def as_of(self, record: Record) -> str:
        """Until when a state that may have changed was known; empty if it is current."""
        since_s = self.store.epochs.unconfirmed_since_s(record)
        if since_s is not None:
            return self.language.say("not confirmed since {time}", time=self.time(since_s))
        since_s = self.store.states.held_since_s(record)
        return "" if since_s is None else self.language.say("as of {time}", time=self.time(since_s))

    def what_happened(self, change: Change) -> str:
        """Describe an arrival or departure in one line, with the name."""
        say, name = self.language.say, self.name(change)
        if change.cause is Cause.RECONCILED:
            state = self.state(change.after)
            source = self.source(change.source) if change.source else ""
            return say("{name} is {state}, says the {source}", name=name, state=state, source=source)
        if change.cause is Cause.RECONNECTED:
            return say("{name} is back with the gateway", name=name)
        if change.cause is Cause.REPLAYED:
            came = say("{name} came online during the gap", name=name)
            return came if change.arrived else say("{name} left during the gap", name=name)
        if change.arrived:
            return say("{name} came online", name=name)
        if change.held_s is None:
            return say("{name} left", name=name)
        return say("{name} left after {span}", name=name, span=self.language.span(change.held_s))

    def refresh_result(self, report: "RefreshReport") -> str:
        """Result of a refresh or resync: counts, or the error and advice."""
        if report.error is not None:
            error = report.error
            return f"{self.language.phrase(error.sentence)} {self.language.phrase(error.advice)}".rstrip()
        read = self.language.count("{n} participant read", "{n} participants read", report.participants)
        parts = [read]
        if report.corrected:
            # Not 0: a snapshot just before may have corrected somebody.
            parts.append(self.language.count("{n} corrected", "{n} corrected", report.corrected))
        if report.unconfirmed:
            n = report.unconfirmed
            parts.append(self.language.count("{n} not confirmed", "{n} not confirmed", n))
        if report.runtime_has_just_booted:
            parts.append(self.language.say("the gateway has just started, so its states are not taken yet"))
        if report.left_out:
            parts.append(self.language.say("max_roster allows no more"))
        return " · ".join(parts)

    def link_word(self, status: LinkStatus) -> str:
        """The link state in one word, with its main figure."""
        say = self.language.say
        now_s = self.store.clock.stamp().wall_s
        match status.state:
            case LinkState.CONNECTING | LinkState.CONNECTED:
                return say("CONNECTING")
            case LinkState.LIVE:
                return say("LIVE")
            case LinkState.STALE:
                return say("STALE {age}", age=self.language.span(now_s - (status.fresh_until_s or now_s)))
            case LinkState.RECONNECTING if status.retry_s is not None:
                wait = self.language.span(status.retry_s - now_s + 0.999)
                return say("RECONNECTING {attempt} · next in {wait}", attempt=status.attempt, wait=wait)
            case LinkState.RECONNECTING:
                return say("RECONNECTING {attempt}", attempt=status.attempt)
            case LinkState.SIGNED_OUT:
                return say("SIGNED OUT")
            case LinkState.OFFLINE:
                return say("OFFLINE")

    def membership_word(self, end: MembershipEnd) -> str:
        """Shown in place of the link state: the conversation is no longer updated."""
        say = self.language.say
        match end.cause:
            case EndCause.CLOSED:
                return say("CLOSED")
            case EndCause.DELETED:
                return say("DELETED")
            case _:
                return say("NOT A MEMBER")

    def membership(self, end: MembershipEnd) -> str:
        """How the membership ended, and the time of the shown roster."""
        say, time = self.language.say, self.time(end.at_s)
        match end.cause:
            case EndCause.BANNED:
                return say("banned, no longer a member since {time}; shown as of then", time=time)
            case EndCause.CLOSED:
                return say("closed since {time}; shown as of then", time=time)
            case EndCause.DELETED:
                return say("deleted since {time}; shown as of then", time=time)
            case _:
                return say("no longer a member since {time}; shown as of then", time=time)

    def time(self, at_s: float) -> str:
        """A local time, with its date unless it is today."""
        return time_beside(at_s, self.store.clock.stamp().wall_s)

    def data_age(self, status: LinkStatus) -> str:
        """Age of the shown data while the link is not synced; empty otherwise."""
        if not status.is_stale or status.fresh_until_s is None or status.state is LinkState.STALE:
            return ""
        age_s = self.store.clock.stamp().wall_s - status.fresh_until_s
        return self.language.say("as of {age} ago", age=self.language.span(age_s))

    def _checked(self, record: Record, now_s: float) -> str:
        if record.checked_s is None or record.checked_s < record.received_s:
            return ""
        if record.source in (Source.SNAPSHOT, Source.RUNTIME, Source.ROSTER):
            return ""
        age = self.language.span(now_s - record.checked_s)
        if record.checked_flag == record.flag:
            return self.language.say("gateway agreed {age} ago", age=age)
        return self.language.say("gateway said otherwise {age} ago", age=age)

    def invalid_time(self, reported_s: float) -> str:
        """An impossible time reported by the gateway, and why it is impossible."""
        say = self.language.say
        if reported_s == UNREADABLE_S:
            return say("told a time that cannot be read")
        try:
            time = f"{datetime.fromtimestamp(reported_s, UTC):%Y-%m-%d %H:%M} UTC"
        except (ValueError, OverflowError, OSError):
            time = say("beyond the calendar")
        if reported_s < EARLIEST_S:
            return say("told {time}, which is before 2010", time=time)
        return say("told {time}, which was in the future", time=time)

    def _activity(self, record: Record) -> str:
        if record.invalid_active_s is not None:
            return self.invalid_time(record.invalid_active_s)
        age_s = self.store.states.age_s(record)
        if age_s is None:
            return self.language.say("never seen active, or hidden")
        age = self.language.span(age_s)
        if record.last_active_s != record.activity_s:
            # An event told that they are there; a last activity is told in so many words.
            return self.language.say("sign of life {age} ago", age=age)
        return self.language.say("active {age} ago", age=age)


def state_facet(state: State, wording: Wording) -> str:
    """Name of a state to filter by. The panel Online lists those away and idle too."""
    return wording.language.say("online (active)") if state is State.ONLINE else wording.state(state)


def online_and_total(conversation: Conversation, store: PresenceStore) -> str:
    """Online of total: ``3/99 (199+)`` is short for "3 of 99 listed, 199+ members"."""
    total = _total(conversation, store)
    is_read = store.rosters.knows(conversation.id)
    return f"{store.counts(conversation.id).online}/{total}" if is_read else total


def _total(conversation: Conversation, store: PresenceStore) -> str:
    members = _members(conversation.member_count, conversation.member_count_capped)
    if not store.rosters.knows(conversation.id):
        return members if conversation.member_count else ""
    shown = store.counts(conversation.id).total
    return f"{shown} ({members})" if store.rosters.is_in_part(conversation) else str(shown)


def _members(count: int, capped: bool) -> str:
    return f"{count}+" if capped else str(count)
