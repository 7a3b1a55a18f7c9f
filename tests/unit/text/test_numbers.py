"""Numbers as each language writes them, and the spaces beside them at which no line ends."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import presence_tui
from presence_tui.domain.limits import Bounds, LimitCounters, limit_texts
from presence_tui.domain.translatable import phrase
from presence_tui.metrics.durations import DurationRecorder
from presence_tui.text.flaps_texts import confidence_text, flap_span
from presence_tui.text.language import Language, restored, solid
from presence_tui.text.link_texts import ending_word, endings_text
from presence_tui.text.metrics_texts import duration_text, histogram_text

ENGLISH, FRENCH = Language("en"), Language("fr")
FOR_PEOPLE = ("text", "tui", "cli", "web")
NOT_FOR_PEOPLE = {"svg_picture.py"}
"""Its numbers are places in a picture."""
MARKED_FORM = re.compile(r"(?=.*[,.%])[+ ]?\d*,?(\.\d+)?[fg%]?")


@pytest.mark.parametrize(
    ("value", "form", "english", "french"),
    [
        (1_234_567, ",", "1,234,567", "1\u00a0234\u00a0567"),
        (0.99, ".0%", "99%", "99\u00a0%"),
        (0.99123, ".3%", "99.123%", "99,123\u00a0%"),
        (1234.5, ",.1f", "1,234.5", "1\u00a0234,5"),
        (-0.25, "+.1f", "-0.2", "-0,2"),
        (12, "", "12", "12"),
    ],
)
def test_each_language_has_its_own_marks(value: float, form: str, english: str, french: str) -> None:
    assert ENGLISH.number(value, form) == english
    assert FRENCH.number(value, form) == french


def test_sentences_are_filled_with_numbers_of_their_language() -> None:
    assert FRENCH.say("{n:,} {what!r} {plain} {text:>4}", n=1_000, what="a", plain=2.5, text="x") == (
        "1\u00a0000 'a' 2.5    x"
    )
    assert ENGLISH.say("{n:,}", n=1_000) == "1,000"
    assert FRENCH.count("{n:,} packet", "{n:,} packets", 2_000) == "2\u00a0000 paquets"
    assert FRENCH.phrase(phrase("{n:.1f} {inner}", n=0.5, inner=phrase("{m:,}", m=1_000))) == "0,5 1\u00a0000"
    reached = limit_texts(LimitCounters(left_out=1_234), Bounds())["max_roster"][1]
    assert "1\u00a0000\u00a0000 participants" in FRENCH.phrase(reached)
    assert "1,000,000 participants" in str(reached)


def test_figures_of_flaps_and_durations_have_the_marks_of_their_language() -> None:
    recorder = DurationRecorder((0.005, 0.025))
    for seconds in (0.0012, 0.0012, 1_500.0):
        recorder.add(seconds)
    assert confidence_text(0.99, FRENCH) == "sûr à 99\u00a0%"
    assert flap_span(4.26, FRENCH) == "4,3\u00a0s"
    assert histogram_text(recorder.summary(), FRENCH).replace("\u00a0", " ").endswith("67 % · > 25 ms 33 %")
    assert "max 1\u00a0500 s" in duration_text(recorder.summary(), FRENCH)
    assert "max 1,500 s" in duration_text(recorder.summary(), ENGLISH), "no exponent"
    assert re.search(r"p50 1,\d+ ms", duration_text(recorder.summary(), FRENCH))


def test_ends_say_what_is_counted() -> None:
    ends = {"fin": 1, "close 1013": 1_200, "ping time-out": 2}
    assert endings_text(ends, 2, ENGLISH) == (
        "1,203 ended connections and failed attempts: close 1013 1,200, ping time-out 2"
    )
    assert "fermeture 1013 1\u00a0200, ping sans réponse 2" in endings_text(ends, 2, FRENCH)
    assert endings_text({}, 2, ENGLISH) == ""
    assert ending_word("from a newer version", FRENCH) == "from a newer version"


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


def marked_formats(source: Path) -> Iterator[str]:
    """Numbers that an f-string formats with marks, outside the one place for them."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            form = "".join(
                part.value
                for part in ast.walk(node.format_spec)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )
            if MARKED_FORM.fullmatch(form) and not form.endswith(".0f"):
                yield f"{source}:{node.lineno} {form}"


def test_no_text_for_people_formats_such_numbers_itself() -> None:
    root = Path(presence_tui.__file__).parent
    sources = [source for folder in FOR_PEOPLE for source in sorted((root / folder).rglob("*.py"))]
    read = [source for source in sources if source.name not in NOT_FOR_PEOPLE]
    assert [found for source in read for found in marked_formats(source)] == []
