"""Generates a population from a seed. Equal seeds give equal names, roles, ids and initial states."""

from collections.abc import Iterator
from itertools import cycle
from random import Random

from presence_tui.gateway.directory import (
    ACCOUNT_IDS,
    CONVERSATION_IDS,
    PARTICIPANT_IDS,
    Behaviour,
    Conversation,
    Directory,
    IdGenerator,
    Person,
)
from presence_tui.gateway.sample_names import FEATURED, NAME_SETS, NICKNAMES, FullName

MAIN_IDENTIFIER = "harbour"
OBSERVER_HANDLE = "observer"
GUEST_EVERY = 8
"""One in so many participants is a guest."""
DAY_S = 86_400.0

BEHAVIOUR_WEIGHTS = (
    (Behaviour.REGULAR,) * 9
    + (Behaviour.LURKER,) * 5
    + (Behaviour.IDLER,) * 3
    + (Behaviour.TYPER,) * 3
    + (Behaviour.FLAPPER,) * 2
    + (Behaviour.MULTI_DEVICE,) * 2
)
SIDE_CONVERSATIONS = (("lighthouse", "Lighthouse", 6), ("night-shift", "Night shift", 9))
"""Identifier, title, and number of members including the observer."""
PEOPLE_FOR_SIDE_CONVERSATIONS = 12


class PopulationGenerator:
    """Generates persons one by one; the gateway also uses it for newcomers."""

    def __init__(self, rng: Random, ids: IdGenerator) -> None:
        self._rng = rng
        self._ids = ids
        self._handles: set[str] = {OBSERVER_HANDLE}
        self._names = self._endless_names()
        self._nicknames = self._endless_nicknames()
        self._behaviours = self._endless_behaviours()

    def account(self) -> Person:
        """A new account."""
        name = next(self._names)
        return Person(
            key=self._ids.next(ACCOUNT_IDS),
            handle=name.handle,
            first_name=name.first,
            last_name=name.last,
            display_name=name.display,
            language=name.language,
            behaviour=next(self._behaviours),
        )

    def guest(self) -> Person:
        """A new guest with a nickname."""
        nickname, language = next(self._nicknames)
        behaviour = next(self._behaviours)
        return Person(
            key=self._ids.next(PARTICIPANT_IDS),
            handle=nickname,
            first_name=nickname,
            last_name="",
            display_name=nickname,
            language=language,
            guest=True,
            # A guest session is limited to one browser.
            behaviour=Behaviour.REGULAR if behaviour is Behaviour.MULTI_DEVICE else behaviour,
        )

    def _endless_names(self) -> Iterator[FullName]:
        featured = list(FEATURED)
        self._rng.shuffle(featured)
        for name in featured:
            self._handles.add(name.handle)
            yield name
        while True:
            name_set = self._rng.choice(NAME_SETS)
            first, first_latin = self._rng.choice(name_set.given)
            last, last_latin = self._rng.choice(name_set.family)
            ordered = (last, first) if name_set.family_first else (first, last)
            handle = self._free_handle(f"{first_latin}.{last_latin}".lower())
            yield FullName(first, last, name_set.joint.join(ordered), handle, name_set.language)

    def _free_handle(self, preferred: str) -> str:
        handle = preferred
        while handle in self._handles:
            handle = f"{preferred}{self._rng.randrange(10, 1_000_000)}"
        self._handles.add(handle)
        return handle

    def _endless_nicknames(self) -> Iterator[tuple[str, str]]:
        nicknames = list(NICKNAMES)
        self._rng.shuffle(nicknames)
        yield from nicknames
        while True:
            nickname, language = self._rng.choice(NICKNAMES)
            yield f"{nickname} {self._rng.randrange(2, 100_000)}", language

    def _endless_behaviours(self) -> Iterator[Behaviour]:
        while True:
            deck = list(BEHAVIOUR_WEIGHTS)
            self._rng.shuffle(deck)
            yield from deck


def generate_population(
    participants: int, seed: int, rng: Random, now_s: float
) -> tuple[Directory, PopulationGenerator, Person]:
    """The directory with its conversations, the generator for later accounts, and the observer's account.

    The main conversation holds ``participants`` people and the observer.
    """
    ids = IdGenerator(seed)
    directory = Directory(ids)
    generator = PopulationGenerator(rng, ids)
    observer = Person(
        key=ids.next(ACCOUNT_IDS),
        handle=OBSERVER_HANDLE,
        first_name="Observer",
        last_name="",
        display_name="Observer",
        language="en",
        hidden=True,
        last_active_s=now_s,
    )
    directory.add_person(observer)
    people = _open_main(directory, generator, observer, participants, rng, now_s)
    accounts = [person for person in people if not person.guest]
    _hide_some_accounts(accounts, rng)
    _set_initial_presence(people, participants, rng, now_s)
    _open_side_conversations(directory, observer, accounts, participants, rng, now_s)
    return directory, generator, observer


def _hide_some_accounts(accounts: list[Person], rng: Random) -> None:
    """Hide the presence of some accounts, and only the last activity of others."""
    few = max(2, len(accounts) // 12)
    private = rng.sample(accounts, 2 * few) if len(accounts) >= 4 * few else []
    for person in private[:few]:
        person.hidden = True
    for person in private[few:]:
        person.hides_last_seen = True


def _set_initial_presence(people: list[Person], participants: int, rng: Random, now_s: float) -> None:
    """Set a third online, with activity of various ages; the others left minutes to days ago."""
    visible = [p for p in people if not p.hidden and p.behaviour is not Behaviour.LURKER]
    rng.shuffle(visible)
    # Idlers first, because they are always online.
    visible.sort(key=lambda person: person.behaviour is not Behaviour.IDLER)
    share = max(1, round(participants / 3))
    idlers_at_most = max(1, share // 4)
    idlers = [p for p in visible if p.behaviour is Behaviour.IDLER][:idlers_at_most]
    others = [p for p in visible if p.behaviour is not Behaviour.IDLER]
    online = idlers + others[: share - len(idlers)]
    ages = cycle(((2, 25), (70, 160), (5, 50)))
    for person in online:
        youngest, oldest = (200, 2400) if person.behaviour is Behaviour.IDLER else next(ages)
        person.devices = 2 if person.behaviour is Behaviour.MULTI_DEVICE else 1
        person.last_active_s = now_s - rng.uniform(youngest, oldest)
    never_seen = 1 + participants // 20
    for person in people:
        if person.devices:
            continue
        if person.behaviour is Behaviour.LURKER and never_seen > 0:
            never_seen -= 1
            continue
        # Spread over the powers of ten between three minutes and nine days.
        person.last_active_s = now_s - 180 * 10 ** rng.uniform(0, 3.6)


def _open_main(
    directory: Directory,
    generator: PopulationGenerator,
    observer: Person,
    participants: int,
    rng: Random,
    now_s: float,
) -> list[Person]:
    """Create the main conversation with all participants, with roles by age. Returns the participants."""
    created_s = now_s - 400 * DAY_S
    main = _conversation(directory, MAIN_IDENTIFIER, "Harbour crew", "group", created_s, now_s - 40)
    directory.add_member(observer, main, "moderator", created_s + DAY_S)
    people = []
    for place in range(participants):
        is_guest = place % GUEST_EVERY == GUEST_EVERY - 1
        person = generator.guest() if is_guest else generator.account()
        joined_s = created_s + (2 + 380 * place / participants) * DAY_S
        if is_guest:
            joined_s = now_s - rng.uniform(0.1, 3) * DAY_S
        directory.add_person(person)
        directory.add_member(person, main, "member", joined_s)
        people.append(person)
    accounts = [person for person in people if not person.guest]
    admins, moderators = max(1, len(accounts) // 20), max(1, len(accounts) // 10)
    roles = ["creator"] + ["admin"] * admins + ["moderator"] * moderators
    for person, role in zip(accounts, roles, strict=False):
        main.members[person.key].role = role
    accounts[0].global_role = "ADMIN"
    return people


def _open_side_conversations(
    directory: Directory,
    observer: Person,
    accounts: list[Person],
    participants: int,
    rng: Random,
    now_s: float,
) -> None:
    if participants >= PEOPLE_FOR_SIDE_CONVERSATIONS:
        for place, (identifier, title, size) in enumerate(SIDE_CONVERSATIONS):
            side = _conversation(
                directory, identifier, title, "group", now_s - 90 * DAY_S, now_s - 3600 * (place + 1)
            )
            directory.add_member(observer, side, "moderator", side.created_s)
            for rank, person in enumerate(rng.sample(accounts, size - 1)):
                directory.add_member(person, side, "member" if rank else "creator", side.created_s + rank)
    friend = rng.choice([person for person in accounts if not person.hidden])
    direct = _conversation(
        directory, f"direct-{friend.handle}", None, "direct", now_s - 30 * DAY_S, now_s - 2 * DAY_S
    )
    directory.add_member(observer, direct, "member", direct.created_s)
    directory.add_member(friend, direct, "member", direct.created_s)


def _conversation(
    directory: Directory,
    identifier: str,
    title: str | None,
    kind: str,
    created_s: float,
    last_message_s: float,
) -> Conversation:
    conversation = Conversation(
        directory.ids.next(CONVERSATION_IDS), identifier, title, kind, created_s, last_message_s
    )
    directory.add_conversation(conversation)
    return conversation
