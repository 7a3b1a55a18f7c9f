"""Texts of the dialogs of link and metrics."""

from collections.abc import Mapping

from presence_tui.domain.enums import Outcome
from presence_tui.domain.limits import limit_texts
from presence_tui.metrics.reading import MetricsReading
from presence_tui.monitor.link import LinkStatus
from presence_tui.service.provenance import explain_roster
from presence_tui.service.service import PresenceService
from presence_tui.service.state import ServiceState
from presence_tui.text.change_texts import missed_text
from presence_tui.text.explanation_texts import ProvenanceTexts
from presence_tui.text.language import Language
from presence_tui.text.link_texts import clock_text, endings_text
from presence_tui.text.local_time import seconds_beside, span_beside
from presence_tui.text.metrics_texts import figures, outcome_word
from presence_tui.text.wording import Wording
from presence_tui.tui.widgets.labelled_lines import Labelled

_MOST_ROSTERS = 20
"""Maximum listed rosters."""

_MOST_ENDS = 6
"""Maximum listed kinds of ends."""

_TOKEN_IS_OLD_S = 600.0
"""Seconds before a token's expiry from which its refresh is explained."""


def link_text(service: PresenceService, wording: Wording) -> Labelled:
    """State of the link, reason, and what was received."""
    say, language = wording.language.say, wording.language
    state, tally = service.state, service.counters
    status = state.link
    assert status is not None and tally is not None, "there is a link once the monitor runs"
    now_s = service.store.clock.stamp().wall_s
    since_s = status.loss.lost_s if status.loss is not None else status.since_s
    heard = say("{age} ago", age=language.span(now_s - state.heard_s)) if state.heard_s else say("never")
    # "Refused" is 0 unless a limit is reached, so it is usually left out.
    known = [outcome for outcome in Outcome if outcome is not Outcome.REFUSED or tally.of(outcome)]
    counts = [
        (f"  {outcome_word(outcome, language)}", language.number(tally.of(outcome))) for outcome in known
    ]
    return Labelled(
        [
            (say("Link"), wording.link_word(status)),
            (say("Why"), language.phrase(status.why) or "—"),
            *_last_attempt(status, wording),
            (say("What to do"), language.phrase(status.advice) or "—"),
            *_membership(state, wording),
            (say("Since"), say("{age} ago", age=language.span(now_s - since_s))),
            *_losses(status, now_s, wording),
            *_last_gap(state, wording),
            (say("Last reading"), wording.refresh_result(state.last_report) if state.last_report else "—"),
            (say("Transport"), status.transport or "—"),
            *_ends(tally.ends, language),
            (say("Epoch"), str(status.epoch)),
            (say("Last heard"), heard),
            (say("Profile"), state.profile),
            (say("Token lives"), _token_life(state.token_expires_s, service, wording)),
            ("", ""),
            (say("Events received"), language.number(tally.received)),
            *counts,
            (say("Unreadable rows"), language.number(tally.malformed_rows)),
            (say("Unreadable times"), language.number(service.store.invalid_times.unreadable)),
            (say("Impossible times"), language.number(service.store.invalid_times.impossible)),
            *_over_bounds(tally.too_large, service, wording),
            ("", ""),
            (say("Event latency"), _ms(tally.latency_ms)),
            (say("REST round trip"), _ms(state.round_trip_s * 1000 if state.round_trip_s else None)),
            (say("Clock skew"), _clock_skew(service, language)),
            *_counted_rosters(state, service, wording),
        ]
    )


def _clock_skew(service: PresenceService, language: Language) -> str:
    clock = None if service.metrics is None else service.metrics.clock()
    if clock is None or clock.skew_s is None:
        return clock_text(service.store.states.measured_skew_s, None, (), language)
    return clock_text(clock.skew_s, clock.error_s, clock.bounded_by, language)


def metrics_text(reading: MetricsReading, language: Language) -> Labelled:
    """All figures, each with its unit and what it excludes."""
    rows: list[tuple[str, str]] = []
    for name, value, remark in figures(reading, language):
        text = f"{value} ({remark})" if remark else value
        # Names of events are longer than labels.
        rows.append(("", f"{name.strip()} {text}") if name.startswith(" ") else (name, text))
    return Labelled(rows)


def _counted_rosters(
    state: ServiceState, service: PresenceService, wording: Wording
) -> list[tuple[str, str]]:
    """What the counts of panels and conversations are made of: each roster, and when it was read."""
    texts, rosters = ProvenanceTexts(wording), service.store.rosters
    known = [each for each in state.conversations if rosters.knows(each.id)]
    rows = []
    for conversation in known[:_MOST_ROSTERS]:
        roster = explain_roster(conversation.id, service.store)
        rows.append((conversation.title, f"{texts.counts(roster)} · {texts.roster(roster)}"))
    return [("", ""), (wording.language.say("Rosters"), ""), *rows] if rows else []


def _last_attempt(status: LinkStatus, wording: Wording) -> list[tuple[str, str]]:
    """Why the last attempt to connect failed, if that is not how the live time ended."""
    reason = status.transition_reason
    if not reason.template or reason == status.why:
        return []
    return [(wording.language.say("Last attempt"), wording.language.phrase(reason))]


def _losses(status: LinkStatus, now_s: float, wording: Wording) -> list[tuple[str, str]]:
    """The last gaps, the newest first: from when to when, and why each live time ended."""
    language, rows = wording.language, []
    for loss in status.losses:
        if loss.back_s is None:
            span = language.say("since {time}", time=seconds_beside(loss.lost_s, now_s))
        else:
            span = "–".join(span_beside(loss.lost_s, loss.back_s, now_s))
        rows.append(language.labelled(span, language.phrase(loss.reason)))
    label = language.say("Last gaps")
    return [(label if place == 0 else "", row) for place, row in enumerate(rows)]


def _membership(state: ServiceState, wording: Wording) -> list[tuple[str, str]]:
    """How membership of the watched conversation ended, if it did."""
    end = state.membership_end
    return [] if end is None else [(wording.language.say("Membership"), wording.membership(end))]


def _ends(ends: Mapping[str, int], language: Language) -> list[tuple[str, str]]:
    """Ended connections and failed attempts; empty if there are none."""
    text = endings_text(ends, _MOST_ENDS, language)
    return [(language.say("Ends so far"), text)] if text else []


def _last_gap(state: ServiceState, wording: Wording) -> list[tuple[str, str]]:
    """What the last ended gap has hidden; empty if there was none."""
    if state.gap is None or state.gap.missed is None:
        return []
    say, is_open = wording.language.say, state.link is not None and state.link.loss is not None
    label = say("In the previous gap") if is_open else say("In the last gap")
    return [(label, missed_text(state.gap.missed, wording.language))]


def _over_bounds(too_large: int, service: PresenceService, wording: Wording) -> list[tuple[str, str]]:
    """Exceeded limits, by setting; empty if there are none."""
    rows = []
    if too_large:
        text = wording.language.say("Frames and answers given up: {n:,}.", n=too_large)
        rows.append(("max_frame_mib", text))
    reached = limit_texts(service.store.limit_counters, service.store.bounds)
    rows += [(setting, wording.language.phrase(sentence)) for setting, (_, sentence) in reached.items()]
    return rows


def _token_life(expires_s: float | None, service: PresenceService, wording: Wording) -> str:
    """Remaining life of the token, and near its end what to do: it is refreshed before, if possible."""
    say, language = wording.language.say, wording.language
    if expires_s is None:
        return say("not told")
    left_s = expires_s - service.store.clock.stamp().wall_s - service.store.states.skew_s
    if left_s <= 0:
        return say("ended {age} ago; sign in again (presence-tui login), then r", age=language.span(-left_s))
    if left_s <= _TOKEN_IS_OLD_S:
        return say("{span}; refreshed by itself, else presence-tui login", span=language.span(left_s))
    return language.span(left_s)


def _ms(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f} ms"
