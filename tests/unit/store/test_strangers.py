"""People whom no roster has placed: where they are counted, and where they are not."""

from presence_tui.domain.participants import Participant
from presence_tui.store import Counts, PresenceStore
from presence_tui.store.rosters import NEWCOMERS
from tests.unit.clock import FakeClock


def make_store() -> PresenceStore:
    store = PresenceStore(clock=FakeClock())
    store.set_participants([Participant("ada")], "harbour")
    store.set_participants([Participant("ben")], "lighthouse")
    return store


def test_newcomers_are_counted_once_in_their_own_roster() -> None:
    store = make_store()
    store.update_user_status("cleo", True)
    assert store.counts(NEWCOMERS) == Counts(online=1)
    assert store.rosters.keys(NEWCOMERS) == ["cleo"]
    assert store.counts("harbour") == Counts(online=1, unknown=1)


def test_who_types_in_a_conversation_is_a_member_of_that_one_alone() -> None:
    store = make_store()
    store.apply_typing("dora", "harbour")
    assert store.rosters.keys("harbour") == ["ada", "dora"]
    assert store.rosters.keys("lighthouse") == ["ben"]


def test_who_types_where_nothing_was_read_is_nobodys_newcomer() -> None:
    store = make_store()
    store.apply_typing("dora", "elsewhere")
    assert store.get_user_by_id("dora") is not None
    assert store.counts("harbour") == store.counts("lighthouse") == Counts(unknown=1)


def test_a_skew_measured_again_is_no_news() -> None:
    store = make_store()
    store.set_skew(3.0)
    version = store.version
    store.set_skew(3.0)
    assert store.version == version
