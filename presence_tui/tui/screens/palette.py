"""The command palette, translated; Textual's own is in English only."""

from collections.abc import Iterable

from textual.command import Provider

from presence_tui.text.language import Language
from presence_tui.tui.textual_internals import TranslatedPalette


class Palette(TranslatedPalette):
    """Searches commands, or those of ``providers``. ``placeholder`` is shown in the empty input."""

    def __init__(
        self, language: Language, placeholder: str, providers: Iterable[type[Provider]] | None = None
    ) -> None:
        super().__init__(providers, placeholder=placeholder, id="--command-palette")
        self.nothing_matches = language.say("Nothing matches.")
