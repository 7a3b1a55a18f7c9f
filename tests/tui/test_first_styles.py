"""A screen is styled as its widgets come, for the size of its terminal, and not again when it is shown."""

import pytest
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

from tests.tui.app_harness import SIZES, AppHarness, on_stage

OPENED_BY = ("question_mark", "l", "f", "x", "W")
"""Keys that open a dialog."""


def restyled(stage: AppHarness) -> list[DOMNode]:
    """Whatever of the screen looks otherwise once it is styled anew."""
    nodes = list(stage.app.screen.walk_children(with_self=True))
    before = [node.styles.base.get_rules() for node in nodes]
    stage.app.screen.update_node_styles(animate=False)
    after = [node.styles.base.get_rules() for node in nodes]
    return [node for node, was, now in zip(nodes, before, after, strict=True) if was != now]


@pytest.mark.parametrize("size", SIZES)
async def test_the_first_screen_needs_no_other_styles(size: tuple[int, int]) -> None:
    async with on_stage(size) as stage:
        assert restyled(stage) == []


@pytest.mark.parametrize("key", OPENED_BY)
async def test_a_dialog_needs_no_other_styles(key: str) -> None:
    async with on_stage() as stage:
        await stage.press(key)
        await stage.settle()
        assert len(stage.app.screen_stack) == 2
        assert restyled(stage) == []


@pytest.mark.parametrize("key", ["2", "3", "4"])
async def test_a_view_needs_no_other_styles(key: str) -> None:
    async with on_stage((120, 40)) as stage:
        await stage.press(key)
        await stage.settle()
        assert restyled(stage) == []


async def test_the_line_of_the_filter_needs_no_other_styles() -> None:
    async with on_stage() as stage:
        await stage.press("slash")
        await stage.settle()
        assert restyled(stage) == []


async def test_a_screen_that_opens_is_styled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: list[DOMNode] = []
    update = Stylesheet.update_nodes

    def noted(stylesheet: Stylesheet, nodes: object, animate: bool = False) -> None:
        styled = list(nodes)  # type: ignore[call-overload]
        whole.extend(node for node in styled if node is node.screen)
        update(stylesheet, styled, animate)

    monkeypatch.setattr(Stylesheet, "update_nodes", noted)
    async with on_stage((300, 80)) as stage:
        await stage.settle()
        assert stage.app.screen.has_class("-vast", "-tall")
        assert whole == []
        await stage.press("question_mark")
        await stage.settle()
        assert stage.app.screen.has_class("-vast", "-tall")
        assert whole == []
