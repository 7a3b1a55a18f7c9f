"""Rosters: merged and never wiped, newcomers shown until placed, counts that equal a recount."""

from presence_tui.domain.enums import Outcome, State
from presence_tui.domain.participants import Participant
from presence_tui.store import Counts
from presence_tui.store.rosters import NEWCOMERS
from presence_tui.wire.messages import PresenceRow, RosterRow
from tests.unit.store.store_harness import HARBOUR, LIGHTHOUSE, StoreHarness, member, recount


def test_roster_names_its_members_and_leaves_them_unknown(world: StoreHarness) -> None:
    world.roster(member("ada", "Ada Okafor", handle="ada.o", role="creator"), member("river", guest=True))

    ada, river = world.record("ada"), world.record("river")
    assert (ada.name, ada.handle, ada.guest, ada.flag, ada.state) == (
        "Ada Okafor",
        "ada.o",
        False,
        None,
        State.UNKNOWN,
    )
    assert river.guest
    assert ada.conversations == (HARBOUR,)
    assert world.store.rosters.role(HARBOUR, "ada") == "creator"
    assert world.store.counts(HARBOUR) == Counts(unknown=2)
    assert world.changes == []


def test_second_page_adds_to_the_first(world: StoreHarness) -> None:
    world.roster("ada", "bob")
    world.roster("cy")

    assert world.store.rosters.members(HARBOUR) == ["ada", "bob", "cy"]


def test_empty_roster_wipes_nothing(world: StoreHarness) -> None:
    world.roster("ada")
    world.event("ada", True)

    world.roster()

    assert world.store.rosters.members(HARBOUR) == ["ada"]
    assert world.record("ada").flag is True


def test_roster_keeps_presence_names_and_ranks_it_does_not_tell(world: StoreHarness) -> None:
    world.roster(member("ada", "Ada", handle="ada.o", role="admin", guest=True))
    world.event("ada", True, last_active_s=world.now_s)

    world.roster(RosterRow(Participant("ada")))

    record = world.record("ada")
    assert (record.name, record.handle, record.guest) == ("Ada", "ada.o", True)
    assert (record.flag, record.last_active_s) == (True, world.now_s)
    assert world.store.rosters.role(HARBOUR, "ada") == "admin"


def test_roster_corrects_names_and_ranks_it_tells(world: StoreHarness) -> None:
    world.roster(member("ada", "Ada", role="member"))
    world.roster(member("ada", "Ada Okafor", role="admin"))

    assert world.record("ada").name == "Ada Okafor"
    assert world.store.rosters.role(HARBOUR, "ada") == "admin"


def test_one_participant_in_two_conversations_is_one_record(world: StoreHarness) -> None:
    world.roster(member("ada", role="creator"))
    world.roster(member("ada", role="member"), conversation=LIGHTHOUSE)
    world.event("ada", True)

    assert len(world.store.participants) == 1
    assert world.store.rosters.role(HARBOUR, "ada") == "creator"
    assert world.store.rosters.role(LIGHTHOUSE, "ada") == "member"
    assert (
        world.store.counts()
        == world.store.counts(HARBOUR)
        == world.store.counts(LIGHTHOUSE)
        == Counts(online=1)
    )


def test_counts_follow_every_kind_of_change(world: StoreHarness) -> None:
    def agree() -> bool:
        everyone = world.store.participants.values()
        return world.store.counts() == recount(everyone) and all(
            world.store.counts(conversation)
            == recount(one for one in everyone if {conversation, ""} & set(one.conversations))
            for conversation in (HARBOUR, LIGHTHOUSE)
        )

    world.roster("ada", "bob", "cy")
    assert agree()
    world.roster("bob", RosterRow(member("dan"), True), conversation=LIGHTHOUSE)
    assert agree()
    world.event("bob", True)
    assert agree()
    world.event("stranger", True)
    assert agree()
    world.snapshot(PresenceRow("ada", False), PresenceRow("bob", False), PresenceRow("unplaced", True))
    assert agree()
    world.store.remove_participant("bob", HARBOUR)
    assert agree()
    world.store.remove_participant("stranger", NEWCOMERS)
    assert agree()
    assert world.store.counts() == Counts(online=4, offline=1, unknown=1)


def test_conversation_nobody_told_of_has_nobody(world: StoreHarness) -> None:
    world.roster("ada")

    assert world.store.counts("nowhere") == Counts()
    assert world.store.rosters.roster_counts("nowhere") == Counts()
    assert world.store.rosters.members("nowhere") == []
    assert world.store.rosters.role("nowhere", "ada") == ""
    assert world.store.rosters.role(None, "ada") == ""


def test_total_is_everybody(world: StoreHarness) -> None:
    assert Counts(1, 2, 3).total == 6
    assert Counts(1, 2, 3) + Counts(10, 20, 30) == Counts(11, 22, 33)


# Newcomers.


def test_newcomer_is_counted_in_every_conversation_until_a_roster_places_it(world: StoreHarness) -> None:
    world.roster("ada")
    world.roster("bob", conversation=LIGHTHOUSE)
    world.event("river", True)

    assert world.store.counts(HARBOUR) == world.store.counts(LIGHTHOUSE) == Counts(online=1, unknown=1)
    assert world.store.rosters.roster_counts(HARBOUR) == Counts(unknown=1)

    world.roster("river")

    assert world.store.counts(HARBOUR) == Counts(online=1, unknown=1)
    assert world.store.counts(LIGHTHOUSE) == Counts(unknown=1)
    assert world.record("river").conversations == (HARBOUR,)


def test_newcomer_whom_no_roster_lists_can_be_dismissed_and_stays_known(world: StoreHarness) -> None:
    world.roster("ada")
    world.event("river", True)

    assert world.store.remove_participant("river", NEWCOMERS)

    assert world.store.counts(HARBOUR) == Counts(unknown=1)
    assert world.store.counts() == Counts(online=1, unknown=1)
    assert world.record("river").flag is True


def test_newcomer_dismissed_once_does_not_come_back_by_an_event(world: StoreHarness) -> None:
    world.roster("ada")
    world.event("river", True)
    world.store.remove_participant("river", NEWCOMERS)

    assert world.event("river", False) is Outcome.APPLIED
    assert world.store.counts(HARBOUR).total == 1


def test_member_of_a_conversation_is_no_newcomer_in_another(world: StoreHarness) -> None:
    world.roster("ada")
    world.event("ada", True)

    assert world.store.counts(LIGHTHOUSE) == Counts()


# Leaving.


def test_leaving_one_conversation_leaves_the_others(world: StoreHarness) -> None:
    world.roster("ada", "bob")
    world.roster("bob", conversation=LIGHTHOUSE)

    world.store.remove_participant("bob", HARBOUR)

    assert world.store.rosters.members(HARBOUR) == ["ada"]
    assert world.store.rosters.members(LIGHTHOUSE) == ["bob"]
    assert set(world.store.participants) == {"ada", "bob"}


def test_conversation_is_known_once_anybody_was_told_to_be_a_member(world: StoreHarness) -> None:
    world.event("river", True)
    assert not world.store.rosters.knows(HARBOUR)

    world.roster("ada")
    world.store.remove_participant("ada", HARBOUR)

    assert world.store.rosters.knows(HARBOUR)
    world.store.clear()
    assert not world.store.rosters.knows(HARBOUR)


def test_leaving_is_true_once(world: StoreHarness) -> None:
    world.roster("ada")

    assert world.store.remove_participant("ada", HARBOUR)
    assert not world.store.remove_participant("ada", HARBOUR)
    assert not world.store.remove_participant("nobody", HARBOUR)
    assert world.record("ada").conversations == ()
    assert world.store.counts().unknown == 1


def test_who_left_may_come_back_with_another_rank(world: StoreHarness) -> None:
    world.roster(member("ada", role="admin"))
    world.store.remove_participant("ada", HARBOUR)
    world.roster(member("ada"))

    assert world.store.rosters.role(HARBOUR, "ada") == ""
    assert world.store.counts(HARBOUR) == Counts(unknown=1)


# Ranks.


def test_rank_changes_for_members_alone(world: StoreHarness) -> None:
    world.roster(member("ada", role="member"), "bob")
    world.event("river", True)

    for key in ("ada", "river", "nobody"):
        world.store.set_role(key, HARBOUR, "moderator")
    world.store.set_role("bob", LIGHTHOUSE, "moderator")

    assert world.store.rosters.role(HARBOUR, "ada") == "moderator"
    assert world.store.rosters.role(HARBOUR, "river") == ""
    assert world.store.rosters.role(LIGHTHOUSE, "bob") == ""
    assert world.store.get_user_by_id("nobody") is None
    assert world.record("river").conversations == ("",)


def test_empty_rank_corrects_nothing(world: StoreHarness) -> None:
    world.roster(member("ada", role="admin"))
    world.store.set_role("ada", HARBOUR, "")

    assert world.store.rosters.role(HARBOUR, "ada") == "admin"


# Forgetting.


def test_clear_forgets_everyone_and_says_so(world: StoreHarness) -> None:
    world.roster("ada")
    world.event("ada", True)
    world.event("river", True)
    version = world.store.version
    world.heard.clear()

    world.store.clear()

    assert not world.store.participants
    assert world.store.counts() == world.store.counts(HARBOUR) == Counts()
    assert world.store.next_transition_s is None
    assert world.store.version > version
    assert [(heard.cleared, heard.touched, heard.changes) for heard in world.heard] == [(True, set(), [])]


def test_store_works_on_after_clear(world: StoreHarness) -> None:
    world.event("ada", True)
    world.store.clear()

    world.event("ada", False)

    assert world.record("ada").flag is False
    assert world.changes[-1].first_told
    assert world.wait(1_000) == []


def test_the_language_is_what_was_told_last_and_gone_after_a_clear(world: StoreHarness) -> None:
    world.roster(member("ada", language="fr"), "bob")
    world.roster("ada", conversation=LIGHTHOUSE)
    assert [world.store.language_of(key) for key in ("ada", "bob", "nobody")] == ["fr", "", ""]

    world.roster(member("ada", language="de"))
    assert world.store.language_of("ada") == "de"

    world.store.clear()
    assert world.store.language_of("ada") == ""
