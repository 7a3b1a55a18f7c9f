"""Groups of the activity: the text about many people is written once for all changes that arrive together."""

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Source, State
from presence_tui.text.change_tally import ChangeTally
from presence_tui.tui.activity_groups import GROUP_S, ONE_BY_ONE, ActivityGroups
from presence_tui.tui.widgets.activity_feed import ActivityLine

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
            lambda key: False,
            ours_text_of=self.text,
            reconnected_s=lambda: RECONNECTED_S,
        )

    def text(self, tally: ChangeTally) -> str:
        self.times += 1
        return f"{tally.came.count} came"

    def add(self, changes: list[Change]) -> list[ActivityLine]:
        lines = [line for change in changes for line in self.groups.add(change)]
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
