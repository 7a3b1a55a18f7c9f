"""What a gap has hidden, in a sentence."""

from presence_tui.domain.missed_events import MissedEvents
from presence_tui.text.language import Language


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
        "Missed: at least {least}, about {expected:,.0f} expected (95 %: {low:,} to {high:,}).",
        least=missed.at_least,
        expected=estimate.expected,
        low=estimate.low,
        high=estimate.high,
    )
