"""``--plain``: a sentence for each change in quiet times, a summary in busy ones."""

import re
from collections.abc import Callable

import pytest

from presence_tui.domain.enums import Source
from presence_tui.domain.translatable import phrase
from presence_tui.monitor.gap_summary import GapSummary
from presence_tui.monitor.link import Link
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language
from presence_tui.text.plain_reporter import LONGEST_PAUSE_S, PAUSE_S, PlainReporter
from presence_tui.text.wording import Wording
from presence_tui.transport.errors import AccessDenied, ConnectionLost
from presence_tui.wire.messages import PresenceRow, Status
from tests.tui.app_harness import HARBOUR, LIGHTHOUSE, fill_with_crew, fill_with_many, key_of, member
from tests.unit.clock import FakeClock

LOST = phrase("The connection was lost: {why}.", why=phrase("the gateway ended the connection"))
NOTHING = phrase("")


class ReporterHarness:
    """A store, the sentences reported about it, and a manual clock."""

    def __init__(self, language: str = "en") -> None:
        self.clock = FakeClock()
        self.store = PresenceStore(clock=self.clock)
        self.link = Link(self.clock)
        self.lines: list[str] = []
        self._due: list[tuple[float, Callable[[], object]]] = []
        self.said = PlainReporter(
            self.store, Wording(Language(language), self.store), self.lines.append, self._call_later
        )
        self.store.subscribe(lambda changed: self.said.on_changes(changed.changes))
        self.link.changed.subscribe(self.said.on_link)

    def _call_later(self, wait_s: float, call: Callable[[], object]) -> None:
        self._due.append((self.clock.wall_s + wait_s, call))

    def watch_the_crew(self) -> None:
        self.said.on_conversation(HARBOUR)
        fill_with_crew(self.store)
        self.said.on_resynced(RefreshReport(participants=24))
        self.lines.clear()

    def event(self, name: str, flag: bool) -> None:
        self.store.apply_status(Status(key_of(name), flag, name))

    def wait(self, seconds: float) -> None:
        """Advance the clock and run the calls that fall due, in order."""
        until_s = self.clock.wall_s + seconds
        while due := sorted((each for each in self._due if each[0] <= until_s), key=lambda each: each[0]):
            self._due.remove(due[0])
            self.clock.advance(due[0][0] - self.clock.wall_s)
            due[0][1]()
        self.clock.advance(until_s - self.clock.wall_s)

    @property
    def sentences(self) -> list[str]:
        """The reported sentences, without their times."""
        return [line[9:] for line in self.lines if re.match(r"\d\d:\d\d:\d\d ", line)]


@pytest.fixture
def room() -> ReporterHarness:
    return ReporterHarness()


def test_what_changed_while_there_was_no_link_is_told_once(room: ReporterHarness) -> None:
    room.watch_the_crew()
    room.said.on_gap_ended(GapSummary(0.0, 3_600.0, came=2, left=1, unsure=1, seen=1))
    assert room.sentences == ["Away 1 h: 2 came, 1 left, 1 unsure (1 seen, 2 inferred)."]


def test_what_was_sent_again_is_told_without_a_duration(room: ReporterHarness) -> None:
    """When exactly it happened during the gap is not known."""
    room.watch_the_crew()
    for flag in (True, False):
        room.store.apply_statuses([Status(key_of("Rosa Lind"), flag, "Rosa Lind")], sent_since_s=0.0)
        room.wait(30)
    assert room.sentences == [
        "Rosa Lind came online during the gap.",
        "Rosa Lind left during the gap.",
    ]


def test_every_line_has_its_time_and_a_new_day_is_told(room: ReporterHarness) -> None:
    room.said.begin("gate.example")
    room.wait(86_400)
    room.said.announce("Later.")
    days = [line for line in room.lines if re.fullmatch(r"\d{4}-\d\d-\d\d", line)]
    assert len(days) == len(set(days)) == 2
    assert room.lines[0] == days[0] and room.lines[2] == days[1]
    assert room.sentences == ["Connecting to gate.example.", "Later."]


def test_a_conversation_is_introduced_when_its_roster_is_known(room: ReporterHarness) -> None:
    room.said.on_conversation(HARBOUR)
    room.event("Ada Okafor", True)
    assert room.lines == []
    fill_with_crew(room.store)
    room.said.on_resynced(RefreshReport(participants=24))
    assert room.sentences == [
        "Watching Harbour crew: 24 participants, 8 online. Online: Ada Okafor, Bo Chen, Chloé Bérenger, "
        "Dmitri, Fatima Zahra, Goran Petrović, Hana Sato, Élodie Marchand."
    ]


def test_many_who_are_online_are_counted(room: ReporterHarness) -> None:
    room.said.on_conversation(HARBOUR)
    fill_with_many(room.store, 30, 10)
    room.said.on_resynced(RefreshReport(participants=40))
    assert room.sentences[0].endswith("On 00010, On 00011 and 18 more.")


def test_in_a_quiet_conversation_each_change_is_a_sentence_at_once(room: ReporterHarness) -> None:
    room.watch_the_crew()
    room.event("Ada Okafor", False)
    assert room.sentences == ["Ada Okafor left."]
    room.wait(720)
    room.event("Rosa Lind", True)
    room.wait(720)
    room.event("Rosa Lind", False)
    assert room.sentences[1:] == ["Rosa Lind came online.", "Rosa Lind left after 12 minutes."]


def test_how_long_somebody_was_here_is_not_told_if_nobody_saw_them_come(room: ReporterHarness) -> None:
    room.watch_the_crew()
    room.event("Rosa Lind", True)
    room.wait(720)
    room.event("Rosa Lind", False)
    room.wait(720)
    rows = [PresenceRow(key_of("Rosa Lind"), True)]
    room.store.apply_answers(rows, Source.RUNTIME, room.clock.stamp())
    room.wait(720)
    room.event("Rosa Lind", False)
    assert room.sentences[-1] == "Rosa Lind left."


def test_what_time_does_is_told_as_well(room: ReporterHarness) -> None:
    room.watch_the_crew()
    room.clock.advance(2)
    room.store.states.advance()
    assert room.sentences == ["Élodie Marchand is away now."]
    room.wait(PAUSE_S)
    room.clock.advance(60)
    room.store.states.advance()
    room.wait(PAUSE_S)
    assert "became active or quiet (" in room.sentences[-1]


def test_a_few_that_come_in_a_pause_wait_for_its_end(room: ReporterHarness) -> None:
    room.watch_the_crew()
    room.event("Ada Okafor", False)
    room.event("Bo Chen", False)
    room.event("Rosa Lind", True)
    assert room.sentences == ["Ada Okafor left."]
    room.wait(PAUSE_S)
    assert room.sentences[1:] == ["Bo Chen left.", "Rosa Lind came online."]


def test_many_are_one_sentence_with_the_count_of_each_kind(room: ReporterHarness) -> None:
    room.watch_the_crew()
    room.event("Ada Okafor", False)
    room.clock.advance(1)
    for name in ("Rosa Lind", "Uma Rao", "Wei Zhang", "Vera Novak", "Tariq Aziz"):
        room.event(name, True)
    for name in ("Bo Chen", "Dmitri"):
        room.event(name, False)
    room.wait(PAUSE_S)
    assert room.sentences[1:] == [
        "In 4 seconds: 5 came online (Rosa Lind, Uma Rao, Wei Zhang and 2 more), 2 left (Bo Chen, Dmitri). "
        "10 of 24 online."
    ]


def test_nothing_is_left_out_however_busy_it_is(room: ReporterHarness) -> None:
    """Every change has its own sentence or is counted in a summary."""
    room.watch_the_crew()
    changes = 0
    names = ["Ada Okafor", "Bo Chen", "Rosa Lind", "Uma Rao", "Wei Zhang"]
    flags = {name: bool(room.store.participants[key_of(name)].flag) for name in names}
    for turn in range(600):
        name = names[turn % len(names)]
        flags[name] = not flags[name]
        room.event(name, flags[name])
        changes += 1
        room.wait(0.5)
    room.said.end()
    told = 0
    for sentence in room.sentences:
        counted = re.findall(r"(\d+) (?:came online|left) \(", sentence)
        told += (
            sum(map(int, counted))
            if counted
            else bool(re.search(r"came online\.|left(?: after .*)?\.$", sentence))
        )
    assert told == changes == 600
    assert len(room.sentences) < 20, "five minutes of two changes a second"
    assert room.sentences[-1] == "Ended."


def test_the_pause_grows_while_it_is_busy_and_is_short_again_when_it_is_quiet(room: ReporterHarness) -> None:
    room.watch_the_crew()

    def burst() -> None:
        for name in ("Ada Okafor", "Bo Chen", "Rosa Lind", "Uma Rao"):
            room.event(name, not room.store.participants[key_of(name)].flag)

    burst()
    for pause_s in (PAUSE_S, PAUSE_S * 2, PAUSE_S * 4):
        before = len(room.lines)
        burst()
        room.wait(pause_s - 0.1)
        assert len(room.lines) == before
        room.wait(0.1)
        assert len(room.lines) == before + 1
    room.wait(LONGEST_PAUSE_S)
    room.event("Wei Zhang", True)
    room.event("Vera Novak", True)
    room.wait(PAUSE_S)
    assert room.sentences[-2:] == ["Wei Zhang came online.", "Vera Novak came online."]


def test_the_link_does_not_wait_and_comes_after_what_was_before_it(room: ReporterHarness) -> None:
    room.watch_the_crew()
    room.link.connected("websocket")
    room.link.live(1)
    room.event("Ada Okafor", False)
    room.event("Bo Chen", False)
    room.link.reconnecting(LOST, NOTHING, 1, 2.0, None)
    room.link.attempting()
    room.link.reconnecting(LOST, NOTHING, 2, 4.0, None)
    room.link.connected("websocket")
    room.link.live(2)
    assert room.sentences == [
        "Connected; signing in.",
        "Live: every change is told as it happens.",
        "Ada Okafor left.",
        "Bo Chen left.",
        "The connection was lost: the gateway ended the connection. What was told may be out of date; "
        "it is tried again by itself.",
        "Connected; signing in.",
        "Live: every change is told as it happens.",
    ]


def test_after_a_gap_it_says_what_was_read_and_what_that_corrected(room: ReporterHarness) -> None:
    room.watch_the_crew()
    room.store.epochs.begin()
    room.clock.advance(60)
    now = room.store.clock.stamp()
    room.store.apply_answers([PresenceRow(key_of("Ada Okafor"), False, now.wall_s)], Source.RUNTIME, now)
    room.said.on_resynced(RefreshReport(participants=24, changes=[]))
    assert room.sentences == [
        "Ada Okafor is offline, says the runtime (REST).",
        "24 participants read. 7 of 24 online.",
    ]


def test_a_trouble_is_told_once_and_without_a_roster_everybody_is_told_of(room: ReporterHarness) -> None:
    room.said.on_conversation(HARBOUR)
    for _ in range(3):
        room.said.on_resynced(RefreshReport(roster_error=ConnectionLost(phrase("it ended"))))
    assert room.sentences == ["The connection was lost: it ended. It will be tried again."]
    room.event("Ada Okafor", True)
    assert room.sentences[-1] == "Ada Okafor came online."
    room.said.on_resynced(RefreshReport(roster_error=AccessDenied("you are no member")))
    assert "you are no member" in room.sentences[-1]


def test_others_are_nobodys_news(room: ReporterHarness) -> None:
    room.watch_the_crew()
    room.store.set_participants([member("Otto Other")], LIGHTHOUSE.id)
    room.event("Otto Other", True)
    room.wait(PAUSE_S)
    assert room.sentences == []


def test_it_is_said_in_french() -> None:
    room = ReporterHarness("fr")
    room.watch_the_crew()
    room.event("Rosa Lind", True)
    room.wait(3_600)
    room.event("Rosa Lind", False)
    assert room.sentences[-1] == "Rosa Lind passe hors ligne après une heure en ligne."
    for name in ("Ada Okafor", "Bo Chen", "Dmitri", "Uma Rao"):
        room.event(name, name == "Uma Rao")
    room.clock.advance(1)
    room.wait(PAUSE_S)
    assert "1 passage en ligne (Uma Rao), 3 départs (Ada Okafor, Bo Chen, Dmitri)." in room.sentences[-1]


def test_a_list_that_is_cut_is_introduced_as_such(room: ReporterHarness) -> None:
    room.said.on_conversation(HARBOUR)
    fill_with_crew(room.store)
    room.said.on_resynced(RefreshReport(participants=24, total=199, total_capped=True))
    assert room.sentences[0].startswith("Watching Harbour crew: 8 of 24 listed, 199+ members. Online: ")


def test_one_who_flips_is_said_to_come_and_leave_so_many_times(room: ReporterHarness) -> None:
    room.watch_the_crew()
    room.event("Ada Okafor", False)
    room.clock.advance(1)
    for flag in (True, False) * 4:
        room.event("Rosa Lind", flag)
        room.clock.advance(0.25)
    room.wait(PAUSE_S - 3)
    assert room.sentences[1:] == ["Rosa Lind came and left ×4 in 4 seconds. 7 of 24 online."]
