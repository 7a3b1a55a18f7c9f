"""The cursor is on a participant, not on a line."""

from textual import events

from presence_tui.domain.enums import Panel
from tests.tui.app_harness import HARBOUR, USUAL, AppHarness, fill_with_many, key_of, member, on_stage


async def many(stage: AppHarness, online: int = 60, offline: int = 60) -> None:
    """Longer panels than the screen is high."""
    stage.watch.watch(HARBOUR)
    fill_with_many(stage.store, online, offline)
    await stage.settle()


def names(stage: AppHarness) -> list[str]:
    """The rows of Online by name."""
    return [row.text[3:11] for row in stage.rows(stage.online)]


def cursor_line(stage: AppHarness) -> int:
    """The line of the screen with the selected name, which is the only one with the cursor's background."""
    assert stage.selected is not None
    return stage.y_of(stage.selected)


async def test_j_k_and_arrows_move_by_one_stop_at_both_ends_and_tab_changes_panels() -> None:
    async with on_stage(USUAL) as stage:
        await stage.press("j")
        assert stage.selected == "Ada Okafor"
        await stage.press("j", "down")
        assert stage.selected == "Chloé Bérenger"
        await stage.press("k", "up", "k", "up")
        assert stage.selected == "Ada Okafor"
        await stage.press("end", "j", "down")
        assert stage.selected == "Hana Sato"
        await stage.press("tab")
        assert stage.offline.has_focus
        assert stage.selected == "Ingrid Solberg"
        await stage.press("tab")
        assert stage.online.has_focus


async def test_page_home_and_end() -> None:
    async with on_stage(USUAL, crew=False) as stage:
        await many(stage)
        page = stage.online.size.height - 1
        await stage.press("home")
        assert stage.selected == "On 00000"
        await stage.press("pagedown")
        assert stage.selected == f"On {page:05}"
        await stage.press("end")
        assert stage.selected == "On 00059"
        assert stage.rows(stage.online)[-1].text.find("On 00059") > 0
        await stage.press("pageup")
        assert stage.selected == f"On {59 - page:05}"
        await stage.press("pageup", "pageup", "pageup", "pageup", "pageup", "pageup")
        assert stage.selected == "On 00000"
        assert "On 00000" in stage.rows(stage.online)[0].text


async def test_a_click_selects_and_two_explain() -> None:
    async with on_stage() as stage:
        await stage.click("Kwame Mensah")
        assert stage.selected == "Kwame Mensah"
        assert stage.offline.has_focus
        assert "Kwame Mensah is offline" in stage.text
        below = stage.online.content_region.bottom - 1
        await stage.pilot.click(offset=(5, below))
        await stage.settle()
        assert stage.selected == "Ada Okafor", "the panel got the focus, and no row was hit"
        await stage.click("Léa Fontaine", times=2)
        assert "What each rule says" in stage.text
        assert stage.selected == "Léa Fontaine"


async def test_the_wheel_scrolls_and_leaves_the_cursor_on_its_participant() -> None:
    async with on_stage(USUAL, crew=False) as stage:
        await many(stage)
        await stage.press("j")
        turn = {
            "widget": stage.online,
            "delta_x": 0,
            "delta_y": 1,
            "button": 0,
            "shift": False,
            "meta": False,
            "ctrl": False,
        }
        for _ in range(4):
            stage.online.post_message(events.MouseScrollDown(x=5, y=5, **turn))  # type: ignore[arg-type]
        await stage.settle()
        assert stage.online.scroll_offset.y > 0
        assert stage.selected == "On 00000"
        assert "On 00000" not in stage.rows(stage.online)[0].text


async def test_the_row_stays_where_it_is_while_others_come_and_go_above() -> None:
    async with on_stage(USUAL, crew=False) as stage:
        await many(stage)
        for _ in range(2):
            await stage.press("pagedown")
        selected, line = stage.selected, cursor_line(stage)
        for came in range(5):
            await stage.event(f"Aa {came}", True)
            assert (stage.selected, cursor_line(stage)) == (selected, line)
        for left in range(9):
            await stage.event(f"On {left:05}", False)
            assert (stage.selected, cursor_line(stage)) == (selected, line)
        stage.store.remove_participant(key_of("On 00010"), HARBOUR.id)
        await stage.settle()
        assert (stage.selected, cursor_line(stage)) == (selected, line)
        with stage.store.batch():
            stage.store.set_participants([member(f"Ab {n:02}") for n in range(40)], HARBOUR.id)
            for n in range(40):
                stage.store.update_user_status(key_of(f"Ab {n:02}"), True)
        await stage.settle()
        assert (stage.selected, cursor_line(stage)) == (selected, line)


async def test_the_cursor_goes_with_its_participant_to_the_other_panel() -> None:
    async with on_stage(USUAL) as stage:
        await stage.press("j", "j")
        await stage.event("Bo Chen", False)
        assert stage.selected == "Bo Chen"
        assert "Bo Chen is offline" in stage.text
        lit = stage.row_of("Bo Chen").style_of("Bo Chen").bgcolor
        assert lit != stage.row_of("João Pereira").style_of("João Pereira").bgcolor
        await stage.event("Bo Chen", True)
        assert stage.selected == "Bo Chen"
        assert stage.offline.selected_key == stage.online.selected_key == key_of("Bo Chen")


async def test_the_cursor_stays_and_moves_on_where_its_participant_went() -> None:
    """Bo is now first of Offline, above Ingrid: ``j`` goes to Ingrid, not to the top of Online."""
    async with on_stage(USUAL) as stage:
        await stage.press("j", "j")
        await stage.event("Bo Chen", False)
        await stage.press("question_mark", "j", "escape")
        assert stage.selected == "Bo Chen", "a dialog was open"
        stage.app.post_message(events.AppBlur())
        await stage.settle()
        stage.app.post_message(events.AppFocus())
        await stage.settle()
        assert stage.selected == "Bo Chen", "another window had the focus"
        await stage.press("j")
        assert stage.selected == "Ingrid Solberg"
        await stage.press("k", "k")
        assert stage.selected == "Bo Chen"


async def test_a_cursor_out_of_sight_does_not_scroll_the_panel() -> None:
    async with on_stage(USUAL, crew=False) as stage:
        await many(stage)
        await stage.press("j")
        stage.online.scroll_to(y=30, animate=False)
        await stage.settle()
        shown = names(stage)
        await stage.event("Zz", True)
        assert names(stage) == shown
        assert stage.online.virtual_size.height == 61
        assert stage.panel(Panel.OFFLINE).virtual_size.height == 60
