"""Names that were probably meant."""

import pytest

from presence_tui.text.nearest import nearest, nearest_of

KNOWN = {
    "ada okafor": "Ada Okafor",
    "nadia ferreira": "Nadia Ferreira",
    "ada": "Ada Okafor",
    "bo li": "Bo Li",
}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("ad", ["Ada Okafor", "Nadia Ferreira"]),
        ("ada okafr", ["Ada Okafor"]),
        ("adda", ["Ada Okafor", "Nadia Ferreira"]),
        ("ferrera", ["Nadia Ferreira"]),
        ("zork", []),
        ("", []),
    ],
)
def test_a_part_or_a_similar_word_is_enough(wanted: str, found: list[str]) -> None:
    assert nearest_of(wanted, KNOWN, 3) == found


def test_no_more_are_said_than_asked_for() -> None:
    assert nearest_of("a", {f"a{number}": f"A{number}" for number in range(9)}, 3) == ["A0", "A1", "A2"]


def test_one_name_or_none() -> None:
    assert nearest("lihgt", ["light", "dark"]) == "light"
    assert nearest("zork", ["light", "dark"]) is None
