"""Simulated faults: what tests switch on, and what ``--fault`` switches on for practice."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final

from presence_tui.domain.translatable import Phrase, PhraseError, phrase
from presence_tui.gateway.directory import Person

STRANGER_KEY: Final = "5757575757575757575757%02x"
"""Presence keys of people who are in no roster."""

FUTURE_S: Final = 86_400.0
PAST_S: Final = 2 * 86_400.0
"""How far the last activity of an incoherent and a stale answer is from now."""


class FaultName(StrEnum):
    GHOST_ONLINE = "ghost-online"
    GHOST_OFFLINE = "ghost-offline"
    OMIT = "omit"
    MISSING = "missing"
    SPLIT = "split"
    STALE = "stale"
    INCOHERENT = "incoherent"
    HIDE = "hide"
    STRANGER = "stranger"
    SILENT_DEPARTURES = "silent-departures"
    FORGET = "forget"


SHARES: Final = frozenset({FaultName.SILENT_DEPARTURES, FaultName.FORGET})
"""Faults whose value is a probability; the others are numbers of people."""

_WITHOUT_PEOPLE: Final = SHARES | {FaultName.STRANGER}


class BadFault(PhraseError):
    """A fault that does not exist or has an impossible value; ``sentence`` lists what there is."""


@dataclass(slots=True)
class Faults:
    """What is wrong with a gateway. Presence keys in sets are those of people it is wrong about."""

    refuse_sockets: bool = False
    """The Socket.IO path answers 503."""
    refused_retry_after_s: int | None = None
    """What that answer asks for, if anything."""
    refuse_rest: bool = False
    """Every REST route answers 503, health included."""
    refuse_sign_ins: bool = False
    """Every credential is refused, as while the database is down; a refresh fails."""
    refuse_links: bool = False
    """Links admit no guests."""
    left_out: set[str] = field(default_factory=set)
    """Omitted from snapshots and runtime answers."""
    unanswered: set[str] = field(default_factory=set)
    """Omitted from runtime answers."""
    runtime_is_empty: bool = False
    """The runtime reports no sockets, as while the gateway boots."""
    told: dict[str, bool] = field(default_factory=dict)
    """Presence key to what snapshots say, regardless of the real state."""
    split: set[str] = field(default_factory=set)
    """Runtime answers say online and offline in turn, as from two gateways."""
    concealed: set[str] = field(default_factory=set)
    """The runtime answers as for hidden people, although they were told about before."""
    strangers: list[str] = field(default_factory=list)
    """Keys in no roster, reported online to each new connection."""
    forgets: float = 0.0
    """Probability that a status event is not sent."""
    forgets_departures: float = 0.0
    """Probability that a status event of a departure is not sent."""
    uptime_s: float | None = None
    """Reported instead of the true one."""
    rng: Random = field(default_factory=lambda: Random(7))
    _turns: dict[str, int] = field(default_factory=dict)

    def drops_status(self, flag: bool) -> bool:
        """True if this status event is not to be sent."""
        share = self.forgets if flag else max(self.forgets, self.forgets_departures)
        return share > 0 and self.rng.random() < share

    def runtime_row(self, key: str, flag: bool, last_active_at: str | None) -> tuple[bool, str | None]:
        """What the runtime answers where this is true."""
        if key in self.concealed:
            return False, None
        if key in self.split:
            self._turns[key] = self._turns.get(key, 0) + 1
            return self._turns[key] % 2 == 1, last_active_at
        return flag and not self.runtime_is_empty, last_active_at


def read_faults(words: Iterable[str], participants: int) -> dict[FaultName, float]:
    """Read ``NAME=VALUE`` for a population of this size. Raises ``BadFault``."""
    found: dict[FaultName, float] = {}
    for word in words:
        name, _, value = word.partition("=")
        try:
            fault, number = FaultName(name.strip()), float(value)
        except ValueError as problem:
            raise BadFault(_usage(word)) from problem
        is_share = fault in SHARES
        if not (0 <= number <= 1 if is_share else number >= 0 and number.is_integer()):
            raise BadFault(_usage(word))
        found[fault] = number
    people = sum(int(number) for fault, number in found.items() if fault not in _WITHOUT_PEOPLE)
    if people > participants // 2:
        raise BadFault(
            phrase(
                "faults may concern half of the people at most: {most} of {participants}, not {people}",
                most=participants // 2,
                participants=participants,
                people=people,
            )
        )
    return found


def apply_faults(
    wanted: Mapping[FaultName, float], people: Sequence[Person], faults: Faults, rng: Random, now_s: float
) -> set[str]:
    """Switch faults on, and return the presence keys of the people concerned, who stay as they are."""
    faults.rng = rng
    faults.forgets = wanted.get(FaultName.FORGET, 0.0)
    faults.forgets_departures = wanted.get(FaultName.SILENT_DEPARTURES, 0.0)
    faults.strangers = [STRANGER_KEY % number for number in range(int(wanted.get(FaultName.STRANGER, 0)))]
    # Guests are told about by the roster as well, and hidden people by nobody.
    pool = [person for person in people if not person.guest and not person.hidden]
    rng.shuffle(pool)
    pool.sort(key=lambda person: person.hides_last_seen, reverse=True)
    concerned: set[str] = set()
    for fault, make in _MAKE.items():
        for _ in range(int(wanted.get(fault, 0))):
            if not pool:
                break
            person = pool.pop()
            make(person, faults, now_s)
            concerned.add(person.key)
    return concerned


def _ghost_online(person: Person, faults: Faults, now_s: float) -> None:
    person.devices, person.last_active_s = 0, now_s
    faults.told[person.key] = True


def _ghost_offline(person: Person, faults: Faults, now_s: float) -> None:
    person.devices, person.last_active_s = 1, now_s
    faults.told[person.key] = False


def _omit(person: Person, faults: Faults, now_s: float) -> None:
    faults.unanswered.add(person.key)


def _missing(person: Person, faults: Faults, now_s: float) -> None:
    faults.left_out.add(person.key)


def _split(person: Person, faults: Faults, now_s: float) -> None:
    person.devices, person.last_active_s = 1, now_s
    faults.split.add(person.key)


def _stale(person: Person, faults: Faults, now_s: float) -> None:
    person.devices, person.last_active_s = 1, now_s - PAST_S


def _incoherent(person: Person, faults: Faults, now_s: float) -> None:
    person.devices, person.last_active_s = 0, now_s + FUTURE_S


def _hide(person: Person, faults: Faults, now_s: float) -> None:
    person.devices, person.last_active_s = 1, now_s
    faults.concealed.add(person.key)


_MAKE: Final[Mapping[FaultName, Callable[[Person, Faults, float], None]]] = {
    FaultName.GHOST_ONLINE: _ghost_online,
    FaultName.GHOST_OFFLINE: _ghost_offline,
    FaultName.OMIT: _omit,
    FaultName.MISSING: _missing,
    FaultName.SPLIT: _split,
    FaultName.STALE: _stale,
    FaultName.INCOHERENT: _incoherent,
    FaultName.HIDE: _hide,
}


def _usage(word: str) -> Phrase:
    people = ", ".join(f"{fault}=2" for fault in FaultName if fault not in SHARES)
    shares = ", ".join(f"{fault}=0.1" for fault in FaultName if fault in SHARES)
    return phrase(
        "there is no fault {word!r}; choose of {people} (numbers of people) and {shares} (0 to 1)",
        word=word,
        people=people,
        shares=shares,
    )
