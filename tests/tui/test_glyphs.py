"""The marks in both glyph sets.

With ASCII glyphs, all drawing is ASCII; names are too, if the terminal supports nothing else.
"""

import sys
from io import BytesIO, TextIOWrapper

import pytest
from rich.cells import cell_len

from presence_tui.domain.enums import Source, State, Verdict
from presence_tui.domain.participants import Participant
from presence_tui.store import PresenceStore
from presence_tui.tui.glyphs import ASCII, UNICODE, Glyphs, glyphs_for, in_ascii
from presence_tui.wire.messages import PresenceRow
from tests.tui.app_harness import HARBOUR, SMALLEST, USUAL, WIDE, fill_with_many, key_of, running_app
from tests.unit.clock import FakeClock


def marks(glyphs: Glyphs) -> list[str]:
    single = [mark for mark in glyphs if isinstance(mark, str)]
    return [*glyphs.states.values(), *glyphs.verdicts.values(), *single]


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_state_has_a_mark_of_its_own_one_cell_wide(glyphs: Glyphs) -> None:
    assert set(glyphs.states) == set(State)
    assert set(glyphs.verdicts) == set(Verdict)
    assert len(set(glyphs.verdicts.values())) == len(Verdict)
    assert len(set(glyphs.states.values())) == len(State)
    assert {cell_len(mark) for mark in marks(glyphs)} == {1}


def test_the_ascii_marks_are_ascii() -> None:
    assert "".join(marks(ASCII)).isascii()


@pytest.mark.parametrize(
    ("wanted", "encoding", "terminal", "glyphs"),
    [
        (False, "UTF-8", "xterm", UNICODE),
        (False, "utf8", "xterm", UNICODE),
        (True, "UTF-8", "xterm", ASCII),
        (False, "ISO-8859-1", "xterm", ASCII),
        (False, "ANSI_X3.4-1968", "xterm", ASCII),
        (False, "UTF-8", "linux", ASCII),
    ],
)
def test_ascii_is_for_who_asks_and_for_terminals_that_know_no_more(
    monkeypatch: pytest.MonkeyPatch, wanted: bool, encoding: str, terminal: str, glyphs: Glyphs
) -> None:
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(BytesIO(), encoding=encoding))
    assert glyphs_for(wanted, {"TERM": terminal}) is glyphs


def odd_in(text: str) -> set[str]:
    return {character for character in text if not character.isascii()}


@pytest.mark.parametrize("size", [SMALLEST, USUAL, WIDE])
async def test_the_watch_is_drawn_in_ascii_with_its_frames_and_scrollbars(size: tuple[int, int]) -> None:
    store = PresenceStore(clock=FakeClock())
    fill_with_many(store, 90, 90)
    async with running_app(size, store=store, glyphs=ASCII, crew=False) as harness:
        await harness.press("home", "j", "pagedown")
        store.set_participants([Participant("long", "Long " * 40)], HARBOUR.id)
        store.apply_answers([PresenceRow("long", True)], Source.SNAPSHOT, store.clock.stamp())
        await harness.settle()
        assert odd_in(harness.text) == set()
        assert "+-" in harness.text and "|" in harness.text


@pytest.mark.parametrize("keys", [["question_mark"], ["l"], ["enter"], ["slash", "d"], ["u"], ["ctrl+p"]])
async def test_dialogs_the_filter_toasts_and_the_palette_are_too(keys: list[str]) -> None:
    store = PresenceStore(clock=FakeClock())
    fill_with_many(store, 9, 9)
    async with running_app(WIDE, store=store, glyphs=ASCII, crew=False) as harness:
        await harness.press("home", *keys)
        await harness.pilot.pause()
        assert odd_in(harness.text) == set()


async def test_names_keep_their_letters_where_the_terminal_has_them() -> None:
    async with running_app(glyphs=ASCII) as harness:
        assert "Goran Petrović" in harness.text
        assert all(character.isalpha() for character in odd_in(harness.text))


async def test_names_are_ascii_where_the_encoding_has_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(BytesIO(), encoding="ANSI_X3.4-1968"))
    async with running_app(glyphs=ASCII, language="fr") as harness:
        await harness.event("佐藤 花", True)
        assert odd_in(harness.text) == set()
        assert "Goran Petrovic" in harness.text
        assert harness.store.get_user_by_id(key_of("Goran Petrović")).shown_name == "Goran Petrović"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["╭─ Online (8) ───╮", "│ Ada… │", "▁▂▃▄▅▆▇█▌▐", "佐藤 花", "Zoë", "e\u0301", "👩‍🚀 up", "·—’«»→"]
)
@pytest.mark.parametrize("whole", [False, True])
def test_nothing_is_moved(text: str, whole: bool) -> None:
    said = in_ascii(text, whole)
    assert cell_len(said) == cell_len(text)
    assert said.isascii() or not whole
