"""Every command has its documented effect, by each of its keys and from the palette.

A new command needs an entry in ``EFFECTS``: the setup, and the condition that holds afterwards.
"""

from collections.abc import Awaitable, Callable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, cast

import pytest
from textual.app import App
from textual.screen import Screen

from presence_tui.domain.enums import Verdict
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.text.language import Language
from presence_tui.tui.commands import Command, commands
from presence_tui.tui.keys import PALETTE_KEY, keys_shown
from presence_tui.tui.partial_painting import PositionedUpdate
from presence_tui.tui.themes import DARK, LIGHT
from presence_tui.tui.widgets.conversation_list import ConversationList
from tests.tui.app_harness import HARBOUR, WIDE, AppHarness, end_of, key_of, running_app, until
from tests.tui.audit_reports import report_of
from tests.tui.flap_scenes import flap

pytestmark = pytest.mark.slow

Do = Callable[[], Awaitable[None]]
"""Runs the command, by one of its keys or from the palette."""
Effect = Callable[[AppHarness, Do], Awaitable[None]]

ALL: Final = commands(Language("en"))
EFFECTS: Final[dict[str, Effect]] = {}


def effect(of: Effect) -> Effect:
    """Register the effect of the command of that name."""
    EFFECTS[of.__name__.removesuffix("_")] = of
    return of


@effect
async def refresh(harness: AppHarness, do: Do) -> None:
    await do()
    assert harness.monitor.refreshes == 1
    harness.monitor.answer_refresh(RefreshReport())
    await harness.settle()
    assert harness.toasts[-1] == "0 participants read"


@effect
async def filter_(harness: AppHarness, do: Do) -> None:
    await do()
    await harness.press(*"ada")
    assert [row.text[3:13] for row in harness.rows(harness.online)] == ["Ada Okafor"]


@effect
async def explain(harness: AppHarness, do: Do) -> None:
    await harness.press("home")
    await do()
    assert "What each rule says" in harness.said and "Ada Okafor" in harness.said


@effect
async def help_(harness: AppHarness, do: Do) -> None:
    await do()
    assert "Ask the gateway by REST" in harness.said
    await harness.press("end")
    await until(harness, lambda: "the token is no good any more" in harness.said)


@effect
async def quit_(harness: AppHarness, do: Do) -> None:
    await do()
    await end_of(harness.app)
    assert harness.monitor.ended.is_set()


@effect
async def conversations(harness: AppHarness, do: Do) -> None:
    await do()
    assert harness.screen.query_one(ConversationList).has_focus
    await harness.press("down", "enter")
    assert [chosen.title for chosen in harness.monitor.selected] == ["Lighthouse"]


@effect
async def view_participants(harness: AppHarness, do: Do) -> None:
    await harness.press("3")
    assert not harness.lines()[0].text.startswith(" Harbour crew")
    await do()
    assert harness.lines()[0].text.startswith(" Harbour crew")


@effect
async def view_conversations(harness: AppHarness, do: Do) -> None:
    await do()
    assert harness.lines()[0].text.startswith(" Conversations · 3 conversations")


@effect
async def view_side_by_side(harness: AppHarness, do: Do) -> None:
    await do()
    assert harness.lines()[0].text.startswith(" Side by side")


@effect
async def beside(harness: AppHarness, do: Do) -> None:
    await do()
    assert harness.monitor.secondary_rosters.beside == [HARBOUR]
    assert harness.toasts[-1] == "Side by side: Harbour crew"


@effect
async def view_contacts(harness: AppHarness, do: Do) -> None:
    await do()
    assert harness.lines()[0].text.startswith(" Contacts")


@effect
async def connect(harness: AppHarness, do: Do) -> None:
    await do()
    await until(harness, lambda: "▸ harbour @observer gate.example" in harness.said)
    assert "Another gateway…" in harness.said


@effect
async def sign_out(harness: AppHarness, do: Do) -> None:
    await do()
    await until(harness, lambda: "Sign out of gate.example?" in harness.said)
    assert "Stay signed in" in harness.said


def _packets(harness: AppHarness) -> None:
    for name in ("Ada Okafor", "Bo Chen"):
        packet = f'42["user:status",{{"userId":"{key_of(name)}","isOnline":true}}]'
        harness.monitor.packets.add(harness.clock.wall_s, 4, packet, Verdict.APPLIED)


@effect
async def view_packets(harness: AppHarness, do: Do) -> None:
    _packets(harness)
    await do()
    assert harness.lines()[0].text.startswith(" Packets · 2 packets")
    assert "Bo Chen ✓ applied isOnline=true" in harness.said


@effect
async def packets_of_person(harness: AppHarness, do: Do) -> None:
    _packets(harness)
    await harness.press("home")
    await do()
    assert "Packets (2) · 1 shown" in harness.said


@effect
async def packet_person(harness: AppHarness, do: Do) -> None:
    _packets(harness)
    await harness.press("5")
    await do()
    assert harness.selected == "Bo Chen" and harness.lines()[0].text.startswith(" Harbour crew")
    await harness.press("o")
    assert harness.lines()[0].text.startswith(" Packets")


@effect
async def mark(harness: AppHarness, do: Do) -> None:
    _packets(harness)
    await harness.press("5")
    await do()
    assert "│■" in harness.text
    await do()
    assert "│■" not in harness.text


@effect
async def sort(harness: AppHarness, do: Do) -> None:
    assert "by name" in harness.said
    await do()
    assert "by name" not in harness.said and "by state" in harness.said


@effect
async def facets(harness: AppHarness, do: Do) -> None:
    await do()
    await harness.press("down", "down", "space", "escape")
    assert "7 of 24 shown" not in harness.said and "2 of 24 shown" in harness.said
    assert harness.line_with(" f away") and len(harness.rows(harness.online)) == 2


@effect
async def pin(harness: AppHarness, do: Do) -> None:
    await harness.press("end")
    assert harness.selected == "Hana Sato"
    await do()
    assert (
        "Hana Sato" in harness.rows(harness.online)[0].text and "pinned" in harness.row_of("Hana Sato").text
    )
    await do()
    assert "Hana Sato" in harness.rows(harness.online)[-1].text


@effect
async def pause(harness: AppHarness, do: Do) -> None:
    await do()
    await harness.event("Bo Chen", False)
    assert "PAUSED · 1 change since" in harness.said and "Online (8)" in harness.said
    await do()
    assert "PAUSED" not in harness.said and "Online (7)" in harness.said


@effect
async def copy(harness: AppHarness, do: Do) -> None:
    await harness.press("home")
    await do()
    assert harness.toasts[-1].startswith("Sent the row to the terminal's clipboard (OSC 52")


@effect
async def copy_panel(harness: AppHarness, do: Do) -> None:
    await do()
    assert harness.toasts[-1].startswith("Sent Online (8) to the terminal's clipboard (OSC 52")


@effect
async def export(harness: AppHarness, do: Do) -> None:
    with TemporaryDirectory() as folder, chdir(folder):
        await do()
        await harness.press("enter")
        await until(harness, lambda: bool(harness.toasts))
        assert harness.toasts[-1].startswith("Wrote 24 participants to ")
        assert [path.suffix for path in Path(folder).iterdir()] == [".csv"]


@effect
async def picture(harness: AppHarness, do: Do) -> None:
    with TemporaryDirectory() as folder, chdir(folder):
        await do()
        await until(harness, lambda: bool(harness.toasts))
        assert harness.toasts[-1].startswith("Saved a picture as ")
        assert [path.suffix for path in Path(folder).iterdir()] == [".svg"]


@effect
async def audit(harness: AppHarness, do: Do) -> None:
    await do()
    assert harness.monitor.auditor.passes == 1
    harness.monitor.auditor.answer(report_of(harness))
    await harness.settle()
    assert "ghost online · Ada Okafor" in harness.said


@effect
async def metrics(harness: AppHarness, do: Do) -> None:
    await do()
    assert "Receipt to store" in harness.said and "REST round trip" in harness.said


@effect
async def flaps(harness: AppHarness, do: Do) -> None:
    flap(harness, "Ada Okafor", 57, 3)
    await do()
    assert "Ada Okafor · tab in the background" in harness.said


@effect
async def link(harness: AppHarness, do: Do) -> None:
    await do()
    assert "Transport" in harness.said and "websocket" in harness.said


@effect
async def watch_person(harness: AppHarness, do: Do) -> None:
    await harness.press("home")
    await do()
    assert "Tell me when Ada Okafor …" in harness.said and "comes online" in harness.said


@effect
async def watch_rules(harness: AppHarness, do: Do) -> None:
    await do()
    assert "Watch rules" in harness.said and "w on somebody makes one" in harness.said


@effect
async def rule(harness: AppHarness, do: Do) -> None:
    await do()
    assert harness.store.states.rule.name == "meeshy-2026"
    assert harness.toasts[-1].startswith("Rule meeshy-2026: ")


@effect
async def brightness(harness: AppHarness, do: Do) -> None:
    assert harness.app.theme == DARK
    await do()
    assert harness.app.theme == LIGHT


@effect
async def repaint(harness: AppHarness, do: Do) -> None:
    painted: list[PositionedUpdate | None] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(App, "_display", lambda app, screen, update: painted.append(update))
        await do()
    cleared = [update.render_segments(harness.app.console) for update in painted if update is not None]
    assert any("\x1b[2J" in text and "Ada Okafor" in text for text in cleared)


@effect
async def back(harness: AppHarness, do: Do) -> None:
    await harness.press("slash", *"ada", "enter")
    assert len(harness.rows(harness.online)) == 1
    await do()
    assert len(harness.rows(harness.online)) == 8


def test_every_command_has_its_effect_here_and_no_other() -> None:
    names = {command.name for command in ALL}
    assert len(names) == len(ALL)
    assert names - set(EFFECTS) == set(), "add an entry to EFFECTS"
    assert set(EFFECTS) - names == set(), "EFFECTS has entries of removed commands"


@pytest.mark.parametrize(
    ("name", "key"), [(command.name, key) for command in ALL for key in command.keys.split(",") if key]
)
async def test_a_key_does_what_help_says(name: str, key: str) -> None:
    async with running_app(WIDE) as harness:
        await EFFECTS[name](harness, lambda: harness.press(key))


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.name)
async def test_so_does_the_palette(command: Command) -> None:
    async with running_app(WIDE) as harness:

        async def choose() -> None:
            screen = cast(Screen[object], harness.screen)
            offered = {(each.title, each.help): each for each in harness.app.get_system_commands(screen)}
            said = " · ".join(filter(None, (command.explanation, command.key_shown)))
            under_way = offered[command.label, said].callback()
            assert isinstance(under_way, Awaitable)
            await under_way
            await harness.settle()

        await EFFECTS[command.name](harness, choose)


@pytest.mark.parametrize("code", ["en", "fr"])
async def test_help_shows_each_with_its_keys_and_what_it_does(code: str) -> None:
    async with running_app((120, 120), language=code) as harness:
        await harness.press("question_mark")
        for command in commands(language := Language(code)):
            row = " ".join(f"{keys_shown(command, language)} {command.explanation}".split())
            assert row in unwrapped(harness.said), command.name


async def test_the_keys_of_the_cursor_do_what_help_says() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("down")
        first = harness.selected
        await harness.press("j")
        assert harness.selected != first
        await harness.press("k")
        assert harness.selected == first
        await harness.press("down", "up")
        assert harness.selected == first
        await harness.press("tab")
        assert harness.offline.has_focus
        await harness.press(PALETTE_KEY)
        assert len(harness.app.screen_stack) == 2


def unwrapped(said: str) -> str:
    """A dialog's text without its frame and line breaks."""
    return " ".join(line.strip("│ ") for line in said.splitlines()).replace("  ", " ")
