"""Facets: filters by state, role and kind, and the displayed number of hidden participants."""

import pytest

from presence_tui.store import Facets
from presence_tui.store.index_order import Search
from presence_tui.tui.glyphs import UNICODE
from presence_tui.tui.screens.facets_dialog import Choices, FacetsDialog
from tests.tui.app_harness import (
    HARBOUR,
    ONLINE_NAMES,
    SMALLEST,
    USUAL,
    WIDE,
    AppHarness,
    fill_with_many,
    key_of,
    member,
    running_app,
    until,
)
from tests.tui.test_filter_and_sort import shown


def choices(harness: AppHarness) -> list[str]:
    """The choices selected in the dialog."""
    return [line.text.partition("[x] ")[2].strip(" │╏") for line in harness.lines() if "[x]" in line.text]


def dialog_lines(harness: AppHarness) -> list[str]:
    """The lines of the dialog, starting with its frame."""
    region = harness.app.screen.query_one(Choices).region
    return [line.text[region.x : region.right] for line in harness.lines()[region.y : region.bottom]]


async def test_each_choice_holds_at_once_and_behind_the_dialog() -> None:
    async with running_app((120, 60)) as harness:
        await harness.press("f")
        assert choices(harness) == ["everybody"]
        assert "24 of 24 shown" in harness.said
        await harness.press("j", "j", "enter")
        assert choices(harness) == ["◐ away"]
        assert "2 of 24 shown · space chooses · esc closes" in harness.said
        assert "Online (8) · 2 shown" in harness.said, "the panel behind the dialog is updated"
        await harness.press("k", "space")
        assert choices(harness) == ["● online (active)", "◐ away"]
        await harness.press("escape")
        assert shown(harness) == list(ONLINE_NAMES)[:-1]
        assert "f online (active), away" in harness.said and "7 of 24 shown · esc clears" in harness.said


@pytest.mark.parametrize(
    ("choice", "names", "said"),
    [
        ("mod", ["Ada Okafor"], "mod"),
        ("guests", ["Dmitri"], "guests"),
        ("unknown", ["Ada Unknown"], "unknown"),
    ],
)
async def test_the_mouse_chooses_as_well(choice: str, names: list[str], said: str) -> None:
    async with running_app((120, 60)) as harness:
        await harness.press("f")
        line = next(place for place, text in enumerate(dialog_lines(harness)) if choice in text)
        await harness.pilot.click(Choices, offset=(8, line))
        await harness.settle()
        assert isinstance(harness.app.screen, FacetsDialog)
        await harness.click("Conversations")
        assert not isinstance(harness.app.screen, FacetsDialog), "a click outside closes the dialog"
        assert shown(harness) == names
        await harness.click(f" {said} ")
        assert isinstance(harness.app.screen, FacetsDialog), "a click on the line opens the dialog"


async def test_a_frame_before_the_dialog_has_its_parts_is_drawn() -> None:
    async with running_app(WIDE) as harness:
        screen = harness.screen
        dialog = FacetsDialog(Facets(), [], screen._wording, UNICODE, lambda facets: None, lambda: "24 shown")
        harness.app.push_screen(dialog)
        screen._draw_all()
        await harness.settle()
        assert "24 shown" in harness.said


async def test_accounts_and_guests_exclude_each_other_and_everybody_clears_all() -> None:
    async with running_app((120, 60)) as harness:
        await harness.press("f", "end", "space")
        assert choices(harness) == ["guests"]
        await harness.press("up", "space")
        assert choices(harness) == ["accounts"]
        await harness.press("space", "space", "home", "space")
        assert choices(harness) == ["everybody"]


async def test_esc_clears_the_text_first_and_the_facets_then() -> None:
    async with running_app() as harness:
        await harness.press("f", "j", "space", "escape", "slash", *"bo", "enter")
        assert shown(harness) == ["Bo Chen"]
        await harness.press("escape")
        assert len(shown(harness)) == 5
        await harness.press("escape")
        assert len(shown(harness)) == 24
        assert "shown" not in harness.text


async def test_it_follows_states_that_decay_and_roles_that_change() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("f", "j", "j", "space", "escape")
        assert shown(harness) == ["Fatima Zahra", "Goran Petrović"]
        await harness.wait(20)
        assert shown(harness) == ["Dmitri", "Élodie Marchand", "Fatima Zahra", "Goran Petrović"]
        assert "4 of 24 shown" in harness.said


async def test_a_role_of_the_gateways_own_is_offered_and_never_read_as_markup() -> None:
    async with running_app((120, 60)) as harness:
        harness.store.set_participants([member("Bo Chen", role="[red]captain")], HARBOUR.id)
        await harness.press("f")
        assert "[ ] [red]captain" in harness.said
        await harness.press("end", "up", "up", "space", "escape")
        assert shown(harness) == ["Bo Chen"]
        assert "f [red]captain" in harness.said


async def test_contacts_have_no_roles() -> None:
    async with running_app((120, 60)) as harness:
        await harness.press("3", "f")
        assert "State" in harness.said and "Role" not in harness.said


@pytest.mark.parametrize("size", [SMALLEST, USUAL])
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_line_and_dialog_fit_small_screens(size: tuple[int, int], language: str) -> None:
    async with running_app(size, language=language) as harness:
        await harness.press("f", *["down", "space"] * 5, "escape")
        line = next(line.text for line in harness.lines() if line.text.startswith(" f "))
        assert len(line) == size[0] and line.rstrip().endswith(
            "esc clears" if language == "en" else "esc efface"
        )
        assert "24" in line


async def test_a_filter_over_many_takes_turns_and_is_drawn_when_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("presence_tui.tui.views.people_view.STEP_S", 0.0)
    monkeypatch.setattr(Search.advance, "__defaults__", (100,))
    async with running_app(crew=False) as harness:
        fill_with_many(harness.store, 2_000, 2_000)
        harness.monitor.watch(HARBOUR)
        await harness.settle()
        await harness.press("slash", "0", "1", "9", "9")
        await until(harness, lambda: "22 of 4,000 shown" in harness.said)
        harness.store.indexes.pin([key_of("On 00199")])
        await harness.settle()
        assert harness.rows(harness.online)[0].text.startswith("▲")


async def test_facets_say_which_they_are_in_words() -> None:
    async with running_app(WIDE) as harness:
        facets = Facets(roles=frozenset({"", "admin"}), guests=False)
        assert harness.screen._wording.facets(facets) == "member, admin · accounts"


async def test_the_state_online_has_another_label_than_the_panel_which_holds_away_and_idle_too() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("f", "down", "space", "escape")
        assert "f online (active)" in harness.said
        assert harness.title_of(harness.online).startswith("Online (8) · ")
        await harness.press("f", "space", "down", "down", "space", "escape")
        assert "f away" in harness.said and "(active)" not in harness.said
    async with running_app(WIDE, language="fr") as harness:
        await harness.press("f", "down", "space", "escape")
        assert "f en ligne (actif)" in harness.said
        assert harness.title_of(harness.online).startswith("En ligne (8) · ")


async def test_without_colours_the_choice_under_the_cursor_is_underlined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running_app(USUAL) as harness:
        await harness.press("f", "down")
        assert harness.line_with("[ ] ● online").style_of("[ ] ● online").underline
        assert not harness.line_with("[x] everybody").style_of("everybody").underline
