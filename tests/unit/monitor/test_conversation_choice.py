"""Which conversation is watched: the one asked for, the remembered one, or the most recent one."""

import pytest

from presence_tui.domain.participants import Conversation
from presence_tui.monitor.conversation_choice import ConversationChoice, find_conversation
from tests.unit.store.store_harness import StoreHarness, member

HARBOUR = Conversation("c-harbour", "Harbour crew", "harbour")
LIGHTHOUSE = Conversation("c-lighthouse", "Lighthouse", "lighthouse")


class Chosen:
    """A choice, and what it emitted."""

    def __init__(self, wanted: str | None = None, *, known: tuple[Conversation, ...] = ()) -> None:
        self.harness = StoreHarness()
        for each in known:
            self.harness.roster("ada", conversation=each.id)
        self.choice = ConversationChoice(self.harness.store, wanted)
        self.watched: list[str] = []
        self.lists: list[list[str]] = []
        self.choice.changed.subscribe(lambda each: self.watched.append(each.title))
        self.choice.list_changed.subscribe(lambda listed: self.lists.append([each.title for each in listed]))

    def read(self, *listed: Conversation) -> list[str]:
        """A list was read. Returns what is watched since."""
        self.watched.clear()
        self.choice.set_list(list(listed))
        self.choice.choose()
        return self.watched


def test_the_remembered_conversation_gives_way_to_a_more_recent_one() -> None:
    it = Chosen(known=(HARBOUR,))
    it.choice.restore([HARBOUR, LIGHTHOUSE])
    assert (it.watched, it.lists) == (["Harbour crew"], [["Harbour crew", "Lighthouse"]])
    assert it.read(HARBOUR, LIGHTHOUSE) == [], "it is still the most recent one"
    assert it.read(LIGHTHOUSE, HARBOUR) == [], "it only gives way to the first list"


def test_the_remembered_conversation_gives_way_once() -> None:
    it = Chosen(known=(HARBOUR,))
    it.choice.restore([HARBOUR])
    assert it.read(LIGHTHOUSE, HARBOUR) == ["Lighthouse"]
    assert it.read(HARBOUR, LIGHTHOUSE) == []
    assert it.choice.watched_id == LIGHTHOUSE.id


def test_a_remembered_conversation_without_a_roster_is_not_watched_yet() -> None:
    it = Chosen()
    it.choice.restore([HARBOUR])
    assert (it.watched, it.choice.watched_id) == ([], "")
    assert it.read(HARBOUR) == ["Harbour crew"]


def test_no_remembered_conversation_is_nothing_to_watch() -> None:
    it = Chosen()
    it.choice.restore([])
    assert it.read() == []
    assert it.choice.watched is None


@pytest.mark.parametrize("wanted", ["c-lighthouse", "lighthouse", "LIGHTHOUSE"])
def test_a_wanted_conversation_never_gives_way(wanted: str) -> None:
    it = Chosen(wanted, known=(HARBOUR, LIGHTHOUSE))
    it.choice.restore([HARBOUR, LIGHTHOUSE])
    assert it.watched == ["Lighthouse"]
    assert it.read(HARBOUR) == []


def test_who_reads_the_remembered_one_or_selects_another_is_left_there() -> None:
    reading = Chosen(known=(HARBOUR,))
    reading.choice.restore([HARBOUR])
    reading.choice.stay()
    assert reading.read(LIGHTHOUSE, HARBOUR) == []

    selecting = Chosen(known=(HARBOUR,))
    selecting.choice.restore([HARBOUR, LIGHTHOUSE])
    selecting.choice.select(HARBOUR)
    assert selecting.watched == ["Harbour crew"] * 2, "also when it is chosen again"
    assert selecting.read(LIGHTHOUSE, HARBOUR) == []


def test_details_of_the_watched_conversation_follow_the_list() -> None:
    it = Chosen()
    it.read(HARBOUR, LIGHTHOUSE)
    it.choice.set_list([Conversation(HARBOUR.id, "Port")])
    assert it.choice.watched == Conversation(HARBOUR.id, "Port")
    it.choice.set_list([LIGHTHOUSE])
    assert it.choice.watched == Conversation(HARBOUR.id, "Port"), "it stays where it is not listed any more"
    assert it.choice.is_watched(HARBOUR.id) and not it.choice.is_watched(LIGHTHOUSE.id)
    assert it.choice.lists(LIGHTHOUSE.id) and not it.choice.lists(HARBOUR.id)


def test_a_new_title_is_that_of_one_conversation() -> None:
    it = Chosen()
    it.read(HARBOUR, LIGHTHOUSE)
    it.choice.retitle(HARBOUR.id, "Port")
    assert it.lists[-1] == ["Port", "Lighthouse"]
    assert it.choice.watched is not None and it.choice.watched.title == "Port"
    assert it.choice.listed[0].identifier == "harbour"


def test_names_in_the_watched_conversation_are_preferred() -> None:
    it = Chosen()
    for watched, shown in ((HARBOUR, "Ada of the harbour"), (LIGHTHOUSE, "Ada of the lighthouse")):
        it.choice.select(watched)
        for conversation in (watched, HARBOUR if watched is LIGHTHOUSE else LIGHTHOUSE):
            name = f"Ada of the {conversation.identifier}"
            it.harness.roster(member("ada", name), conversation=conversation.id)
        assert it.harness.record("ada").shown_name == shown


CREW = Conversation("66dd01", "Harbour crew", "harbour")
NIGHT = Conversation("66dd02", "Night shift", "night-shift")
NAMESAKE = Conversation("66dd03", "harbour", "third")
KNOWN = [CREW, NIGHT, NAMESAKE]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (None, CREW),
        ("66dd02", NIGHT),
        ("night-shift", NIGHT),
        ("Night shift", NIGHT),
        ("NIGHT SHIFT", NIGHT),
        ("harbour", CREW),
        ("Harbour", NAMESAKE),
        ("66dd99", Conversation("66dd99", "66dd99")),
    ],
)
def test_conversation_is_found_by_id_then_identifier_then_title(
    wanted: str | None, expected: Conversation
) -> None:
    assert find_conversation(wanted, KNOWN) == expected


def test_no_conversation_without_list_and_wish() -> None:
    assert find_conversation(None, []) is None
    assert find_conversation("harbour", []) == Conversation("harbour", "harbour")
