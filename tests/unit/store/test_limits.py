"""Limits of the store: exceeding one never fails, and everything dropped is counted."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.domain.enums import Outcome, Source
from presence_tui.domain.limits import Bounds, limit_texts
from presence_tui.domain.participants import Participant
from presence_tui.store import ChangeSet, PresenceStore
from presence_tui.store.participant_table import admitted
from presence_tui.wire.messages import PresenceRow, RosterRow, Status
from presence_tui.wire.sanitize import ELLIPSIS
from tests.unit.clock import FakeClock
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.store.store_harness import HARBOUR, LIGHTHOUSE, member


def store_of(**bounds: int) -> PresenceStore:
    return PresenceStore(clock=FakeClock(), bounds=Bounds(**bounds))


def told_by(store: PresenceStore) -> list[str]:
    return [str(sentence) for _, sentence in limit_texts(store.limit_counters, store.bounds).values()]


def snapshot(store: PresenceStore, *keys: str) -> None:
    store.apply_answers([PresenceRow(key, True) for key in keys], Source.SNAPSHOT, store.clock.stamp())


# --- roster ---


@repeatable
@given(
    st.lists(st.sampled_from("abcdefgh"), max_size=12),
    st.sets(st.sampled_from("abcdefgh")),
    st.integers(0, 9),
)
def test_held_keys_are_always_admitted_and_others_while_there_is_room(
    rows: list[str], held: set[str], most: int
) -> None:
    found = list(admitted(rows, lambda row: row, held, most))
    assert [row for row in rows if row in held] == [row for row in found if row in held]
    assert len(held | set(found)) <= max(most, len(held))
    fitting = list(dict.fromkeys(row for row in rows if row not in held))[: max(0, most - len(held))]
    assert list(dict.fromkeys(row for row in found if row not in held)) == fitting


def test_roster_over_limit_keeps_first_members_and_counts_rest() -> None:
    store = store_of(roster=3)
    store.set_participants([member("ada"), RosterRow(member("ben"), flag=True)], HARBOUR)
    store.set_participants([member("cleo"), RosterRow(member("dan"), flag=True), member("eve")], HARBOUR)
    assert store.rosters.members(HARBOUR) == ["ada", "ben", "cleo"]
    assert store.counts(HARBOUR).total == 3
    assert "dan" not in store.participants
    assert store.limit_counters.left_out == 2
    assert told_by(store) == ["More than 3 participants (max_roster): rows and events left out so far, 2."]


def test_full_roster_still_updates_its_members() -> None:
    store = store_of(roster=2)
    store.set_participants([member("ada"), member("ben")], HARBOUR)
    store.set_participants([member("ben", "Benjamin"), member("ada", role="admin")], HARBOUR)
    assert store.get_user_by_id("ben").name == "Benjamin"  # type: ignore[union-attr]
    assert store.rosters.role(HARBOUR, "ada") == "admin"
    assert store.limit_counters.total == 0
    store.members.remove("ben", HARBOUR)
    store.set_participants([member("cleo")], HARBOUR)
    assert store.rosters.members(HARBOUR) == ["ada", "cleo"], "a leaving participant makes room"


def test_limit_applies_to_each_conversation() -> None:
    store = store_of(roster=1)
    store.set_participants([member("ada")], HARBOUR)
    store.set_participants([member("ben")], LIGHTHOUSE)
    assert (store.rosters.members(HARBOUR), store.rosters.members(LIGHTHOUSE)) == (["ada"], ["ben"])
    assert store.limit_counters.total == 0


def test_unknown_users_beyond_limit_are_refused() -> None:
    store = store_of(roster=2)
    store.set_participants([member("ada")], HARBOUR)
    outcomes = [store.update_user_status(key, True) for key in ("ben", "cleo", "cleo", "ada")]
    assert outcomes == [Outcome.APPLIED, Outcome.REFUSED, Outcome.REFUSED, Outcome.APPLIED]
    assert set(store.participants) == {"ada", "ben"}
    assert store.limit_counters.left_out == 2


def test_snapshot_over_limit_updates_known_and_adds_first() -> None:
    store = store_of(roster=3)
    store.set_participants([member("zoe")], HARBOUR)
    snapshot(store, "ada", "ben", "cleo", "zoe")
    assert set(store.participants) == {"zoe", "ada", "ben"}
    assert store.get_user_by_id("zoe").flag is True  # type: ignore[union-attr]
    assert store.limit_counters.left_out == 1


def test_typing_is_refused_without_room() -> None:
    store = store_of(roster=2)
    store.set_participants([member("ada"), member("ben")], HARBOUR)
    assert store.apply_typing("cleo", HARBOUR) is Outcome.REFUSED
    assert store.apply_typing("dan") is Outcome.REFUSED
    assert store.apply_typing("ada", HARBOUR) is Outcome.APPLIED
    store.set_participants([member("eve")], LIGHTHOUSE)
    assert store.apply_typing("eve", HARBOUR) is Outcome.APPLIED, (
        "known, but not a member: the roster is full"
    )
    assert store.rosters.members(HARBOUR) == ["ada", "ben"]
    assert store.limit_counters.left_out == 3


# --- names ---

LONG = "Adelaide Wilhelmina of the Nether Harbour"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Ada", "Ada"),
        ("Adelaide W", "Adelaide W"),
        (LONG, "Adelaide" + ELLIPSIS),
        ("あかりあか", "あかりあか"),
        ("あかりあかり", "あかりあ" + ELLIPSIS),
    ],
)
def test_name_is_cut_at_limit(name: str, kept: str) -> None:
    store = store_of(name_cells=10)
    store.update_user_status("ada", True, username=name)
    assert store.get_user_by_id("ada").name == kept  # type: ignore[union-attr]
    assert store.limit_counters.cut_names == (kept != name)


@pytest.mark.parametrize(
    "tell",
    [
        lambda store: store.set_participants([Participant("ada", name=LONG, handle="ada")], HARBOUR),
        lambda store: store.set_participants([Participant("ada", name="Ada", handle=LONG)], HARBOUR),
        lambda store: store.apply_status(Status("ada", True, name=LONG)),
        lambda store: store.apply_typing("ada", name=LONG),
        lambda store: store.apply_answers(
            [PresenceRow("ada", True, handle=LONG)], Source.SNAPSHOT, store.clock.stamp()
        ),
    ],
    ids=["roster", "roster handle", "event", "typing", "snapshot"],
)
def test_cut_name_is_counted_once(
    tell: Callable[[PresenceStore], object],
) -> None:
    store = store_of(name_cells=10)
    for _ in range(3):
        tell(store)
    assert (store.limit_counters.cut_names, store.limit_counters.widest_name) == (1, len(LONG))
    assert told_by(store) == [
        f"Names wider than 10 cells (max_name_cells) are cut: 1 so far, the widest has {len(LONG)}."
    ]


def test_duplicate_event_with_cut_name_is_duplicate() -> None:
    store = store_of(name_cells=10)
    outcomes = [store.apply_status(Status("ada", True, name=name)) for name in (LONG, LONG, "Bob")]
    assert outcomes == [Outcome.APPLIED, Outcome.DUPLICATE, Outcome.APPLIED]


def test_widest_name_is_recorded() -> None:
    store = store_of(name_cells=10)
    for name in (LONG, "a" * 99, LONG):
        store.update_user_status(f"u{len(store.participants)}", True, username=name)
    assert (store.limit_counters.cut_names, store.limit_counters.widest_name) == (3, 99)


# --- queue ---


class Frames:
    """A schedule that flushes on request."""

    def __init__(self) -> None:
        self.flush: Callable[[], object] = lambda: None
        self.asked = 0

    def __call__(self, flush: Callable[[], object]) -> None:
        self.flush = flush
        self.asked += 1


def flips(store: PresenceStore, count: int) -> None:
    for number in range(count):
        store.update_user_status("ada", number % 2 == 0)


def test_full_queue_is_flushed_without_loss() -> None:
    frames, heard = Frames(), list[ChangeSet]()
    store = PresenceStore(clock=FakeClock(), schedule=frames, bounds=Bounds(queue=10))
    store.subscribe(heard.append)
    flips(store, 35)
    assert [len(changed.changes) for changed in heard] == [10, 10, 10]
    frames.flush()
    assert sum(len(changed.changes) for changed in heard) == 35
    assert store.limit_counters.full_queues == 3
    assert told_by(store) == ["10 changes waited to be shown (max_queue), 3 times so far; none is lost."]


def test_batch_over_queue_limit_is_one_change_set() -> None:
    frames, heard = Frames(), list[ChangeSet]()
    store = PresenceStore(clock=FakeClock(), schedule=frames, bounds=Bounds(queue=10))
    store.subscribe(heard.append)
    with store.batch():
        flips(store, 25)
    assert heard == []
    frames.flush()
    assert [len(changed.changes) for changed in heard] == [25]


def test_changes_are_delivered_at_once_without_schedule() -> None:
    heard = list[ChangeSet]()
    store = PresenceStore(clock=FakeClock(), bounds=Bounds(queue=1))
    store.subscribe(heard.append)
    flips(store, 5)
    assert [len(changed.changes) for changed in heard] == [1] * 5
    assert store.limit_counters.total == 0


def test_no_limit_texts_within_limits() -> None:
    store = PresenceStore(clock=FakeClock())
    store.set_participants([member("ada")], HARBOUR)
    assert told_by(store) == []
