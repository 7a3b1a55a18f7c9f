"""With ASCII asked for, everything drawn is ASCII; names are, where nothing else can be shown."""

import sys
from io import BytesIO, TextIOWrapper

import pytest
from rich.cells import cell_len

from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Participant
from presence_tui.store import PresenceStore
from presence_tui.tui.ascii_drawing import in_ascii
from presence_tui.tui.glyphs import ASCII
from presence_tui.wire.messages import PresenceRow
from tests.tui.app_harness import HARBOUR, SMALLEST, USUAL, WIDE, fill_with_many, key_of, on_stage
from tests.unit.clock import FakeClock


def odd_in(text: str) -> set[str]:
    return {character for character in text if not character.isascii()}


@pytest.mark.parametrize("size", [SMALLEST, USUAL, WIDE])
async def test_the_watch_is_drawn_in_ascii_with_its_frames_and_scrollbars(size: tuple[int, int]) -> None:
    store = PresenceStore(clock=FakeClock())
    fill_with_many(store, 90, 90)
    async with on_stage(size, store=store, glyphs=ASCII, crew=False) as stage:
        await stage.press("j", "j", "pagedown")
        store.set_participants([Participant("long", "Long " * 40)], HARBOUR.id)
        store.apply_answers([PresenceRow("long", True)], Source.SNAPSHOT, store.clock.stamp())
        await stage.settle()
        assert odd_in(stage.text) == set()
        assert "+-" in stage.text and "|" in stage.text


@pytest.mark.parametrize("keys", [["question_mark"], ["l"], ["enter"], ["slash", "d"], ["u"], ["ctrl+p"]])
async def test_dialogs_the_filter_toasts_and_the_palette_are_too(keys: list[str]) -> None:
    store = PresenceStore(clock=FakeClock())
    fill_with_many(store, 9, 9)
    async with on_stage(WIDE, store=store, glyphs=ASCII, crew=False) as stage:
        await stage.press("j", *keys)
        await stage.pilot.pause()
        assert odd_in(stage.text) == set()


async def test_names_keep_their_letters_where_the_terminal_has_them() -> None:
    async with on_stage(glyphs=ASCII) as stage:
        assert "Goran Petrović" in stage.text
        assert all(character.isalpha() for character in odd_in(stage.text))


async def test_names_are_ascii_where_the_encoding_has_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(BytesIO(), encoding="ANSI_X3.4-1968"))
    async with on_stage(glyphs=ASCII, language="fr") as stage:
        await stage.event("佐藤 花", True)
        assert odd_in(stage.text) == set()
        assert "Goran Petrovic" in stage.text
        assert stage.store.get_user_by_id(key_of("Goran Petrović")).shown_name == "Goran Petrović"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["╭─ Online (8) ───╮", "│ Ada… │", "▁▂▃▄▅▆▇█▌▐", "佐藤 花", "Zoë", "e\u0301", "👩‍🚀 up", "·—’«»→"]
)
@pytest.mark.parametrize("whole", [False, True])
def test_nothing_is_moved(text: str, whole: bool) -> None:
    said = in_ascii(text, whole)
    assert cell_len(said) == cell_len(text)
    assert said.isascii() or not whole
