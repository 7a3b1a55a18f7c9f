"""The writer stores everything posted, in order, whatever the disk does."""

import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from presence_tui.domain.participants import Conversation
from presence_tui.history.database import DatabaseDamaged, identity_of, open_database, set_aside
from presence_tui.history.retention import RetentionLimits, prune_step
from presence_tui.history.schema import VERSION
from presence_tui.history.write_queue import (
    AccountEntry,
    ConversationsEntry,
    CoverageEntry,
    LinkEntry,
    PersonEntry,
)
from presence_tui.history.writer import Writer
from tests.unit.clock import START_S, FakeClock
from tests.unit.history.history_fixtures import (
    GATEWAY,
    ME,
    PATIENCE_S,
    ErrorRecorder,
    change,
    rows,
    seqs,
    writing,
)

ADA = PersonEntry("u-ada", "Ada Okafor", "ada", False, True, None, START_S, '{"c-1":"admin"}')


def test_everything_posted_is_kept_in_its_order(path: Path) -> None:
    with writing(path) as writer:
        for number in range(50):
            writer.post([change(2 * number), change(2 * number + 1, False)])
        assert writer.wait_until_written(PATIENCE_S)
        assert seqs(path) == list(range(100))


def test_closing_writes_what_is_left_and_ends_the_run(path: Path) -> None:
    with writing(path, batch_s=60.0) as writer:
        writer.post([change(1)])
    assert seqs(path) == [1]
    assert rows(path, "SELECT ended_s FROM runs") == [START_S]


def test_while_it_goes_on_the_run_is_alive_and_not_ended(path: Path) -> None:
    clock = FakeClock()
    with writing(path, clock=clock) as writer:
        writer.post([AccountEntry(ME, ME), change(1)])
        assert writer.wait_until_written(PATIENCE_S)
        clock.advance(60)
        writer.post([change(2)])
        assert writer.wait_until_written(PATIENCE_S)
        assert rows(path, "SELECT * FROM runs") == [(1, GATEWAY, 1, START_S, START_S + 60, None)]
    assert rows(path, "SELECT * FROM runs") == [(1, GATEWAY, 1, START_S, START_S + 60, START_S + 60)]


def test_after_closing_nothing_more_is_taken(path: Path) -> None:
    with writing(path) as writer:
        writer.close(PATIENCE_S)
        writer.post([change(1)])
    assert seqs(path) == []


def test_a_change_is_kept_with_its_cause_and_evidence(path: Path) -> None:
    errors = change(7, False, last_active_s=START_S, held_s=12.5, first_told=True, flag_before=None)
    with writing(path) as writer:
        writer.post([errors])
    assert rows(path, "SELECT * FROM changes") == [(1, 1, *errors[:14])]


def test_what_is_kept_of_an_account_is_kept_once(path: Path) -> None:
    harbour = Conversation("c-1", "Harbour crew", "harbour", 24, True)
    for title in ("Harbour", "Harbour crew"):
        with writing(path) as writer:
            listed = ConversationsEntry((harbour, Conversation("c-2", title)))
            writer.post([AccountEntry(ME, ME), listed, ADA])
    assert rows(path, "SELECT gateway, key FROM accounts") == [(GATEWAY, ME)]
    assert rows(path, "SELECT title FROM conversations ORDER BY place") == ["Harbour crew", "Harbour crew"]
    assert rows(path, "SELECT key, name, flag, rosters FROM people") == [
        ("u-ada", "Ada Okafor", 1, '{"c-1":"admin"}')
    ]
    assert rows(path, "SELECT count(*) FROM runs WHERE account = 1") == [2]


def test_older_news_of_a_person_from_another_run_changes_nothing(path: Path) -> None:
    with writing(path) as writer:
        writer.post([AccountEntry(ME, ME), ADA, ADA._replace(flag=False, told_s=START_S - 1)])
    assert rows(path, "SELECT flag FROM people") == [1]


def test_a_person_who_left_a_conversation_was_in_it(path: Path) -> None:
    with writing(path) as writer:
        writer.post([AccountEntry(ME, ME), ADA, ADA._replace(rosters='{"c-2":""}')])
    assert rows(path, "SELECT rosters, were_in FROM people") == [('{"c-2":""}', '{"c-1":"admin","c-2":""}')]


def test_another_account_is_another_run(path: Path) -> None:
    with writing(path) as writer:
        writer.post([AccountEntry(ME, ME), change(1), AccountEntry("u-you", "u-you"), change(2)])
    found = rows(path, "SELECT accounts.key, seq FROM changes JOIN runs ON runs.id = run "
                       "JOIN accounts ON accounts.id = account ORDER BY seq")  # fmt: skip
    assert found == [(ME, 1), ("u-you", 2)]


def test_people_of_nobody_knows_which_account_are_not_kept(path: Path) -> None:
    with writing(path) as writer:
        writer.post([ADA, change(1)])
    assert (rows(path, "SELECT key FROM people"), seqs(path)) == ([], [1])


def test_links_and_what_was_watched_are_kept(path: Path) -> None:
    link = LinkEntry(START_S, "reconnecting", "The connection was lost.", 3)
    with writing(path) as writer:
        writer.post([link, CoverageEntry(START_S, START_S + 1), CoverageEntry(START_S, START_S + 9)])
    assert rows(path, "SELECT at_s, state, reason, epoch FROM links") == [tuple(link)]
    assert rows(path, "SELECT began_s, until_s FROM spans") == [(START_S, START_S + 9)]


def test_file_and_folder_are_for_us_alone(path: Path) -> None:
    path.parent.mkdir(mode=0o755)
    path.touch(0o644)
    with writing(path) as writer:
        writer.post([change(1)])
        assert writer.wait_until_written(PATIENCE_S)
        modes = {found.name: stat.S_IMODE(found.stat().st_mode) for found in path.parent.iterdir()}
    assert modes and set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 8_000])
def test_a_damaged_file_is_set_aside_and_another_begun(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    errors = ErrorRecorder()
    with writing(path, errors) as writer:
        writer.post([change(1)])
    (aside,) = [found for found in path.parent.iterdir() if ".damaged-" in found.name]
    assert aside.read_bytes() == content, "nothing is deleted"
    assert errors.sentences == [
        f"The history was damaged. It is set aside as {aside.name}; a new one is begun."
    ]
    assert seqs(path) == [1]
    assert errors.begun_anew == 1, "the rosters are requested again"


def test_damage_inside_is_found_while_the_watch_goes_on(path: Path) -> None:
    with writing(path) as writer:
        writer.post([change(number) for number in range(5_000)])
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4_096 * 4_096
    content[middle : middle + 20_480] = b"\x5a" * 20_480
    path.write_bytes(content)

    errors = ErrorRecorder()
    with writing(path, errors) as writer:
        writer.post([AccountEntry(ME, ME), change(1)])
        assert _until(lambda: bool(errors.begun_anew))
        writer.post([change(2), ADA])
    assert [found for found in path.parent.iterdir() if ".damaged-" in found.name]
    assert "set aside" in errors.sentences[0]
    assert 2 in seqs(path)
    assert rows(path, "SELECT accounts.key FROM runs JOIN accounts ON accounts.id = account") == [ME]


def test_a_file_that_was_taken_away_is_begun_anew(path: Path) -> None:
    errors = ErrorRecorder()
    with writing(path, errors) as writer:
        writer.post([change(1)])
        assert writer.wait_until_written(PATIENCE_S)
        path.rename(path.with_name("elsewhere"))
        writer.post([change(2)])
        assert writer.wait_until_written(PATIENCE_S)
        assert seqs(path) == [2]
    assert errors.begun_anew == 1


def test_a_place_where_no_file_can_be_is_one_sentence_until_it_can(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    errors = ErrorRecorder()
    with writing(path, errors) as writer:
        writer.post([change(1)])
        assert not writer.wait_until_written(0.2), "several attempts failed"
        path.parent.unlink()
        assert writer.wait_until_written(PATIENCE_S)
        assert _until(lambda: len(errors.phrases) == 2)
        for number in (2, 3):
            writer.post([change(number)])
            assert writer.wait_until_written(PATIENCE_S)
    assert "cannot be written: File exists" in errors.sentences[0]
    assert errors.sentences[1:] == ["The history is written again."], "the recovery is reported once"
    assert seqs(path) == [1, 2, 3], "no entry is lost"


def test_what_memory_has_no_room_for_is_counted(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    with writing(path, most_waiting=10) as writer:
        writer.post([LinkEntry(START_S, "live", "", 1)])
        for number in range(1, 101):
            writer.post([change(number)])
        path.parent.unlink()
        assert writer.wait_until_written(PATIENCE_S)
    ((began_s, until_s, lost),) = rows(path, "SELECT began_s, until_s, changes FROM unrecorded")
    assert seqs(path) == list(range(lost + 1, 101))
    assert (began_s, until_s) == (START_S + 1, START_S + lost)
    assert rows(path, "SELECT state FROM links") == ["live"], "link entries are kept"


def test_a_file_of_a_later_version_is_left_alone(path: Path) -> None:
    with writing(path):
        pass
    rows(path, f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    errors = ErrorRecorder()
    with writing(path, errors) as writer:
        writer.post([change(1)])
    assert errors.sentences == [f"The history {path} is of a later version; nothing is kept."]
    assert path.read_bytes() == before


def test_two_runs_write_to_the_same_file(path: Path) -> None:
    with writing(path) as one, writing(path) as other:
        for number in range(200):
            one.post([change(number)])
            other.post([change(1_000 + number)])
        assert one.wait_until_written(PATIENCE_S) and other.wait_until_written(PATIENCE_S)
        by_run = rows(path, "SELECT run, count(*) FROM changes GROUP BY run")
        assert sorted(by_run) == [(1, 200), (2, 200)]


def _until(holds: Callable[[], bool]) -> bool:
    waiting = threading.Event()
    for _ in range(int(PATIENCE_S * 100)):
        if holds():
            return True
        waiting.wait(0.01)
    return False


def test_a_disk_without_room_is_said_to_be_full(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite reports its own page limit like a full disk."""

    def open_with_little_room(path: Path) -> sqlite3.Connection:
        connection = open_database(path)
        if room:
            connection.execute("PRAGMA max_page_count = 40")
        return connection

    room = [True]
    monkeypatch.setattr("presence_tui.history.writer.open_database", open_with_little_room)
    errors = ErrorRecorder()
    with writing(path, errors) as writer:
        writer.post([change(number) for number in range(3_000)])
        assert _until(lambda: bool(errors.phrases))
        room.clear()
        assert writer.wait_until_written(PATIENCE_S)
        assert _until(lambda: len(errors.phrases) == 2)
    assert errors.sentences[0].startswith(f"The disk of {path} is full, so the history is not written.")
    assert seqs(path) == list(range(3_000))


def test_a_disk_that_damages_every_file_is_told_and_the_watch_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(path: Path) -> sqlite3.Connection:
        path.parent.mkdir(exist_ok=True)
        path.touch()
        raise DatabaseDamaged

    monkeypatch.setattr("presence_tui.history.writer.open_database", damaged)
    errors = ErrorRecorder()
    with writing(path, errors) as writer:
        writer.post([change(1)])
        assert _until(lambda: any("damaged again at once" in sentence for sentence in errors.sentences))
        monkeypatch.undo()
        assert writer.wait_until_written(PATIENCE_S)
    assert seqs(path) == [1]


def test_a_file_is_set_aside_once(path: Path) -> None:
    with writing(path):
        pass
    damaged = identity_of(path)
    assert set_aside(path, damaged) is not None
    assert set_aside(path, damaged) is None, "the file no longer exists"
    with writing(path):
        pass
    assert set_aside(path, damaged) is None, "another file has its name"
    assert set_aside(path, None) is None
    assert path.exists()


def test_an_error_while_forgetting_forgets_nothing(path: Path) -> None:
    with writing(path) as writer:
        writer.post([change(1)])
    with closing(open_database(path)) as connection:
        connection.execute("DROP TABLE links")
        with pytest.raises(sqlite3.OperationalError):
            prune_step(connection, RetentionLimits(days=1), START_S + 1e9)
        assert not connection.in_transaction
    assert seqs(path) == [1]


class Pruning:
    """Stands in for ``prune_step``: notes when it was asked, and fails if it is to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked_s: list[float] = []
        self.has_more = False
        self.fails = False
        monkeypatch.setattr("presence_tui.history.writer.prune_step", self)

    def __call__(self, connection: sqlite3.Connection, limits: RetentionLimits, now_s: float) -> bool:
        self.asked_s.append(now_s)
        if self.fails:
            raise sqlite3.OperationalError("disk I/O error")
        return self.has_more


def two_rounds(writer: Writer) -> None:
    """Write twice: the writer prunes after it wrote, so the second one tells that the first has pruned."""
    for number in (1, 2):
        writer.post([change(number)])
        assert writer.wait_until_written(PATIENCE_S)


def test_it_prunes_once_an_hour(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pruning, clock = Pruning(monkeypatch), FakeClock()
    with writing(path, clock=clock) as writer:
        two_rounds(writer)
        clock.advance(3_599)
        two_rounds(writer)
        assert pruning.asked_s == [START_S]
        clock.advance(1)
        two_rounds(writer)
        two_rounds(writer)
        assert pruning.asked_s == [START_S, START_S + 3_600]


def test_it_goes_on_pruning_while_there_is_more(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pruning = Pruning(monkeypatch)
    pruning.has_more = True
    with writing(path) as writer:
        two_rounds(writer)
        assert _until(lambda: len(pruning.asked_s) > 3), "pruning does not need a post"


def test_a_failed_pruning_is_told_once_and_so_is_its_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pruning, errors = Pruning(monkeypatch), ErrorRecorder()
    pruning.fails = True
    with writing(path, errors) as writer:
        writer.post([change(1)])
        assert _until(lambda: len(pruning.asked_s) > 3)
        pruning.fails = False
        assert _until(lambda: len(errors.phrases) > 1)
        two_rounds(writer)
    failed, again = errors.sentences
    assert failed.startswith(f"The history {path} cannot be written: disk I/O error")
    assert again == "The history is written again."


def test_a_disk_that_hangs_keeps_no_program_from_its_end(path: Path) -> None:
    with writing(path) as writer:
        assert [thread.daemon for thread in (writer._thread, writer._checker)] == [True, True]
