"""CSV that no spreadsheet runs, in UTF-8, with empty cells for what is missing."""

import csv
import io
from collections.abc import Mapping

import pytest

from presence_tui.wire.csv_rows import write_csv


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
