"""Corrections: names that fit, what shares a line, and bounds."""

import pytest
from rich.cells import cell_len

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Source, State
from presence_tui.text.language import Language
from presence_tui.tui.corrections import MOST_LISTED, SPAN_S, CorrectionLines, Corrections
from presence_tui.tui.widgets.activity_feed import ActivityLine


def change(name: str, came: bool = True, at_s: float = 0.0) -> Change:
    before, after = (State.OFFLINE, State.ONLINE) if came else (State.ONLINE, State.OFFLINE)
    source = Source.SNAPSHOT
    return Change(at_s, Cause.RECONCILED, f"u-{name}", name, before, after, not came, came, None, source, 1)


def corrections(came: list[str], left: list[str]) -> Corrections:
    both = Corrections(Language("en"), after_gap=True)
    for name in came:
        both.add(change(name))
    for name in left:
        both.add(change(name, came=False))
    return both


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (200, "corrected after the gap: Ada, Ben, Cleo, Dan came; Eve, Finn left"),
        (60, "corrected after the gap: Ada, Ben came; Eve left; +3 more"),
        (42, "corrected after the gap: Ada came; +5 more"),
        (41, "corrected after the gap: 4 came, 2 left"),
    ],
)
def test_as_many_names_as_fit(cells: int, text: str) -> None:
    said = corrections(["Ada", "Ben", "Cleo", "Dan"], ["Eve", "Finn"]).fitted(cells)
    assert said == text and cell_len(said) <= cells


def test_only_arrivals_or_only_departures() -> None:
    assert corrections([], ["Eve", "Finn"]).fitted(60) == "corrected after the gap: Eve, Finn left"
    assert corrections(["Ada"], []).fitted(10) == "corrected after the gap: 1 came"
    assert corrections([], ["Ada"]).fitted(10) == "corrected after the gap: 1 left"


def test_of_somebody_the_last_counts() -> None:
    assert corrections(["Ada", "Ben"], ["Ada"]).fitted(60) == "corrected after the gap: Ben came; Ada left"


def test_more_than_are_kept_are_counted() -> None:
    many = corrections([str(number) for number in range(MOST_LISTED + 7)], [])
    assert len(many.came) == MOST_LISTED and len(many) == MOST_LISTED + 7
    assert many.fitted(42) == "corrected after the gap: 0 came; +506 more"
    assert many.fitted(0) == f"corrected after the gap: {MOST_LISTED} came, +7 more"


def test_without_a_gap_a_line_ends_after_some_seconds() -> None:
    lines = CorrectionLines(lambda each: ActivityLine(each.at_s, "corrected", "", each.name), Language("en"))
    for number in range(5):
        (first, *_) = lines.add(change(str(number)))
    assert first.text == "corrected: 0, 1, 2, 3, 4 came"
    (later,) = lines.add(change("5", at_s=SPAN_S))
    assert later.text == "5"


def test_all_that_a_gap_hid_is_one_line_however_long_reading_takes() -> None:
    lines = CorrectionLines(lambda each: ActivityLine(each.at_s, "corrected", "", each.name), Language("en"))
    lines.set_in_gap(True)
    for number in range(5):
        (first, *_) = lines.add(change(str(number), at_s=number * SPAN_S))
    assert first.text == "corrected after the gap: 0, 1, 2, 3, 4 came"
    lines.set_in_gap(False)
    (later,) = lines.add(change("5", at_s=5 * SPAN_S))
    assert later.text == "5"
