"""The skew of the gateway's clock as text, with its error and what bounds it."""

from collections.abc import Iterable
from typing import Final

from presence_tui.domain.clock_offset import ClockSource
from presence_tui.text.language import Language

_LEAST_OF_FOUR_DIGITS: Final = 999.5
"""When rounded."""


def clock_text(
    skew_s: float | None, error_s: float | None, sources: Iterable[str], language: Language
) -> str:
    """The skew; without an error nothing bounds it from above."""
    say = language.say
    if skew_s is None:
        return say("not measured")
    skew = say("{n:+.1f} s", n=skew_s)
    named = ", ".join(clock_source_text(ClockSource(source), language) for source in sources)
    if not named:
        return skew
    if error_s is None:
        return say("{skew} or more, by {sources}", skew=skew, sources=named)
    return say(
        "{skew} ± {error}, by {sources}", skew=skew, error=short_span(error_s, language), sources=named
    )


def clock_source_text(source: ClockSource, language: Language) -> str:
    """What told a time."""
    say = language.say
    match source:
        case ClockSource.HEALTH:
            return say("the health answer")
        case ClockSource.DATE:
            return say("the header Date")
        case ClockSource.HEARTBEAT:
            return say("heartbeat acknowledgements")
        case ClockSource.EMISSION:
            return say("emission times")


def short_span(seconds: float | None, language: Language) -> str:
    """Three digits with their unit, or all before the point if there are more."""
    if seconds is None:
        return "—"
    if seconds < 0.001:
        return f"{seconds * 1_000_000:.0f} µs"
    return f"{_short(seconds * 1_000, language)} ms" if seconds < 1 else f"{_short(seconds, language)} s"


def _short(number: float, language: Language) -> str:
    return language.number(number, ".3g" if number < _LEAST_OF_FOUR_DIGITS else ",.0f")
