"""Copies by OSC 52, exports and screenshots; each reports its destination in a sentence."""

import base64
import csv
import errno
import json
import os
import re
import stat
from pathlib import Path

import pytest

from presence_tui.domain.translatable import NOTHING, phrase
from presence_tui.tui.screens.export_dialog import ExportDialog
from presence_tui.wire.sanitize import NAME_CELLS, name_within, safe_name
from presence_tui.wire.timestamps import wire_from_seconds
from tests.tui.app_harness import (
    HARBOUR,
    ROOMY,
    SMALLEST,
    WIDE,
    AppHarness,
    fill_with_many,
    member,
    running_app,
    until,
)
from tests.tui.hostile import HOSTILE


class Clipboard:
    """Records what is copied to the terminal's clipboard."""

    def __init__(self, harness: AppHarness, monkeypatch: pytest.MonkeyPatch) -> None:
        self.written = ""
        monkeypatch.setattr(harness.app._driver, "write", self._write)

    def _write(self, text: str) -> None:
        self.written += text

    @property
    def texts(self) -> list[str]:
        found = re.findall(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", self.written)
        return [base64.b64decode(each).decode() for each in found]


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


async def test_a_row_is_copied_as_it_is_read_and_only_on_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app() as harness:
        clipboard = Clipboard(harness, monkeypatch)
        harness.store.members.apply_names({"u-adaokafor": ("ada.o", "")})
        await harness.press("home", "k", "j")
        assert clipboard.texts == []
        await harness.press("k", "y")
        assert clipboard.texts == ["online · Ada Okafor · @ada.o · mod · 5 s"]
        assert harness.toasts[-1] == "Sent the row to the terminal's clipboard (OSC 52). x writes a file."


async def test_a_panel_is_copied_with_its_title_as_it_is_filtered(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app() as harness:
        clipboard = Clipboard(harness, monkeypatch)
        await harness.press("slash", *"petro", "enter", "Y")
        assert clipboard.texts == [
            "Online (8) · 1 shown · Harbour crew\naway · Goran Petrović · 2 min",
        ]
        await harness.press("escape", "tab", "Y")
        assert clipboard.texts[-1].splitlines()[:2] == [
            "Offline (16) · Harbour crew",
            "offline · Ingrid Solberg · 2 min",
        ]
        assert len(clipboard.texts[-1].splitlines()) == 17


async def test_while_paused_what_is_copied_is_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app() as harness:
        clipboard = Clipboard(harness, monkeypatch)
        await harness.press("home", "space")
        await harness.event("Bo Chen", False)
        await harness.wait(30)
        await harness.press("j", "y")
        assert clipboard.texts == ["online · Bo Chen · admin · 12 s"]


async def test_more_than_a_terminal_takes_is_cut_at_a_whole_row_and_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_app(crew=False) as harness:
        clipboard = Clipboard(harness, monkeypatch)
        harness.monitor.watch(HARBOUR)
        fill_with_many(harness.store, 6_000, 0)
        await harness.settle()
        await harness.press("Y")
        lines = clipboard.texts[0].splitlines()
        assert len(clipboard.texts[0].encode()) <= 74_994
        assert lines[-1] == f"online · On {len(lines) - 2:05} · 0 s"
        assert harness.toasts[-1] == (
            f"Sent {len(lines)} of 6001 rows, Online (6000), to the terminal's clipboard (OSC 52): "
            "terminals take 74994 bytes. x writes a file."
        )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        (
            {"TMUX": "x,1,0"},
            "Sent the row to the terminal's clipboard (OSC 52 through tmux, which needs set-clipboard on).",
        ),
        ({"STY": "1.x"}, "Sent the row to the terminal's clipboard (OSC 52 through screen)."),
        ({"TERM": "linux"}, "This terminal has no clipboard that could be written."),
    ],
)
async def test_the_way_of_a_copy_is_reported(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], said: str
) -> None:
    async with running_app() as harness:
        clipboard = Clipboard(harness, monkeypatch)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        await harness.press("home", "y")
        assert harness.toasts[-1] == f"{said} x writes a file."
        assert ("52;c;" in clipboard.written) == said.startswith("Sent")


async def test_with_nobody_there_nothing_is_copied_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app(crew=False) as harness:
        clipboard = Clipboard(harness, monkeypatch)
        await harness.press("y")
        assert harness.toasts[-1].startswith("Nobody is selected.")
        await harness.press("Y")
        assert harness.toasts == ["There is nothing to copy here."]
        await harness.press("p")
        assert harness.toasts == ["Nobody is selected. Choose somebody with the arrow keys."]
        assert clipboard.texts == []


async def test_conversations_are_copied_too_and_people_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app((170, 40)) as harness:
        clipboard = Clipboard(harness, monkeypatch)
        await harness.press("2", "home", "y", "Y")
        assert "Harbour crew" in clipboard.texts[0] and "8 / 24" in clipboard.texts[0]
        assert clipboard.texts[1].startswith("Conversations (3)") and "Night shift" in clipboard.texts[1]
        await harness.press("f")
        assert harness.toasts[-1] == "Facets are for people; here are none."
        await harness.press("x")
        assert harness.toasts[-1] == "There is nobody to export here."
        await harness.press("1", "b", "4", "j", "y", "Y")
        assert clipboard.texts[-2].startswith("online · ")
        assert len(clipboard.texts[-1].splitlines()) == 9
        await harness.press("f", "down", "space", "escape")
        assert "5 of 24 shown" in harness.said
        await harness.press("space")
        await harness.event("Bo Chen", False)
        assert "online" in harness.line_with("● Bo Chen").text and "PAUSED · 1 change since" in harness.said


async def test_hostile_names_are_copied_as_the_text_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app(WIDE) as harness:
        clipboard = Clipboard(harness, monkeypatch)
        rows = [member(safe_name(name), key=f"u-{place}") for place, name in enumerate(HOSTILE.values())]
        harness.store.set_participants(rows, HARBOUR.id)
        await harness.settle()
        await harness.press("tab", "Y")
        (text,) = clipboard.texts
        assert all(character.isprintable() or character == "\n" for character in text)
        title, *lines = text.splitlines()
        assert title == f"Offline ({len(lines)}) · Harbour crew"
        copied = {line.split(" · ")[1] for line in lines}
        assert {name_within(safe_name(name), NAME_CELLS)[0] for name in HOSTILE.values()} - {""} <= copied
        assert {"␛[2J␛[31mRed Rita", "[@click=app.quit]Click Carl[/]"} <= copied


async def test_on_a_page_the_page_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app(WIDE) as harness:
        clipboard = Clipboard(harness, monkeypatch)
        await harness.press("home", "enter", "y")
        (text,) = clipboard.texts
        heading, first, *others = text.splitlines()
        assert (heading, first) == ("Ada Okafor", "State: online (flag)")
        assert "Presence key: u-adaokafor" in others
        assert harness.toasts[-1] == "Sent the page to the terminal's clipboard (OSC 52). x writes a file."


def unframed(harness: AppHarness) -> str:
    """The screen's text, without frames and line breaks."""
    return " ".join(harness.said.replace("│", " ").split())


async def written(harness: AppHarness) -> str:
    """Wait for the sentence that names the file, and return it."""
    await until(harness, lambda: bool(harness.toasts))
    return harness.toasts[-1]


async def test_who_is_shown_goes_into_a_private_file_that_is_named(tmp_path: Path) -> None:
    async with running_app() as harness:
        await harness.press("slash", "o", "enter", "f", "j", "space", "escape", "x")
        assert "4 participants · “o” · online" in harness.said
        await harness.press("enter")
        said = await written(harness)
    (path,) = tmp_path.iterdir()
    assert said == f"Wrote 4 participants to {path}, which you alone can read."
    assert re.fullmatch(r"harbour-crew-\d{8}-\d{6}\.csv", path.name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["Ada Okafor", "Bo Chen", "Chloé Bérenger", "Élodie Marchand"]
    assert {row["state"] for row in rows} == {"online"}


async def test_down_chooses_another_format_and_a_click_too(tmp_path: Path) -> None:
    async with running_app() as harness:
        await harness.press("x", "down")
        assert "(*) JSON" in harness.said and ".json" in harness.said
        await harness.press("up", "up")
        assert "(*) Markdown" in harness.said and ".md" in harness.said
        await harness.pilot.click("#export-formats", offset=(5, 1))
        await harness.settle()
        assert "(*) JSON" in harness.said and ".json" in harness.said
        await harness.press("end", "ctrl+u", *"crew", "enter")
        await written(harness)
    assert len(json.loads((tmp_path / "crew").read_bytes())) == 24


async def test_enter_in_the_list_of_formats_writes_too(tmp_path: Path) -> None:
    async with running_app() as harness:
        await harness.press("x", "shift+tab", "space")
        assert list(tmp_path.iterdir()) == [], "space only chooses"
        await harness.press("shift+tab", "j", "enter")
        await written(harness)
    (path,) = tmp_path.iterdir()
    assert path.suffix == ".json"
    assert len(json.loads(path.read_bytes())) == 24


async def test_the_folder_is_named_only_where_it_counts(tmp_path: Path) -> None:
    async with running_app(WIDE) as harness:
        await harness.press("x")
        folder = f"in {tmp_path}"[:30]
        assert folder in unframed(harness)
        for name, counts in {"/srv/crew.csv": False, "~/crew.csv": False, "crew.csv": True}.items():
            await harness.press("end", "ctrl+u", *name)
            assert (folder in unframed(harness)) == counts, name


async def test_what_is_there_is_replaced_only_by_a_second_enter(tmp_path: Path) -> None:
    path = tmp_path / "crew.csv"
    path.write_text("precious")
    async with running_app() as harness:
        await harness.press("x", "end", "ctrl+u", *"crew.csv", "enter")
        await until(harness, lambda: "enter again replaces it" in harness.said)
        assert path.read_text() == "precious"
        await harness.press("x", "backspace")
        assert "enter again replaces it" not in harness.said, "a changed name resets the confirmation"
        await harness.press("enter")
        await until(harness, lambda: "enter again replaces it" in harness.said)
        await harness.press("enter")
        await written(harness)
    assert path.read_text().startswith("user_id,name,")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing/crew.csv", "There is no folder"),
        ("~nobody-of-that-name/crew.csv", "This is no name of a file."),
        ("a" * 300, "The name is too long"),
        ("folder", "is there already. enter again replaces it."),
    ],
)
async def test_a_name_that_does_not_do_is_said_and_can_be_mended(
    tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "folder").mkdir()
    async with running_app(WIDE) as harness:
        await harness.press("x")
        dialog = harness.app.screen
        assert isinstance(dialog, ExportDialog)
        dialog.query_one("#export-file").value = name  # type: ignore[attr-defined]
        await harness.press("enter")
        await until(harness, lambda: said in unframed(harness))
        await harness.press("end", "ctrl+u", *"crew.csv", "enter")
        await written(harness)
    assert (tmp_path / "crew.csv").exists()


@pytest.mark.parametrize("key", ["x", "P"])
async def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    async with running_app(WIDE) as harness:
        await harness.press(key, *(["enter"] if key == "x" else []))
        await until(
            harness,
            lambda: "is full; nothing" in " ".join([unframed(harness), *harness.toasts]),
        )
    assert list(tmp_path.iterdir()) == []


async def test_a_stale_listing_says_up_to_when_it_is_vouched_for(tmp_path: Path) -> None:
    async with running_app() as harness:
        heard_s = harness.clock.wall_s
        harness.monitor.link.stale(phrase("Nothing was heard."), NOTHING, heard_s)
        await harness.wait(600)
        await harness.press("x", "down", "enter")
        await written(harness)
    (path,) = tmp_path.iterdir()
    as_of = {row["as_of"] for row in json.loads(path.read_bytes())}
    assert as_of == {wire_from_seconds(heard_s)}


async def test_many_are_written_in_turns(tmp_path: Path) -> None:
    async with running_app(crew=False) as harness:
        harness.monitor.watch(HARBOUR)
        fill_with_many(harness.store, 700, 800)
        await harness.settle()
        await harness.press("x", "up", "enter")
        await written(harness)
    (path,) = tmp_path.iterdir()
    text = path.read_text()
    assert "1500 of 1500 shown" in text and text.count("\n| online | On ") == 700


async def test_a_picture_is_saved_under_a_name_of_its_own_and_fetches_nothing(tmp_path: Path) -> None:
    async with running_app() as harness:
        await harness.press("P")
        await until(harness, lambda: any(".svg" in text for text in harness.toasts))
        said = harness.toasts
        await harness.press("P")
        await until(harness, lambda: any("-2.svg" in text for text in harness.toasts))
        said += harness.toasts
        names = sorted(path.name for path in tmp_path.iterdir())
        assert len(names) == 2 and names[0].endswith("-2.svg")
        for path in tmp_path.iterdir():
            assert any(str(path) in sentence for sentence in said)
            svg = path.read_text()
            assert "Ada&#160;Okafor" in svg and "url(" not in svg.replace("url(#", "")
            assert "@font-face" not in svg and "<script" not in svg
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("size", [SMALLEST, ROOMY])
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_dialog_fits_small_screens(size: tuple[int, int], language: str) -> None:
    async with running_app(size, language=language) as harness:
        await harness.press("x")
        said = harness.said
        assert "CSV" in said and "Markdown" in said and "harbour-crew-" in said
        assert ("esc closes" if language == "en" else "esc ferme") in said
        await harness.press("escape")
        assert harness.app.screen is harness.screen
