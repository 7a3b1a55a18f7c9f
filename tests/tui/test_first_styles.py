"""A screen is styled when its widgets are mounted, for the terminal's size, and not again when it is
shown.
"""

import pytest
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

from tests.tui.app_harness import AppHarness, every_size, running_app

pytestmark = pytest.mark.internals

OPENED_BY = ("question_mark", "l", "f", "x", "W")
"""Keys that open a dialog."""


def restyled(harness: AppHarness) -> list[DOMNode]:
    """Nodes whose rules change when the screen's styles are updated again."""
    nodes = list(harness.app.screen.walk_children(with_self=True))
    before = [node.styles.base.get_rules() for node in nodes]
    harness.app.screen.update_node_styles(animate=False)
    after = [node.styles.base.get_rules() for node in nodes]
    return [node for node, was, now in zip(nodes, before, after, strict=True) if was != now]


@every_size
async def test_the_first_screen_needs_no_other_styles(size: tuple[int, int]) -> None:
    async with running_app(size) as harness:
        assert restyled(harness) == []


@pytest.mark.parametrize("key", OPENED_BY)
async def test_a_dialog_needs_no_other_styles(key: str) -> None:
    async with running_app() as harness:
        await harness.press(key)
        await harness.settle()
        assert len(harness.app.screen_stack) == 2
        assert restyled(harness) == []


@pytest.mark.parametrize("key", ["2", "3", "4"])
async def test_a_view_needs_no_other_styles(key: str) -> None:
    async with running_app((120, 40)) as harness:
        await harness.press(key)
        await harness.settle()
        assert restyled(harness) == []


async def test_the_line_of_the_filter_needs_no_other_styles() -> None:
    async with running_app() as harness:
        await harness.press("slash")
        await harness.settle()
        assert restyled(harness) == []


async def test_a_screen_that_opens_is_styled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: list[DOMNode] = []
    update = Stylesheet.update_nodes

    def noted(stylesheet: Stylesheet, nodes: object, animate: bool = False) -> None:
        styled = list(nodes)  # type: ignore[call-overload]
        whole.extend(node for node in styled if node is node.screen)
        update(stylesheet, styled, animate)

    monkeypatch.setattr(Stylesheet, "update_nodes", noted)
    async with running_app((300, 80)) as harness:
        await harness.settle()
        assert harness.app.screen.has_class("-spacious", "-tall")
        assert whole == []
        await harness.press("question_mark")
        await harness.settle()
        assert harness.app.screen.has_class("-spacious", "-tall")
        assert whole == []
