"""The filter line is built after the first paint, or by the first key that needs it."""

from textual.app import App, ComposeResult
from textual.widgets import Input

from presence_tui.text.language import Language
from presence_tui.tui.widgets.mode_line import FilterBar


class Early(App[None]):
    """Opens or fills the filter line before the first paint."""

    def __init__(self, query: str | None) -> None:
        super().__init__()
        self.looked_for: list[str] = []
        self._query = query

    def compose(self) -> ComposeResult:
        yield FilterBar(Language("en"))

    def on_mount(self) -> None:
        bar = self.query_one(FilterBar)
        if self._query is None:
            bar.open()
        else:
            bar.show(self._query)

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        self.looked_for.append(event.query)


async def test_what_is_typed_before_the_first_paint_is_looked_for() -> None:
    app = Early(None)
    async with app.run_test() as pilot:
        await pilot.press("a", "d")
        assert app.looked_for[-1:] == ["ad"]
        assert len(app.query(Input)) == 1


async def test_what_was_kept_is_shown_and_not_looked_for_again() -> None:
    app = Early("bo")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.query_one(Input).value == "bo"
        assert app.query_one(FilterBar).is_open
        assert app.looked_for == []
