"""The cursor follows a participant, not a line."""

from textual import events

from presence_tui.domain.enums import Panel
from tests.tui.app_harness import (
    CONVERSATIONS,
    HARBOUR,
    USUAL,
    WIDE,
    AppHarness,
    fill_with_many,
    key_of,
    member,
    running_app,
)


async def many(harness: AppHarness, online: int = 60, offline: int = 60) -> None:
    """Fill both panels beyond the height of the screen."""
    harness.monitor.watch(HARBOUR)
    fill_with_many(harness.store, online, offline)
    await harness.settle()


def names(harness: AppHarness) -> list[str]:
    """The names in Online, from the top."""
    return [row.text[3:11] for row in harness.rows(harness.online)]


def cursor_line(harness: AppHarness) -> int:
    """The y coordinate of the selected name, the only line with the cursor's background."""
    assert harness.selected is not None
    return harness.y_of(harness.selected)


async def test_j_k_and_arrows_move_by_one_stop_at_both_ends_and_tab_changes_panels() -> None:
    async with running_app(USUAL) as harness:
        await harness.press("home")
        assert harness.selected == "Ada Okafor"
        await harness.press("j", "down")
        assert harness.selected == "Chloé Bérenger"
        await harness.press("k", "up", "k", "up")
        assert harness.selected == "Ada Okafor"
        await harness.press("end", "j", "down")
        assert harness.selected == "Hana Sato"
        await harness.press("tab")
        assert harness.offline.has_focus
        assert harness.selected == "Ingrid Solberg"
        await harness.press("tab")
        assert harness.online.has_focus


async def test_the_first_row_is_selected_before_any_key() -> None:
    async with running_app(USUAL) as harness:
        assert harness.selected == "Ada Okafor"
        assert "Ada Okafor is online" in harness.said
        await harness.press("p", "w")
        assert harness.toasts == []
        await harness.press("escape", "enter")
        assert harness.said.count("╭─ Ada Okafor ─") == 1


async def test_the_first_row_is_selected_when_rows_come_after_the_focus() -> None:
    async with running_app(USUAL, crew=False) as harness:
        assert harness.selected is None
        await many(harness, online=0, offline=3)
        assert harness.selected == "Off 00000"
        assert harness.offline.has_focus


async def test_who_comes_above_the_first_row_is_in_sight_until_the_cursor_was_moved() -> None:
    async with running_app(USUAL, crew=False) as harness:
        await many(harness)
        harness.store.set_participants([member("Aaron")], HARBOUR.id)
        await harness.event("Aaron", True)
        assert (harness.selected, harness.rows(harness.online)[0].text[3:8]) == ("On 00000", "Aaron")
        await harness.press("home", "down")
        line = cursor_line(harness)
        harness.store.set_participants([member("Aalto")], HARBOUR.id)
        await harness.event("Aalto", True)
        assert (harness.selected, cursor_line(harness)) == ("On 00000", line)


async def test_the_first_row_is_selected_when_the_selected_one_is_no_member_any_more() -> None:
    async with running_app(USUAL) as harness:
        await harness.press("down")
        harness.store.members.remove(key_of("Bo Chen"), HARBOUR.id)
        await harness.settle()
        assert harness.selected == "Ada Okafor"


async def test_enter_in_the_filter_goes_to_the_first_match_in_whichever_panel() -> None:
    async with running_app(USUAL) as harness:
        await harness.press("down", "slash", *"rosa", "enter")
        assert harness.offline.has_focus
        assert harness.selected == "Rosa Lind"


async def test_the_first_conversation_is_selected() -> None:
    async with running_app(WIDE) as harness:
        harness.monitor.set_conversations([])
        await harness.press("2")
        harness.monitor.set_conversations(CONVERSATIONS)
        await harness.settle()
        assert harness.screen._view.selected_conversation_id == CONVERSATIONS[0].id


async def test_page_home_and_end() -> None:
    async with running_app(USUAL, crew=False) as harness:
        await many(harness)
        page = harness.online.size.height - 1
        await harness.press("home")
        assert harness.selected == "On 00000"
        await harness.press("pagedown")
        assert harness.selected == f"On {page:05}"
        await harness.press("end")
        assert harness.selected == "On 00059"
        assert harness.rows(harness.online)[-1].text.find("On 00059") > 0
        await harness.press("pageup")
        assert harness.selected == f"On {59 - page:05}"
        await harness.press("pageup", "pageup", "pageup", "pageup", "pageup", "pageup")
        assert harness.selected == "On 00000"
        assert "On 00000" in harness.rows(harness.online)[0].text


async def test_a_click_selects_and_two_explain() -> None:
    async with running_app() as harness:
        await harness.click("Kwame Mensah")
        assert harness.selected == "Kwame Mensah"
        assert harness.offline.has_focus
        assert "Kwame Mensah is offline" in harness.text
        below = harness.online.content_region.bottom - 1
        await harness.pilot.click(offset=(5, below))
        await harness.settle()
        assert harness.selected == "Ada Okafor", "the click focused the panel but hit no row"
        await harness.click("Léa Fontaine", times=2)
        assert "What each rule says" in harness.text
        assert harness.selected == "Léa Fontaine"


async def test_a_click_on_the_border_of_a_panel_hits_no_row() -> None:
    async with running_app() as harness:
        await harness.click("Kwame Mensah")
        # The panel with the cursor keeps it; the other one gets the keys, and its first row the cursor.
        for panel, selected in ((harness.offline, "Kwame Mensah"), (harness.online, "Ada Okafor")):
            edge, inside = panel.region, panel.content_region
            for x, y in (
                (edge.x, inside.y + 3),
                (edge.right - 1, inside.y + 3),
                (inside.x + 3, edge.bottom - 1),
            ):
                assert not inside.contains(x, y), "the point is on the frame"
                await harness.pilot.click(offset=(x, y), times=2)
                await harness.settle()
                assert harness.selected == selected
                assert "What each rule says" not in harness.text


async def test_the_wheel_scrolls_and_leaves_the_cursor_on_its_participant() -> None:
    async with running_app(USUAL, crew=False) as harness:
        await many(harness)
        await harness.press("home")
        turn = {
            "widget": harness.online,
            "delta_x": 0,
            "delta_y": 1,
            "button": 0,
            "shift": False,
            "meta": False,
            "ctrl": False,
        }
        for _ in range(4):
            harness.online.post_message(events.MouseScrollDown(x=5, y=5, **turn))  # type: ignore[arg-type]
        await harness.settle()
        assert harness.online.scroll_offset.y > 0
        assert harness.selected == "On 00000"
        assert "On 00000" not in harness.rows(harness.online)[0].text


async def test_the_row_stays_where_it_is_while_others_come_and_go_above() -> None:
    async with running_app(USUAL, crew=False) as harness:
        await many(harness)
        for _ in range(2):
            await harness.press("pagedown")
        selected, line = harness.selected, cursor_line(harness)
        for came in range(5):
            await harness.event(f"Aa {came}", True)
            assert (harness.selected, cursor_line(harness)) == (selected, line)
        for left in range(9):
            await harness.event(f"On {left:05}", False)
            assert (harness.selected, cursor_line(harness)) == (selected, line)
        harness.store.members.remove(key_of("On 00010"), HARBOUR.id)
        await harness.settle()
        assert (harness.selected, cursor_line(harness)) == (selected, line)
        with harness.store.batch():
            harness.store.set_participants([member(f"Ab {n:02}") for n in range(40)], HARBOUR.id)
            for n in range(40):
                harness.store.update_user_status(key_of(f"Ab {n:02}"), True)
        await harness.settle()
        assert (harness.selected, cursor_line(harness)) == (selected, line)


async def test_the_cursor_goes_with_its_participant_to_the_other_panel() -> None:
    async with running_app(USUAL) as harness:
        await harness.press("home", "j")
        await harness.event("Bo Chen", False)
        assert harness.selected == "Bo Chen"
        assert "Bo Chen is offline" in harness.text
        lit = harness.row_of("Bo Chen").style_of("Bo Chen").bgcolor
        assert lit != harness.row_of("João Pereira").style_of("João Pereira").bgcolor
        await harness.event("Bo Chen", True)
        assert harness.selected == "Bo Chen"
        assert harness.offline.selected_key == harness.online.selected_key == key_of("Bo Chen")


async def test_the_cursor_stays_and_moves_on_where_its_participant_went() -> None:
    """Bo is now first in Offline, above Ingrid: ``j`` moves to Ingrid, not to the top of Online."""
    async with running_app(USUAL) as harness:
        await harness.press("home", "j")
        await harness.event("Bo Chen", False)
        await harness.press("question_mark", "j", "escape")
        assert harness.selected == "Bo Chen", "a dialog was open"
        harness.app.post_message(events.AppBlur())
        await harness.settle()
        harness.app.post_message(events.AppFocus())
        await harness.settle()
        assert harness.selected == "Bo Chen", "another window had the focus"
        await harness.press("j")
        assert harness.selected == "Ingrid Solberg"
        await harness.press("k", "k")
        assert harness.selected == "Bo Chen"


async def test_a_cursor_out_of_sight_does_not_scroll_the_panel() -> None:
    async with running_app(USUAL, crew=False) as harness:
        await many(harness)
        await harness.press("home")
        harness.online.scroll_to(y=30, animate=False)
        await harness.settle()
        shown = names(harness)
        harness.store.set_participants([member("Zz")], HARBOUR.id)
        await harness.event("Zz", True)
        assert names(harness) == shown
        assert harness.online.virtual_size.height == 61
        assert harness.panel(Panel.OFFLINE).virtual_size.height == 60
