"""Dialogs: explanations, help, rule, theme and palette."""

import gc
from typing import cast
from weakref import WeakSet

import pytest
from textual.command import CommandList
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from presence_tui.domain.clock_offset import ClockEstimate, ClockSource
from presence_tui.domain.enums import Outcome
from presence_tui.domain.missed_events import Estimate, MissedEvents
from presence_tui.domain.rules import RULES
from presence_tui.domain.translatable import NOTHING, phrase
from presence_tui.monitor.gap_summary import GapSummary
from presence_tui.text.language import Language
from presence_tui.tui.commands import Command, commands, grouped
from presence_tui.tui.glyphs import UNICODE
from presence_tui.tui.keys import PALETTE_KEY
from presence_tui.tui.themes import DARK, LIGHT
from presence_tui.tui.views.people_view import ParticipantsView
from tests.tui.app_harness import (
    HARBOUR,
    LIGHTHOUSE,
    ONLINE_NAMES,
    SMALLEST,
    USUAL,
    WIDE,
    key_of,
    member,
    running_app,
    until,
)

ALL_COMMANDS = commands(Language("en"))


async def test_the_explanation_says_everything_known_and_every_rule() -> None:
    async with running_app() as harness:
        await harness.event("Hana Sato", True, emitted_s=harness.clock.wall_s)
        await harness.press("end", "i")
        assert "╭─ Hana Sato ─" in harness.text and "esc closes" in harness.text
        assert f"Presence key {key_of('Hana Sato')}" in harness.said
        assert "Told by event #1, 0 s ago, epoch 4" in harness.said
        assert "State online (flag)" in harness.said
        for rule in RULES:
            assert f" {rule} online: flag true, last sign of life 0 s ago" in harness.said
        lines = [line.text.split() for line in harness.lines()]
        places = [
            lines.index(next(each for each in lines if label in each)) for label in ("State", "Why", "Name")
        ]
        assert places == sorted(places), "state and reason first, who it is below"
        await harness.press("escape")
        assert "esc closes" not in harness.text
        await harness.press("enter")
        assert "State online (flag)" in harness.said
        await harness.event("Hana Sato", False)
        await harness.wait(1)
        assert "State offline (flag)" in harness.said, "the open dialog is updated"


async def test_dialogs_leave_nothing_behind() -> None:
    opened = WeakSet[Widget]()

    def left_behind() -> list[str]:
        gc.collect()
        return [type(widget).__name__ for widget in opened if not widget.is_attached]

    async with running_app() as harness:
        await harness.press("home")
        for _ in range(3):
            for key in ("question_mark", "l", "enter", "slash"):
                await harness.press(key)
                opened.update(harness.app.screen.query("*"))
                await harness.press("escape")
        assert len(opened) > 10
        # Closed screens are removed asynchronously.
        await until(harness, lambda: not left_behind())


@pytest.mark.parametrize("key", ["question_mark", "l", "enter", "f", "w", "x", PALETTE_KEY])
async def test_the_screen_goes_on_behind_whatever_is_in_front(key: str) -> None:
    async with running_app((220, 60)) as harness:
        await harness.press(key)
        assert len(harness.app.screen_stack) == 2
        covers_rows = "8/24" not in harness.text
        assert covers_rows == (key == PALETTE_KEY)
        await harness.event("Rosa Lind", True)
        await harness.event("Søren Holm", True)
        await harness.wait(1)
        assert "Søren Holm came online" in harness.text
        if not covers_rows:
            assert "10/24" in harness.text
            await harness.wait(70)
            assert "◐ Ada Okafor" in harness.text, "ages go on as well"


async def test_the_page_says_which_clause_decides_and_until_when() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("home", "enter")
        assert "Why flag true, last sign of life 5 s ago ≤ 60 s" in harness.said
        assert "meeshy-2026 online: flag true, last sign of life 5 s ago ≤ 5 min;" in harness.said
        await harness.press("escape", "tab", "home", "enter")
        assert "Why flag false" in harness.said
        assert "meeshy-2026 away: flag false, last sign of life 2 min ago ≤ 3 min;" in harness.said
        assert "meeshy-2025 offline: flag false" in harness.said
        await harness.press("escape", "end", "enter")
        assert "Why flag never told" in harness.said
        assert "meeshy-2026 offline: flag never told, no sign of life told" in harness.said


async def test_copying_and_exporting_work_on_the_page() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("home", "enter")
        assert "y Copy page · x Export · esc closes" in harness.said
        await harness.press("y")
        assert harness.toasts[-1].startswith("Sent the page")
        await harness.press("x")
        assert len(harness.app.screen_stack) == 3
        await harness.press("escape", "escape")
        assert len(harness.app.screen_stack) == 1


async def test_help_lists_every_command_once_in_groups() -> None:
    names = [each.name for _, group in grouped(ALL_COMMANDS, Language("en")) for each in group]
    assert sorted(names) == sorted(each.name for each in ALL_COMMANDS)
    async with running_app((120, 90)) as harness:
        await harness.press("question_mark")
        for heading in ("Looking", "Views", "Alerts", "Copy and export", "Marks", "Link"):
            assert f"│ {heading} " in harness.said


@pytest.mark.parametrize(
    ("size", "key"),
    [
        *((size, key) for size in (SMALLEST, USUAL) for key in ("l", "enter", "f", "w", "W", "c")),
        (WIDE, "enter"),
    ],
)
async def test_help_opens_in_front_of_a_dialog(size: tuple[int, int], key: str) -> None:
    async with running_app(size) as harness:
        await harness.press("home", key)
        dialog = harness.app.screen
        assert len(harness.app.screen_stack) == 2
        await harness.press("question_mark")
        if isinstance(dialog.focused, Input):
            assert dialog.focused.value == "?"
            return
        assert "presence-tui help TOPIC" in harness.said
        await harness.press("question_mark")
        assert len(harness.app.screen_stack) == 3, "help on help"
        await harness.press("escape")
        assert harness.app.screen is dialog


async def test_where_one_types_a_question_mark_is_typed() -> None:
    async with running_app() as harness:
        await harness.press("question_mark", "slash", "question_mark")
        assert len(harness.app.screen_stack) == 2 and harness.screen.focused is not None
        await harness.press("escape", "escape", PALETTE_KEY, "question_mark")
        assert len(harness.app.screen_stack) == 2


async def test_a_key_of_help_that_a_dialog_uses_is_the_dialogs() -> None:
    async with running_app(keys={"help": ["u", "f1"], "rule": []}) as harness:
        await harness.press("W", "u")
        assert len(harness.app.screen_stack) == 2
        await harness.press("f1")
        assert "presence-tui help TOPIC" in harness.said


async def test_help_can_be_filtered() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("question_mark", "slash", *"clipb")
        assert "Send the selected row to the terminal's clipboard" in harness.said
        assert "Copy and export" in harness.said
        assert "Ask the gateway by REST" not in harness.said and "Looking" not in harness.said
        await harness.press("escape")
        assert "Ask the gateway by REST" in harness.said
        await harness.press("escape")
        assert len(harness.app.screen_stack) == 1


async def test_footer_and_palette_leave_out_what_has_nothing_to_act_on() -> None:
    async with running_app((150, 40)) as harness:
        assert " f Facets " in harness.lines()[-1].text
        screen = cast(Screen[object], harness.screen)
        offered = {each.title for each in harness.app.get_system_commands(screen)}
        await harness.press("2")
        assert " f Facets " not in harness.lines()[-1].text and "enter Open" in harness.lines()[-1].text
        left = {each.title for each in harness.app.get_system_commands(screen)}
        assert offered - left == {
            "Why",
            "Facets",
            "Pin",
            "Tell",
            "Export",
        }
        await harness.press("1")
        assert " f Facets " in harness.lines()[-1].text


async def test_a_missing_selection_is_reported() -> None:
    async with running_app(crew=False) as harness:
        await harness.press("enter")
        assert harness.toasts == ["Nobody is selected. Choose somebody with the arrow keys."]


async def test_the_link_dialog_adds_up() -> None:
    async with running_app() as harness:
        counters = harness.monitor.counters
        for outcome, times in zip(Outcome, (1200, 34, 5, 6, 7, 0), strict=True):
            for _ in range(times):
                counters.count([outcome])
        counters.malformed_rows = 8
        counters.ends.update({"fin": 1, "close 1013": 2})
        counters.record_latency(0.012)
        harness.monitor.round_trip_s = 0.0421
        harness.monitor.token_expires_s = harness.clock.wall_s + 3 * 3_600
        harness.monitor.heard_s = harness.clock.wall_s - 2
        await harness.press("l")
        for said in (
            "Link LIVE",
            "Transport websocket",
            "Ends so far 3 ended connections and failed attempts: close 1013 2, fin 1",
            "Epoch 4",
            "Last heard 2 s ago",
            "Profile meeshy-2026",
            "Token lives 3 h",
            "Events received 1,252",
            "applied 1,200",
            "duplicate 34",
            "Unreadable rows 8",
            "Event latency 12 ms",
            "REST round trip 42 ms",
        ):
            assert said in harness.said, said
        assert "max_" not in harness.said and "refused" not in harness.said, "no bound was exceeded"
        await harness.press("q")
        assert harness.app.is_running and "esc closes" not in harness.text
        await harness.click("LIVE")
        assert "What to do" in harness.text, "a click on the title opens the dialog"
        await harness.pilot.click(offset=(1, 1))
        await harness.settle()
        assert "What to do" not in harness.text, "a click outside closes the dialog"


async def test_what_went_over_a_bound_is_in_the_link_dialog_with_its_figures() -> None:
    async with running_app((120, 50)) as harness:
        harness.monitor.counters.count([Outcome.REFUSED] * 3)
        harness.monitor.counters.too_large = 2
        limit_counters = harness.store.limit_counters
        (
            limit_counters.left_out,
            limit_counters.cut_names,
            limit_counters.widest_name,
            limit_counters.full_queues,
        ) = 1_234, 5, 99, 6
        await harness.press("l")
        for said in (
            "refused 3",
            "max_frame_mib Frames and answers given up: 2.",
            "max_roster More than 1,000,000 participants",
            "1,234.",
            "max_name_cells Names wider than 80 cells",
            "99.",
            "max_queue 10,000 changes waited to be shown",
            "6 times",
        ):
            assert said in harness.said, said


async def test_what_the_last_gap_has_hidden_is_in_the_link_dialog() -> None:
    async with running_app() as harness:
        missed = MissedEvents(0, 12, 2, Estimate(3.4, 1, 8))
        harness.monitor.gap_ended.emit(GapSummary(0, 13, missed=missed))
        await harness.press("l")
        assert "In the last gap Missed: at least 2, about 3 expected (95%: 1 to 8)." in harness.said


async def test_while_a_gap_is_open_what_is_known_is_of_the_one_before() -> None:
    async with running_app() as harness:
        missed = MissedEvents(0, 12, 2, Estimate(3.4, 1, 8))
        harness.monitor.gap_ended.emit(GapSummary(0, 13, missed=missed))
        harness.monitor.link.reconnecting(phrase("gone"), NOTHING, 1, 4.0, None)
        await harness.settle()
        await harness.press("l")
        assert "In the previous gap Missed: at least 2" in harness.said
        assert "In the last gap" not in harness.said


async def test_a_token_lives_by_the_gateways_clock() -> None:
    async with running_app() as harness:
        harness.monitor.token_expires_s = harness.clock.wall_s + 3 * 3_600
        harness.store.states.set_skew(2 * 3_600)
        await harness.press("l")
        assert "Token lives 1 h" in harness.said


async def test_the_clock_skew_names_its_error_and_what_bounds_it() -> None:
    async with running_app() as harness:
        await harness.press("l")
        assert "Clock skew not measured" in harness.said
        await harness.press("escape")
        harness.monitor.clock_estimate = ClockEstimate(
            600.0, 599.5, 600.5, (ClockSource.DATE, ClockSource.EMISSION)
        )
        harness.store.states.set_skew(600.0)
        await harness.press("l")
        assert "Clock skew +600.0 s ± 500 ms, by the header Date, emission times" in harness.said
        await harness.press("escape", "m")
        assert "Clock skew +600.0 s ± 500 ms, by the header Date, emission times" in harness.said


@pytest.mark.parametrize(
    ("left_s", "said"),
    [
        (601, "Token lives 10 min"),
        (240, "4 min; refreshed by itself"),
        (-180, "ended 3 min ago; sign in again"),
    ],
)
async def test_near_the_end_of_a_token_it_is_said_what_to_do(left_s: float, said: str) -> None:
    async with running_app() as harness:
        harness.monitor.token_expires_s = harness.clock.wall_s + left_s
        await harness.press("l")
        assert said in harness.said
        assert ("presence-tui login" in harness.said) is (left_s <= 600)


async def test_the_help_lists_every_command_with_its_key_and_every_mark() -> None:
    async with running_app((120, 95)) as harness:
        await harness.press("question_mark")
        for command in ALL_COMMANDS:
            line = harness.line_with(command.explanation)
            assert f" {command.key_shown} " in line.text.partition(command.explanation)[0]
        for mark in ("● online", "◐ away", "◌ idle", "○ offline", "? unknown"):
            assert mark in harness.text
        for word in ("LIVE", "CONNECTING", "RECONNECTING", "STALE", "SIGNED OUT", "OFFLINE"):
            assert word in harness.text


async def test_a_help_longer_than_the_screen_scrolls() -> None:
    async with running_app(USUAL) as harness:
        await harness.press("question_mark")
        assert "given up; r tries again" not in harness.text
        await harness.press("end")
        await until(harness, lambda: "given up; r tries again" in harness.text)
        await harness.press("home")
        await until(harness, lambda: "given up; r tries again" not in harness.text)
        await harness.press("j", "j", "j", "j")
        await until(harness, lambda: "presence-tui help TOPIC" not in harness.text)
        await harness.press("enter")
        assert "given up" not in harness.text


@pytest.mark.parametrize("size", [USUAL, SMALLEST], ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("key", ["question_mark", "l", "i"])
async def test_on_a_small_screen_no_slivers_stay_beside_a_dialog(size: tuple[int, int], key: str) -> None:
    async with running_app(size) as harness:
        await harness.press("home", key)
        region = harness.app.screen.query_one(".dialog").region
        assert (region.x, region.width) == (0, size[0])
        assert all(line.text[0] in "╭│╰" for line in harness.lines()[region.y : region.bottom])


async def test_u_cycles_through_the_rules_and_names_each() -> None:
    async with running_app() as harness:
        for rule in ("meeshy-2026", "meeshy-2025", "flag"):
            await harness.press("u")
            assert harness.toasts[-1].startswith(f"Rule {rule}: ")
            assert harness.store.states.rule.name == rule
            state = RULES[rule].derive(True, ONLINE_NAMES["Hana Sato"])
            assert harness.row_of("Hana Sato").text.startswith(f" {UNICODE.states[state]} ")


async def test_d_switches_between_dark_and_light_and_repaints() -> None:
    async with running_app() as harness:
        dark = harness.row_of("Ada Okafor").style_of("online").color
        await harness.press("d")
        assert harness.app.theme == LIGHT
        assert harness.row_of("Ada Okafor").style_of("online").color != dark
        await harness.press("d")
        assert harness.app.theme == DARK
        assert harness.row_of("Ada Okafor").style_of("online").color == dark


def named(label: str) -> Command:
    return next(command for command in ALL_COMMANDS if command.label == label)


async def test_the_palette_lists_every_command_and_runs_one() -> None:
    async with running_app((120, 120)) as harness:
        await harness.press("ctrl+p")
        await until(harness, lambda: ALL_COMMANDS[-1].explanation in harness.text)
        for command in ALL_COMMANDS:
            is_offered = command.name not in ParticipantsView.WITHOUT
            assert (command.explanation in harness.text) == is_offered, command.label
        await harness.press(*"link")
        link, others = named("Link"), [each for each in ALL_COMMANDS if each is not named("Link")]
        # Between two searches there are no hits for a moment; enter then does nothing.
        await until(
            harness, lambda: link.explanation in harness.text and others[0].explanation not in harness.text
        )
        # Before a hit is highlighted, enter only highlights the first one.
        hits = harness.app.screen.query_one(CommandList)
        await until(harness, lambda: hits.highlighted is not None)
        # If a search ends after that, it clears the highlight, and enter only restores it.
        for _ in range(50):
            if not harness.app.screen.query(CommandList):
                break
            await harness.press("enter")
        else:
            pytest.fail(f"enter runs nothing:\n{harness.text}")
        await until(harness, lambda: "REST round trip" in harness.text)


async def test_the_footer_shows_keys_of_commands_in_their_words() -> None:
    async with running_app((150, 40)) as harness:
        footer = harness.lines()[-1].text
        for command in ALL_COMMANDS:
            is_shown = command.in_footer and command.name not in ParticipantsView.WITHOUT
            assert (f" {command.key_shown} {command.label}" in footer) == is_shown


def test_commands_share_no_key_and_no_label() -> None:
    keys = [key for command in ALL_COMMANDS for key in command.keys.split(",")]
    assert len(keys) == len(set(keys))
    labels = [command.label for command in ALL_COMMANDS]
    assert len(labels) == len(set(labels))


async def test_the_link_dialog_says_what_the_counts_are_made_of() -> None:
    async with running_app((120, 60)) as harness:
        harness.monitor.set_conversations([HARBOUR, LIGHTHOUSE])
        harness.clock.advance(1)
        asked = harness.clock.stamp()
        harness.store.set_participants([member("Bo Chen")], LIGHTHOUSE.id, asked=asked)
        harness.store.members.set_roster_read(LIGHTHOUSE.id, asked, is_whole=False)
        await harness.wait(30)
        await harness.press("l")
        assert "Harbour crew 8 online, 15 offline, 1 unknown · not read to its end yet" in harness.said
        assert "Lighthouse 1 online, 0 offline, 0 unknown · read 30 s ago, in part" in harness.said
