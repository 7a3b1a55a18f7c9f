"""Translatable sentences."""

import pytest

from presence_tui.domain.translatable import NOTHING, Phrase, PhraseError, phrase

FRENCH = {
    "{name} is {state}": "{name} est {state}",
    "away since {minutes} min": "absent depuis {minutes} min",
}


def french(template: str) -> str:
    return FRENCH.get(template, template)


def test_phrase_is_its_template_with_the_gaps_filled() -> None:
    assert str(phrase("{done} of {total}", done=3, total=24)) == "3 of 24"
    assert phrase("{done} of {total}", done=3, total=24) == Phrase(
        "{done} of {total}", {"done": 3, "total": 24}
    )


def test_phrase_is_told_in_another_language_with_the_same_figures() -> None:
    told = phrase("{name} is {state}", name="Ada", state=phrase("away since {minutes} min", minutes=2))

    assert str(told) == "Ada is away since 2 min"
    assert told.in_language(french) == "Ada est absent depuis 2 min"


def test_template_without_a_translation_stays_english() -> None:
    assert phrase("no answer").in_language(french) == "no answer"


@pytest.mark.parametrize("name", ["{0}", "{", "}", "{name!r}", "%s"])
def test_filling_is_never_read_as_a_template(name: str) -> None:
    assert str(phrase("{name} left", name=name)) == f"{name} left"


def test_nothing_says_nothing() -> None:
    assert str(NOTHING) == ""


def test_error_with_a_phrase_has_its_english_sentence_as_message() -> None:
    sentence = phrase("{key} is taken", key="F")
    error = PhraseError(sentence)
    assert str(error) == "F is taken"
    assert error.sentence is sentence
