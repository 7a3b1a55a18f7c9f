"""Timestamps of the wire."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.domain.evidence import UNREADABLE_S
from presence_tui.wire.timestamps import seconds_from_wire, told_seconds, wire_from_seconds
from tests.unit.domain.hypothesis_profile import repeatable

NOON_S = datetime(2026, 8, 22, 12, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-08-22T12:00:00.000Z", NOON_S),
        ("2026-08-22T12:00:00.118Z", NOON_S + 0.118),
        ("2026-08-22T12:00:00Z", NOON_S),
        ("2026-08-22T14:00:00+02:00", NOON_S),
        ("2026-08-22T12:00:00", NOON_S),
        (int(NOON_S * 1000), NOON_S),
        (NOON_S * 1000 + 0.5, NOON_S + 0.0005),
        (1, 0.001),
        (4_102_444_799_999, 4_102_444_799.999),
    ],
)
def test_iso_text_and_epoch_milliseconds_are_read(value: str | float, seconds: float) -> None:
    assert seconds_from_wire(value) == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York"])
def test_text_without_a_zone_is_utc_wherever_we_are(use_zone: Callable[[str], None], zone: str) -> None:
    use_zone(zone)
    for text in ("2026-08-22T12:00:00", "2026-08-22T12:00", "2026-08-22T12:00:00.000"):
        assert told_seconds(text) == NOON_S
    assert told_seconds("2026-08-22") == NOON_S - 43_200


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "now",
        "Invalid Date",
        "2026-13-41T99:00:00Z",
        "\ud800",
        "x" * 100_000,
        "1787390142118",
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        0,
        -1,
        4_102_444_800_000,
        float("nan"),
        float("inf"),
        float("-inf"),
        1e308,
    ],
)
def test_what_is_absent_unreadable_or_absurd_is_no_time(value: str | float | None) -> None:
    assert seconds_from_wire(value) is None


@pytest.mark.parametrize("value", [10**400, -(10**400)], ids=["huge", "minus huge"])
def test_integer_that_no_float_can_hold_is_no_time(value: int) -> None:
    assert seconds_from_wire(value) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (NOON_S, "2026-08-22T12:00:00.000Z"),
        (NOON_S + 0.118, "2026-08-22T12:00:00.118Z"),
        (1_700_000_000.0189, "2023-11-14T22:13:20.018Z"),
    ],
)
def test_time_is_spelled_as_javascript_spells_it(seconds: float, text: str) -> None:
    assert wire_from_seconds(seconds) == text


@repeatable
@given(ms=st.integers(1, 4_102_444_799_999))
def test_every_millisecond_survives_the_journey(ms: int) -> None:
    assert seconds_from_wire(wire_from_seconds(ms / 1000)) == pytest.approx(ms / 1000, abs=1e-6)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("1970-01-01T00:00:00.001Z", 0.001),
        ("0001-01-01T00:00:00+14:00", -62_135_647_200.0),
        ("9999-12-31T23:59:59-14:00", 253_402_351_199.0),
        (0, 0.0),
        (8.64e15, 8.64e12),
        (8.64e15 + 1_000, UNREADABLE_S),
        (float("nan"), UNREADABLE_S),
        (10**400, UNREADABLE_S),
        (True, UNREADABLE_S),
        ([1], UNREADABLE_S),
        ("never", UNREADABLE_S),
        ("2026-02-30T10:00:00.000Z", datetime(2026, 3, 2, 10, tzinfo=UTC).timestamp()),
        ("2028-02-30", datetime(2028, 3, 1, tzinfo=UTC).timestamp()),
        ("2026-04-31T23:00:00+02:00", datetime(2026, 5, 1, 21, tzinfo=UTC).timestamp()),
        ("2026-02-32T10:00:00Z", UNREADABLE_S),
        ("2026-02-301", UNREADABLE_S),
        ("2026-13-30T10:00:00Z", UNREADABLE_S),
        # What JavaScript writes of years beyond four digits.
        ("+275760-09-13T00:00:00.000Z", 8.64e12),
        ("+275760-09-13T00:00:00.001Z", UNREADABLE_S),
        ("+012026-11-29T07:00:00.250Z", 317_365_455_600.25),
        ("-000001-01-01T00:00:00.000Z", -62_198_755_200.0),
        ("-271821-04-20T00:00:00.000Z", -8.64e12),
        ("-271821-04-19T23:59:59.999Z", UNREADABLE_S),
        ("0000-01-01T00:00:00.000Z", -62_167_219_200.0),
        ("-000000-01-01T00:00:00.000Z", UNREADABLE_S),
        # What it reads besides.
        ("2026-04-31T24:00:00Z", datetime(2026, 5, 2, tzinfo=UTC).timestamp()),
        ("2026-08-21T24:00:00.000Z", NOON_S - 43_200),
        ("2026-08-21T24:00:01Z", UNREADABLE_S),
        ("2026-08-22t12:00:00z", NOON_S),
        ("2026-08", datetime(2026, 8, 1, tzinfo=UTC).timestamp()),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC).timestamp()),
        ("+002026-08-22T05:30:00.5-06:30", NOON_S + 0.5),
        # What Python reads and JavaScript does not.
        ("20260822T120000Z", UNREADABLE_S),
        ("2026-W34-6", UNREADABLE_S),
        ("2026-08-22T12:60:00Z", UNREADABLE_S),
        ("2026-00-22", UNREADABLE_S),
        ("2026-02-30T25:00:00Z", UNREADABLE_S),
    ],
)
def test_what_was_told_is_read_however_impossible(value: object, seconds: float | None) -> None:
    assert told_seconds(value) == seconds


@repeatable
@given(value=st.one_of(st.text(st.characters(codec=None)), st.floats(), st.integers(-(2**70), 2**70)))
def test_any_value_is_a_time_within_bounds_or_none(value: str | float) -> None:
    seconds = seconds_from_wire(value)

    assert seconds is None or 0 < seconds < 4_102_444_800
