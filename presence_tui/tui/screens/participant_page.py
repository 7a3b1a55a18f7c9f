"""A participant's page: identity, conversations, and the reason of the shown state."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from presence_tui.domain.enums import State
from presence_tui.domain.rules import Rule
from presence_tui.service.packet_evidence import PacketEvidence
from presence_tui.service.provenance import Explanation, explain, explain_identity
from presence_tui.service.service import PresenceService
from presence_tui.store import PresenceStore, Record
from presence_tui.text.explanation_texts import ProvenanceTexts, RuleTexts
from presence_tui.text.local_time import DAY_AND_SECONDS, is_ambiguous, local_time
from presence_tui.text.wording import Wording
from presence_tui.tui.widgets.labelled_lines import Labelled

CONVERSATIONS_SHOWN: Final = 8

Rows = list[tuple[str, str]]


def participant_text(
    record: Record,
    service: PresenceService,
    wording: Wording,
    known_rules: Iterable[Rule],
    packets: PacketEvidence | None,
    history_rows: Sequence[tuple[str, str]] = (),
) -> Labelled:
    """State and reason first, then what each rule says, the past, and who it is. Times are those of here."""
    say, store = wording.language.say, service.store
    rules = list(known_rules)
    explanation = explain(record, store, packets, rules)
    texts = RuleTexts(wording)
    clauses = [(rule.name, texts.clause(rule, record, store)) for rule in rules]
    return Labelled(
        [
            *_presence(record, explanation, store, wording),
            *_overruled(explanation, wording),
            ("", ""),
            (say("What each rule says"), ""),
            *clauses,
            ("", ""),
            *(
                [(say("Times"), _zone(store.clock.stamp().wall_s, wording)), *history_rows, ("", "")]
                if history_rows
                else []
            ),
            *_who(record, service, wording),
            ("", ""),
            *_origins(record, service, wording),
        ]
    )


def _who(record: Record, service: PresenceService, wording: Wording) -> Rows:
    say = wording.language.say
    first, *others = _conversations(record, service, wording) or ["—"]
    role = service.store.rosters.role(service.state.conversation_id, record.key)
    name = record.name or "—"
    if record.key == service.state.you:
        you = say("you")
        name = f"{name} · {you}"
    return [
        (say("Name"), name),
        *([(say("Name of the account"), record.account_name)] if record.account_name else []),
        (say("Handle"), f"@{record.handle}" if record.handle else "—"),
        (say("Presence key"), record.key),
        (say("Role"), wording.role(role) or say("member")),
        (say("Type"), say("guest") if record.guest else say("account")),
        (say("Language"), service.store.language_of(record.key) or "—"),
        (say("Conversations"), first),
        *(("", other) for other in others),
    ]


def _conversations(record: Record, service: PresenceService, wording: Wording) -> list[str]:
    """Titles of their conversations, with special roles."""
    found = []
    for conversation in service.state.conversations:
        if conversation.id in record.conversations:
            role = wording.role(service.store.rosters.role(conversation.id, record.key))
            found.append(f"{conversation.title} ({role})" if role else conversation.title)
    more = len(found) - CONVERSATIONS_SHOWN
    if more <= 0:
        return found
    return [*found[:CONVERSATIONS_SHOWN], wording.language.count("+{n} more", "+{n} more", more)]


def _origins(record: Record, service: PresenceService, wording: Wording) -> Rows:
    """Where name, handle, language and role are from; the link dialog says it of counts."""
    identity = explain_identity(record, service.store, service.state.conversation_id)
    return ProvenanceTexts(wording).origins(identity, service.state.title_of)


def _overruled(explanation: Explanation, wording: Wording) -> Rows:
    """Reports that did not decide; no row if there are none."""
    if not explanation.overruled:
        return []
    texts = ProvenanceTexts(wording)
    return [
        ("", ""),
        (wording.language.say("Did not decide"), ""),
        *[texts.overruled(report) for report in explanation.overruled],
    ]


def _presence(record: Record, explanation: Explanation, store: PresenceStore, wording: Wording) -> Rows:
    say, language, texts = wording.language.say, wording.language, ProvenanceTexts(wording)
    now_s = store.clock.stamp().wall_s
    checked = say("never")
    if record.checked_s is not None:
        checked = say(
            "snapshot or REST said {flag}, {age} ago",
            flag=_flag(record.checked_flag, wording),
            age=language.span(now_s - record.checked_s),
        )
    state = f"{wording.state(record.state)} ({store.states.rule.name})"
    if as_of := wording.as_of(record):
        state += f" · {as_of}"
    if record.state is State.OFFLINE and record.flag is False:
        state += " · " + say("or hidden: the two cannot be told apart")
    return [
        (say("State"), state),
        *_since(record, wording),
        (say("Why"), RuleTexts(wording).conditions(store.states.rule, record, store)),
        (say("Next"), texts.next_change(explanation)),
        (say("Flag"), _flag(record.flag, wording)),
        (say("Told by"), texts.told_by(explanation)),
        (say("Last active"), _moment(record.last_active_s, say("never told, or hidden"))),
        *_invalid_time(record, wording),
        (say("Sign of life"), texts.sign_of_life(explanation.sign_of_life, store.states.skew_s)),
        (say("Sent by gateway"), _moment(record.emitted_s, say("not told"))),
        (say("Last checked"), checked),
    ]


def _since(record: Record, wording: Wording) -> Rows:
    """When they were seen to come or leave; no row if they were never told to be here or not.

    Named after the flag, which is what has changed then, where the rule in force contradicts it.
    """
    say = wording.language.say
    if record.flag is None:
        return []
    if record.contradicts_flag:
        label = say("Flag online since") if record.flag else say("Flag offline since")
    else:
        label = say("Online since") if record.flag else say("Offline since")
    if record.flag_noticed_s is not None:
        time = _moment(record.flag_noticed_s, "")
        return [(label, say("{time} at the latest, when it was noticed", time=time))]
    return [(label, _moment(record.flag_since_s, say("before presence-tui watched")))]


def _invalid_time(record: Record, wording: Wording) -> Rows:
    """The last reported time, if it is impossible."""
    if record.invalid_active_s is None:
        return []
    return [(wording.language.say("Invalid time"), wording.invalid_time(record.invalid_active_s))]


def _zone(now_s: float, wording: Wording) -> str:
    """The local time zone, which applies to all times of the page."""
    now = datetime.fromtimestamp(now_s).astimezone()
    return wording.language.say("local: {zone}", zone=f"{now:%Z} (UTC{now:%z})")


def _flag(flag: bool | None, wording: Wording) -> str:
    if flag is None:
        return wording.state(State.UNKNOWN)
    return wording.state(State.ONLINE if flag else State.OFFLINE)


def _moment(seconds: float | None, otherwise: str) -> str:
    """A local time with its zone, or with its offset where the zone's clock shows it twice."""
    if seconds is None:
        return otherwise
    text = local_time(seconds, DAY_AND_SECONDS)
    return text if is_ambiguous(seconds) else f"{text} {datetime.fromtimestamp(seconds).astimezone():%Z}"
