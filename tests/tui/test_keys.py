"""User-defined keys: which are allowed, errors for the others, and their effect."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.keys import _character_to_key
from textual.message_pump import MessagePump
from textual.widgets import Input

import presence_tui.tui
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.text.language import Language
from presence_tui.transport.errors import TimedOut
from presence_tui.tui.app import CARET_BLINKS_S
from presence_tui.tui.commands import commands
from presence_tui.tui.keys import FIXED, BadKeys, _name_of, key_of, with_keys
from tests.tui.app_harness import WIDE, running_app

ALL = commands(Language("en"))


def keys_of(name: str, *written: str) -> str:
    return next(each.keys for each in with_keys(ALL, {name: written}) if each.name == name)


def test_the_keys_that_come_with_it_are_to_be_had() -> None:
    assert with_keys(ALL, {}) == ALL
    signs = {"slash": "/", "question_mark": "?", "asterisk": "*"}
    wanted = {
        each.name: [signs.get(key, key) for key in each.keys.split(",") if key]
        for each in ALL
        if each.is_movable
    }
    assert [each.keys for each in with_keys(ALL, wanted)] == [each.keys for each in ALL]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("z", "z"),
        ("Z", "Z"),
        ("é", "é"),
        ("+", "plus"),
        ("%", "percent_sign"),
        ("f5", "f5"),
        ("F5", "f5"),
        ("delete", "delete"),
        ("ctrl+r", "ctrl+r"),
        ("shift+r", "R"),
        ("alt+x", "alt+x"),
        ("shift+f3", "shift+f3"),
        ("ctrl+return", "ctrl+enter"),
    ],
)
def test_a_key_is_written_as_people_write_it(written: str, key: str) -> None:
    assert keys_of("sort", written) == key


def test_a_command_may_have_several_keys_or_none() -> None:
    assert keys_of("sort", "z", "f2") == "z,f2"
    moved = with_keys(ALL, {"sort": []})
    sort = next(each for each in moved if each.name == "sort")
    assert (sort.keys, sort.in_footer) == ("", False)
    assert key_of(moved, "sort") == "ctrl+p"


@pytest.mark.parametrize("written", ["", "nonsense", "ctrl+", "hyper+x", "xx", " ", "\x1b", "f25", "ctrl++"])
def test_an_invalid_key_is_reported(written: str) -> None:
    with pytest.raises(BadKeys, match=r"^\[keys\] sort: .* is no key; .*\.$") as bad:
        keys_of("sort", written)
    assert str(bad.value).isprintable()


@pytest.mark.parametrize(
    "written", [*sorted(FIXED - {"ctrl+left_square_bracket"}), "ctrl+[", "esc", "shift+g", "Tab"]
)
def test_a_key_with_a_use_everywhere_is_not_to_be_had(written: str) -> None:
    with pytest.raises(BadKeys, match="has its own use everywhere"):
        keys_of("sort", written)


def test_two_commands_cannot_share_a_key() -> None:
    with pytest.raises(BadKeys, match=r"^\[keys\] refresh and sort would share the key 'r'; .*\.$"):
        with_keys(ALL, {"sort": ["r"]})
    with pytest.raises(BadKeys, match=r"filter and quit would share the key '/'"):
        with_keys(ALL, {"quit": ["q", "/"]})
    assert with_keys(ALL, {"sort": ["r"], "refresh": ["s"]})


@pytest.mark.parametrize("name", ["refesh", "back", "\x1b[2J"])
def test_an_unknown_command_is_reported(name: str) -> None:
    meant = "perhaps refresh is meant" if name == "refesh" else "choose one of .*refresh"
    with pytest.raises(BadKeys, match=f"there is no such command; {meant}") as bad:
        with_keys(ALL, {name: ["x"]})
    assert str(bad.value).isprintable()


async def test_another_key_does_it_and_footer_help_and_sentences_show_it() -> None:
    keys = {"refresh": ["f5", "z"], "help": ["h"], "sort": [], "quit": ["ctrl+w"]}
    async with running_app((120, 60), keys=keys) as harness:
        footer = harness.lines()[-1].text
        assert "f5 Refresh" in footer and "h Help" in footer and "ctrl+w Quit" in footer
        assert "r Refresh" not in footer and "Sort" not in footer
        await harness.press("r", "s", "question_mark")
        assert harness.monitor.refreshes == 0
        await harness.press("z")
        assert harness.monitor.refreshes == 1
        harness.monitor.answer_refresh(RefreshReport())
        await harness.press("h")
        assert "f5 z Ask the gateway by REST" in harness.said
        await harness.press("slash", *"given")
        assert "given up; f5 tries again" in harness.said
        assert "Sort by name" not in harness.said


async def test_who_is_told_to_ask_again_is_told_the_live_key() -> None:
    async with running_app(keys={"refresh": ["f5"]}, crew=False) as harness:
        harness.monitor.resync(RefreshReport(roster_error=TimedOut("gate.example", 5)))
        await harness.settle()
        assert harness.online.placeholder.endswith("f5 asks again.")


async def test_with_reduced_motion_no_cursor_blinks() -> None:
    for reduced in (True, False):
        async with running_app(reduced_motion=reduced) as harness:
            await harness.press("slash")
            assert harness.screen.query_one("#filter", Input).cursor_blink is not reduced
            await harness.press("escape", "ctrl+p")
            palette = harness.app.screen.query_one(Input)
            assert palette.cursor_blink is not reduced
            assert harness.app.animation_level == "none"


async def test_the_caret_stops_blinking_when_nobody_types() -> None:
    async with running_app() as harness:
        await harness.press("slash")
        caret = harness.screen.query_one("#filter", Input)
        harness.app._run_idle_work()
        assert caret.cursor_blink
        harness.app._input_s -= CARET_BLINKS_S
        harness.app._run_idle_work()
        assert not caret.cursor_blink
        assert caret._cursor_visible
        await harness.press("a")
        assert caret.cursor_blink


def test_no_method_is_taken_for_the_handler_of_a_key() -> None:
    """Textual calls a method ``key_at`` with the event of the key ``@``."""
    for _, name, _ in pkgutil.walk_packages(presence_tui.tui.__path__, "presence_tui.tui."):
        importlib.import_module(name)
    classes = [each for each in subclasses(MessagePump) if each.__module__.startswith("presence_tui.")]
    assert len(classes) > 50
    names = {f"{each.__name__}.{name}": name for each in classes for name in vars(each)}
    assert [full for full, name in names.items() if name.startswith(("key_", "_key_"))] == []


def subclasses(parent: type) -> Iterator[type]:
    child: type
    for child in parent.__subclasses__():
        yield child
        yield from subclasses(child)


@pytest.mark.slow
@pytest.mark.parametrize("view", ["1", "2", "3", "4", "5"])
async def test_any_printable_key_is_survived(
    view: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One of them saves a picture.
    monkeypatch.chdir(tmp_path)
    keys = [chr(code) for code in range(0x20, 0x7F) if chr(code) not in "q"]
    async with running_app(WIDE) as harness:
        for key in keys:
            await harness.press(view, key, "escape", "escape")
        assert harness.app.is_running and harness.app.return_code is None


def test_a_key_is_named_as_textual_names_it() -> None:
    named = [chr(code) for code in range(0x21, 0x2100) if chr(code).isprintable() and not chr(code).isspace()]
    assert [_name_of(each) for each in named] == [_character_to_key(each) for each in named]
