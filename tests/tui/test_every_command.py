"""Every command does what help says it does, by each of its keys and from the palette.

Who declares a command adds what it brings about to ``EFFECTS``: what is there before, and what is so after.
"""

from collections.abc import Awaitable, Callable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from textual.app import App

from presence_tui.monitor.refresh import RefreshReport
from presence_tui.tui.commands import Command, commands
from presence_tui.tui.keys import PALETTE_KEY, keys_shown
from presence_tui.tui.language import Language
from presence_tui.tui.partial_painting import PositionedUpdate
from presence_tui.tui.themes import DARK, LIGHT
from presence_tui.tui.widgets.conversation_list import ConversationList
from tests.tui.app_harness import HARBOUR, WIDE, AppHarness, end_of, on_stage, until

Do = Callable[[], Awaitable[None]]
"""Does the command, by one of its keys or from the palette."""
Effect = Callable[[AppHarness, Do], Awaitable[None]]

ALL: Final = commands(Language("en"))
EFFECTS: Final[dict[str, Effect]] = {}


def effect(of: Effect) -> Effect:
    """What the command of that name brings about."""
    EFFECTS[of.__name__.removesuffix("_")] = of
    return of


@effect
async def refresh(stage: AppHarness, do: Do) -> None:
    await do()
    assert stage.watch.refreshes == 1
    stage.watch.answer_refresh(RefreshReport())
    await stage.settle()
    assert stage.toasts[-1] == "0 participants read · 0 corrected"


@effect
async def filter_(stage: AppHarness, do: Do) -> None:
    await do()
    await stage.press(*"ada")
    assert [row.text[3:13] for row in stage.rows(stage.online)] == ["Ada Okafor"]


@effect
async def explain(stage: AppHarness, do: Do) -> None:
    await stage.press("j")
    await do()
    assert "What each rule says" in stage.said and "Ada Okafor" in stage.said


@effect
async def help_(stage: AppHarness, do: Do) -> None:
    await do()
    assert "Ask the gateway by REST" in stage.said
    await stage.press("end")
    await until(stage, lambda: "the token is no good any more" in stage.said)


@effect
async def quit_(stage: AppHarness, do: Do) -> None:
    await do()
    await end_of(stage.app)
    assert stage.watch.ended.is_set()


@effect
async def conversations(stage: AppHarness, do: Do) -> None:
    await do()
    assert stage.screen.query_one(ConversationList).has_focus
    await stage.press("down", "enter")
    assert [chosen.title for chosen in stage.watch.selected] == ["Lighthouse"]


@effect
async def view_participants(stage: AppHarness, do: Do) -> None:
    await stage.press("3")
    assert not stage.lines()[0].text.startswith(" Harbour crew")
    await do()
    assert stage.lines()[0].text.startswith(" Harbour crew")


@effect
async def view_conversations(stage: AppHarness, do: Do) -> None:
    await do()
    assert stage.lines()[0].text.startswith(" Conversations · 3 conversations")


@effect
async def view_side_by_side(stage: AppHarness, do: Do) -> None:
    await do()
    assert stage.lines()[0].text.startswith(" Side by side")


@effect
async def beside(stage: AppHarness, do: Do) -> None:
    await do()
    assert stage.watch.side_rosters.beside == [HARBOUR]
    assert stage.toasts[-1] == "Side by side: Harbour crew"


@effect
async def view_contacts(stage: AppHarness, do: Do) -> None:
    await do()
    assert stage.lines()[0].text.startswith(" Contacts")


@effect
async def sort(stage: AppHarness, do: Do) -> None:
    assert "by name" in stage.said
    await do()
    assert "by name" not in stage.said and "by state" in stage.said


@effect
async def facets(stage: AppHarness, do: Do) -> None:
    await do()
    await stage.press("down", "down", "space", "escape")
    assert "7 of 24 shown" not in stage.said and "2 of 24 shown" in stage.said
    assert stage.line_with(" f away") and len(stage.rows(stage.online)) == 2


@effect
async def pin(stage: AppHarness, do: Do) -> None:
    await stage.press("end")
    assert stage.selected == "Hana Sato"
    await do()
    assert "Hana Sato" in stage.rows(stage.online)[0].text and "pinned" in stage.row_of("Hana Sato").text
    await do()
    assert "Hana Sato" in stage.rows(stage.online)[-1].text


@effect
async def pause(stage: AppHarness, do: Do) -> None:
    await do()
    await stage.event("Bo Chen", False)
    assert "PAUSED · 1 change since" in stage.said and "Online (8)" in stage.said
    await do()
    assert "PAUSED" not in stage.said and "Online (7)" in stage.said


@effect
async def copy(stage: AppHarness, do: Do) -> None:
    await stage.press("j")
    await do()
    assert stage.toasts[-1].startswith("Copied the row (OSC 52")


@effect
async def copy_panel(stage: AppHarness, do: Do) -> None:
    await do()
    assert stage.toasts[-1].startswith("Copied Online (8) (OSC 52")


@effect
async def export(stage: AppHarness, do: Do) -> None:
    with TemporaryDirectory() as folder, chdir(folder):
        await do()
        await stage.press("enter")
        await until(stage, lambda: bool(stage.toasts))
        assert stage.toasts[-1].startswith("Wrote 24 participants to ")
        assert [path.suffix for path in Path(folder).iterdir()] == [".csv"]


@effect
async def picture(stage: AppHarness, do: Do) -> None:
    with TemporaryDirectory() as folder, chdir(folder):
        await do()
        await until(stage, lambda: bool(stage.toasts))
        assert stage.toasts[-1].startswith("Saved a picture as ")
        assert [path.suffix for path in Path(folder).iterdir()] == [".svg"]


@effect
async def link(stage: AppHarness, do: Do) -> None:
    await do()
    assert "Transport" in stage.said and "websocket" in stage.said


@effect
async def watch_person(stage: AppHarness, do: Do) -> None:
    await stage.press("j")
    await do()
    assert "Tell me when Ada Okafor …" in stage.said and "comes online" in stage.said


@effect
async def watch_rules(stage: AppHarness, do: Do) -> None:
    await do()
    assert "Watch rules" in stage.said and "w on somebody makes one" in stage.said


@effect
async def rule(stage: AppHarness, do: Do) -> None:
    await do()
    assert stage.store.rule.name == "meeshy-2026"
    assert stage.toasts[-1] == "States by rule meeshy-2026."


@effect
async def brightness(stage: AppHarness, do: Do) -> None:
    assert stage.app.theme == DARK
    await do()
    assert stage.app.theme == LIGHT


@effect
async def repaint(stage: AppHarness, do: Do) -> None:
    painted: list[PositionedUpdate] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(App, "_display", lambda app, screen, update: painted.append(update))
        await do()
    cleared = [update.render_segments(stage.app.console) for update in painted]
    assert any("\x1b[2J" in text and "Ada Okafor" in text for text in cleared)


@effect
async def back(stage: AppHarness, do: Do) -> None:
    await stage.press("slash", *"ada", "enter")
    assert len(stage.rows(stage.online)) == 1
    await do()
    assert len(stage.rows(stage.online)) == 8


def test_every_command_has_its_effect_here_and_no_other() -> None:
    names = {command.name for command in ALL}
    assert len(names) == len(ALL)
    assert names - set(EFFECTS) == set(), "add what it brings about to EFFECTS"
    assert set(EFFECTS) - names == set(), "there is no such command any more"


@pytest.mark.parametrize(
    ("name", "key"), [(command.name, key) for command in ALL for key in command.keys.split(",") if key]
)
async def test_a_key_does_what_help_says(name: str, key: str) -> None:
    async with on_stage(WIDE) as stage:
        await EFFECTS[name](stage, lambda: stage.press(key))


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.name)
async def test_so_does_the_palette(command: Command) -> None:
    async with on_stage(WIDE) as stage:

        async def choose() -> None:
            offered = {(each.title, each.help): each for each in stage.app.get_system_commands(stage.screen)}
            under_way = offered[command.label, command.explanation].callback()
            assert isinstance(under_way, Awaitable)
            await under_way
            await stage.settle()

        await EFFECTS[command.name](stage, choose)


@pytest.mark.parametrize("code", ["en", "fr"])
async def test_help_shows_each_with_its_keys_and_what_it_does(code: str) -> None:
    async with on_stage((120, 120), language=code) as stage:
        await stage.press("question_mark")
        for command in commands(Language(code)):
            row = " ".join(f"{keys_shown(command)} {command.explanation}".split())
            assert row in unwrapped(stage.said), command.name


async def test_the_keys_of_the_cursor_do_what_help_says() -> None:
    async with on_stage(WIDE) as stage:
        await stage.press("down")
        first = stage.selected
        await stage.press("j")
        assert stage.selected != first
        await stage.press("k")
        assert stage.selected == first
        await stage.press("down", "up")
        assert stage.selected == first
        await stage.press("tab")
        assert stage.offline.has_focus
        await stage.press(PALETTE_KEY)
        assert len(stage.app.screen_stack) == 2


def unwrapped(said: str) -> str:
    """A dialog's text without its frame and its line breaks."""
    return " ".join(line.strip("│ ") for line in said.splitlines()).replace("  ", " ")
