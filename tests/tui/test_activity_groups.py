"""Groups of the activity: what shares a line, when its text is written, names that fit, and bounds."""

import pytest
from rich.cells import cell_len

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Source, State
from presence_tui.text.change_texts import ChangeTally
from presence_tui.text.language import Language
from presence_tui.tui.activity_groups import (
    GROUP_S,
    MOST_LISTED,
    ONE_BY_ONE,
    ActivityGroups,
    ActivityLine,
    CorrectionLines,
    Corrections,
)

PEOPLE = 1_000
RECONNECTED_S = 50_000.0


def arrival(number: int, at_s: float) -> Change:
    name = f"p{number}"
    states = State.OFFLINE, State.ONLINE
    return Change(at_s, Cause.MOVED, name, name, *states, False, True, None, Source.EVENT, 1)


class Written:
    """Groups that count how often the text about many was written."""

    def __init__(self) -> None:
        self.times = 0
        self.groups = ActivityGroups(
            lambda change: ActivityLine(change.at_s, "came", "+", change.name, change.key),
            self.text,
            self.text,
        )

    def text(self, tally: ChangeTally) -> str:
        self.times += 1
        return f"{tally.came.count} came"

    def add(self, changes: list[Change]) -> list[ActivityLine]:
        lines = [
            line
            for change in changes
            for line in self.groups.add(change, stands_alone=False, reconnected_s=RECONNECTED_S)
        ]
        self.groups.write_texts()
        return [line for line in lines if not line.merged]


def test_a_crowd_is_written_once_for_all_of_its_changes() -> None:
    written = Written()
    first = written.add([arrival(number, 1_000.0) for number in range(ONE_BY_ONE + 1)])
    crowd, before = first[0], written.times
    lines = written.add([arrival(number, 1_000.1) for number in range(ONE_BY_ONE + 1, PEOPLE)])
    assert written.times == before + 1
    assert lines == [crowd]
    assert crowd.text == f"{PEOPLE} came"


def test_a_crowd_that_ends_among_the_changes_counts_all_of_its_own() -> None:
    written = Written()
    crowd = written.add([arrival(number, 1_000.0) for number in range(ONE_BY_ONE + 1)])[0]
    later = arrival(ONE_BY_ONE + 2, 1_000.0 + GROUP_S)
    lines = written.add([arrival(ONE_BY_ONE + 1, 1_000.5), later])
    assert crowd.text == f"{ONE_BY_ONE + 2} came"
    assert [line.text for line in lines] == [crowd.text, later.name]


def test_many_with_our_own_reconnect_are_written_once() -> None:
    written = Written()
    ours = written.add([arrival(number, RECONNECTED_S) for number in range(10)])[0]
    before = written.times
    assert written.add([arrival(number, RECONNECTED_S + 0.1) for number in range(10, PEOPLE)]) == [ours]
    assert written.times == before + 1
    assert ours.text == f"{PEOPLE} came"


def test_somebody_alone_is_no_crowd() -> None:
    tally = ChangeTally(arrival(1, at_s) for at_s in (1.0, 2.0))
    assert not tally.repeats, "nobody left"
    tally.add(arrival(1, 3.0)._replace(flag_before=True, flag=False))
    assert tally.repeats
    tally.add(arrival(2, 4.0))
    assert not tally.repeats, "that was somebody else"


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
    lines.write_text()
    assert first.text == "corrected: 0, 1, 2, 3, 4 came"
    (later,) = lines.add(change("5", at_s=GROUP_S))
    assert later.text == "5"


def test_all_that_a_gap_hid_is_one_line_however_long_reading_takes() -> None:
    lines = CorrectionLines(lambda each: ActivityLine(each.at_s, "corrected", "", each.name), Language("en"))
    lines.set_in_gap(True)
    for number in range(5):
        (first, *_) = lines.add(change(str(number), at_s=number * GROUP_S))
    lines.write_text()
    assert first.text == "corrected after the gap: 0, 1, 2, 3, 4 came"
    lines.set_in_gap(False)
    (later,) = lines.add(change("5", at_s=5 * GROUP_S))
    assert later.text == "5"


def test_what_many_were_corrected_to_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    fitted = Corrections.fitted

    def counted(self: Corrections, cells: int) -> str:
        written.append(len(self))
        return fitted(self, cells)

    monkeypatch.setattr(Corrections, "fitted", counted)
    lines = CorrectionLines(lambda each: ActivityLine(each.at_s, "corrected", "", each.name), Language("en"))
    for number in range(PEOPLE):
        lines.add(change(str(number)))
    lines.write_text()
    assert written == [ONE_BY_ONE + 1, PEOPLE]


def test_a_line_is_complete_when_the_next_begins() -> None:
    lines = CorrectionLines(lambda each: ActivityLine(each.at_s, "corrected", "", each.name), Language("en"))
    added = [line for number in range(5) for line in lines.add(change(str(number)))]
    first = added[0]
    lines.add(change("5", at_s=GROUP_S))
    assert first.text == "corrected: 0, 1, 2, 3, 4 came"
