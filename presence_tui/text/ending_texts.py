"""Words for how connections end and attempts and requests fail; programs read the kinds themselves."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.text.language import Language

_WORDS: Final[Mapping[str, Phrase]] = {
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
"""Those without a word are names that stay, as ``fin``."""


def ending_word(kind: str, language: Language) -> str:
    """The kind of an end or failure; a number after it stays, as in ``close 1013``."""
    name, _, number = kind.rpartition(" ")
    if number.isdigit() and name in _WORDS:
        return f"{language.phrase(_WORDS[name])} {number}"
    return language.phrase(_WORDS[kind]) if kind in _WORDS else kind


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
