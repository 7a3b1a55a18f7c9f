"""Facets: whom to show, by state, role and kind, and that it is said how many that hides."""

import pytest

from presence_tui.store import Facets
from presence_tui.store.search import Search
from presence_tui.tui.screens.choices import Choices
from presence_tui.tui.screens.facets_dialog import FacetsDialog
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
    on_stage,
    until,
)
from tests.tui.test_filter_and_sort import shown


def choices(stage: AppHarness) -> list[str]:
    """What is chosen in the dialog."""
    return [line.text.partition("[x] ")[2].strip(" │╏") for line in stage.lines() if "[x]" in line.text]


def dialog_lines(stage: AppHarness) -> list[str]:
    """What the dialog says, from its frame on."""
    region = stage.app.screen.query_one(Choices).region
    return [line.text[region.x : region.right] for line in stage.lines()[region.y : region.bottom]]


async def test_each_choice_holds_at_once_and_behind_the_dialog() -> None:
    async with on_stage((120, 60)) as stage:
        await stage.press("f")
        assert choices(stage) == ["everybody"]
        assert "24 of 24 shown" in stage.said
        await stage.press("j", "j", "enter")
        assert choices(stage) == ["◐ away"]
        assert "2 of 24 shown · space chooses · esc closes" in stage.said
        assert "Online (8) · 2 shown" in stage.said, "also behind the dialog"
        await stage.press("k", "space")
        assert choices(stage) == ["● online", "◐ away"]
        await stage.press("escape")
        assert shown(stage) == list(ONLINE_NAMES)[:-1]
        assert "f online, away" in stage.said and "7 of 24 shown · esc clears" in stage.said


@pytest.mark.parametrize(
    ("choice", "names", "said"),
    [
        ("mod", ["Ada Okafor"], "mod"),
        ("guests", ["Dmitri"], "guests"),
        ("unknown", ["Ada Unknown"], "unknown"),
    ],
)
async def test_the_mouse_chooses_as_well(choice: str, names: list[str], said: str) -> None:
    async with on_stage((120, 60)) as stage:
        await stage.press("f")
        line = next(place for place, text in enumerate(dialog_lines(stage)) if choice in text)
        await stage.pilot.click(Choices, offset=(8, line))
        await stage.settle()
        assert isinstance(stage.app.screen, FacetsDialog)
        await stage.click("Conversations")
        assert not isinstance(stage.app.screen, FacetsDialog), "a click outside closes it"
        assert shown(stage) == names
        await stage.click(f" {said} ")
        assert isinstance(stage.app.screen, FacetsDialog), "and one on the line opens it"


async def test_accounts_and_guests_exclude_each_other_and_everybody_clears_all() -> None:
    async with on_stage((120, 60)) as stage:
        await stage.press("f", "end", "space")
        assert choices(stage) == ["guests"]
        await stage.press("up", "space")
        assert choices(stage) == ["accounts"]
        await stage.press("space", "space", "home", "space")
        assert choices(stage) == ["everybody"]


async def test_esc_clears_the_text_first_and_the_facets_then() -> None:
    async with on_stage() as stage:
        await stage.press("f", "j", "space", "escape", "slash", *"bo", "enter")
        assert shown(stage) == ["Bo Chen"]
        await stage.press("escape")
        assert len(shown(stage)) == 5
        await stage.press("escape")
        assert len(shown(stage)) == 24
        assert "shown" not in stage.text


async def test_it_follows_states_that_decay_and_roles_that_change() -> None:
    async with on_stage(WIDE) as stage:
        await stage.press("f", "j", "j", "space", "escape")
        assert shown(stage) == ["Fatima Zahra", "Goran Petrović"]
        await stage.wait(20)
        assert shown(stage) == ["Dmitri", "Élodie Marchand", "Fatima Zahra", "Goran Petrović"]
        assert "4 of 24 shown" in stage.said


async def test_a_role_of_the_gateways_own_is_offered_and_never_read_as_markup() -> None:
    async with on_stage((120, 60)) as stage:
        stage.store.set_participants([member("Bo Chen", role="[red]captain")], HARBOUR.id)
        await stage.press("f")
        assert "[ ] [red]captain" in stage.said
        await stage.press("end", "up", "up", "space", "escape")
        assert shown(stage) == ["Bo Chen"]
        assert "f [red]captain" in stage.said


async def test_contacts_have_no_roles() -> None:
    async with on_stage((120, 60)) as stage:
        await stage.press("3", "f")
        assert "State" in stage.said and "Role" not in stage.said


@pytest.mark.parametrize("size", [SMALLEST, USUAL])
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_line_and_dialog_fit_small_screens(size: tuple[int, int], language: str) -> None:
    async with on_stage(size, language=language) as stage:
        await stage.press("f", *["down", "space"] * 5, "escape")
        line = next(line.text for line in stage.lines() if line.text.startswith(" f "))
        assert len(line) == size[0] and line.rstrip().endswith(
            "esc clears" if language == "en" else "esc efface"
        )
        assert "24" in line


async def test_a_filter_over_many_takes_turns_and_is_drawn_when_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("presence_tui.tui.incremental_search.TURN_S", 0.0)
    monkeypatch.setattr(Search.advance, "__defaults__", (100,))
    async with on_stage(crew=False) as stage:
        fill_with_many(stage.store, 2_000, 2_000)
        stage.watch.watch(HARBOUR)
        await stage.settle()
        await stage.press("slash", "0", "1", "9", "9")
        await until(stage, lambda: "22 of 4,000 shown" in stage.said)
        stage.store.pin([key_of("On 00199")])
        await stage.settle()
        assert stage.rows(stage.online)[0].text.startswith("▲")


async def test_facets_say_which_they_are_in_words() -> None:
    async with on_stage(WIDE) as stage:
        facets = Facets(roles=frozenset({"", "admin"}), guests=False)
        assert stage.screen._wording.facets(facets) == "member, admin · accounts"


async def test_without_colours_the_choice_under_the_cursor_is_underlined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_stage(USUAL) as stage:
        await stage.press("f", "down")
        assert stage.line_with("[ ] ● online").style_of("[ ] ● online").underline
        assert not stage.line_with("[x] everybody").style_of("everybody").underline
