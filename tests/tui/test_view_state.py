"""Persistent view state: pins, and the view settings of each conversation."""

import asyncio

import pytest

from presence_tui.domain.enums import State
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.storage import view_state as view_state_module
from presence_tui.storage.view_state import Arrangement, Edits, ViewState
from presence_tui.store import Facets
from tests.tui.app_harness import HARBOUR, LIGHTHOUSE, WIDE, key_of, running_app
from tests.tui.test_filter_and_sort import shown

ARRANGED = Arrangement("last active", "o", Facets(states=frozenset({State.ONLINE, State.AWAY})))


class Disk:
    """Receives edits; refuses them while an error is set."""

    def __init__(self) -> None:
        self.written: list[Edits] = []
        self.trouble: Phrase | None = None
        self.begun = asyncio.Event()
        self.may_write = asyncio.Event()
        self.may_write.set()

    async def write(self, edits: Edits) -> Phrase | None:
        self.begun.set()
        await self.may_write.wait()
        if self.trouble is None:
            self.written.append(edits)
        return self.trouble

    @property
    def pins(self) -> dict[str, bool]:
        return {key: pinned for edits in self.written for key, pinned in edits.pins.items()}

    @property
    def arrangements(self) -> dict[str, Arrangement | None]:
        return {key: each for edits in self.written for key, each in edits.arrangements.items()}


async def test_what_was_kept_is_so_again() -> None:
    kept = ViewState(
        Disk().write,
        pins=frozenset({key_of("Bo Chen"), key_of("Rosa Lind")}),
        arrangements={HARBOUR.id: ARRANGED},
    )
    async with running_app(WIDE, view_state=kept) as harness:
        assert shown(harness) == [
            "Bo Chen",
            "Ada Okafor",
            "Chloé Bérenger",
            "Élodie Marchand",
            "Goran Petrović",
        ]
        assert "by last active" in harness.said and "f online, away" in harness.said
        assert "5 of 24 shown" in harness.said
        assert "/ o" in harness.said, "the restored filter text is shown"
        await harness.press("escape", "escape")
        assert harness.rows(harness.offline)[0].text.startswith("▲○ Rosa Lind")


async def test_each_conversation_has_its_own_and_comes_back_with_it() -> None:
    async with running_app(WIDE, view_state=ViewState(Disk().write)) as harness:
        await harness.press("slash", *"bo", "enter", "s", "f", "j", "space", "escape")
        assert shown(harness) == ["Bo Chen"]
        harness.monitor.select(LIGHTHOUSE)
        await harness.settle()
        assert "by name" in harness.said and " / " not in harness.lines()[2].text
        assert "online" not in harness.lines()[3].text
        harness.monitor.select(HARBOUR)
        await harness.settle()
        assert shown(harness) == ["Bo Chen"]
        assert "by state" in harness.said and "/ bo" in harness.said and "f online" in harness.said


async def test_what_is_changed_is_written_and_what_is_left_at_the_end() -> None:
    disk = Disk()
    async with running_app(WIDE, view_state=ViewState(disk.write)) as harness:
        await harness.press("home", "p", "s", "slash", *"ada", "enter")
        await harness.quit()
    assert disk.pins == {key_of("Ada Okafor"): True}
    assert disk.arrangements == {HARBOUR.id: Arrangement("state", "ada")}


async def test_without_anything_to_keep_it_in_pins_and_filters_hold_as_long_as_it_runs() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("home", "p", "slash", *"ada", "enter")
        assert harness.row_of("Ada Okafor").text.startswith("▲")


async def test_what_went_wrong_with_it_is_said() -> None:
    trouble = phrase("{path} is damaged; it was set aside as {name}.", path="/x", name="y")
    async with running_app(WIDE, view_state=ViewState(Disk().write, problem=trouble)) as harness:
        said = "/x is damaged; it was set aside as y."
        assert said in harness.toasts and said in harness.activity


async def test_changes_are_gathered_and_written_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_state_module, "WRITE_DELAY_S", 0.0)
    disk = Disk()
    kept = ViewState(disk.write)
    disk.may_write.clear()
    kept.set_pin("a", True)
    kept.set_pin("b", True)
    await disk.begun.wait()
    kept.set_pin("c", True)
    for _ in range(20):
        await asyncio.sleep(0)
    assert disk.written == []
    disk.begun.clear()
    disk.may_write.set()
    await disk.begun.wait()
    assert [list(edits.pins) for edits in disk.written] == [["a", "b"], ["c"]]
    kept.set_pin("d", True)
    await kept.close()
    assert disk.pins == dict.fromkeys("abcd", True)
