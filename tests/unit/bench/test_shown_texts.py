"""The benches on a driver without a terminal see a text of which only the changed cells are written."""

from tests.bench.headless_app import ShownTexts


def test_the_write_that_completes_a_text_is_found() -> None:
    shown = ShownTexts()
    shown.record(1.0, "\x1b[1;1H 12345 shown")
    shown.begin()
    shown.record(2.0, "\x1b[1;4H99")
    shown.record(3.0, "\x1b[1;6H7")
    shown.record(4.0, "\x1b[5;1Hlater")
    assert shown.since([" 12997 shown"]) == 3.0
    assert shown.since(["later"]) == 4.0
    assert shown.since(["never"]) is None


def test_texts_have_to_be_there_together() -> None:
    shown = ShownTexts()
    shown.record(1.0, "\x1b[1;1HAda")
    shown.record(2.0, "\x1b[1;1HBo \x1b[2;1HZoe")
    assert shown.since(["Ada", "Zoe"]) is None
