"""The history on an event loop: it never waits for the disk, and reports errors."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from presence_tui.domain.enums import State
from presence_tui.domain.participants import Conversation, Participant
from presence_tui.domain.translatable import Phrase
from presence_tui.history import history as history_module
from presence_tui.history.database import set_aside
from presence_tui.history.history import History
from presence_tui.history.recorder import LinkRecord
from presence_tui.history.retention import RetentionLimits
from presence_tui.store import ChangeSet, PresenceStore
from tests.unit.clock import START_S, FakeClock
from tests.unit.history.history_fixtures import GATEWAY, ME, rows

HARBOUR = Conversation("c-1", "Harbour crew")
HOURS_S = [START_S + 3_600 * hour for hour in range(25)]


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "SAVE_PEOPLE_S", 0.0)


@pytest.fixture
def store() -> PresenceStore:
    return PresenceStore(clock=FakeClock())


@pytest.fixture
async def history(path: Path, store: PresenceStore) -> AsyncIterator[History]:
    history = History(path, GATEWAY, "hint", store.clock, RetentionLimits())
    yield history
    await history.close()


async def test_what_was_followed_is_there_the_next_time(
    path: Path, store: PresenceStore, history: History
) -> None:
    assert await history.load_cached(store) is None
    assert history.cached is None
    history.record(store, lambda: START_S + 5)
    history.record_account(ME)
    history.record_conversations([HARBOUR])
    history.record_link(LinkRecord(START_S, "live", "", 1, START_S, None))
    store.set_participants([Participant("u-ada", "Ada")], HARBOUR.id)
    store.update_user_status("u-ada", True)
    clock = store.clock
    assert isinstance(clock, FakeClock)
    clock.advance(10)
    await history.close()

    again, fresh = (
        History(path, GATEWAY, "hint", store.clock, RetentionLimits()),
        PresenceStore(clock=FakeClock()),
    )
    remembered = await again.load_cached(fresh)
    await again.close()
    assert remembered is again.cached
    assert remembered is not None
    assert (remembered.account_key, remembered.as_of_s) == (ME, START_S + 5)
    assert remembered.conversations == [HARBOUR]
    assert fresh.participants["u-ada"].flag is True


async def test_people_are_written_while_the_watch_goes_on(
    path: Path, store: PresenceStore, history: History
) -> None:
    history.record(store, lambda: None)
    history.record_account(ME)
    store.set_participants([Participant(f"u-{number}") for number in range(1_000)], HARBOUR.id)
    store.update_user_status("u-7", True)
    assert history._saving is not None
    await history._saving
    assert await history.save()
    assert rows(path, "SELECT count(*) FROM people") == [1_000]


async def test_without_an_account_nobody_is_written_and_nothing_breaks(
    path: Path, store: PresenceStore, history: History
) -> None:
    for note in (history.record_account, history.record_conversations, history.record_link):
        note([] if note == history.record_conversations else "")  # type: ignore[arg-type]
    history.record(store, lambda: None)
    store.update_user_status("u-ada", True)
    await history.close()
    assert rows(path, "SELECT key FROM changes") == ["u-ada"]
    assert rows(path, "SELECT * FROM people") == []


async def test_the_past_of_somebody_is_read_beside_the_loop(store: PresenceStore, history: History) -> None:
    clock = store.clock
    assert isinstance(clock, FakeClock)
    history.record(store, lambda: START_S + 60)
    history.record_account(ME)
    history.record_link(LinkRecord(START_S, "live", "", 1, START_S, None))
    clock.advance(60)
    store.update_user_status("u-ada", True)
    assert await history.save()
    clock.advance(20)
    for lost_s, known_until_s in ((None, START_S + 80), (START_S + 70, START_S + 70)):
        past = await history.participant_history("u-ada", HOURS_S, State.ONLINE, lost_s)
        assert past is not None
        assert past.online_periods[0].began_s == START_S + 60
        assert past.known_until_s == known_until_s, "a live link is known until now, a lost one until its end"


async def test_the_past_in_a_file_that_is_none_is_nothing(path: Path, store: PresenceStore) -> None:
    path.parent.write_text("a file where the folder should be")
    history = History(path, GATEWAY, "hint", store.clock, RetentionLimits())
    assert await history.load_cached(store) is None
    assert await history.participant_history("u-ada", HOURS_S, State.ONLINE, None) is None
    await history.close()


@pytest.mark.parametrize("problem", [ValueError("no time"), sqlite3.DatabaseError("no database")])
async def test_what_cannot_be_read_is_nothing(
    store: PresenceStore, history: History, problem: Exception
) -> None:
    def fail(connection: sqlite3.Connection) -> int:
        raise problem

    assert await history.load_cached(store) is None, "the writer has opened the file"
    assert await history._read(lambda connection: 7) == 7
    assert await history._read(fail) is None


async def test_people_are_collected_by_one_task_and_only_if_there_are_any(
    store: PresenceStore, history: History
) -> None:
    history.record(store, lambda: None)
    history.record_account(ME)
    history._on_changes(ChangeSet())
    assert history._saving is None
    store.set_participants([Participant("u-ada")], HARBOUR.id)
    store.flush()
    saving = history._saving
    store.set_participants([Participant("u-bo")], HARBOUR.id)
    store.flush()
    assert saving is not None and history._saving is saving
    await saving


async def test_trouble_is_told_on_the_loop_also_if_it_came_before_anybody_listened(
    path: Path, store: PresenceStore
) -> None:
    path.parent.write_text("a file where the folder should be")
    history = History(path, GATEWAY, "hint", store.clock, RetentionLimits())
    await history.load_cached(store)
    await history.save()
    errors: list[Phrase] = []
    history.set_error_handler(errors.append)
    await history.close()
    assert ["cannot be written" in str(trouble) for trouble in errors] == [True]


async def test_another_file_gets_the_whole_roster(path: Path, store: PresenceStore, history: History) -> None:
    history.record(store, lambda: None)
    history.record_account(ME)
    store.set_participants([Participant("u-ada"), Participant("u-bo")], HARBOUR.id)
    assert await history.save()
    found = path.stat()
    assert set_aside(path, (found.st_dev, found.st_ino))
    store.update_user_status("u-ada", True)
    assert await history.save()
    # The writer has begun another file, and has requested all participants on the loop.
    await asyncio.sleep(0)
    assert await history.save()
    assert rows(path, "SELECT key FROM people ORDER BY key") == ["u-ada", "u-bo"]
    assert rows(path, "SELECT key FROM changes") == ["u-ada"]
