"""Who is where, and as what."""

import pytest
from rich.color import Color

from presence_tui.domain.enums import State
from presence_tui.monitor.refresh import RefreshReport
from presence_tui.tui.glyphs import ASCII, UNICODE, Glyphs
from presence_tui.tui.themes import DARK, THEMES
from tests.tui.app_harness import (
    HARBOUR,
    LIGHTHOUSE,
    OFFLINE_NAMES,
    ONLINE_NAMES,
    UNKNOWN_NAME,
    USUAL,
    AppHarness,
    Line,
    key_of,
    member,
    on_stage,
)

ONE_OF_EACH = {
    "Ada Okafor": State.ONLINE,
    "Fatima Zahra": State.AWAY,
    "Hana Sato": State.IDLE,
    "Ingrid Solberg": State.OFFLINE,
    UNKNOWN_NAME: State.UNKNOWN,
}
COLOURS = {
    name.removeprefix("state-"): Color.parse(colour)
    for theme in THEMES
    if theme.name == DARK
    for name, colour in theme.variables.items()
    if name.startswith("state-")
}


def names_in(rows: list[Line]) -> list[str]:
    """The names of the crew on the rows, from the top."""
    crew = [*ONLINE_NAMES, *OFFLINE_NAMES, UNKNOWN_NAME]
    return [name for row in rows for name in crew if name in row.text]


def titles(stage: AppHarness) -> tuple[str, str]:
    return stage.title_of(stage.online), stage.title_of(stage.offline)


async def test_everybody_is_in_the_panel_of_their_flag_and_in_order() -> None:
    async with on_stage() as stage:
        assert names_in(stage.rows(stage.online)) == list(ONLINE_NAMES)
        assert names_in(stage.rows(stage.offline)) == [*OFFLINE_NAMES, UNKNOWN_NAME]
        assert titles(stage) == ("Online (8)", "Offline (16)")


async def test_the_titles_in_french() -> None:
    async with on_stage(language="fr") as stage:
        assert titles(stage) == ("En ligne (8)", "Hors ligne (16)")
        assert "Online" not in stage.text


async def test_an_event_moves_a_row_and_the_counts() -> None:
    async with on_stage() as stage:
        await stage.event("Rosa Lind", True)
        assert "Rosa Lind" in names_in(stage.rows(stage.online))
        assert titles(stage) == ("Online (9)", "Offline (15)")
        assert "●" in stage.row_of("Rosa Lind").text
        await stage.event("Ada Okafor", False)
        await stage.event("Bo Chen", False)
        assert names_in(stage.rows(stage.offline))[:2] == ["Ada Okafor", "Bo Chen"]
        assert titles(stage) == ("Online (7)", "Offline (17)")
        await stage.event("Zeno Newcomer", True)
        assert "●" in stage.row_of("Zeno Newcomer").text, "no roster has named him, and he is shown"
        assert titles(stage) == ("Online (8)", "Offline (17)")


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
async def test_a_state_is_glyph_and_word_and_colour(glyphs: Glyphs) -> None:
    async with on_stage(glyphs=glyphs) as stage:
        for name, state in ONE_OF_EACH.items():
            row, glyph = stage.row_of(name), glyphs.states[state]
            assert row.text.startswith(f" {glyph} ")
            assert f" {state} " in row.text
            assert row.style_of(glyph).color == row.style_of(f" {state}").color
            assert row.style_of(glyph).color == COLOURS[state]
        light = {state: sum(COLOURS[state].get_truecolor()) for state in State}
        assert light[State.UNKNOWN] < light[State.OFFLINE], "unknown is dim"
        if glyphs is ASCII:
            await stage.event("Wei Zhang", True)
            stage.store.apply_typing(key_of("Ada Okafor"))
            await stage.settle()
            assert not set(stage.text) & set("●◐◌○✎▸↻")


async def test_no_color_leaves_glyph_and_word_and_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_stage() as stage:
        for name, state in ONE_OF_EACH.items():
            row = stage.row_of(name)
            assert UNICODE.states[state] in row.text
            assert str(state) in row.text
        for line in stage.lines():
            for _, style in line.styles:
                for colour in (style.color, style.bgcolor):
                    if colour is not None and not colour.is_default:
                        red, green, blue = colour.get_truecolor()
                        assert red == green == blue, f"{colour} on {line.text!r}"


async def test_what_else_is_known_of_somebody_is_a_note_on_the_row() -> None:
    async with on_stage() as stage:
        stage.watch.key = key_of("Hana Sato")
        stage.store.apply_typing(key_of("Bo Chen"))
        await stage.settle()
        assert "you" in stage.row_of("Hana Sato").text
        assert "guest" in stage.row_of("Dmitri").text
        assert "mod" in stage.row_of("Ada Okafor").text
        assert "creator" in stage.row_of("Chloé Bérenger").text
        assert "✎" in stage.row_of("Bo Chen").text
        await stage.wait(16)
        assert "✎" not in stage.row_of("Bo Chen").text


async def test_who_has_left_is_not_typing_any_more() -> None:
    async with on_stage() as stage:
        stage.store.apply_typing(key_of("Bo Chen"))
        await stage.event("Bo Chen", False)
        assert "✎" not in stage.row_of("Bo Chen").text


async def test_time_alone_moves_the_dot_and_the_age() -> None:
    async with on_stage() as stage:
        assert " 5 s" in stage.row_of("Ada Okafor").text
        await stage.wait(56)
        assert " 1 min" in stage.row_of("Ada Okafor").text
        assert " ◐ " in stage.row_of("Ada Okafor").text
        await stage.wait(120)
        assert " ◌ " in stage.row_of("Ada Okafor").text
        assert stage.title_of(stage.online) == "Online (8)"


async def test_an_empty_panel_says_why() -> None:
    async with on_stage(USUAL) as stage:
        for name in ONLINE_NAMES:
            await stage.event(name, False)
        assert "Nobody is online." in stage.text
        assert titles(stage) == ("Online (0)", "Offline (24)")
        stage.watch.watch(LIGHTHOUSE)
        await stage.settle()
        assert stage.text.count("Asking who is here…") == 1
        stage.watch.resync(RefreshReport())
        await stage.settle()
        assert "Nobody is online." not in stage.text
        assert "Nobody is a member of this" in stage.text


async def test_a_role_of_any_length_leaves_room_for_the_name() -> None:
    async with on_stage() as stage:
        role = "chief harbour master of the eastern docks"
        stage.store.set_participants([member("Wei Zhang", role=role)], HARBOUR.id)
        await stage.settle()
        row = stage.row_of("Wei Zhang")
        assert " chief harbo… offline" in row.text
        await stage.press("tab", "end", "k", "enter")
        assert f"Role {role}" in stage.said, "the dialog has room for all of it"
