"""Rosters: merged, never cleared; newcomers; and counts equal to a recount."""

from presence_tui.domain.enums import Outcome, State
from presence_tui.domain.participants import Conversation, Participant
from presence_tui.store import Counts
from presence_tui.store.rosters import CONVERSATIONS_KEPT, EVENTS_KEPT, NEWCOMERS, RosterRead
from presence_tui.wire.messages import PresenceRow, RosterRow
from tests.unit.store.store_harness import HARBOUR, LIGHTHOUSE, StoreHarness, member, recount


def test_roster_names_its_members_and_leaves_them_unknown(harness: StoreHarness) -> None:
    harness.roster(member("ada", "Ada Okafor", handle="ada.o", role="creator"), member("river", guest=True))

    ada, river = harness.record("ada"), harness.record("river")
    assert (ada.name, ada.handle, ada.guest, ada.flag, ada.state) == (
        "Ada Okafor",
        "ada.o",
        False,
        None,
        State.UNKNOWN,
    )
    assert river.guest
    assert ada.conversations == (HARBOUR,)
    assert harness.store.rosters.role(HARBOUR, "ada") == "creator"
    assert harness.store.counts(HARBOUR) == Counts(unknown=2)
    assert harness.changes == []


def test_second_page_adds_to_the_first(harness: StoreHarness) -> None:
    harness.roster("ada", "bob")
    harness.roster("cy")

    assert harness.store.rosters.members(HARBOUR) == ["ada", "bob", "cy"]


def test_without_a_conversation_everybody_is_held(harness: StoreHarness) -> None:
    harness.roster("ada", "bob")
    harness.event("cy", True)
    rosters = harness.store.rosters

    assert set(rosters.held_or_all(HARBOUR)) == {"ada", "bob"}
    assert set(rosters.held_or_all(None)) == {"ada", "bob", "cy"}
    assert not rosters.held_or_all(LIGHTHOUSE)


def test_empty_roster_wipes_nothing(harness: StoreHarness) -> None:
    harness.roster("ada")
    harness.event("ada", True)

    harness.roster()

    assert harness.store.rosters.members(HARBOUR) == ["ada"]
    assert harness.record("ada").flag is True


def test_roster_keeps_presence_names_and_ranks_it_does_not_tell(harness: StoreHarness) -> None:
    harness.roster(member("ada", "Ada", handle="ada.o", role="admin", guest=True))
    harness.event("ada", True, last_active_s=harness.now_s)

    harness.roster(RosterRow(Participant("ada")))

    record = harness.record("ada")
    assert (record.name, record.handle, record.guest) == ("Ada", "ada.o", True)
    assert (record.flag, record.last_active_s) == (True, harness.now_s)
    assert harness.store.rosters.role(HARBOUR, "ada") == "admin"


def test_roster_corrects_names_and_ranks_it_tells(harness: StoreHarness) -> None:
    harness.roster(member("ada", "Ada", role="member"))
    harness.roster(member("ada", "Ada Okafor", role="admin"))

    assert harness.record("ada").name == "Ada Okafor"
    assert harness.store.rosters.role(HARBOUR, "ada") == "admin"


def test_one_participant_in_two_conversations_is_one_record(harness: StoreHarness) -> None:
    harness.roster(member("ada", role="creator"))
    harness.roster(member("ada", role="member"), conversation=LIGHTHOUSE)
    harness.event("ada", True)

    assert len(harness.store.participants) == 1
    assert harness.store.rosters.role(HARBOUR, "ada") == "creator"
    assert harness.store.rosters.role(LIGHTHOUSE, "ada") == "member"
    assert (
        harness.store.counts()
        == harness.store.counts(HARBOUR)
        == harness.store.counts(LIGHTHOUSE)
        == Counts(online=1)
    )


def test_counts_follow_every_kind_of_change(harness: StoreHarness) -> None:
    def agree() -> bool:
        everyone = harness.store.participants.values()
        return harness.store.counts() == recount(everyone) and all(
            harness.store.counts(conversation)
            == recount(one for one in everyone if conversation in one.conversations)
            for conversation in (HARBOUR, LIGHTHOUSE)
        )

    harness.roster("ada", "bob", "cy")
    assert agree()
    harness.roster("bob", RosterRow(member("dan"), True), conversation=LIGHTHOUSE)
    assert agree()
    harness.event("bob", True)
    assert agree()
    harness.event("stranger", True)
    assert agree()
    harness.snapshot(PresenceRow("ada", False), PresenceRow("bob", False), PresenceRow("unplaced", True))
    assert agree()
    harness.store.members.remove("bob", HARBOUR)
    assert agree()
    harness.store.members.remove("stranger", NEWCOMERS)
    assert agree()
    assert harness.store.counts() == Counts(online=4, offline=1, unknown=1)


def test_an_unknown_conversation_is_empty(harness: StoreHarness) -> None:
    harness.roster("ada")

    assert harness.store.counts("nowhere") == Counts()
    assert harness.store.rosters.members("nowhere") == []
    assert harness.store.rosters.role("nowhere", "ada") == ""
    assert harness.store.rosters.role(None, "ada") == ""


def test_total_is_everybody(harness: StoreHarness) -> None:
    assert Counts(1, 2, 3).total == 6
    assert Counts(1, 2, 3) + Counts(10, 20, 30) == Counts(11, 22, 33)


# Newcomers.


def test_newcomer_is_counted_in_no_conversation_until_a_roster_places_it(harness: StoreHarness) -> None:
    harness.roster("ada")
    harness.roster("bob", conversation=LIGHTHOUSE)
    harness.event("river", True)

    assert harness.store.counts(HARBOUR) == harness.store.counts(LIGHTHOUSE) == Counts(unknown=1)

    harness.roster("river")

    assert harness.store.counts(HARBOUR) == Counts(online=1, unknown=1)
    assert harness.store.counts(LIGHTHOUSE) == Counts(unknown=1)
    assert harness.record("river").conversations == (HARBOUR,)


def test_newcomer_whom_no_roster_lists_can_be_dismissed_and_stays_known(harness: StoreHarness) -> None:
    harness.roster("ada")
    harness.event("river", True)

    assert harness.store.members.remove("river", NEWCOMERS)

    assert harness.store.counts(HARBOUR) == Counts(unknown=1)
    assert harness.store.counts() == Counts(online=1, unknown=1)
    assert harness.record("river").flag is True


def test_newcomer_dismissed_once_does_not_come_back_by_an_event(harness: StoreHarness) -> None:
    harness.roster("ada")
    harness.event("river", True)
    harness.store.members.remove("river", NEWCOMERS)

    assert harness.event("river", False) is Outcome.APPLIED
    assert harness.store.counts(HARBOUR).total == 1


def test_member_of_a_conversation_is_no_newcomer_in_another(harness: StoreHarness) -> None:
    harness.roster("ada")
    harness.event("ada", True)

    assert harness.store.counts(LIGHTHOUSE) == Counts()


# Leaving.


def test_leaving_one_conversation_leaves_the_others(harness: StoreHarness) -> None:
    harness.roster("ada", "bob")
    harness.roster("bob", conversation=LIGHTHOUSE)

    harness.store.members.remove("bob", HARBOUR)

    assert harness.store.rosters.members(HARBOUR) == ["ada"]
    assert harness.store.rosters.members(LIGHTHOUSE) == ["bob"]
    assert set(harness.store.participants) == {"ada", "bob"}


def test_conversation_is_known_once_anybody_was_told_to_be_a_member(harness: StoreHarness) -> None:
    harness.event("river", True)
    assert not harness.store.rosters.knows(HARBOUR)

    harness.roster("ada")
    harness.store.members.remove("ada", HARBOUR)

    assert harness.store.rosters.knows(HARBOUR)
    harness.store.clear()
    assert not harness.store.rosters.knows(HARBOUR)


def test_leaving_is_true_once(harness: StoreHarness) -> None:
    harness.roster("ada")

    assert harness.store.members.remove("ada", HARBOUR)
    assert not harness.store.members.remove("ada", HARBOUR)
    assert not harness.store.members.remove("nobody", HARBOUR)
    assert harness.record("ada").conversations == ()
    assert harness.store.counts().unknown == 1


def test_a_former_member_may_rejoin_with_another_rank(harness: StoreHarness) -> None:
    harness.roster(member("ada", role="admin"))
    harness.store.members.remove("ada", HARBOUR)
    harness.roster(member("ada"))

    assert harness.store.rosters.role(HARBOUR, "ada") == ""
    assert harness.store.counts(HARBOUR) == Counts(unknown=1)


# Roles.


def test_rank_changes_for_members_alone(harness: StoreHarness) -> None:
    harness.roster(member("ada", role="member"), "bob")
    harness.event("river", True)

    for key in ("ada", "river", "nobody"):
        harness.store.members.set_role(key, HARBOUR, "moderator")
    harness.store.members.set_role("bob", LIGHTHOUSE, "moderator")

    assert harness.store.rosters.role(HARBOUR, "ada") == "moderator"
    assert harness.store.rosters.role(HARBOUR, "river") == ""
    assert harness.store.rosters.role(LIGHTHOUSE, "bob") == ""
    assert harness.store.get_user_by_id("nobody") is None
    assert harness.record("river").conversations == ("",)


def test_empty_rank_corrects_nothing(harness: StoreHarness) -> None:
    harness.roster(member("ada", role="admin"))
    harness.store.members.set_role("ada", HARBOUR, "")

    assert harness.store.rosters.role(HARBOUR, "ada") == "admin"


# Clearing.


def test_clear_removes_everyone_and_reports_it(harness: StoreHarness) -> None:
    harness.roster("ada")
    harness.event("ada", True)
    harness.event("river", True)
    version = harness.store.version
    harness.heard.clear()

    harness.store.clear()

    assert not harness.store.participants
    assert harness.store.counts() == harness.store.counts(HARBOUR) == Counts()
    assert harness.store.states.next_transition_s is None
    assert harness.store.version > version
    assert [(heard.cleared, heard.touched, heard.changes) for heard in harness.heard] == [(True, set(), [])]


def test_store_works_on_after_clear(harness: StoreHarness) -> None:
    harness.event("ada", True)
    harness.store.clear()

    harness.event("ada", False)

    assert harness.record("ada").flag is False
    assert harness.changes[-1].first_told
    assert harness.wait(1_000) == []


def test_the_language_is_what_was_told_last_and_gone_after_a_clear(harness: StoreHarness) -> None:
    harness.roster(member("ada", language="fr"), "bob")
    harness.roster("ada", conversation=LIGHTHOUSE)
    assert [harness.store.language_of(key) for key in ("ada", "bob", "nobody")] == ["fr", "", ""]

    harness.roster(member("ada", language="de"), member("cy", language="fr"), member("dee", language="de"))
    assert [harness.store.language_of(key) for key in ("ada", "cy", "dee")] == ["de", "fr", "de"]

    harness.store.clear()
    assert harness.store.language_of("ada") == ""


def test_who_left_after_a_roster_was_asked_for_is_not_listed_by_it(harness: StoreHarness) -> None:
    harness.roster("ada", "ben", conversation="harbour")
    asked = harness.clock.stamp()
    harness.clock.advance(1)
    harness.store.members.remove("ada", "harbour")
    harness.store.members.remove("cleo", "harbour")
    harness.store.set_participants(map(member, ["ada", "ben", "cleo", "dan"]), "harbour", asked=asked)
    assert harness.store.rosters.members("harbour") == ["ben", "dan"]
    harness.store.set_participants([member("ada")], "harbour")
    harness.store.set_participants(map(member, ["ada", "ben"]), "harbour", asked=asked)
    assert "ada" in harness.store.rosters.members("harbour"), "she rejoined in the meantime"
    harness.store.members.remove("ada", "harbour")
    harness.store.set_participants([member("ada")], "harbour", asked=harness.clock.stamp())
    assert "ada" in harness.store.rosters.members("harbour"), "a later answer takes precedence"


def test_rank_given_after_a_roster_was_asked_for_stands(harness: StoreHarness) -> None:
    harness.roster(member("ada", role="member"), member("ben", role="member"))
    asked = harness.clock.stamp()
    harness.clock.advance(1)
    harness.store.members.set_role("ada", HARBOUR, "admin")
    older = [member("ada", role="member"), member("ben", role="moderator")]
    harness.store.set_participants(older, HARBOUR, asked=asked)
    assert harness.store.rosters.role(HARBOUR, "ada") == "admin"
    assert harness.store.rosters.role(HARBOUR, "ben") == "moderator"
    assert not harness.store.members.remove("ada", HARBOUR, asked=asked), "she is a member of late"
    harness.store.set_participants(older, HARBOUR, asked=harness.clock.stamp())
    assert harness.store.rosters.role(HARBOUR, "ada") == "member", "a later answer takes precedence"


def test_who_came_after_a_roster_was_asked_for_is_not_gone_by_it(harness: StoreHarness) -> None:
    harness.roster("ada", "ben", conversation="harbour")
    asked = harness.clock.stamp()
    harness.clock.advance(1)
    harness.store.members.remove("ada", "harbour")
    harness.store.set_participants([member("ada")], "harbour")
    assert not harness.store.members.remove("ada", "harbour", asked=asked)
    assert harness.store.members.remove("ben", "harbour", asked=asked)
    assert harness.store.rosters.members("harbour") == ["ada"]


def test_of_more_than_come_and_go_during_a_reading_the_latest_are_remembered(harness: StoreHarness) -> None:
    rosters, asked_s = harness.store.rosters, harness.clock.stamp().monotonic_s
    for number in range(EVENTS_KEPT + 1):
        rosters.note_membership_event("harbour", f"u{number}", asked_s + 1 + number)
    newer = rosters.changed_since("harbour", asked_s)
    assert len(newer) == EVENTS_KEPT
    assert "u0" not in newer
    assert rosters.changed_since("harbour", asked_s + EVENTS_KEPT) == {f"u{EVENTS_KEPT}"}


def test_news_of_any_number_of_conversations_forget_none_that_was_read(harness: StoreHarness) -> None:
    harness.roster("ada", conversation="harbour")
    rosters, asked_s = harness.store.rosters, harness.clock.stamp().monotonic_s
    rosters.note_membership_event("harbour", "ben", asked_s + 1)
    for number in range(2 * CONVERSATIONS_KEPT):
        rosters.note_membership_event(f"c{number}", "ben", asked_s + 2)
    assert rosters.changed_since("harbour", asked_s) == {"ben"}
    assert rosters.changed_since(f"c{2 * CONVERSATIONS_KEPT - 1}", asked_s) == {"ben"}
    assert len(rosters._event_times_s) == CONVERSATIONS_KEPT


def test_who_is_in_none_of_our_conversations_is_not_confirmed(harness: StoreHarness) -> None:
    harness.store.epochs.begin()
    harness.roster("ada", conversation="harbour")
    harness.roster("ada", conversation="lighthouse")
    harness.snapshot(PresenceRow("ada", True))
    harness.clock.advance(1)
    harness.store.members.remove("ada", "harbour")
    assert harness.store.epochs.unconfirmed_since_s(harness.record("ada")) is None
    harness.store.members.remove("ada", "lighthouse")
    assert harness.store.epochs.unconfirmed_since_s(harness.record("ada")) == harness.now_s


def test_a_roster_is_in_part_unless_it_was_read_whole(harness: StoreHarness) -> None:
    cut = Conversation(HARBOUR, "Harbour", member_count=3)
    assert not harness.store.rosters.is_in_part(cut), "the roster was never read"
    harness.roster("ada", "bo")
    assert harness.store.rosters.is_in_part(cut)
    assert not harness.store.rosters.is_in_part(Conversation(HARBOUR, "Harbour", member_count=2))
    assert harness.store.rosters.last_read(HARBOUR) is None
    asked = harness.clock.stamp()
    harness.store.members.set_roster_read(HARBOUR, asked, is_whole=True)
    assert harness.store.rosters.last_read(HARBOUR) == RosterRead(asked, is_whole=True)
    assert harness.store.rosters.last_read(None) is None
    assert not harness.store.rosters.is_in_part(cut)
    harness.store.members.set_roster_read(HARBOUR, harness.clock.stamp(), is_whole=False)
    assert harness.store.rosters.is_in_part(cut)
