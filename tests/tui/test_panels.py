"""The panels: who is listed where, and in which state."""

import pytest
from rich.cells import cell_len
from rich.color import Color

from presence_tui.domain.enums import State
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.tui.glyphs import ASCII, UNICODE, Glyphs
from presence_tui.tui.themes import DARK, THEMES
from tests.tui.app_harness import (
    HARBOUR,
    LIGHTHOUSE,
    OFFLINE_NAMES,
    ONLINE_NAMES,
    UNKNOWN_NAME,
    USUAL,
    WIDE,
    AppHarness,
    Line,
    key_of,
    member,
    running_app,
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
    """The crew names on the rows, from the top."""
    crew = [*ONLINE_NAMES, *OFFLINE_NAMES, UNKNOWN_NAME]
    return [name for row in rows for name in crew if name in row.text]


def titles(harness: AppHarness) -> tuple[str, str]:
    return harness.title_of(harness.online), harness.title_of(harness.offline)


async def test_everybody_is_in_the_panel_of_their_flag_and_in_order() -> None:
    async with running_app() as harness:
        assert names_in(harness.rows(harness.online)) == list(ONLINE_NAMES)
        assert names_in(harness.rows(harness.offline)) == [*OFFLINE_NAMES, UNKNOWN_NAME]
        assert titles(harness) == ("Online (8)", "Offline (16)")


async def test_panels_and_counts_follow_the_rule_in_force() -> None:
    """Hana was last active 20 minutes ago: by flag she is idle, by this rule offline."""
    async with running_app(WIDE) as harness:
        assert "rule" not in harness.lines()[0].text
        await harness.press("u")
        assert "Harbour crew · rule meeshy-2026 · 24 participants" in harness.lines()[0].text
        assert "Hana Sato" in names_in(harness.rows(harness.offline))
        assert {row.text[1] for row in harness.rows(harness.offline)} <= {"○", "?"}
        assert not {row.text[1] for row in harness.rows(harness.online)} & {"○", "?"}
        shown = [len(harness.rows(panel)) for panel in (harness.online, harness.offline)]
        assert titles(harness) == (f"Online ({shown[0]})", f"Offline ({shown[1]})")
        assert f"{shown[0]}/24" in harness.line_with("▸ Harbour").text
        assert "≠ flag" in harness.row_of("Hana Sato").text
        assert "≠" not in harness.row_of("Ada Okafor").text
        # Two minutes offline: a sign of life so young counts as away, whatever the flag says.
        assert "Ingrid Solberg" in names_in(harness.rows(harness.online))
        assert "≠ flag" in harness.row_of("Ingrid Solberg").text


async def test_by_another_rule_time_alone_moves_somebody_to_the_other_panel() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("u")
        before = titles(harness)
        assert "Ingrid Solberg" in names_in(harness.rows(harness.online))
        await harness.wait(200)
        assert "Ingrid Solberg" in names_in(harness.rows(harness.offline))
        assert titles(harness) != before


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "en",
            (
                "Rule meeshy-2026: the last sign of life decides: online up to 60 s, away up to 3 min, "
                "idle up to 5 min, then offline; a true flag is online up to 5 min.",
                "Rule meeshy-2025: a false flag is offline; else the last sign of life decides: online up to "
                "5 min, away up to 30 min, then offline.",
                "Rule flag: the flag decides the panel, the last sign of life the dot: online up to 60 s, "
                "away up to 3 min, then idle.",
            ),
        ),
        ("fr", ("Règle meeshy-2026", "Règle meeshy-2025", "Règle flag")),
    ],
)
async def test_u_explains_the_rule_in_a_sentence(language: str, sentences: tuple[str, ...]) -> None:
    async with running_app(WIDE, language=language) as harness:
        for sentence in sentences:
            await harness.press("u")
            assert harness.toasts[-1].startswith(sentence)


async def test_the_titles_in_french() -> None:
    async with running_app(language="fr") as harness:
        assert titles(harness) == ("En ligne (8)", "Hors ligne (16)")
        assert "Online" not in harness.text


async def test_an_event_moves_a_row_and_the_counts() -> None:
    async with running_app() as harness:
        await harness.event("Rosa Lind", True)
        assert "Rosa Lind" in names_in(harness.rows(harness.online))
        assert titles(harness) == ("Online (9)", "Offline (15)")
        assert "●" in harness.row_of("Rosa Lind").text
        await harness.event("Ada Okafor", False)
        await harness.event("Bo Chen", False)
        assert names_in(harness.rows(harness.offline))[:2] == ["Ada Okafor", "Bo Chen"]
        assert titles(harness) == ("Online (7)", "Offline (17)")
        await harness.event("Zeno Newcomer", True)
        assert titles(harness) == ("Online (7)", "Offline (17)"), "he is in no roster"
        harness.store.set_participants([member("Zeno Newcomer")], HARBOUR.id)
        await harness.settle()
        assert "●" in harness.row_of("Zeno Newcomer").text
        assert titles(harness) == ("Online (8)", "Offline (17)")


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
async def test_a_state_is_glyph_and_word_and_colour(glyphs: Glyphs) -> None:
    async with running_app(glyphs=glyphs) as harness:
        for name, state in ONE_OF_EACH.items():
            row, glyph = harness.row_of(name), glyphs.states[state]
            assert row.text.startswith(f" {glyph} ")
            assert f" {state} " in row.text
            assert row.style_of(glyph).color == row.style_of(f" {state}").color
            assert row.style_of(glyph).color == COLOURS[state]
        light = {state: sum(COLOURS[state].get_truecolor()) for state in State}
        assert light[State.UNKNOWN] < light[State.OFFLINE], "unknown is dim"
        if glyphs is ASCII:
            await harness.event("Wei Zhang", True)
            harness.store.apply_typing(key_of("Ada Okafor"))
            await harness.settle()
            assert not set(harness.text) & set("●◐◌○✎▸↻")


async def test_no_color_leaves_glyph_and_word_and_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running_app() as harness:
        for name, state in ONE_OF_EACH.items():
            row = harness.row_of(name)
            assert UNICODE.states[state] in row.text
            assert str(state) in row.text
        for line in harness.lines():
            for _, style in line.styles:
                for colour in (style.color, style.bgcolor):
                    if colour is not None and not colour.is_default:
                        red, green, blue = colour.get_truecolor()
                        assert red == green == blue, f"{colour} on {line.text!r}"


async def test_what_else_is_known_of_somebody_is_a_note_on_the_row() -> None:
    async with running_app() as harness:
        harness.monitor.key = key_of("Hana Sato")
        harness.store.apply_typing(key_of("Bo Chen"))
        await harness.settle()
        assert "you" in harness.row_of("Hana Sato").text
        assert "guest" in harness.row_of("Dmitri").text
        assert "mod" in harness.row_of("Ada Okafor").text
        assert "creator" in harness.row_of("Chloé Bérenger").text
        assert "✎" in harness.row_of("Bo Chen").text
        await harness.wait(16)
        assert "✎" not in harness.row_of("Bo Chen").text


async def test_who_has_left_is_not_typing_any_more() -> None:
    async with running_app() as harness:
        harness.store.apply_typing(key_of("Bo Chen"))
        await harness.event("Bo Chen", False)
        assert "✎" not in harness.row_of("Bo Chen").text


async def test_time_alone_moves_the_dot_and_the_age() -> None:
    async with running_app() as harness:
        assert " 5 s" in harness.row_of("Ada Okafor").text
        await harness.wait(56)
        assert " 1 min" in harness.row_of("Ada Okafor").text
        assert " ◐ " in harness.row_of("Ada Okafor").text
        await harness.wait(120)
        assert " ◌ " in harness.row_of("Ada Okafor").text
        assert harness.title_of(harness.online) == "Online (8)"


async def test_an_empty_panel_says_why() -> None:
    async with running_app(USUAL) as harness:
        for name in ONLINE_NAMES:
            await harness.event(name, False)
        assert "Nobody is online." in harness.text
        assert titles(harness) == ("Online (0)", "Offline (24)")
        harness.monitor.watch(LIGHTHOUSE)
        await harness.settle()
        assert harness.text.count("Asking who is here…") == 1
        harness.monitor.resync(RefreshReport())
        await harness.settle()
        assert "Nobody is online." not in harness.text
        assert "Nobody is a member of this" in harness.text


async def test_a_role_of_any_length_leaves_room_for_the_name() -> None:
    async with running_app() as harness:
        role = "chief harbour master of the eastern docks"
        harness.store.set_participants([member("Wei Zhang", role=role)], HARBOUR.id)
        await harness.settle()
        row = harness.row_of("Wei Zhang")
        assert " chief harbo… offline" in row.text
        await harness.press("tab", "end", "k", "enter")
        assert f"Role {role}" in harness.said, "the dialog shows the whole role"


async def test_a_full_width_name_beside_its_note_is_measured_in_cells() -> None:
    name, plain = "東京港湾灯台", "Twelve Cells"
    async with running_app(crew=False) as harness:
        rows = [member(each, key=each, role="moderator") for each in (name, plain)]
        harness.store.set_participants(rows, HARBOUR.id)
        harness.monitor.watch(HARBOUR)
        panel = harness.offline
        assert cell_len(name) == cell_len(plain) == 12

        def drawn(key: str, width: int) -> str:
            index = panel.index_of(key)
            assert index is not None
            (row,) = panel.rows_between(index, index + 1)
            return panel.drawn(row, width).text

        cut = set()
        for width in range(14, 60):
            wide, narrow = drawn(name, width), drawn(plain, width)
            assert cell_len(wide) == cell_len(narrow) == width
            assert ("mod" in wide) == ("mod" in narrow), "the note is shown beside both names or neither"
            cut.add((name in wide, "mod" in wide))
        assert cut == {(False, False), (False, True), (True, True)}
