"""The link in words: how connections end and attempts fail, and the skew of the gateway's clock."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from presence_tui.domain.clock_offset import ClockSource
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.text.language import Language

_ENDINGS: Final[Mapping[str, Phrase]] = {
    "bad frame": phrase("bad frame"),
    "broken": phrase("broken"),
    "certificate": phrase("certificate"),
    "close": phrase("close"),
    "connect error": phrase("connect error"),
    "lost": phrase("lost"),
    "no packets": phrase("no packets"),
    "no such host": phrase("no such host"),
    "no TLS": phrase("no TLS"),
    "other": phrase("other"),
    "over the bound": phrase("over the bound"),
    "ping time-out": phrase("ping time-out"),
    "port refused": phrase("port refused"),
    "rate limited": phrase("rate limited"),
    "refused poll": phrase("refused poll"),
    "refused sign-in": phrase("refused sign-in"),
    "refused upgrade": phrase("refused upgrade"),
    "server disconnect": phrase("server disconnect"),
    "session unknown": phrase("session unknown"),
    "slept": phrase("slept"),
    "time-out": phrase("time-out"),
}
"""Ends of connections, failures of attempts and requests. Those without a word stay, as ``fin``."""
_LEAST_OF_FOUR_DIGITS: Final = 999.5
"""When rounded."""


def clock_text(
    skew_s: float | None, error_s: float | None, sources: Iterable[str], language: Language
) -> str:
    """The skew with its error and what bounds it; without an error nothing bounds it from above."""
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


def ending_word(kind: str, language: Language) -> str:
    """The kind of an end or failure; a number after it stays, as in ``close 1013``. Programs read kinds."""
    name, _, number = kind.rpartition(" ")
    if number.isdigit() and name in _ENDINGS:
        return f"{language.phrase(_ENDINGS[name])} {number}"
    return language.phrase(_ENDINGS[kind]) if kind in _ENDINGS else kind


def endings_text(ends: Mapping[str, int], most: int, language: Language) -> str:
    """What is counted, how many, and the ``most`` frequent kinds; empty if there are none."""
    if not (total := sum(ends.values())):
        return ""
    counted = language.count(
        "{n:,} ended connection or failed attempt",
        "{n:,} ended connections and failed attempts",
        total,
    )
    frequent = Counter(ends).most_common(most)
    kinds = (f"{ending_word(kind, language)} {language.number(times)}" for kind, times in frequent)
    return language.labelled(counted, ", ".join(kinds))
