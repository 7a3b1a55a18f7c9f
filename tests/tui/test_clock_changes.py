"""Days on which the clock is changed: the hours of a participant's page, and all local times."""

from collections.abc import Callable

import pytest

from presence_tui.domain.enums import State
from presence_tui.history.coverage import Span
from presence_tui.history.participant_history import ParticipantHistory, StateRow, hourly_states
from presence_tui.text.language import Language
from presence_tui.tui.exports.new_file import file_name
from presence_tui.tui.screens.participant_history import HoursOfDay
from tests.tui.app_harness import running_app
from tests.tui.test_history import shown_past
from tests.tui.test_plain_reporter import ReporterHarness
from tests.tui.test_wallboard import drawn, hung_up
from tests.unit.clock import utc_s

PARIS, LORD_HOWE = "Europe/Paris", "Australia/Lord_Howe"
FIRST_S, SECOND_S = utc_s("2026-10-25T00:59:30"), utc_s("2026-10-25T01:00:10")
"""02:59:30 in Paris, and 02:00:10 forty seconds later."""

BACK, FORWARD = "the clock is set back to ", "the clock is set forward to "

UseZone = Callable[[str], None]


def test_an_unwatched_hour_is_unknown_beside_the_watched_one_of_the_same_name(use_zone: UseZone) -> None:
    use_zone(PARIS)
    now_s = utc_s("2026-10-25T11:00:00")
    day = HoursOfDay.around(now_s)
    watched = [Span(utc_s("2026-10-25T00:00:00"), utc_s("2026-10-25T01:00:00"))]
    rows = [StateRow(utc_s("2026-10-24T22:00:00"), State.OFFLINE, State.ONLINE)]
    shown = hourly_states(rows, watched, day.edges_s, now_s, State.ONLINE)
    unknown = State.UNKNOWN
    assert shown == [unknown, unknown, State.ONLINE, *[unknown] * 10, *[None] * 12]


@pytest.mark.parametrize(
    ("zone", "now", "scale", "lengths_min", "sentence"),
    [
        (PARIS, "2026-08-22T10:00:00", "0     6     12    18    ", {60}, ""),
        (PARIS, "2026-10-25T11:00:00", "0      6     12    18    ", {60}, BACK + "02:00 +01:00"),
        (PARIS, "2026-03-29T11:00:00", "0    6     12    18    ", {60}, FORWARD + "03:00"),
        (LORD_HOWE, "2026-04-05T03:00:00", "0      6     12    18    ", {30, 60}, BACK + "01:30 +10:30"),
        (LORD_HOWE, "2026-10-04T03:00:00", "0     6     12    18    ", {30, 60}, FORWARD + "02:30"),
        # Here midnight does not exist, and there it occurs twice.
        ("Africa/Cairo", "2026-04-24T09:00:00", "     6     12    18    ", {60}, ""),
        ("America/Havana", "2026-11-01T15:00:00", "0      6     12    18    ", {60}, BACK + "00:00 -05:00"),
    ],
)
def test_a_day_has_the_hours_that_pass(
    use_zone: UseZone, zone: str, now: str, scale: str, lengths_min: set[int], sentence: str
) -> None:
    use_zone(zone)
    day = HoursOfDay.around(utc_s(now))
    assert day.scale == scale
    assert {(until_s - at_s) / 60 for at_s, until_s in zip(day.edges_s, day.edges_s[1:], strict=False)} == (
        lengths_min
    )
    assert day.clock_change(Language("en")) == sentence
    assert {HoursOfDay.around(at_s) for at_s in day.edges_s[:-1]} == {day}, "the same in each of its hours"


async def test_the_page_says_that_the_clock_is_set_back(use_zone: UseZone) -> None:
    use_zone(PARIS)
    now_s = utc_s("2026-10-25T02:30:00")
    states = [*[State.UNKNOWN] * 2, State.ONLINE, *[State.UNKNOWN] * 2, *[None] * 20]
    lines = "\n".join(await shown_past(now_s, ParticipantHistory([], states, now_s)))
    assert "Today ??●??" in lines
    assert "the clock is set back to 02:00 +01:00" in lines


async def test_activity_and_pause_have_offsets_in_the_repeated_hour(use_zone: UseZone) -> None:
    use_zone(PARIS)
    async with running_app() as harness:
        harness.clock.wall_s = FIRST_S
        await harness.event("Rosa Lind", True)
        harness.clock.wall_s = SECOND_S
        await harness.event("Ada Okafor", False)
        assert harness.line_with("Rosa Lind came online").text.startswith(" 02:59:30 +02:00 ● ")
        assert harness.line_with("Ada Okafor left").text.startswith(" 02:00:10 +01:00 ○ ")
        await harness.press("space")
        assert "0 changes since 02:00:10 +01:00" in harness.said
        harness.clock.wall_s = SECOND_S + 3_600
        await harness.press("space", "space")
        await harness.event("Uma Rao", True)
        assert "since 03:00:10" in harness.said


async def test_the_wallboard_has_the_offset_in_the_repeated_hour(use_zone: UseZone) -> None:
    use_zone(PARIS)
    async with hung_up() as harness:
        harness.clock.wall_s = SECOND_S
        assert " 02:00 +01:00" in await drawn(harness)


def test_sentences_have_the_offset_in_the_repeated_hour(use_zone: UseZone) -> None:
    use_zone(PARIS)
    harness = ReporterHarness()
    for at_s in (FIRST_S, SECOND_S, SECOND_S + 3_600):
        harness.clock.wall_s = at_s
        harness.said.announce("Ended.")
    assert harness.lines == [
        "2026-10-25", "02:59:30 +02:00 Ended.", "02:00:10 +01:00 Ended.", "03:00:10 Ended.",
    ]  # fmt: skip


def test_file_names_of_the_repeated_hour_differ(use_zone: UseZone) -> None:
    use_zone(PARIS)
    assert [file_name("Crew", SECOND_S + hours * 3_600) for hours in (-1, 0, 1)] == [
        "crew-20261025-020010+0200",
        "crew-20261025-020010+0100",
        "crew-20261025-030010",
    ]
