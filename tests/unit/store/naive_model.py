"""A naive model of the store, without heap, indexes or counters: slow and obviously correct."""

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field

from presence_tui.domain.enums import Cause, Outcome, Source, State
from presence_tui.domain.rules import Rule
from presence_tui.store import Counts, Facets, Sort, Stamp

ROLE_ORDER = ("creator", "admin", "moderator", "member")
TOLERANCE_S = 2.0
FLAP_WINDOW_S = 120.0

Seen = tuple[bool | None, State]
Reported = tuple[Cause, Seen, Seen, bool]
"""Cause, flag and state before, flag and state after, and whether it was the first evidence."""


def fits(query: str, text: str) -> bool:
    """True if the query matches the text. Plain and inverted queries only."""
    return plain(query[1:]) not in text if query[:1] == "!" else plain(query) in text


def plain(text: str) -> str:
    """Lower case without accents."""
    return "".join(
        mark for mark in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(mark)
    )


@dataclass
class Person:
    key: str
    name: str = ""
    handle: str = ""
    account_name: str = ""
    named: bool = False
    """A roster gave the name."""
    guest: bool = False
    newcomer: bool = False
    roles: dict[str, str] = field(default_factory=dict)
    flag: bool | None = None
    last_active_s: float | None = None
    activity_s: float | None = None
    invalid_s: float | None = None
    """The last time told, if it is impossible. Events and answers of this model tell possible times only."""
    source: Source | None = None
    epoch: int = 0
    watermark_s: float = 0.0
    emitted_s: float | None = None
    not_before_s: float = 0.0
    typing: bool = False
    since_s: float | None = None
    """When the flag was seen to change."""
    left_s: float | None = None
    """When they were seen to leave, by the gateway's clock."""
    flaps: int = 0

    @property
    def shown_name(self) -> str:
        return self.name or self.handle or self.key


class NaiveStore:
    def __init__(self, rule: Rule, skew_s: float) -> None:
        self.rule = rule
        self.skew_s = skew_s
        self.people: dict[str, Person] = {}
        self.pins: set[str] = set()
        self.epoch = 0
        self.now = Stamp(0, 0)
        self.reported: dict[str, list[Reported]] = defaultdict(list)
        self.left_s: dict[tuple[str, str], float] = {}
        self.ranked_s: dict[tuple[str, str], float] = {}
        """When an event last changed a role, or told of a member."""
        """When the participant last left a conversation (monotonic)."""

    @property
    def gateway_now_s(self) -> float:
        return self.now.wall_s + self.skew_s

    # Queries.

    def state(self, person: Person) -> State:
        from_s = self.rule.aged_from_s(person.activity_s, person.invalid_s)
        age_s = None if from_s is None else self.gateway_now_s - from_s
        return self.rule.derive(person.flag, age_s)

    def listed(self, conversation: str | None) -> list[Person]:
        if conversation is None:
            return list(self.people.values())
        return [one for one in self.people.values() if conversation in one.roles]

    def counts(self, conversation: str | None) -> Counts:
        people = self.listed(conversation)
        absent = [person.flag for person in people if not self.is_present(person)]
        unknown = absent.count(None)
        return Counts(len(people) - len(absent), len(absent) - unknown, unknown)

    def is_present(self, person: Person) -> bool:
        """True if the rule in force puts them into the Online panel."""
        return self.state(person) in (State.ONLINE, State.AWAY, State.IDLE)

    def panels(
        self, conversation: str | None, sort: Sort, query: str, facets: Facets
    ) -> tuple[list[str], list[str]]:
        def role(person: Person) -> str:
            return person.roles.get(conversation or "", "")

        def rank(person: Person) -> float:
            return {
                Sort.NAME: lambda: 0,
                Sort.STATE: lambda: list(State).index(self.state(person)),
                Sort.LAST_ACTIVE: lambda: -(person.activity_s or person.left_s or float("-inf")),
                Sort.ROLE: lambda: (
                    ROLE_ORDER.index(role(person)) if role(person) in ROLE_ORDER else len(ROLE_ORDER)
                ),
                Sort.FLAPPING: lambda: -person.flaps,
            }[sort]()

        def handle(person: Person) -> str:
            return "" if person.handle == person.shown_name else plain(person.handle)

        def passes(person: Person) -> bool:
            named = f"{plain(person.shown_name)}\n{plain(person.handle)}"
            if query not in ("", "!") and not fits(query, named):
                return False
            if facets.states and self.state(person) not in facets.states:
                return False
            if facets.roles and (role(person) or "member") not in facets.roles:
                return False
            return facets.guests is None or person.guest is facets.guests

        def place(person: Person) -> tuple[object, ...]:
            pinned = person.key in self.pins
            never_told = person.flag is None and not pinned and not self.is_present(person)
            named = plain(person.shown_name), handle(person), person.key
            return (not pinned, never_told, rank(person), *named)

        found = sorted(filter(passes, self.listed(conversation)), key=place)
        present = [one.key for one in found if self.is_present(one)]
        return present, [one.key for one in found if not self.is_present(one)]

    # Evidence.

    def event(
        self, key: str, flag: bool, name: str, last_active_s: float | None, emitted_s: float | None
    ) -> Outcome:
        """One event, further apart from others than the window of copies, or with a repeated emission
        time.
        """
        person = self.person(key, newcomer=True)
        if emitted_s is not None and emitted_s < person.not_before_s:
            return Outcome.LATE
        same_emission = emitted_s is not None and emitted_s == person.emitted_s
        nothing_newer = last_active_s is None or last_active_s == person.last_active_s
        if (
            same_emission
            and person.source is Source.EVENT
            and person.flag is flag
            and nothing_newer
            and name in ("", person.name, person.account_name)
        ):
            return Outcome.DUPLICATE
        seen, first = self.seen(person), person.source is None
        if flag and person.flag is False and person.since_s is not None:
            person.flaps += self.now.wall_s - person.since_s <= FLAP_WINDOW_S
        if flag is not person.flag:
            person.since_s = self.now.wall_s
            person.left_s = None if flag else self.gateway_now_s
        self.name_account(person, name)
        self.active(person, last_active_s, told=True)
        if flag and last_active_s is None:
            self.active(person, self.gateway_now_s)
        person.flag, person.source, person.epoch = flag, Source.EVENT, self.epoch
        person.typing = person.typing and flag
        person.watermark_s = self.now.monotonic_s
        person.emitted_s = emitted_s
        person.not_before_s = self.gateway_now_s - TOLERANCE_S if emitted_s is None else emitted_s
        self.report(person, seen, Cause.MOVED, first)
        return Outcome.APPLIED

    def answer(
        self, key: str, flag: bool, last_active_s: float | None, handle: str, source: Source, asked: Stamp
    ) -> None:
        person = self.person(key)
        seen, first = self.seen(person), person.source is None
        person.handle = handle or person.handle
        self.active(person, last_active_s, told=True)
        own_event = person.source is Source.EVENT and person.epoch == self.epoch
        older = person.source is not None and asked.monotonic_s < person.watermark_s
        if not older and not (source is Source.SNAPSHOT and own_event):
            if person.flag is not flag:
                person.since_s = person.left_s = None
                person.flag, person.source, person.epoch, person.emitted_s = flag, source, self.epoch, None
            person.watermark_s = asked.monotonic_s
            person.not_before_s = max(person.not_before_s, asked.wall_s + self.skew_s - TOLERANCE_S)
        self.report(person, seen, Cause.RECONCILED, first)

    def typing(self, key: str) -> None:
        person = self.person(key, newcomer=True)
        seen = self.seen(person)
        person.typing = True
        self.active(person, self.gateway_now_s)
        self.report(person, seen, Cause.MOVED, first=False)

    def leave(self, key: str, conversation: str) -> bool:
        """An event reports that a member left; false for a non-member."""
        self.left_s[conversation, key] = self.now.monotonic_s
        person = self.people.get(key)
        return person is not None and person.roles.pop(conversation, None) is not None

    def has_left_since(self, key: str, conversation: str, asked: Stamp) -> bool:
        """An answer requested then lists a participant who left after that."""
        person = self.people.get(key)
        is_member = person is not None and conversation in person.roles
        return not is_member and self.left_s.get((conversation, key), asked.monotonic_s) > asked.monotonic_s

    def rank(self, key: str, conversation: str, role: str) -> None:
        """An event changes the role of a member; ignored for others."""
        person = self.people.get(key)
        if person and conversation in person.roles:
            person.roles[conversation] = role or person.roles[conversation]
            self.ranked_s[conversation, key] = self.now.monotonic_s

    def role_in(self, row_role: str, key: str, conversation: str, asked: Stamp) -> str:
        """The role to take from an answer: none that is older than a known one."""
        person = self.people.get(key)
        changed_s = max(
            self.ranked_s.get((conversation, key), asked.monotonic_s),
            self.left_s.get((conversation, key), asked.monotonic_s),
        )
        is_older = changed_s > asked.monotonic_s
        return "" if is_older and person is not None and person.roles.get(conversation) else row_role

    def enrol(self, key: str, conversation: str, name: str, role: str, guest: bool = False) -> None:
        person = self.person(key)
        person.guest = person.guest or guest
        if name:
            if name != person.name:
                before = person.account_name if person.named else person.name
                person.account_name = "" if before == name else before
            person.name, person.named = name, True
        person.roles[conversation] = role or person.roles.get(conversation, "")
        person.newcomer = False

    def wait(self, now: Stamp) -> None:
        before = {key: self.seen(person) for key, person in self.people.items()}
        self.now = now
        for key, seen in before.items():
            gone = self.seen(self.people[key])[1] is State.OFFLINE
            self.report(self.people[key], seen, Cause.EXPIRED if gone else Cause.DECAYED, first=False)

    # Helpers.

    def name_account(self, person: Person, name: str) -> None:
        if name and person.named:
            person.account_name = "" if name == person.name else name
        elif name:
            person.name = name

    def person(self, key: str, *, newcomer: bool = False) -> Person:
        if key not in self.people:
            self.people[key] = Person(key, newcomer=newcomer)
        return self.people[key]

    def seen(self, person: Person) -> Seen:
        return person.flag, self.state(person)

    def active(self, person: Person, at_s: float | None, *, told: bool = False) -> None:
        if at_s is None:
            return
        if told:
            person.last_active_s = max(at_s, person.last_active_s or at_s)
        person.activity_s = max(at_s, person.activity_s or at_s)

    def report(self, person: Person, seen: Seen, cause: Cause, first: bool) -> None:
        now_seen = self.seen(person)
        if now_seen != seen:
            self.reported[person.key].append((cause, seen, now_seen, first))
