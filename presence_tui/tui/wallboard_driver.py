"""The wallboard's driver, which uses the pipes of its server."""

from typing import Any

from textual.app import App
from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp


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
