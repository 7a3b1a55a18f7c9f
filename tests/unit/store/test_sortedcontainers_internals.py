"""Sorted lists from sorted keys, by the library's private or public interface."""

import pytest
from sortedcontainers import SortedList

from presence_tui.store.sortedcontainers_internals import PIECES, in_order
from tests.renamed import renamed

NAMES = ["_load", "_lists", "_maxes", "_len"]
KEYS = [f"{number:05}" for number in range(5_000)]


def assert_sorted_list(order: SortedList) -> None:
    order._check()
    assert list(order) == KEYS
    order.add("00002.5")
    order.discard("00003")
    assert order.index("00004") == 4
    assert list(order.islice(2, 5)) == ["00002", "00002.5", "00004"]


def test_the_installed_library_has_the_names() -> None:
    assert list(PIECES.missing()) == []
    assert_sorted_list(in_order(KEYS))
    assert list(in_order([])) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_list_is_sorted_without(name: str) -> None:
    with renamed("sortedcontainers", [name], PIECES):
        assert list(PIECES.missing()) == [f"SortedList.{name}"]
        assert_sorted_list(in_order(KEYS))


def test_a_class_that_is_gone_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("sortedcontainers.sortedlist.SortedList")
    assert list(PIECES.missing()) == ["sortedcontainers.sortedlist.SortedList"]
