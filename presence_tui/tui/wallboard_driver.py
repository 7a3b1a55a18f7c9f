"""How a wallboard reaches its browser: over the pipes of the server that started it."""

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp


class WallboardDriver(WebDriver):
    """The library's driver, which ends with its server too: nobody looks any more."""

    def run_input_thread(self) -> None:
        super().run_input_thread()
        self._app.post_message(ExitApp())
