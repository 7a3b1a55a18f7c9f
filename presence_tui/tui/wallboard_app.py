"""The application for browsers: only the wallboard, without writing or revealing anything else."""

from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp

from presence_tui.service.target import CannotOpen
from presence_tui.text.language import Language
from presence_tui.tui.app import PresenceApp
from presence_tui.tui.commands import Command
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.wallboard import Wallboard
from presence_tui.tui.themed_app import read_styles


class WallboardDriver(WebDriver):
    """The library's driver, but it also ends with its server."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._wallboard = app

    def start_application_mode(self) -> None:
        super().start_application_mode()
        # No wrapping, like terminal drivers: text that a terminal counts beyond its edge stays in its row.
        self.write("\x1b[?7l")

    def run_input_thread(self) -> None:
        super().run_input_thread()
        self._wallboard.post_message(ExitApp())


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
