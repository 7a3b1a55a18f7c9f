"""How a wallboard reaches its browser: over the pipes of the server that started it."""

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp


class WallboardDriver(WebDriver):
    """The library's driver, which ends with its server too: nobody looks any more."""

    def start_application_mode(self) -> None:
        super().start_application_mode()
        # As the drivers of terminals do: text that a terminal counts beyond its edge stays in its row.
        self.write("\x1b[?7l")

    def run_input_thread(self) -> None:
        super().run_input_thread()
        self._app.post_message(ExitApp())
