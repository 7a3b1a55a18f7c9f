"""Local times, and their offset where the clock shows them twice."""

from collections.abc import Callable

import pytest

from presence_tui.text.local_time import DAY_AND_SECONDS, MINUTES, local_time, seconds_beside, time_beside
from tests.unit.clock import utc_s

PARIS, LORD_HOWE = "Europe/Paris", "Australia/Lord_Howe"


@pytest.mark.parametrize(
    ("zone", "at", "text"),
    [
        (PARIS, "2026-10-24T23:59:59", "2026-10-25 01:59:59"),
        (PARIS, "2026-10-25T00:00:00", "2026-10-25 02:00:00 +02:00"),
        (PARIS, "2026-10-25T00:59:59", "2026-10-25 02:59:59 +02:00"),
        (PARIS, "2026-10-25T01:00:00", "2026-10-25 02:00:00 +01:00"),
        (PARIS, "2026-10-25T01:59:59", "2026-10-25 02:59:59 +01:00"),
        (PARIS, "2026-10-25T02:00:00", "2026-10-25 03:00:00"),
        (PARIS, "2026-03-29T00:59:59", "2026-03-29 01:59:59"),
        (PARIS, "2026-03-29T01:00:00", "2026-03-29 03:00:00"),
        (LORD_HOWE, "2026-04-04T14:29:59", "2026-04-05 01:29:59"),
        (LORD_HOWE, "2026-04-04T14:30:00", "2026-04-05 01:30:00 +11:00"),
        (LORD_HOWE, "2026-04-04T15:29:59", "2026-04-05 01:59:59 +10:30"),
        (LORD_HOWE, "2026-04-04T15:30:00", "2026-04-05 02:00:00"),
        (LORD_HOWE, "2026-10-03T15:30:00", "2026-10-04 02:30:00"),
        ("UTC", "2026-10-25T01:00:00", "2026-10-25 01:00:00"),
    ],
)
def test_only_a_time_that_occurs_twice_has_its_offset(
    use_zone: Callable[[str], None], zone: str, at: str, text: str
) -> None:
    use_zone(zone)
    assert local_time(utc_s(at), DAY_AND_SECONDS) == text


def test_a_time_of_another_day_has_its_date(use_zone: Callable[[str], None]) -> None:
    use_zone(PARIS)
    first, second = utc_s("2026-10-25T00:30:00"), utc_s("2026-10-25T01:30:00")
    assert time_beside(first, second) == "02:30 +02:00"
    assert time_beside(second, second) == local_time(second, MINUTES) == "02:30 +01:00"
    assert time_beside(first, utc_s("2026-10-26T08:00:00")) == "2026-10-25 02:30 +02:00"
    assert time_beside(utc_s("2026-10-24T08:00:00"), first) == "2026-10-24 10:00"


def test_seconds_are_those_of_today(use_zone: Callable[[str], None]) -> None:
    use_zone(PARIS)
    now_s = utc_s("2026-11-29T10:00:00")
    assert seconds_beside(utc_s("2026-11-29T08:16:44"), now_s) == "09:16:44"
    assert seconds_beside(utc_s("2026-11-28T08:16:44"), now_s) == "2026-11-28 09:16"
