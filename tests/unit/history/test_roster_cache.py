"""Cached rosters are restored as evidence of the cache, which never overrides fresh evidence."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.domain.enums import Source, State
from presence_tui.domain.participants import Conversation, Participant
from presence_tui.history import roster_cache
from presence_tui.history.database import open_for_reading
from presence_tui.history.recorder import Recorder
from presence_tui.history.roster_cache import (
    CachedMember,
    CachedRosters,
    read_cached_rosters,
    read_conversations,
    restore,
)
from presence_tui.history.write_queue import (
    AccountEntry,
    ConversationsEntry,
    CoverageEntry,
    Entry,
    PersonEntry,
)
from presence_tui.store import PresenceStore
from presence_tui.wire.messages import PresenceRow, RosterRow, Status
from tests.unit.clock import START_S, FakeClock
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.history.history_fixtures import GATEWAY, ME, writing

HINT = "u-me"
LATER_S = START_S + 2_520
HARBOUR = Conversation("c-harbour", "Harbour crew", "harbour", 24, True)
LIGHTHOUSE = Conversation("c-light", "Lighthouse")


def remembered_of(path: Path, gateway: str = GATEWAY, hint: str = HINT) -> CachedRosters | None:
    with closing(open_for_reading(path)) as connection:
        return read_cached_rosters(connection, gateway, hint, LATER_S)


def yesterday(store: PresenceStore) -> None:
    """Two rosters: Ada online, Bo offline, Cy without evidence, and a participant in no roster."""
    people = {"u-ada": "admin", "u-bo": "member", "u-cy": ""}
    store.set_participants(
        [Participant(key, key.title(), role=role) for key, role in people.items()], HARBOUR.id
    )
    store.set_participants([Participant("u-ada", role="creator")], LIGHTHOUSE.id)
    now = store.clock.stamp()
    store.apply_answers([PresenceRow("u-bo", False, START_S - 99)], Source.SNAPSHOT, now)
    store.apply_status(Status("u-ada", True, last_active_s=START_S - 7))
    store.apply_status(Status("u-stranger", True))


def keep(path: Path, fill: Callable[[PresenceStore], None] = yesterday) -> PresenceStore:
    """A finished run."""
    store, entries = PresenceStore(clock=FakeClock()), list[Entry]()
    recorder = Recorder(store, HINT, entries.extend)
    recorder.record_account(ME)
    fill(store)
    recorder.record_conversations([HARBOUR, LIGHTHOUSE])
    recorder.save_people(1_000_000)
    with writing(path) as writer:
        writer.post([*entries, CoverageEntry(START_S - 60, START_S)])
    return store


async def restored(path: Path) -> PresenceStore:
    clock = FakeClock()
    clock.advance(LATER_S - START_S)
    store = PresenceStore(clock=clock)
    remembered = remembered_of(path)
    assert remembered is not None
    await restore(remembered, store)
    return store


async def test_rosters_come_back_as_they_were(path: Path) -> None:
    before, after = keep(path), await restored(path)
    assert set(after.participants) == {"u-ada", "u-bo", "u-cy"}, "strangers are not cached"
    for conversation in (HARBOUR, LIGHTHOUSE):
        known = before.rosters.counts(conversation.id)
        assert after.rosters.counts(conversation.id) == known
        for key in before.rosters.members(conversation.id):
            assert after.rosters.role(conversation.id, key) == before.rosters.role(conversation.id, key)
    for key, record in after.participants.items():
        errors = before.participants[key]
        assert (record.name, record.flag, record.last_active_s) == (
            errors.name,
            errors.flag,
            errors.last_active_s,
        )


async def test_conversations_and_account_come_back(path: Path) -> None:
    keep(path)
    remembered = remembered_of(path)
    assert remembered is not None
    assert (remembered.account_key, remembered.as_of_s) == (ME, START_S)
    assert remembered.conversations == [HARBOUR, LIGHTHOUSE]


def test_all_that_is_cached_of_members_is_read(path: Path) -> None:
    ada = PersonEntry(
        "u-ada", "Ada", "ada.o", True, False, START_S - 5, START_S - 2, '{"c-1":"admin","c-2":""}'
    )
    unknown = PersonEntry("u-bo", "", "", False, None, None, START_S - 1, '{"c-2":"member"}')
    with writing(path) as writer:
        writer.post([AccountEntry(ME, HINT), ada, unknown, ConversationsEntry((HARBOUR, LIGHTHOUSE))])
    ada_as = (Participant("u-ada", "Ada", "ada.o", role, True) for role in ("admin", ""))
    assert remembered_of(path) == CachedRosters(
        ME,
        [HARBOUR, LIGHTHOUSE],
        [
            *(
                CachedMember(START_S - 2, room, RosterRow(row, False, START_S - 5))
                for room, row in zip(("c-1", "c-2"), ada_as, strict=True)
            ),
            CachedMember(START_S - 1, "c-2", RosterRow(Participant("u-bo", role="member"), None, None)),
        ],
        START_S - 1,
    )


async def test_what_comes_back_is_old_and_says_so(path: Path) -> None:
    keep(path)
    store = await restored(path)
    ada = store.participants["u-ada"]
    assert ada.evidence is not None
    assert (ada.evidence.source, ada.evidence.received_s, ada.evidence.epoch) == (Source.CACHE, START_S, 0)
    assert ada.state is State.ONLINE, "as it was, with its age"
    assert store.states.held_since_s(ada) == START_S
    assert store.states.next_transition_s is None
    assert (ada.checked_s, ada.flag_since_s) == (None, None)


async def test_of_whom_no_activity_was_told_is_as_of_then(path: Path) -> None:
    def fill(store: PresenceStore) -> None:
        store.set_participants([RosterRow(Participant("u-ada"), True)], HARBOUR.id)

    keep(path, fill)
    store = await restored(path)
    ada = store.participants["u-ada"]
    assert (ada.state, store.states.held_since_s(ada)) == (State.ONLINE, START_S)
    store.apply_answers([PresenceRow("u-ada", True, None)], Source.SNAPSHOT, store.clock.stamp())
    assert (ada.state, ada.activity_s) == (State.ONLINE, None), "the substitute activity is discarded"
    assert store.states.held_since_s(ada) is None


def test_of_another_account_or_gateway_nothing_comes_back(path: Path) -> None:
    keep(path)
    assert remembered_of(path, gateway="https://other.example") is None
    assert remembered_of(path, hint="u-somebody") is None


def test_an_account_of_which_nothing_was_ever_told_is_not_remembered(path: Path) -> None:
    with writing(path) as writer:
        writer.post([AccountEntry(ME, HINT)])
    assert remembered_of(path) is None


def test_without_a_word_of_what_was_watched_it_is_as_old_as_its_newest_evidence(path: Path) -> None:
    errors = PersonEntry("u-ada", "Ada", "", False, True, None, START_S - 5, '{"c-1":""}')
    with writing(path) as writer:
        writer.post([AccountEntry(ME, HINT), errors])
    remembered = remembered_of(path)
    assert remembered is not None and remembered.as_of_s == START_S - 5


def test_a_clock_that_was_set_back_does_not_make_it_of_tomorrow(path: Path) -> None:
    with writing(path) as writer:
        writer.post([AccountEntry(ME, HINT), CoverageEntry(START_S, LATER_S + 9_999)])
    remembered = remembered_of(path)
    assert remembered is not None and remembered.as_of_s == LATER_S


def test_a_file_that_went_through_other_hands_is_made_safe(path: Path) -> None:
    keep(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE people SET name = char(27) || ']0;own' || char(0x202e) WHERE key = 'u-ada'"
        )
        connection.execute("UPDATE people SET rosters = '[' WHERE key = 'u-bo'")
        connection.execute("UPDATE people SET key = 'a' || char(7) WHERE key = 'u-cy'")
        connection.execute("UPDATE conversations SET title = char(27) || 'c' WHERE id = 'c-light'")
        connection.execute("UPDATE conversations SET id = char(27) WHERE id = 'c-harbour'")
    remembered = remembered_of(path)
    assert remembered is not None
    assert {place.row.participant.name for place in remembered.members} == {"␛]0;own"}
    assert [conversation.title for conversation in remembered.conversations] == ["␛c"]


def row_of(flag: bool | None, told_s: float) -> RosterRow:
    return RosterRow(Participant("u-ada", "Ada"), flag, told_s)


@repeatable
@given(
    st.booleans(),
    st.sampled_from(["event", "snapshot", "runtime", "roster"]),
    st.none() | st.booleans(),
    st.floats(START_S - 1e6, START_S + 1e6),
)
def test_the_cache_never_wins_over_what_is_fresh(
    fresh: bool, source: str, cached: bool | None, told_s: float
) -> None:
    """Any existing evidence, in any order."""
    from presence_tui.store import Stamp

    def tell_fresh(store: PresenceStore) -> None:
        now = store.clock.stamp()
        match source:
            case "event":
                store.apply_status(Status("u-ada", fresh))
            case "roster":
                store.set_participants([RosterRow(Participant("u-ada"), fresh)], "c-1", asked=now)
            case _:
                store.apply_answers([PresenceRow("u-ada", fresh, None)], Source(source), now)

    def tell_cached(store: PresenceStore) -> None:
        asked = Stamp(told_s, float("-inf"))
        store.set_participants([row_of(cached, told_s)], "c-1", asked=asked, source=Source.CACHE)

    for order in ((tell_fresh, tell_cached), (tell_cached, tell_fresh)):
        store = PresenceStore(clock=FakeClock())
        for tell in order:
            tell(store)
        record = store.participants["u-ada"]
        assert (record.flag, record.source) == (fresh, Source(source))


@pytest.mark.parametrize("people", [3, 1_700])
async def test_many_come_back_in_turns(path: Path, people: int) -> None:
    def fill(store: PresenceStore) -> None:
        rows = [RosterRow(Participant(f"u-{number:04}"), number % 2 == 0) for number in range(people)]
        store.set_participants(rows, HARBOUR.id)

    keep(path, fill)
    store = await restored(path)
    assert store.counts(HARBOUR.id).total == people
    assert store.counts(HARBOUR.id).online == (people + 1) // 2


async def test_many_small_rosters_come_back_in_turns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each alone is too small for a turn of its own."""

    def fill(store: PresenceStore) -> None:
        for number in range(9):
            store.set_participants([Participant(f"u-{number}-{each}") for each in "ab"], f"c-{number}")

    keep(path, fill)
    monkeypatch.setattr(roster_cache, "ROWS_A_TURN", 4)
    turns: list[float] = []

    async def turn(seconds: float) -> None:
        turns.append(seconds)

    monkeypatch.setattr(roster_cache, "asyncio", SimpleNamespace(sleep=turn))
    store = await restored(path)
    assert len(store.participants) == 18
    assert turns == [0] * 4


def test_conversations_are_the_newest_list(path: Path) -> None:
    keep(path)
    with writing(path) as writer:
        writer.post([AccountEntry(ME, HINT), ConversationsEntry((LIGHTHOUSE,))])
    remembered = remembered_of(path)
    assert remembered is not None and remembered.conversations == [LIGHTHOUSE]


def test_conversations_of_all_accounts_are_read_once_by_gateway_or_of_all(path: Path) -> None:
    pier = Conversation("c-pier", "Pier")
    kept = (
        (GATEWAY, ME, (HARBOUR, LIGHTHOUSE)),
        (GATEWAY, "u-other", (LIGHTHOUSE,)),
        ("https://other.example", ME, (pier,)),
    )
    for gateway, account, conversations in kept:
        with writing(path, gateway=gateway) as writer:
            writer.post([AccountEntry(account, ""), ConversationsEntry(conversations)])
    with closing(open_for_reading(path)) as connection:
        assert read_conversations(connection, GATEWAY) == [HARBOUR, LIGHTHOUSE]
        assert read_conversations(connection, "https://other.example") == [pier]
        assert read_conversations(connection, "https://nobody.example") == []
        assert read_conversations(connection, None) == [HARBOUR, LIGHTHOUSE, pier]
