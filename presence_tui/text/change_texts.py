"""Several changes in one sentence: who came and left, how many did, and what a gap has changed and hidden."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause
from presence_tui.domain.missed_events import MissedEvents
from presence_tui.text.language import Language

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.monitor.gap_summary import GapSummary


NAMES_SAID: Final = 3

# Reading an enum member takes longer than comparing with it on Python 3.11.
_RECONCILED, _RECONNECTED = Cause.RECONCILED, Cause.RECONNECTED


class _Kind:
    """Changes of one kind: how many, and the names of whom they are about, each once."""

    def __init__(self) -> None:
        self.count = 0
        self.names: dict[str, str] = {}


class ChangeTally:
    """Counts changes by kind, however many they are."""

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self.came, self.left, self.back, self.other, self.corrected = (_Kind() for _ in range(5))
        self.count = 0
        self.began_s = self.ended_s = 0.0
        for change in changes:
            self.add(change)

    def add(self, change: Change) -> None:
        """One more."""
        at_s = change.at_s
        if not self.count:
            self.began_s = self.ended_s = at_s
        elif at_s > self.ended_s:
            self.ended_s = at_s
        elif at_s < self.began_s:
            self.began_s = at_s
        self.count += 1
        kind = self._kind_of(change)
        kind.count += 1
        kind.names[change.key] = change.name

    @property
    def repeats(self) -> bool:
        """True if somebody alone came and left, and nothing else happened."""
        came, left = self.came, self.left
        if self.count != came.count + left.count or not (came.count and left.count):
            return False
        return len(came.names) == 1 and came.names.keys() == left.names.keys()

    def _kind_of(self, change: Change) -> _Kind:
        here, was_here = change.flag is True, change.flag_before is True
        if change.cause is _RECONCILED and here is not was_here:
            return self.corrected
        if change.cause is _RECONNECTED:
            return self.back
        return self.other if here is was_here else self.came if here else self.left


def repeated_text(tally: ChangeTally, language: Language, span: str) -> str:
    """What somebody did again and again."""
    (name,) = {**tally.came.names, **tally.left.names}.values()
    times = max(tally.came.count, tally.left.count)
    return language.say("{name} came and left ×{n} in {span}", name=name, n=times, span=span)


def counted_text(tally: ChangeTally, language: Language) -> str:
    """How many changes there are of each kind, in a few words."""
    came = language.count("{n} came", "{n} came", tally.came.count)
    return ", ".join(text for _, text in _kinds(tally, language, came))


def named_text(tally: ChangeTally, language: Language) -> str:
    """The same, with some names of each kind."""
    came = language.count("{n} came online", "{n} came online", tally.came.count)
    return ", ".join(
        f"{text} ({listed_names(kind.names.values(), NAMES_SAID, language)})"
        for kind, text in _kinds(tally, language, came)
    )


def _kinds(tally: ChangeTally, language: Language, came: str) -> list[tuple[_Kind, str]]:
    """The kinds that occurred, each with its count in words. ``came`` is the text for arrivals."""
    count, back, other = language.count, tally.back.count, tally.other.count
    kinds = [
        (tally.came, came),
        (tally.left, count("{n} left", "{n} left", tally.left.count)),
        (tally.back, count("{n} back with the gateway", "{n} back with the gateway", back)),
        (tally.other, count("{n} became active or quiet", "{n} became active or quiet", other)),
        (tally.corrected, count("{n} corrected", "{n} corrected", tally.corrected.count)),
    ]
    return [(kind, text) for kind, text in kinds if kind.count]


def listed_names(names: Iterable[str], most: int, language: Language) -> str:
    """Some names, each once, and how many more."""
    different = list(dict.fromkeys(names))
    hidden = len(different) - most
    listed = ", ".join(different[:most])
    if hidden <= 0:
        return listed
    more = language.count("{n} more", "{n} more", hidden)
    return language.say("{names} and {more}", names=listed, more=more)


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
