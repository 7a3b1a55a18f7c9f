"""The generated population: varied, and equal for equal seeds."""

import unicodedata
from random import Random

import pytest

from presence_tui.gateway.directory import Behaviour, Conversation, Directory, Person
from presence_tui.gateway.generator import generate_population

NOW_S = 1_800_000_000.0


def town_of(participants: int, seed: int = 7) -> tuple[Directory, Conversation, Person]:
    directory, _, observer = generate_population(participants, seed, Random(seed), NOW_S)
    main = directory.conversation("harbour")
    assert main is not None
    return directory, main, observer


def portrait(directory: Directory) -> list[tuple[object, ...]]:
    return [
        (p.key, p.handle, p.display_name, p.behaviour, p.hidden, p.devices, p.last_active_s)
        for p in directory.people.values()
    ]


def test_equal_seeds_give_equal_towns() -> None:
    assert portrait(town_of(24)[0]) == portrait(town_of(24)[0])
    assert portrait(town_of(24)[0]) != portrait(town_of(24, seed=8)[0])


def test_the_main_conversation_holds_everybody_and_the_observer() -> None:
    _, main, observer = town_of(24)
    assert len(main.members) == 25
    assert main.members[observer.key].role == "moderator"
    assert observer.hidden
    roles = [membership.role for membership in main.members.values()]
    assert roles.count("creator") == 1
    assert {"admin", "moderator", "member"} <= set(roles)


def test_one_in_eight_is_a_guest_known_by_its_participant_id() -> None:
    _, main, _ = town_of(24)
    guests = [membership for membership in main.members.values() if membership.person.guest]
    assert len(guests) == 3
    assert all(each.participant_id == each.person.key for each in guests)
    assert all(each.person.conversations == [main] for each in guests)


def test_a_sidebar_has_something_to_show() -> None:
    directory, _, observer = town_of(24)
    shown = {each.identifier: len(each.members) for each in observer.conversations}
    assert (shown.pop("harbour"), shown.pop("lighthouse"), shown.pop("night-shift")) == (25, 6, 9)
    assert list(shown.values()) == [2]
    assert directory.conversation("harbour") is observer.conversations[0]


@pytest.mark.parametrize("seed", range(7, 17))
def test_every_dot_is_visible_at_the_first_look(seed: int) -> None:
    _, main, _ = town_of(24, seed)
    people = [membership.person for membership in main.members.values()]
    online = [p for p in people if p.devices and not p.hidden]
    assert len(online) == 8
    ages = [NOW_S - p.last_active_s for p in online if p.last_active_s is not None]
    assert any(age <= 60 for age in ages)
    assert any(60 < age <= 180 for age in ages)
    assert any(age > 180 for age in ages)
    assert 1 <= sum(p.last_active_s is None for p in people) <= 2
    assert sum(p.hidden for p in people) == 3
    assert sum(p.hides_last_seen for p in people) == 2


def test_names_come_from_many_scripts() -> None:
    _, main, _ = town_of(24)
    letters = "".join(membership.person.display_name for membership in main.members.values())
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in letters if letter.isalpha()}
    assert {"LATIN", "CYRILLIC", "GREEK", "CJK", "HANGUL", "HEBREW", "ARABIC", "DEVANAGARI"} <= scripts
    assert any(unicodedata.category(letter) == "So" for letter in letters)


@pytest.mark.parametrize("participants", [1, 2, 3, 11, 12, 1000])
def test_towns_of_any_size_have_unique_handles_and_ids(participants: int) -> None:
    directory, main, _ = town_of(participants)
    assert len(main.members) == participants + 1
    accounts = [p.handle for p in directory.people.values() if not p.guest]
    assert len(set(accounts)) == len(accounts)
    ids = [membership.participant_id for membership in main.after(None)]
    assert ids == sorted(set(ids))


def test_guests_have_one_device() -> None:
    directory, _, _ = town_of(2000)
    assert not any(p.guest and p.behaviour is Behaviour.MULTI_DEVICE for p in directory.people.values())


def test_a_roster_is_paged_and_struck() -> None:
    _, main, observer = town_of(24)
    everybody = main.after(None)
    first = main.page(None, 10)
    assert first == everybody[:10]
    assert main.page(first[-1].participant_id, 10) == everybody[10:20]
    main.remove(observer.key)
    main.remove(observer.key)
    assert len(main.after(None)) == 24
