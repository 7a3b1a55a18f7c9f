"""A reproducible population of any size for the benches."""

import asyncio
import time
from collections.abc import Iterator

from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Conversation, Participant
from presence_tui.store import PresenceStore
from presence_tui.wire.messages import PresenceRow

FIRST_NAMES = [
    "Ada",
    "Bo",
    "Chloe",
    "Dmitri",
    "Elodie",
    "Fatima",
    "Goran",
    "Hana",
    "Ingrid",
    "Joao",
    "Kwame",
    "Lea",
    "Mikko",
    "Ngozi",
    "Olga",
    "Pia",
    "Quentin",
    "Rosa",
    "Soren",
    "Tariq",
    "Uma",
    "Vera",
    "Wei",
    "Ximena",
    "Yusuf",
    "Zoe",
    "Amina",
    "Boris",
    "Carmen",
    "Diego",
]
LAST_NAMES = [
    "Okafor",
    "Chen",
    "Berenger",
    "Marchand",
    "Zahra",
    "Petrovic",
    "Sato",
    "Solberg",
    "Pereira",
    "Mensah",
    "Fontaine",
    "Virtanen",
    "Eze",
    "Ivanova",
    "Alvarez",
    "Roy",
    "Lind",
    "Holm",
    "Aziz",
    "Rao",
    "Novak",
    "Zhang",
    "Duarte",
    "Kaya",
    "Haddad",
    "Weber",
    "Nkemelu",
    "Orlov",
    "Costa",
]

ROOM = Conversation("c-room", "The room", "room", 0)
EMPTY_ROOM = Conversation("c-empty", "The empty room", "empty", 0)
PAGE = 1_000
DAY_S = 86_400


def key_of(number: int) -> str:
    """A presence key in the gateways' format."""
    return f"{number:024x}"


def name_of(number: int) -> str:
    """A unique name; the order of names differs from that of the numbers."""
    first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number * 7 % len(LAST_NAMES)]
    return f"{first} {last} {number:07}"


def mark(number: int) -> str:
    """A name that sorts before all others, so that its row is always visible.

    It begins and ends otherwise than the one before, so that it is written whole: only changed cells are.
    """
    return f"{number % 10} mark {number:06}"


def is_online(number: int) -> bool:
    """The initial flag: every second participant is online."""
    return number % 2 == 0


def last_active_s(number: int, now_s: float) -> float:
    """Last activities are spread over the last day."""
    return now_s - number * 7919 % DAY_S


async def load(store: PresenceStore, count: int, conversation_id: str = ROOM.id) -> None:
    """Enrol people and report their presence, page by page as a reading does. Number 0 has a mark as its
    name.
    """
    for page in pages(count):
        load_page(store, page, conversation_id)
        # Yield to the loop, as a real reading does while it waits for the network.
        await asyncio.sleep(0)


def pages(count: int) -> Iterator[list[int]]:
    """The numbers below ``count`` in lists of at most ``PAGE``."""
    for start in range(0, count, PAGE):
        yield list(range(start, min(count, start + PAGE)))


def load_page(store: PresenceStore, page: list[int], conversation_id: str = ROOM.id) -> None:
    """Enrol one page of people and report their presence."""
    now_s = time.time()
    store.set_participants(
        (
            Participant(key_of(number), name=name_of(number) if number else mark(0), role="member")
            for number in page
        ),
        conversation_id,
    )
    told = [PresenceRow(key_of(number), is_online(number), last_active_s(number, now_s)) for number in page]
    store.apply_answers(told, Source.SNAPSHOT, store.clock.stamp())
