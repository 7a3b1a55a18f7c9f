"""Listings as CSV, JSON and Markdown: complete, and safe for any name."""

import csv
import io
import json

import pytest

from presence_tui.domain.enums import Source, State
from presence_tui.store.export import RosterLine
from presence_tui.tui.exports.listing import Format, Listing, written

AS_OF = "2026-11-23T10:15:42.000Z"


def line(name: str = "Ada Okafor", **fields: object) -> RosterLine:
    """A roster line: online, a moderator."""
    whole = {
        "user_id": "66aa11",
        "name": name,
        "handle": "ada.o",
        "role": "moderator",
        "guest": False,
        "flag": True,
        "state": State.ONLINE,
        "last_active_at": "2026-11-23T10:15:40.000Z",
        "source": Source.EVENT,
        **fields,
    }
    return RosterLine(**whole)  # type: ignore[arg-type]


def listing(*lines: RosterLine, heading: str = "Harbour crew") -> Listing:
    return Listing(heading, AS_OF, "2 of 24 shown", list(lines))


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


NOBODY_KNOWS = line(
    "Bo", handle="", role="", flag=None, state=State.UNKNOWN, last_active_at=None, source=None
)


def test_csv_has_a_row_for_each_with_the_columns_of_roster_and_as_of() -> None:
    content = written(listing(line(), NOBODY_KNOWS), Format.CSV)

    assert rows(content) == [
        {
            "user_id": "66aa11",
            "name": "Ada Okafor",
            "handle": "ada.o",
            "role": "moderator",
            "guest": "False",
            "flag": "True",
            "state": "online",
            "last_active_at": "2026-11-23T10:15:40.000Z",
            "source": "event",
            "as_of": AS_OF,
        },
        {
            "user_id": "66aa11",
            "name": "Bo",
            "handle": "",
            "role": "",
            "guest": "False",
            "flag": "",
            "state": "unknown",
            "last_active_at": "",
            "source": "",
            "as_of": AS_OF,
        },
    ]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", " =", "＝", "＋", "－", "＠"])
def test_no_name_is_a_formula_to_a_spreadsheet(sign: str) -> None:
    name = f'{sign}HYPERLINK("x";"y")'
    row = rows(written(listing(line(name, handle=name, role=name, user_id=name)), Format.CSV))[0]

    assert [row[column] for column in ("name", "handle", "role", "user_id")] == [f"'{name}"] * 4


@pytest.mark.parametrize("name", ['a "quoted" one', "one, two", "a;b\tc", "'=x", "Chloé 🙂"])
def test_names_come_back_from_csv_as_they_were(name: str) -> None:
    assert rows(written(listing(line(name)), Format.CSV))[0]["name"] == name


@pytest.mark.parametrize("separator", [";", "\t", "; "])
def test_a_formula_behind_another_separator_is_none_either(separator: str) -> None:
    """A spreadsheet that uses semicolons as separators splits a name in two."""
    row = rows(written(listing(line(f"Ada{separator}=cmd")), Format.CSV))[0]

    assert row["name"] == f"Ada{separator[0]}'{separator[1:]}=cmd"


def test_json_is_that_of_roster_and_as_of() -> None:
    ada, bo = json.loads(written(listing(line('"\\=1'), NOBODY_KNOWS), Format.JSON))

    assert (ada["name"], ada["flag"], ada["state"], ada["as_of"]) == ('"\\=1', True, "online", AS_OF)
    assert (bo["flag"], bo["source"], bo["last_active_at"]) == (None, None, None)
    assert json.loads(written(listing(), Format.JSON)) == []


def test_markdown_is_a_table_with_what_is_to_be_known_above_it() -> None:
    assert written(
        listing(line(), line("Dmitri", guest=True, role="", handle="")), Format.MARKDOWN
    ).decode() == (
        "# Harbour crew\n\n2 of 24 shown\n\n"
        "| state | name | handle | role | last active at |\n"
        "|---|---|---|---|---|\n"
        "| online | Ada Okafor | ada.o | moderator | 2026-11-23T10\\:15\\:40.000Z |\n"
        "| online | Dmitri |  | \\(guest\\) | 2026-11-23T10\\:15\\:40.000Z |\n"
    )


@pytest.mark.parametrize(
    ("name", "as_text"),
    [
        ("a | b", r"a \| b"),
        ("a \\| b", r"a \\\| b"),
        ("<img src=x onerror=y>", r"\<img src=x onerror=y\>"),
        ("[me](javascript:x)", r"\[me\]\(javascript\:x\)"),
        ("![](http://x)", r"\!\[\]\(http\://x\)"),
        ("www.example.org", r"www\.example.org"),
        ("*_`~#&@", r"\*\_\`\~\#\&\@"),
    ],
)
def test_no_name_is_markup(name: str, as_text: str) -> None:
    content = written(listing(line(name), heading=name), Format.MARKDOWN).decode()

    assert content.startswith(f"# {as_text}\n")
    assert content.splitlines()[-1].startswith(f"| online | {as_text} | ada.o |")
