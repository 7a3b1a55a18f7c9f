"""Participants in no roster: where they are counted and where not."""

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Panel
from presence_tui.domain.participants import Participant
from presence_tui.store import Counts, PresenceStore
from presence_tui.store.rosters import NEWCOMERS
from presence_tui.store.strangers import STILL_NEWS_S, StrangerChanges
from tests.unit.clock import FakeClock


def make_store() -> PresenceStore:
    store = PresenceStore(clock=FakeClock())
    store.set_participants([Participant("ada")], "harbour")
    store.set_participants([Participant("ben")], "lighthouse")
    return store


def test_a_stranger_is_a_member_of_nothing() -> None:
    store = make_store()
    view = store.roster_index("harbour")
    store.update_user_status("cleo", True)
    assert store.strangers_met == 1
    assert store.rosters.members(NEWCOMERS) == ["cleo"]
    assert store.counts("harbour") == store.counts("lighthouse") == view.counts == Counts(unknown=1)
    assert store.counts() == Counts(online=1, unknown=2)
    assert view.count(Panel.ONLINE) == 0
    assert not store.rosters.is_member("harbour", store.participants["cleo"])
    store.update_user_status("cleo", False)
    assert store.strangers_met == 1, "a known stranger is not counted again"


def test_changes_of_a_stranger_are_told_once_a_roster_has_placed_them() -> None:
    store, changes = make_store(), list[Change]()
    strangers = StrangerChanges(store)
    store.subscribe(lambda changed: changes.extend(strangers.released(changed.changes)))
    store.update_user_status("cleo", True)
    store.update_user_status("ada", True)
    assert [change.key for change in changes] == ["ada"]
    store.set_participants([Participant("cleo")], "harbour")
    assert [(change.key, change.flag) for change in changes] == [("ada", True), ("cleo", True)]
    store.update_user_status("cleo", False)
    assert changes[-1].flag is False


def test_of_what_a_stranger_did_the_newest_is_told_unless_it_is_old() -> None:
    store = make_store()
    strangers = StrangerChanges(store)
    told: list[Change] = []
    store.subscribe(lambda changed: told.extend(strangers.released(changed.changes)))
    for key in ("cleo", "dora"):
        store.update_user_status(key, True)
    store.update_user_status("dora", False)
    store.clock.advance(STILL_NEWS_S - 1)  # type: ignore[attr-defined]
    store.set_participants([Participant("dora")], "harbour")
    assert [(change.key, change.flag) for change in told] == [("dora", False)]
    store.clock.advance(2)  # type: ignore[attr-defined]
    store.set_participants([Participant("cleo")], "harbour")
    assert len(told) == 1
    store.update_user_status("eve", True)
    store.clear()
    store.update_user_status("ada", True)
    assert len(told) == 1, "ada is now a stranger, and eve is dropped"


def test_who_types_in_a_conversation_is_a_member_of_that_one_alone() -> None:
    store = make_store()
    store.apply_typing("dora", "harbour")
    assert store.rosters.members("harbour") == ["ada", "dora"]
    assert store.rosters.members("lighthouse") == ["ben"]


def test_who_types_where_nothing_was_read_is_nobodys_newcomer() -> None:
    store = make_store()
    store.apply_typing("dora", "elsewhere")
    assert store.get_user_by_id("dora") is not None
    assert store.counts("harbour") == store.counts("lighthouse") == Counts(unknown=1)


def test_a_skew_measured_again_is_no_news() -> None:
    store = make_store()
    store.states.set_skew(3.0)
    version = store.version
    store.states.set_skew(3.0)
    assert store.version == version
