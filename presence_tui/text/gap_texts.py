"""What a gap has changed and hidden, in sentences."""

from typing import TYPE_CHECKING

from presence_tui.domain.missed_events import MissedEvents
from presence_tui.text.language import Language

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.monitor.gap_summary import GapSummary


def gap_text(summary: "GapSummary", language: Language) -> str:
    """Changes during a long gap, seen and inferred, and what any gap has hidden."""
    if summary.missed is None:
        return _changes_text(summary, language)
    if summary.is_long:
        length = _changes_text(summary, language)
    else:
        length = language.say("Gap of {span}.", span=language.span(summary.missed.gap_s))
    return f"{length} {missed_text(summary.missed, language)}"


def missed_text(missed: MissedEvents, language: Language) -> str:
    """How many events were missed: at least, and by estimate."""
    if missed.is_recovered and not missed.at_least:
        return language.count(
            "Recovered: {n} event was sent again.", "Recovered: {n} events were sent again.", missed.replayed
        )
    estimate = missed.estimate
    if estimate is None:
        return language.say("Missed: at least {least}; the rate before is unknown.", least=missed.at_least)
    return language.say(
        "Missed: at least {least}, about {expected:,.0f} expected (95%: {low:,} to {high:,}).",
        least=missed.at_least,
        expected=estimate.expected,
        low=estimate.low,
        high=estimate.high,
    )


def _changes_text(summary: "GapSummary", language: Language) -> str:
    say, count = language.say, language.count
    parts = [count("{n} came", "{n} came", summary.came), count("{n} left", "{n} left", summary.left)]
    if summary.passed:
        parts.append(count("{n} was here meanwhile", "{n} were here meanwhile", summary.passed))
    if summary.unsure:
        parts.append(count("{n} unsure", "{n} unsure", summary.unsure))
    span, changes = language.span(summary.gap_s), ", ".join(parts)
    inferred = summary.came + summary.left + summary.passed - summary.seen
    if not inferred:
        return say("Away {span}: {changes}.", span=span, changes=changes)
    return say(
        "Away {span}: {changes} ({seen} seen, {inferred} inferred).",
        span=span,
        changes=changes,
        seen=summary.seen,
        inferred=inferred,
    )
