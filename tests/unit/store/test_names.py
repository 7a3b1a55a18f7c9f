"""Names of a participant: the one in the conversation, beside that of the account."""

from presence_tui.domain.enums import Outcome, Source
from presence_tui.store import Origin
from tests.unit.store.store_harness import HARBOUR, LIGHTHOUSE, StoreHarness, member


def names(harness: StoreHarness, key: str = "bo") -> tuple[str, str]:
    record = harness.record(key)
    return record.name, record.account_name


def test_the_name_in_the_conversation_stays_whatever_events_say() -> None:
    harness = StoreHarness()
    harness.roster(member("bo", "Bo Lindqvist"))
    harness.event("bo", True, name="Robert L.")
    assert names(harness) == ("Bo Lindqvist", "Robert L.")
    harness.roster(member("bo", "Bo Lindqvist"))
    assert names(harness) == ("Bo Lindqvist", "Robert L.")
    assert [change.flag for change in harness.changes] == [True], "a new name is no presence change"
    harness.event("bo", False, name="Bo Lindqvist")
    assert names(harness) == ("Bo Lindqvist", "")


def test_a_roster_that_comes_after_the_event_wins_as_well() -> None:
    harness = StoreHarness()
    harness.event("bo", True, name="Robert L.")
    assert names(harness) == ("Robert L.", "")
    harness.roster(member("bo", "Bo Lindqvist"))
    assert names(harness) == ("Bo Lindqvist", "Robert L.")
    harness.roster(member("bo", "Robert L."))
    assert names(harness) == ("Robert L.", "")


def test_the_conversation_looked_at_has_the_last_word() -> None:
    harness = StoreHarness()
    harness.store.members.prefer_names_of(HARBOUR)
    harness.roster(member("bo", "Bo"), conversation=LIGHTHOUSE)
    assert names(harness) == ("Bo", "")
    harness.roster(member("bo", "Bo Lindqvist"))
    harness.roster(member("bo", "Bo"), conversation=LIGHTHOUSE)
    assert names(harness) == ("Bo Lindqvist", "")
    harness.store.members.prefer_names_of(LIGHTHOUSE)
    harness.roster(member("bo", "Bo"), conversation=LIGHTHOUSE)
    assert names(harness) == ("Bo", "")


def test_a_copy_under_the_name_of_the_account_is_a_copy() -> None:
    harness = StoreHarness()
    harness.roster(member("bo", "Bo Lindqvist"))
    assert harness.event("bo", True, name="Robert L.") is Outcome.APPLIED
    assert harness.event("bo", True, name="Robert L.") is Outcome.DUPLICATE
    assert harness.event("bo", True, name="Somebody else") is Outcome.APPLIED


def test_typing_statistics_and_renamed_accounts_leave_the_name_in_the_conversation() -> None:
    harness = StoreHarness()
    harness.roster(member("bo", "Bo Lindqvist"))
    harness.store.apply_typing("bo", HARBOUR, name="Robert L.", handle="bo")
    assert (*names(harness), harness.record("bo").handle) == ("Bo Lindqvist", "Robert L.", "bo")
    harness.store.members.apply_names({"bo": ("robert", "Robert")})
    assert (*names(harness), harness.record("bo").handle) == ("Bo Lindqvist", "Robert", "robert")


def test_an_event_that_repeats_the_name_of_the_account_changes_nothing() -> None:
    harness = StoreHarness()
    harness.roster(member("bo", "Bo Lindqvist"))
    for flag in (True, False):
        harness.event("bo", flag, name="Robert L.")
        assert names(harness) == ("Bo Lindqvist", "Robert L.")


def test_a_name_a_handle_and_a_language_keep_what_told_them() -> None:
    harness = StoreHarness()
    asked = harness.clock.stamp()
    harness.roster(member("ada", handle="ada.o", language="fr"), member("bo"), asked=asked)
    roster = Origin(Source.ROSTER, asked.wall_s, HARBOUR)
    ada, bo = harness.record("ada"), harness.record("bo")
    assert ada.name_origin == ada.handle_origin == harness.store.members.language_origin("ada") == roster
    assert (bo.name_origin, bo.handle_origin) == (roster, None)
    assert harness.store.members.language_origin("bo") is None
    harness.wait(5)
    harness.event("zoe", True, name="Zoe")
    assert harness.record("zoe").name_origin == Origin(Source.EVENT, harness.now_s)


def test_the_time_of_the_last_membership_event_is_kept() -> None:
    harness = StoreHarness()
    harness.roster("ada", asked=harness.clock.stamp())
    rosters = harness.store.rosters
    assert rosters.changed_s(HARBOUR, "ada") is rosters.changed_s(LIGHTHOUSE, "ada") is None
    harness.wait(5)
    harness.store.members.set_role("ada", HARBOUR, "admin")
    assert rosters.changed_s(HARBOUR, "ada") == harness.clock.monotonic_s
