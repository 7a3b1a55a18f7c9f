"""Filter and sort orders."""

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
    running_app,
    until,
)
from tests.tui.test_panels import names_in


def shown(harness: AppHarness) -> list[str]:
    return names_in(harness.rows(harness.online)) + names_in(harness.rows(harness.offline))


async def test_the_filter_works_as_you_type_and_ignores_case_and_accents() -> None:
    async with running_app() as harness:
        await harness.press("slash", "E", "L")
        assert shown(harness) == ["Élodie Marchand"]
        await harness.press("backspace", "backspace", "b", "É", "R", "é")
        assert shown(harness) == ["Chloé Bérenger"]
        assert harness.title_of(harness.online).startswith("Online (8)")
        assert "Nobody matches" in harness.text
        await harness.press("q", "r", "s")
        assert harness.monitor.refreshes == 0 and harness.app.is_running, "keys are text in the filter"
        assert shown(harness) == []
        assert "Nobody matches. esc shows everybody." in harness.text
        await harness.press("escape")
        assert len(shown(harness)) == 24


async def test_enter_keeps_the_filter_and_esc_clears_it() -> None:
    async with running_app() as harness:
        await harness.press("slash", "o", "enter")
        kept = shown(harness)
        assert "Bo Chen" in kept and "Ada Okafor" in kept and "Hana Sato" in kept
        assert "Fatima Zahra" not in kept
        assert harness.online.has_focus
        await harness.press("home")
        assert shown(harness) == kept
        assert harness.selected in kept
        await harness.event("Fatima Zahra", False)
        await harness.event("Rosa Lind", True)
        assert "Fatima Zahra" not in shown(harness)
        assert "Rosa Lind" in names_in(harness.rows(harness.online))
        await harness.press("escape")
        assert len(shown(harness)) == 24


async def test_s_cycles_through_the_orders_and_names_each() -> None:
    by_name = list(ONLINE_NAMES)
    async with running_app() as harness:
        await harness.event("Hana Sato", True, last_active_s=harness.clock.wall_s - 70)
        await harness.event("Hana Sato", True, last_active_s=harness.clock.wall_s)
        await harness.event("Ada Okafor", True, last_active_s=harness.clock.wall_s - 1)
        for order, expected in (
            ("name", by_name),
            ("state", [*by_name[:5], "Hana Sato", "Fatima Zahra", "Goran Petrović"]),
            ("last active", ["Hana Sato", *by_name[:7]]),
            ("role", ["Chloé Bérenger", "Bo Chen", "Ada Okafor", *by_name[3:]]),
            ("most flapping", by_name),
            ("name", by_name),
        ):
            assert f"by {order}" in harness.text
            assert names_in(harness.rows(harness.online)) == expected
            await harness.press("s")


async def test_marks_before_the_text_invert_it_and_look_for_what_is_like_it() -> None:
    async with running_app() as harness:
        await harness.press("slash", "exclamation_mark", "o")
        assert "Fatima Zahra" in shown(harness) and "Bo Chen" not in shown(harness)
        await harness.press("escape", "slash", "tilde", *"okafro")
        assert shown(harness) == ["Ada Okafor"]


async def test_who_flaps_most_comes_first_and_it_says_how_often() -> None:
    async with running_app() as harness:
        for name, times in {"Fatima Zahra": 2, "Bo Chen": 1}.items():
            for _ in range(times):
                for flag in (False, True):
                    await harness.event(name, flag)
                    harness.clock.advance(3)
        await harness.press("s", "s", "s", "s")
        assert names_in(harness.rows(harness.online))[:3] == ["Fatima Zahra", "Bo Chen", "Ada Okafor"]
        assert "2 flaps" in harness.row_of("Fatima Zahra").text
        assert "1 flap " in harness.row_of("Bo Chen").text
        assert "flap" not in harness.row_of("Ada Okafor").text


@pytest.mark.parametrize(("glyphs", "mark"), [(UNICODE, "▲"), (ASCII, "^")])
async def test_the_pinned_stand_first_with_a_mark_and_a_word(glyphs: Glyphs, mark: str) -> None:
    async with running_app(glyphs=glyphs) as harness:
        harness.store.indexes.pin([key_of("Fatima Zahra"), key_of("Ada Unknown")])
        await harness.settle()
        assert names_in(harness.rows(harness.online))[0] == "Fatima Zahra"
        assert names_in(harness.rows(harness.offline))[0] == "Ada Unknown"
        row = harness.row_of("Fatima Zahra").text
        assert row.startswith(mark) and "pinned" in row
        assert "pinned" not in harness.row_of("Bo Chen").text


async def test_the_filter_moves_nothing_and_is_readable() -> None:
    async with running_app(SMALLEST) as harness:
        before = harness.online.region.y
        await harness.press("slash")
        assert harness.online.region.y == before
        assert "name or handle" in harness.text
        await harness.press("h", "a", "n", "a")
        assert shown(harness) == ["Hana Sato"]
        assert "name or handle" not in harness.text


@pytest.mark.parametrize(
    ("language", "typing", "kept"),
    [
        ("en", "enter keeps · esc clears", "esc clears"),
        ("fr", "entrée valide · esc efface", "esc efface"),
    ],
)
async def test_the_way_on_from_the_filter_is_said_all_the_time(language: str, typing: str, kept: str) -> None:
    async with running_app(SMALLEST, language=language) as harness:
        await harness.press("slash")
        assert harness.lines()[1].text.endswith(f" {typing} ")
        await harness.press(*"a very long name that nobody has at all")
        line = harness.lines()[1]
        assert line.text.endswith(f" {typing} ")
        assert line.style_of(typing).color != line.style_of(" / ").color
        await harness.press("enter")
        assert typing not in harness.text
        assert harness.lines()[1].text.endswith(f"  {kept} ")
        await harness.press("escape")
        assert kept not in harness.text


def type_at_once(harness: AppHarness, text: str) -> None:
    """Deliver keys in one batch, as over a slow line."""
    names = {"/": "slash", " ": "space", "\r": "enter"}
    for character in text:
        harness.app.post_message(events.Key(names.get(character, character), character))


async def test_what_is_typed_in_one_go_with_the_key_is_looked_for() -> None:
    async with running_app() as harness:
        type_at_once(harness, "/fp yx")
        await until(harness, lambda: "/ fp yx" in harness.text)
        assert not harness.toasts, "no typed letter runs a command"
        assert type(harness.app.screen) is WatchScreen
        await harness.press("escape")
        type_at_once(harness, "/okafor\r")
        await until(harness, lambda: "/ okafor" in harness.text and "enter keeps" not in harness.text)
        assert names_in(harness.rows(harness.online)) == ["Ada Okafor"]


async def test_what_is_pasted_at_once_with_the_key_that_opens_the_filter_is_looked_for() -> None:
    async with running_app() as harness:
        harness.app.post_message(events.Key("slash", "/"))
        harness.app.post_message(events.Paste("okafor"))
        harness.app.post_message(events.Key("enter", "\r"))
        await until(harness, lambda: "/ okafor" in harness.text and "enter keeps" not in harness.text)


@pytest.mark.parametrize("before", ["", "é"])
async def test_who_types_a_filter_before_there_is_a_conversation_goes_on_typing(before: str) -> None:
    async with running_app(crew=False) as harness:
        await harness.press("slash", *before)
        harness.monitor.watch(HARBOUR)
        fill_with_crew(harness.store)
        await harness.press(*"élo"[len(before) :])
        await until(harness, lambda: shown(harness) == ["Élodie Marchand"])
        await harness.press("escape")
        assert len(shown(harness)) == 24


async def test_one_shown_is_no_plural_in_french() -> None:
    async with running_app((120, 40), language="fr") as harness:
        await harness.press("slash", *"okafor")
        assert "affichés\N{NO-BREAK SPACE}: 1 sur 24" in harness.lines()[1].text
