"""The list of who returns again and again."""

from presence_tui.tui.controllers.context import Handlers, WatchContext
from presence_tui.tui.controllers.views import ViewController


class FlapController:
    """Opens the list; enter goes to the participant."""

    def __init__(self, context: WatchContext, views: ViewController) -> None:
        self._context = context
        self._views = views

    def handlers(self) -> Handlers:
        return {"flaps": self.show}

    def show(self) -> None:
        """Show who flaps, and why, until it is closed."""
        context, flaps = self._context, self._context.service.flaps
        if flaps is None:
            return
        from presence_tui.tui.screens.flaps_dialog import FlapsDialog

        dialog = FlapsDialog(
            lambda: flaps.read(context.service.state), context.store, context.wording, context.glyphs
        )
        context.screen.app.push_screen(dialog, self._go_to)

    def _go_to(self, key: str | None) -> None:
        if key is not None:
            self._context.screen.run_worker(self._views.select(key))
