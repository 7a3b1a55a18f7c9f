"""The application for browsers: only the wallboard, without writing or revealing anything else."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from presence_tui.service.target import CannotOpen
from presence_tui.text.language import Language
from presence_tui.tui.app import PresenceApp
from presence_tui.tui.commands import Command
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.lazy_styles import read_styles
from presence_tui.tui.screens.wallboard import Wallboard


class WallboardApp(PresenceApp, inherit_bindings=False):
    """Has no commands, palette or help. In a terminal, ctrl+l repaints."""

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+l", "repaint", show=False)]

    def known_commands(self, language: Language) -> list[Command]:
        return []

    def first_screen(self, glyphs: Glyphs, least_period_s: float) -> Wallboard:
        read_styles(self.stylesheet, "wallboard")
        self._wallboard = Wallboard(self._service, self._wording, glyphs, least_period_s)
        return self._wallboard

    def show_refusal(self, stop: CannotOpen) -> None:
        # The viewer has no terminal to read it afterwards.
        self._wallboard.show_text(str(stop))
