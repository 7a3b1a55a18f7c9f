"""Tabs lose whole labels where there is little room."""

from collections.abc import Sequence

import pytest

from presence_tui.text.language import Language
from presence_tui.tui.views.names import ViewName, heading
from presence_tui.tui.widgets.view_tabs import Tab, fitting
from tests.tui.app_harness import SMALLEST, USUAL, running_app


def tabs_in(code: str) -> list[Tab]:
    return [Tab(name, str(place), heading(name, Language(code))) for place, name in enumerate(ViewName, 1)]


def labels_of(tabs: Sequence[Tab]) -> set[str]:
    return {tab.label for tab in tabs}


@pytest.mark.parametrize("seen", [ViewName.PARTICIPANTS, ViewName.CONVERSATIONS, ViewName.PACKETS])
@pytest.mark.parametrize("code", ["en", "fr"])
def test_only_views_that_do_not_fit_lose_their_label_at_60_columns(code: str, seen: ViewName) -> None:
    tabs = tabs_in(code)
    lost = labels_of(tabs) - labels_of(fitting(tabs, seen, 60))
    assert lost == {heading(ViewName.SIDE_BY_SIDE, Language(code))}
    assert fitting(tabs, seen, 80) == tabs


@pytest.mark.parametrize("cells", [4, 20, 33, 45, 59])
def test_labels_are_whole_or_gone(cells: int) -> None:
    tabs = tabs_in("en")
    shown = fitting(tabs, ViewName.CONTACTS, cells)
    assert labels_of(shown) <= {*labels_of(tabs), ""} and shown[2].label == "Contacts"
    assert sum(tab.cells for tab in shown) <= max(cells, 24)


def test_a_tab_without_a_key_keeps_its_label() -> None:
    tabs = [tab._replace(key="") for tab in tabs_in("en")]
    assert fitting(tabs, ViewName.PARTICIPANTS, 20) == tabs


@pytest.mark.parametrize("code", ["en", "fr"])
@pytest.mark.parametrize("size", [SMALLEST, USUAL], ids=str)
async def test_no_tab_is_cut_and_each_can_be_clicked(size: tuple[int, int], code: str) -> None:
    async with running_app(size, language=code) as harness:
        (line,) = harness.lines_of(harness.screen.query_one("ViewTabs"))
        assert "…" not in line.text and "5" in line.text
        await harness.click(" 5 ")
        assert harness.screen.query("#packets-view")
