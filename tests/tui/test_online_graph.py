"""The graph in the sidebar: its bars, its words, and when it is shown."""

import pytest

from presence_tui.domain.online_counts import STEPS_S, Columns
from presence_tui.domain.translatable import phrase
from presence_tui.text.language import Language
from presence_tui.tui.glyphs import ASCII, UNICODE
from presence_tui.tui.widgets.conversation_list import GRAPH_ROWS, graph_rows
from tests.tui.app_harness import LIGHTHOUSE, WIDE, AppHarness, member, running_app

LOST = phrase("the gateway dropped the connection")


def rows(means: list[float | None], most: int, width: int = 8, code: str = "en") -> list[str]:
    return graph_rows(Columns(60, means, most), width, Language(code), UNICODE)


def sidebar_rows(harness: AppHarness) -> list[str]:
    """Text of the sidebar's lines, without its frame."""
    region = harness.screen.query_one("#conversations").region
    return [
        line.text[region.x + 1 : region.right - 1]
        for line in harness.lines()[region.y + 1 : region.bottom - 1]
    ]


def test_bars_stand_on_zero_and_reach_the_largest_count() -> None:
    assert rows([1, 2, 3, 4], 4)[1:-1] == ["       █", "      ██", "     ███", "    ████"]
    assert rows([0, 0.01, 0.5], 4)[4] == "      ▁▄", "somebody is more than nobody"
    assert rows([0], 0)[1:-1] == [" " * 8] * 4


def test_what_is_unknown_is_a_dot_and_what_is_past_the_width_is_left_out() -> None:
    assert rows([2, None, 2], 2)[4] == "     █·█"
    assert rows([9, *([1] * 8)], 1)[4] == "█" * 8


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("en", "Online           up to 12", "25 min ago            now"),
        ("fr", "En ligne      au plus 12", "il y a 24\N{NO-BREAK SPACE}min maintenant"),
    ],
)
def test_it_says_what_it_shows(code: str, first: str, last: str) -> None:
    found = rows([12], 12, width=len(first), code=code)
    assert (found[0], found[-1]) == (first, last)
    assert len(rows([12], 12, width=4, code=code)[0]) == 4


def test_ascii_has_its_own_block() -> None:
    assert graph_rows(Columns(60, [1.0], 1), 1, Language("en"), ASCII)[1:-1] == ["#"] * 4


async def test_the_sidebar_shows_who_was_online_since_it_was_read() -> None:
    async with running_app(WIDE) as harness:
        await harness.wait(1)
        graph = sidebar_rows(harness)[-GRAPH_ROWS:]
        assert graph[0].split() == ["Online", "up", "to", "8"]
        assert [line.strip() for line in graph[1:-1]] == ["█"] * 4
        for _ in range(STEPS_S[0]):
            await harness.wait(1)
        assert [line.strip() for line in sidebar_rows(harness)[-GRAPH_ROWS:][1:-1]] == ["██"] * 4


async def test_while_the_link_is_lost_nothing_is_known() -> None:
    async with running_app(WIDE) as harness:
        await harness.wait(1)
        harness.monitor.link.reconnecting(LOST, LOST, 1, 2.0, harness.clock.wall_s)
        for _ in range(2 * STEPS_S[0]):
            await harness.wait(1)
        assert sidebar_rows(harness)[-2].strip().startswith("█·")


async def test_a_conversation_that_was_not_read_has_no_graph() -> None:
    async with running_app(WIDE) as harness:
        await harness.wait(1)
        harness.monitor.watch(LIGHTHOUSE)
        await harness.wait(1)
        assert "Online" not in " ".join(sidebar_rows(harness))
        harness.store.set_participants([member("Ada Okafor")], LIGHTHOUSE.id)
        await harness.wait(1)
        assert "up to 1" in " ".join(sidebar_rows(harness))


async def test_conversations_come_first_where_there_is_little_room() -> None:
    async with running_app((120, 15)) as harness:
        await harness.wait(1)
        assert "Online" not in " ".join(sidebar_rows(harness))
        await harness.resize(120, 40)
        await harness.wait(1)
        assert "up to 8" in " ".join(sidebar_rows(harness))
