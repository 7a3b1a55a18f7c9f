"""Finding somebody: the filter and the orders."""

import pytest
from textual import events

from presence_tui.tui.glyphs import ASCII, UNICODE, Glyphs
from presence_tui.tui.screens.watch_screen import WatchScreen
from tests.tui.app_harness import (
    HARBOUR,
    ONLINE_NAMES,
    SMALLEST,
    AppHarness,
    fill_with_crew,
    key_of,
    on_stage,
    until,
)
from tests.tui.test_panels import names_in


def shown(stage: AppHarness) -> list[str]:
    return names_in(stage.rows(stage.online)) + names_in(stage.rows(stage.offline))


async def test_the_filter_works_as_you_type_and_ignores_case_and_accents() -> None:
    async with on_stage() as stage:
        await stage.press("slash", "E", "L")
        assert shown(stage) == ["Élodie Marchand"]
        await stage.press("backspace", "backspace", "b", "É", "R", "é")
        assert shown(stage) == ["Chloé Bérenger"]
        assert stage.title_of(stage.online).startswith("Online (8)")
        assert "Nobody matches" in stage.text
        await stage.press("q", "r", "s")
        assert stage.watch.refreshes == 0 and stage.app.is_running, "keys are text here"
        assert shown(stage) == []
        assert "Nobody matches. esc shows everybody." in stage.text
        await stage.press("escape")
        assert len(shown(stage)) == 24


async def test_enter_keeps_the_filter_and_esc_clears_it() -> None:
    async with on_stage() as stage:
        await stage.press("slash", "o", "enter")
        kept = shown(stage)
        assert "Bo Chen" in kept and "Ada Okafor" in kept and "Hana Sato" in kept
        assert "Fatima Zahra" not in kept
        assert stage.online.has_focus
        await stage.press("j")
        assert shown(stage) == kept
        assert stage.selected in kept
        await stage.event("Fatima Zahra", False)
        await stage.event("Rosa Lind", True)
        assert "Fatima Zahra" not in shown(stage)
        assert "Rosa Lind" in names_in(stage.rows(stage.online))
        await stage.press("escape")
        assert len(shown(stage)) == 24


async def test_s_cycles_through_the_orders_and_says_which() -> None:
    by_name = list(ONLINE_NAMES)
    async with on_stage() as stage:
        await stage.event("Hana Sato", True, last_active_s=stage.clock.wall_s - 70)
        await stage.event("Hana Sato", True, last_active_s=stage.clock.wall_s)
        await stage.event("Ada Okafor", True, last_active_s=stage.clock.wall_s - 1)
        for order, expected in (
            ("name", by_name),
            ("state", [*by_name[:5], "Hana Sato", "Fatima Zahra", "Goran Petrović"]),
            ("last active", ["Hana Sato", *by_name[:7]]),
            ("role", ["Chloé Bérenger", "Bo Chen", "Ada Okafor", *by_name[3:]]),
            ("most flapping", by_name),
            ("name", by_name),
        ):
            assert f"by {order}" in stage.text
            assert names_in(stage.rows(stage.online)) == expected
            await stage.press("s")


async def test_marks_before_the_text_invert_it_and_look_for_what_is_like_it() -> None:
    async with on_stage() as stage:
        await stage.press("slash", "exclamation_mark", "o")
        assert "Fatima Zahra" in shown(stage) and "Bo Chen" not in shown(stage)
        await stage.press("escape", "slash", "tilde", *"okafro")
        assert shown(stage) == ["Ada Okafor"]


async def test_who_flaps_most_comes_first_and_it_says_how_often() -> None:
    async with on_stage() as stage:
        for name, times in {"Fatima Zahra": 2, "Bo Chen": 1}.items():
            for _ in range(times):
                for flag in (False, True):
                    await stage.event(name, flag)
                    stage.clock.advance(3)
        await stage.press("s", "s", "s", "s")
        assert names_in(stage.rows(stage.online))[:3] == ["Fatima Zahra", "Bo Chen", "Ada Okafor"]
        assert "2 flaps" in stage.row_of("Fatima Zahra").text
        assert "1 flap " in stage.row_of("Bo Chen").text
        assert "flap" not in stage.row_of("Ada Okafor").text


@pytest.mark.parametrize(("glyphs", "mark"), [(UNICODE, "▲"), (ASCII, "^")])
async def test_the_pinned_stand_first_with_a_mark_and_a_word(glyphs: Glyphs, mark: str) -> None:
    async with on_stage(glyphs=glyphs) as stage:
        stage.store.pin([key_of("Fatima Zahra"), key_of("Ada Unknown")])
        await stage.settle()
        assert names_in(stage.rows(stage.online))[0] == "Fatima Zahra"
        assert names_in(stage.rows(stage.offline))[0] == "Ada Unknown"
        row = stage.row_of("Fatima Zahra").text
        assert row.startswith(mark) and "pinned" in row
        assert "pinned" not in stage.row_of("Bo Chen").text


async def test_the_filter_line_costs_one_line_and_is_readable() -> None:
    async with on_stage(SMALLEST) as stage:
        before = stage.online.region.y
        await stage.press("slash")
        assert stage.online.region.y == before + 1
        assert "name or handle" in stage.text
        await stage.press("h", "a", "n", "a")
        assert shown(stage) == ["Hana Sato"]
        assert "name or handle" not in stage.text


@pytest.mark.parametrize(
    ("language", "typing", "kept"),
    [
        ("en", "enter keeps · esc clears", "esc clears"),
        ("fr", "enter valide · esc efface", "esc efface"),
    ],
)
async def test_the_way_on_from_the_filter_is_said_all_the_time(language: str, typing: str, kept: str) -> None:
    async with on_stage(SMALLEST, language=language) as stage:
        await stage.press("slash")
        assert stage.lines()[2].text.endswith(f" {typing} ")
        await stage.press(*"a very long name that nobody has at all")
        line = stage.lines()[2]
        assert line.text.endswith(f" {typing} ")
        assert line.style_of(typing).color != line.style_of(" / ").color
        await stage.press("enter")
        assert typing not in stage.text
        assert stage.lines()[2].text.endswith(f"  {kept} ")
        await stage.press("escape")
        assert kept not in stage.text


def type_at_once(stage: AppHarness, text: str) -> None:
    """Keys that arrive together, as over a slow line."""
    names = {"/": "slash", " ": "space", "\r": "enter"}
    for character in text:
        stage.app.post_message(events.Key(names.get(character, character), character))


async def test_what_is_typed_in_one_go_with_the_key_is_looked_for() -> None:
    async with on_stage() as stage:
        type_at_once(stage, "/fp yx")
        await until(stage, lambda: "/ fp yx" in stage.text)
        assert not stage.toasts, "no letter of it is a command"
        assert type(stage.app.screen) is WatchScreen
        await stage.press("escape")
        type_at_once(stage, "/okafor\r")
        await until(stage, lambda: "/ okafor" in stage.text and "enter keeps" not in stage.text)
        assert names_in(stage.rows(stage.online)) == ["Ada Okafor"]


@pytest.mark.parametrize("before", ["", "é"])
async def test_who_types_a_filter_before_there_is_a_conversation_goes_on_typing(before: str) -> None:
    async with on_stage(crew=False) as stage:
        await stage.press("slash", *before)
        stage.watch.watch(HARBOUR)
        fill_with_crew(stage.store)
        await stage.press(*"élo"[len(before) :])
        await until(stage, lambda: shown(stage) == ["Élodie Marchand"])
        await stage.press("escape")
        assert len(shown(stage)) == 24
