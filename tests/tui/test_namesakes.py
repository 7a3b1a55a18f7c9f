"""Rows of participants with the same name differ visibly, in every view and at every size."""

from collections.abc import Callable
from typing import Final

import pytest

from presence_tui.domain.enums import Panel, Source
from presence_tui.domain.participants import Participant
from presence_tui.tui.glyphs import ASCII
from presence_tui.wire.messages import PresenceRow
from tests.tui.app_harness import (
    HARBOUR,
    LIGHTHOUSE,
    SMALLEST,
    USUAL,
    WIDE,
    AppHarness,
    key_of,
    member,
    running_app,
)
from tests.tui.test_wallboard import drawn, hung_up
from tests.unit.clock import utc_s

NAMESAKES: Final = 8
KEYS: Final = [f"66aa012b51bbd61184{number:06x}" for number in range(NAMESAKES)]
SPACIOUS: Final = (200, 60)


def enrol(harness: AppHarness, *handles: str, conversation_id: str = HARBOUR.id) -> None:
    """Eight called 佐藤 花, the first of whom have these handles, all online."""
    padded = [*handles, *[""] * (NAMESAKES - len(handles))]
    named = [Participant(key, "佐藤 花", handle) for key, handle in zip(KEYS, padded, strict=True)]
    harness.store.set_participants(named, conversation_id)
    told = [PresenceRow(key, True, harness.clock.wall_s) for key in KEYS]
    harness.store.apply_answers(told, Source.SNAPSHOT, harness.clock.stamp())


def labels(harness: AppHarness) -> list[str]:
    """The rows of the namesakes that are shown, from the name to the state."""
    rows = [line.text for line in harness.lines() if "●" in line.text and "佐藤" in line.text]
    return [row.partition("● ")[2].partition(" online ")[0].strip() for row in rows]


@pytest.mark.parametrize("size", [SMALLEST, USUAL, (130, 40), SPACIOUS])
@pytest.mark.parametrize("view", ["1", "3"])
@pytest.mark.parametrize("handles", [(), ("hana", "sato.hana", "hana-of-the-harbour-crew")])
async def test_namesakes_differ(size: tuple[int, int], view: str, handles: tuple[str, ...]) -> None:
    async with running_app(size, crew=False) as harness:
        enrol(harness, *handles)
        await harness.press(view)
        await harness.settle()
        shown = labels(harness)
        assert len(shown) >= 3
        assert len(set(shown)) == len(shown)
        if len(shown) == NAMESAKES:
            assert all(any(f"@{handle}" in label for label in shown) for handle in handles[:2])


async def test_columns_beside_each_other_tell_them_apart() -> None:
    async with running_app(WIDE) as harness:
        enrol(harness, "hana", conversation_id=LIGHTHOUSE.id)
        await harness.press("2", "home", "down", "b", "4")
        assert len(set(labels(harness))) == NAMESAKES
        assert "佐藤 花 #0007" in harness.text and "@hana" in harness.text


async def test_the_wallboard_tells_them_apart() -> None:
    async with hung_up() as harness:
        enrol(harness, "hana")
        said = await drawn(harness)
        assert "佐藤 花 @hana" in said and "佐藤 花 #0007" in said


async def test_activity_tells_them_apart() -> None:
    async with running_app(USUAL) as harness:
        enrol(harness, "hana")
        harness.store.update_user_status(KEYS[0], False)
        harness.store.update_user_status(KEYS[7], False)
        await harness.settle()
        assert harness.activity[:2] == ["佐藤 花 #0007 left", "佐藤 花 @hana left"]


async def test_who_has_a_namesake_no_more_has_the_name_alone() -> None:
    async with running_app(USUAL, crew=False) as harness:
        enrol(harness)
        await harness.settle()
        assert all("#" in label for label in labels(harness))
        harness.store.set_participants([Participant(key, f"Hana {key}") for key in KEYS[1:]], HARBOUR.id)
        await harness.settle()
        assert labels(harness) == ["佐藤 花"]


async def test_a_copied_row_has_the_end_of_the_id() -> None:
    async with running_app(WIDE, crew=False) as harness:
        enrol(harness, "hana")
        await harness.settle()
        texts = harness.panel(Panel.ONLINE).texts(NAMESAKES - 2, NAMESAKES)
        assert texts == ["online · 佐藤 花 · #0007 · 0 s", "online · 佐藤 花 · @hana · 0 s"]


async def test_a_wide_panel_shows_handle_other_conversations_and_since_when() -> None:
    async with running_app((300, 60)) as harness:
        harness.store.set_participants([Participant("u-adaokafor", "Ada Okafor", "ada")], HARBOUR.id)
        harness.store.set_participants([Participant("u-adaokafor", "Ada Okafor", "ada")], LIGHTHOUSE.id)
        await harness.event("Bo Chen", False)
        row = harness.row_of("Ada Okafor").text
        assert row.index("@ada") < row.index("mod") < row.index("Lighthouse") < row.index("online")
        assert "Harbour crew" not in row
        assert "left " in harness.row_of("Bo Chen").text
        await harness.event("Bo Chen", True)
        assert "since " in harness.row_of("Bo Chen").text
        await harness.press("u")
        await harness.event("Bo Chen", False, last_active_s=harness.clock.wall_s)
        row = harness.row_of("Bo Chen").text
        assert "left " not in row and "online" in row, "the rule in force says online"


@pytest.mark.parametrize(("language", "time"), [("en", " by 1"), ("fr", " avant 1")])
async def test_since_when_nobody_saw_is_a_bound(
    use_zone: Callable[[str], None], language: str, time: str
) -> None:
    use_zone("UTC")
    async with running_app((300, 60), language=language) as harness:
        harness.clock.wall_s = utc_s("2026-11-22T10:15:42")
        rows = [PresenceRow(key_of("Bo Chen"), False)]
        harness.store.apply_answers(rows, Source.RUNTIME, harness.clock.stamp())
        await harness.settle()
        assert f"{time}0:15" in harness.row_of("Bo Chen").text


async def test_who_hides_every_sign_of_life_shows_when_they_left() -> None:
    async with running_app((300, 60), crew=False) as harness:
        harness.store.set_participants([member("Bo Chen")], HARBOUR.id)
        rows = [PresenceRow(key_of("Bo Chen"), True)]
        harness.store.apply_answers(rows, Source.RUNTIME, harness.clock.stamp())
        await harness.settle()
        assert "—" in harness.row_of("Bo Chen").text
        await harness.event("Bo Chen", False)
        await harness.wait(90)
        assert "1 min" in harness.row_of("Bo Chen").text


async def test_no_column_cuts_a_name() -> None:
    name = "Wolfeschlegelsteinhausenbergerdorff the younger"
    async with running_app((300, 60)) as harness:
        harness.store.set_participants([Participant("u-1", name, "a-handle-for-a-long-name")], HARBOUR.id)
        await harness.settle()
        assert f"{name[:20]}" in harness.text and "@a-handle" not in harness.text


async def test_help_explains_the_marks() -> None:
    async with running_app(WIDE, glyphs=ASCII) as harness:
        await harness.press("question_mark", "slash", *"watch rule names")
        assert "! a watch rule names this participant" in harness.said.replace("│ ", "")
