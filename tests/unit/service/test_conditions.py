"""What can be waited for, and when it holds."""

import pytest

from presence_tui.domain.enums import State
from presence_tui.service.conditions import (
    BadCondition,
    Condition,
    Quantifier,
    holds,
    names_nobody,
    read_condition,
)
from presence_tui.wire.messages import PresenceRow
from tests.unit.store.store_harness import HARBOUR, StoreHarness, member


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("live", Condition(Quantifier.LIVE)),
        (" LIVE ", Condition(Quantifier.LIVE)),
        ("Ada online", Condition(Quantifier.NAMED, name="Ada")),
        ("Ada Okafor OFFLINE", Condition(Quantifier.NAMED, State.OFFLINE, name="Ada Okafor")),
        ("@ada away", Condition(Quantifier.NAMED, State.AWAY, name="@ada")),
        ("all online", Condition(Quantifier.ALL)),
        ("nobody online", Condition(Quantifier.NOBODY)),
        ("Nobody of Moderator", Condition(Quantifier.NOBODY, role="moderator")),
        ("somebody of admin idle", Condition(Quantifier.SOMEBODY, State.IDLE, role="admin")),
        ("live online", Condition(Quantifier.NAMED, name="live")),
        ("nobody of note online", Condition(Quantifier.NOBODY, role="note")),
    ],
)
def test_a_condition_is_read(text: str, expected: Condition) -> None:
    assert read_condition(text) == expected


@pytest.mark.parametrize("text", ["", "online", "Ada", "all", "nobody", "nobody of", "Ada gone", "live now"])
def test_anything_else_is_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(BadCondition) as refused:
        read_condition(text)
    assert repr(text) in str(refused.value) and "'nobody of moderator'" in str(refused.value)


@pytest.fixture
def crew() -> StoreHarness:
    """Ada (moderator) online, Bo away, Cy offline, a guest offline, and ourselves."""
    harness = StoreHarness()
    harness.store.epochs.begin()
    harness.roster(
        member("ada", "Ada Okafor", handle="ada.o", role="moderator"),
        member("bo", role="member"),
        member("cy", role=""),
        member("gus", guest=True, role="member"),
        member("me", role="admin"),
    )
    now_s = harness.now_s
    harness.snapshot(
        PresenceRow("ada", True, now_s),
        PresenceRow("bo", True, now_s - 100),
        PresenceRow("cy", False, now_s),
        PresenceRow("gus", False, now_s),
        PresenceRow("me", True, now_s),
    )
    return harness


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("live", True),
        ("Ada Okafor online", True),
        ("ada okafor online", True),
        ("@ada.o online", True),
        ("ada online", True),
        ("ada away", False),
        ("bo online", True),
        ("bo away", True),
        ("cy offline", True),
        ("cy online", False),
        ("zed online", False),
        ("zed offline", False),
        ("me online", True),
        ("all online", False),
        ("nobody online", False),
        ("somebody offline", True),
        ("somebody unknown", False),
        ("nobody of moderator", False),
        ("nobody of admin", True),
        ("nobody of guest", True),
        ("all of guest offline", True),
        ("all of moderator online", True),
        ("all of member online", False),
        ("all of creator online", False),
        ("nobody of creator", True),
    ],
)
def test_it_holds_for_who_is_shown_so(crew: StoreHarness, text: str, expected: bool) -> None:
    assert holds(read_condition(text), crew.store, HARBOUR, "me") is expected


def test_everyone_of_a_name_is_meant(crew: StoreHarness) -> None:
    crew.roster(member("ada2", "Ada Okafor", handle="other"))
    crew.snapshot(PresenceRow("ada2", False))
    assert not holds(read_condition("Ada Okafor online"), crew.store, HARBOUR, "me")
    assert holds(read_condition("other offline"), crew.store, HARBOUR, "me")


def test_who_is_not_confirmed_may_be_anywhere(crew: StoreHarness) -> None:
    crew.clock.advance(5)
    crew.store.epochs.begin()
    for text in ("Ada Okafor online", "nobody of moderator", "all of guest offline", "somebody online"):
        assert not holds(read_condition(text), crew.store, HARBOUR, "me"), text
    crew.event("ada", False)
    assert holds(read_condition("nobody of moderator"), crew.store, HARBOUR, "me")


def test_a_role_that_nobody_has_is_refused_unless_it_is_usual(crew: StoreHarness) -> None:
    with pytest.raises(BadCondition, match="'king'; choose of creator"):
        holds(read_condition("nobody of king"), crew.store, HARBOUR, "me")
    crew.roster(member("kim", role="king"))
    crew.snapshot(PresenceRow("kim", False))
    assert holds(read_condition("nobody of king"), crew.store, HARBOUR, "me")


def test_a_name_that_nobody_has_is_noticed(crew: StoreHarness) -> None:
    assert names_nobody(read_condition("Zed online"), crew.store, HARBOUR)
    assert not names_nobody(read_condition("Ada Okafor online"), crew.store, HARBOUR)
    assert not names_nobody(read_condition("all online"), crew.store, HARBOUR)
