"""Several changes in one sentence: how often somebody came and left, or how many did."""

from collections.abc import Iterable
from typing import Final

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause
from presence_tui.text.language import Language

NAMES_SAID: Final = 3


class _Kind:
    """Changes of one kind: how many, and the names of whom they are about, each once."""

    def __init__(self) -> None:
        self.count = 0
        self.names: dict[str, str] = {}

    def add(self, change: Change) -> None:
        self.count += 1
        self.names[change.key] = change.name


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
        self.began_s = min(self.began_s, change.at_s) if self.count else change.at_s
        self.ended_s = max(self.ended_s, change.at_s)
        self.count += 1
        self._kind_of(change).add(change)

    @property
    def repeats(self) -> bool:
        """True if somebody alone came and left, and nothing else happened."""
        came, left = self.came, self.left
        if self.count != came.count + left.count or not (came.count and left.count):
            return False
        return len(came.names) == 1 and came.names.keys() == left.names.keys()

    def _kind_of(self, change: Change) -> _Kind:
        if change.cause is Cause.RECONCILED and change.has_turned:
            return self.corrected
        if change.cause is Cause.RECONNECTED:
            return self.back
        return self.came if change.arrived else self.left if change.left else self.other


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
