"""A participant as a line, and CSV that no spreadsheet runs, with empty cells for what is missing."""

import csv
import io
from collections.abc import Mapping

import pytest

from presence_tui.store.export import RosterLine, roster_line, write_csv
from tests.unit.store.store_harness import StoreHarness, member


def test_a_line_says_what_is_known_and_nothing_where_nobody_has_told(harness: StoreHarness) -> None:
    harness.roster(member("ada", "Ada", handle="ada.o", guest=True), "bo")
    harness.event("ada", True, last_active_s=1_787_389_942.0)

    assert roster_line(harness.record("ada"), "admin") == RosterLine(
        user_id="ada",
        name="Ada",
        handle="ada.o",
        role="admin",
        guest=True,
        flag=True,
        state=harness.record("ada").state,
        last_active_at="2026-08-22T09:12:22.000Z",
        source="event",
    )
    told = roster_line(harness.record("bo"), "")
    assert (told.flag, told.state, told.last_active_at, told.source) == (None, "unknown", None, None)


def written(*rows: Mapping[str, object]) -> list[dict[str, str]]:
    out = io.BytesIO()
    write_csv(out, ("name", "age_s"), rows)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8"))))


def test_numbers_and_missing_cells() -> None:
    assert written({"name": "佐藤 花", "age_s": -1.5}, {"name": None}) == [
        {"name": "佐藤 花", "age_s": "-1.5"},
        {"name": "", "age_s": ""},
    ]


@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
def test_formulas_are_quoted(sign: str) -> None:
    cells = [f"{sign}1+1", f" {sign}1", f"a;{sign}1", f"a\t{sign}1"]
    assert [row["name"] for row in written(*({"name": cell} for cell in cells))] == [
        f"'{sign}1+1",
        f"' {sign}1",
        f"a;'{sign}1",
        f"a\t'{sign}1",
    ]


def test_a_lone_surrogate_is_replaced() -> None:
    assert written({"name": "half \ud83d"}) == [{"name": "half ?", "age_s": ""}]
