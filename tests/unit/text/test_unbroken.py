"""Spaces at which no line ends."""

import pytest

from presence_tui.text.unbroken import restored, solid


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stay 4.0 s, median 57 s", ["stay", "4.0 s,", "median", "57 s"]),
        ("exact to ± 3 ms", ["exact", "to", "± 3 ms"]),
        ("≤ 5 ms 75\u00a0%", ["≤ 5 ms", "75\u00a0%"]),
        ("5 returns", ["5", "returns"]),
        ("3 j et 2 h", ["3 j", "et", "2 h"]),
        ("1\u00a0234 paquets", ["1\u00a0234", "paquets"]),
    ],
)
def test_a_number_and_its_unit_are_one_word(text: str, words: list[str]) -> None:
    assert [restored(word) for word in solid(text).split()] == words
    assert restored(solid(text)) == text
    assert len(solid(text)) == len(text)
