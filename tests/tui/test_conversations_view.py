"""The Conversations view: one line per conversation of the account."""

from collections.abc import Iterable

import pytest

from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.roster_refresh import RefreshReport
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
    running_app,
)
from tests.unit.clock import FakeClock

WITHOUT_BARS = str.maketrans("", "", "━─")
MANY = [Conversation(f"c-{place:02}", f"Room {place:02}", "", 1) for place in range(60)]


def table(harness: AppHarness) -> ConversationTable:
    return harness.screen.query_one(ConversationTable)


def shown(harness: AppHarness) -> list[str]:
    inside = table(harness).content_region
    lines = [line.text[inside.x : inside.right] for line in harness.lines()[inside.y : inside.bottom]]
    return [line for each in lines if (line := " ".join(each.translate(WITHOUT_BARS).split()))]


def selected(harness: AppHarness) -> str | None:
    return table(harness).selected_key


async def test_a_line_has_the_counts_the_watched_one_and_who_came_or_left_last() -> None:
    async with running_app(USUAL) as harness:
        harness.store.set_participants([member("Ada Okafor"), member("Zoe New")], LIGHTHOUSE.id)
        await harness.press("2")
        assert shown(harness) == [
            "▸ □ Harbour crew 8 / 24 —",
            "□ Lighthouse 1 / 2 (6) —",
            "□ Night shift — / 199+ —",
        ]
        assert "Conversations (3)" in harness.text and "online / members · by activity" in harness.text
        assert harness.lines()[0].text.startswith(" Conversations · 3 conversations · 2 read")
        await harness.wait(12)
        await harness.event("Zoe New", False)
        await harness.event("Zoe New", True)
        assert shown(harness)[0] == "□ Lighthouse 2 / 2 (6) 0 s"
        bar = harness.line_with("Lighthouse").text
        assert bar.count("━") == 12, "all known participants are online"


async def test_a_capped_list_says_how_many_it_shows_of_how_many() -> None:
    async with running_app(SMALLEST) as harness:
        harness.store.set_participants([member(f"P {place:03}") for place in range(99)], NIGHT_SHIFT.id)
        await harness.press("2")
        assert "□ Night shift 0 / 99 (199+) —" in shown(harness)
        await harness.press("3")
        assert harness.screen.query_one("#contacts-view")
        harness.monitor.set_conversations([NIGHT_SHIFT])
        await harness.resize(*WIDE)
        assert "123 participants · 1 conversation · 1 listed in part" in harness.lines()[0].text
        harness.store.set_participants([member(f"Q {place:03}") for place in range(120)], NIGHT_SHIFT.id)
        await harness.press("2")
        assert shown(harness) == ["□ Night shift 0 / 219 —"], "more than the gateway's count"


async def test_the_cursor_stays_on_its_conversation_wherever_that_goes() -> None:
    async with running_app(USUAL) as harness:
        harness.monitor.set_conversations(MANY)
        for each in MANY:
            harness.store.set_participants([member(f"In {each.id}")], each.id)
        told = [PresenceRow(key_of(f"In {each.id}"), False) for each in MANY]
        harness.store.apply_answers(told, Source.SNAPSHOT, harness.clock.stamp())
        await harness.press("2", "s", "s", "end")
        assert "by online" in harness.text
        assert selected(harness) == "c-59"
        await harness.event("In c-59", True)
        assert selected(harness) == "c-59"
        assert any("Room 59" in line for line in shown(harness))
        await harness.press("k")
        assert selected(harness) == "c-59", "the selected conversation is first now"
        await harness.press("j")
        assert selected(harness) == "c-00"
        await harness.press("G")
        assert selected(harness) == "c-58"


async def test_s_orders_by_activity_name_and_online() -> None:
    async with running_app(USUAL) as harness:
        harness.monitor.set_conversations([NIGHT_SHIFT, HARBOUR, LIGHTHOUSE])
        await harness.press("2")
        for order, first in (("activity", "Night"), ("name", "Harbour"), ("online", "Harbour")):
            assert f"by {order}" in harness.text
            assert first in shown(harness)[0]
            await harness.press("s")
        assert "by activity" in harness.text


async def test_the_filter_looks_at_titles() -> None:
    async with running_app(USUAL) as harness:
        await harness.press("2", "slash", *"NIG")
        assert ["Night" in line for line in shown(harness)] == [True]
        assert "Conversations (3) · 1 shown" in harness.text
        await harness.press(*"xx")
        assert shown(harness) == ["None matches. esc shows all of them."]
        await harness.press("escape")
        assert len(shown(harness)) == 3


async def test_enter_or_a_double_click_opens_it_in_participants() -> None:
    async with running_app(USUAL) as harness:
        await harness.press("2")
        assert "enter Open" in harness.lines()[-1].text
        await harness.press("j", "enter")
        assert harness.monitor.selected == [LIGHTHOUSE]
        assert harness.lines()[0].text.startswith(" Lighthouse")
        assert harness.online.has_focus
        await harness.press("2")
        await harness.click("Night shift", times=2)
        assert harness.monitor.selected == [LIGHTHOUSE, NIGHT_SHIFT]


async def test_the_why_line_tells_of_the_conversation() -> None:
    async with running_app((150, 40)) as harness:
        await harness.press("2")
        assert (
            "Harbour crew: 8 online, 15 offline, 1 unknown of 24 · enter opens it · b puts it side by side"
            in harness.text
        )
        await harness.press("j")
        assert "Lighthouse: not read yet; open it to read it" in harness.text
        await harness.press("i")
        assert harness.toasts[-1].startswith("Nobody is selected")


async def test_an_empty_list_shows_the_reason() -> None:
    async with running_app(USUAL, crew=False) as harness:
        await harness.press("2")
        assert shown(harness) == ["Asking for the conversations…"]
        harness.monitor.resync(RefreshReport(roster_error=AccessDenied("not yours")))
        await harness.settle()
        assert "not yours" in shown(harness)[0]
        harness.monitor.resync(RefreshReport(participants=1))
        await harness.settle()
        assert shown(harness) == ["This account has no list of conversations."]


@pytest.mark.parametrize("many", [CONVERSATIONS, MANY], ids=["few", "many"])
async def test_only_lines_that_changed_are_painted(
    monkeypatch: pytest.MonkeyPatch, many: list[Conversation]
) -> None:
    store = PresenceStore(clock=FakeClock())
    async with running_app(USUAL, store=store) as harness:
        fill_with_many(store, 50, 50)
        harness.monitor.set_conversations(many)
        await harness.press("2", "s")
        painted: list[int] = []
        refresh = table(harness).refresh_each_line

        def noted(lines: Iterable[int]) -> None:
            numbers = list(lines)
            painted.extend(numbers)
            refresh(numbers)

        monkeypatch.setattr(table(harness), "refresh_each_line", noted)
        table(harness).draw()
        assert painted == []
        harness.store.set_participants([member("Zoe New")], many[1].id)
        table(harness).draw()
        assert painted == [1]


async def test_a_size_that_the_gateway_does_not_tell_is_a_dash() -> None:
    async with running_app(USUAL) as harness:
        harness.monitor.set_conversations([Conversation("c-pier", "Pier", "pier")])
        await harness.press("2")
        assert shown(harness) == ["□ Pier — / — —"]
