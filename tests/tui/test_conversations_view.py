"""All conversations of the account, one a line."""

import pytest

from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.refresh import RefreshReport
from presence_tui.store import PresenceStore
from presence_tui.transport.errors import AccessDenied
from presence_tui.tui.widgets.conversation_table import ConversationTable
from presence_tui.wire.messages import PresenceRow
from tests.tui.app_harness import (
    CONVERSATIONS,
    HARBOUR,
    LIGHTHOUSE,
    NIGHT_SHIFT,
    SMALLEST,
    USUAL,
    WIDE,
    AppHarness,
    fill_with_many,
    key_of,
    member,
    on_stage,
)
from tests.unit.clock import FakeClock

WITHOUT_BARS = str.maketrans("", "", "━─")
MANY = [Conversation(f"c-{place:02}", f"Room {place:02}", "", 1) for place in range(60)]


def table(stage: AppHarness) -> ConversationTable:
    return stage.screen.query_one(ConversationTable)


def shown(stage: AppHarness) -> list[str]:
    inside = table(stage).content_region
    lines = [line.text[inside.x : inside.right] for line in stage.lines()[inside.y : inside.bottom]]
    return [line for each in lines if (line := " ".join(each.translate(WITHOUT_BARS).split()))]


def selected(stage: AppHarness) -> str | None:
    return table(stage).selected_key


async def test_a_line_has_the_counts_the_watched_one_and_who_came_or_left_last() -> None:
    async with on_stage(USUAL) as stage:
        stage.store.set_participants([member("Ada Okafor"), member("Zoe New")], LIGHTHOUSE.id)
        await stage.press("2")
        assert shown(stage) == [
            "▸ □ Harbour crew 8 / 24 —",
            "□ Lighthouse 1 / 2 of 6 —",
            "□ Night shift — / 199+ —",
        ]
        assert "Conversations (3)" in stage.text and "online / members · by activity" in stage.text
        assert stage.lines()[0].text.startswith(" Conversations · 3 conversations · 2 read")
        await stage.wait(12)
        await stage.event("Zoe New", False)
        await stage.event("Zoe New", True)
        assert shown(stage)[0] == "□ Lighthouse 2 / 2 of 6 0 s"
        bar = stage.line_with("Lighthouse").text
        assert bar.count("━") == 12, "all of those known are online"


async def test_a_capped_list_says_how_many_it_shows_of_how_many() -> None:
    async with on_stage(SMALLEST) as stage:
        stage.store.set_participants([member(f"P {place:03}") for place in range(99)], NIGHT_SHIFT.id)
        await stage.press("2")
        assert "□ Night shift 0 / 99 of 199+ —" in shown(stage)
        await stage.press("3")
        assert stage.screen.query_one("#contacts-view")
        stage.watch.know([NIGHT_SHIFT])
        await stage.resize(*WIDE)
        assert "123 participants · 1 conversation · 1 listed in part" in stage.lines()[0].text
        stage.store.set_participants([member(f"Q {place:03}") for place in range(120)], NIGHT_SHIFT.id)
        await stage.press("2")
        assert shown(stage) == ["□ Night shift 0 / 219 —"], "more than the gateway counts to"


async def test_the_cursor_stays_on_its_conversation_wherever_that_goes() -> None:
    async with on_stage(USUAL) as stage:
        stage.watch.know(MANY)
        for each in MANY:
            stage.store.set_participants([member(f"In {each.id}")], each.id)
        told = [PresenceRow(key_of(f"In {each.id}"), False) for each in MANY]
        stage.store.apply_answers(told, Source.SNAPSHOT, stage.clock.stamp())
        await stage.press("2", "s", "s", "end")
        assert "by online" in stage.text
        assert selected(stage) == "c-59"
        await stage.event("In c-59", True)
        assert selected(stage) == "c-59"
        assert any("Room 59" in line for line in shown(stage))
        await stage.press("k")
        assert selected(stage) == "c-59", "it is the first now"
        await stage.press("j")
        assert selected(stage) == "c-00"
        await stage.press("G")
        assert selected(stage) == "c-58"


async def test_s_orders_by_activity_name_and_online() -> None:
    async with on_stage(USUAL) as stage:
        stage.watch.know([NIGHT_SHIFT, HARBOUR, LIGHTHOUSE])
        await stage.press("2")
        for order, first in (("activity", "Night"), ("name", "Harbour"), ("online", "Harbour")):
            assert f"by {order}" in stage.text
            assert first in shown(stage)[0]
            await stage.press("s")
        assert "by activity" in stage.text


async def test_the_filter_looks_at_titles() -> None:
    async with on_stage(USUAL) as stage:
        await stage.press("2", "slash", *"NIG")
        assert ["Night" in line for line in shown(stage)] == [True]
        assert "Conversations (3) · 1 shown" in stage.text
        await stage.press(*"xx")
        assert shown(stage) == ["None matches. esc shows all of them."]
        await stage.press("escape")
        assert len(shown(stage)) == 3


async def test_enter_or_a_double_click_opens_it_in_participants() -> None:
    async with on_stage(USUAL) as stage:
        await stage.press("2")
        assert "enter Open" in stage.lines()[-1].text
        await stage.press("j", "enter")
        assert stage.watch.selected == [LIGHTHOUSE]
        assert stage.lines()[0].text.startswith(" Lighthouse")
        assert stage.online.has_focus
        await stage.press("2")
        await stage.click("Night shift", times=2)
        assert stage.watch.selected == [LIGHTHOUSE, NIGHT_SHIFT]


async def test_the_why_line_tells_of_the_conversation() -> None:
    async with on_stage((150, 40)) as stage:
        await stage.press("2")
        assert (
            "Harbour crew: 8 online, 15 offline, 1 unknown of 24 · enter opens it · b puts it side by side"
            in stage.text
        )
        await stage.press("j")
        assert "Lighthouse: not read yet; open it to read it" in stage.text
        await stage.press("i")
        assert stage.toasts[-1].startswith("Nobody is selected")


async def test_an_empty_list_says_why() -> None:
    async with on_stage(USUAL, crew=False) as stage:
        await stage.press("2")
        assert shown(stage) == ["Asking for the conversations…"]
        stage.watch.resync(RefreshReport(roster_error=AccessDenied("not yours")))
        await stage.settle()
        assert "not yours" in shown(stage)[0]
        stage.watch.resync(RefreshReport(participants=1))
        await stage.settle()
        assert shown(stage) == ["This account has no list of conversations."]


@pytest.mark.parametrize("many", [CONVERSATIONS, MANY], ids=["few", "many"])
async def test_only_lines_that_changed_are_painted(many: list[Conversation]) -> None:
    store = PresenceStore(clock=FakeClock())
    async with on_stage(USUAL, store=store) as stage:
        fill_with_many(store, 50, 50)
        stage.watch.know(many)
        await stage.press("2", "s")
        painted: list[int] = []
        before = table(stage).refresh_line
        table(stage).refresh_line = lambda y: painted.append(y) or before(y)  # type: ignore[method-assign]
        table(stage).follow()
        assert painted == []
        stage.store.set_participants([member("Zoe New")], many[1].id)
        table(stage).follow()
        assert painted == [1]
