"""The command palette, in the language of the screen: the library's own speaks English only."""

from collections.abc import Iterable
from functools import partial

from rich.align import Align
from rich.text import Text
from textual.command import CommandList, CommandPalette, Provider
from textual.widgets.option_list import Option

from presence_tui.text.language import Language


class Palette(CommandPalette):
    """Offers commands, or what ``providers`` have. ``placeholder`` says what is looked for."""

    def __init__(
        self, language: Language, placeholder: str, providers: Iterable[type[Provider]] | None = None
    ) -> None:
        super().__init__(providers, placeholder=placeholder, id="--command-palette")
        self._nothing = language.say("Nothing matches.")

    def _start_no_matches_countdown(self, search_value: str) -> None:
        self._stop_no_matches_countdown()
        say_so = partial(self._say_that_nothing_matches, bool(search_value))
        self._no_matches_timer = self.set_timer(self._NO_MATCHES_COUNTDOWN, say_so)

    def _say_that_nothing_matches(self, was_searched_for: bool) -> None:
        if was_searched_for:
            said = Align.center(Text(self._nothing))
            self.query_one(CommandList).add_option(Option(said, disabled=True, id=self._NO_MATCHES))
        self._list_visible = was_searched_for
