"""Words and sentences about flaps."""

from presence_tui.flaps.report import FlapCause, FlapReport, ParticipantFlaps, Wave
from presence_tui.text.language import Language
from presence_tui.text.local_time import seconds_beside

_SHORT_S = 10.0
"""Shorter spans have a fraction."""


def cause_word(cause: FlapCause, language: Language) -> str:
    """A likely cause for people; programs read the cause itself."""
    say = language.say
    match cause:
        case FlapCause.PING_TIMEOUT:
            return say("no answers to pings")
        case FlapCause.BACKGROUND_TAB:
            return say("tab in the background, once a minute")
        case FlapCause.TABS_EVICTING:
            return say("two tabs evicting each other")
        case FlapCause.MOBILE_SWITCHING:
            return say("phone switching app or network")
        case FlapCause.DEPLOY:
            return say("deploy, with many others")
        case FlapCause.OWN_RECONNECT:
            return say("our own reconnect, with many others")
        case FlapCause.UNCLEAR:
            return say("none of the known causes")


def confidence_text(confidence: float, language: Language) -> str:
    return language.say("{share:.0%} sure", share=confidence)


def cause_text(cause: FlapCause, confidence: float, language: Language) -> str:
    """A likely cause, and how sure."""
    return f"{cause_word(cause, language)} ({confidence_text(confidence, language)})"


def flap_span(seconds: float | None, language: Language) -> str:
    """A stay or an absence; a dash for an unknown one."""
    if seconds is None:
        return "—"
    if seconds < 1:
        return language.say("{n} ms", n=round(seconds * 1_000))
    return language.say("{n:.1f} s", n=seconds) if seconds < _SHORT_S else language.span(seconds)


def figures_text(flaps: ParticipantFlaps, now_s: float, language: Language) -> str:
    """How often, how long and when last."""
    say = language.say
    parts = [
        language.count("{n} return", "{n} returns", flaps.returns),
        say("score {score:.1f}", score=flaps.score),
        *_stays(flaps.shortest_stay_s, flaps.median_stay_s, language),
        say("away {span}", span=flap_span(flaps.median_away_s, language)),
        say("last at {time}", time=seconds_beside(flaps.last_s, now_s)),
    ]
    return " · ".join(parts)


def wave_text(wave: Wave, now_s: float, language: Language) -> str:
    """One line about many."""
    at = seconds_beside(wave.at_s, now_s)
    if wave.cause is FlapCause.OWN_RECONNECT:
        return language.count(
            "{at} {n} changed with our own reconnect",
            "{at} {n} changed with our own reconnect",
            wave.people,
            at=at,
        )
    return language.count("{at} {n} at once: a deploy", "{at} {n} at once: a deploy", wave.people, at=at)


def summary(report: FlapReport, language: Language) -> str:
    """One line about everybody."""
    say, people = language.say, len(report.people)
    since = language.span(report.at_s - report.since_s)
    if not people:
        return say("Nobody has returned within two minutes; recorded for {span}", span=since)
    parts = [
        language.count("{n} participant", "{n} participants", people),
        language.count("{n} return", "{n} returns", report.returns),
        say("score {score:.1f}", score=report.score),
        *_stays(report.shortest_stay_s, report.median_stay_s, language),
    ]
    if (likely := report.likely_cause) is not None:
        parts.append(cause_text(*likely, language))
    parts.append(say("recorded for {span}", span=since))
    if report.forgotten:
        parts.append(language.count("{n} more forgotten", "{n} more forgotten", report.forgotten))
    return " · ".join(parts)


def _stays(shortest_s: float | None, median_s: float | None, language: Language) -> list[str]:
    """Empty if none was seen from its start."""
    if shortest_s is None:
        return []
    shortest, median = flap_span(shortest_s, language), flap_span(median_s, language)
    return [language.say("shortest stay {shortest}, median {median}", shortest=shortest, median=median)]
