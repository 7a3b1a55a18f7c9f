"""What a line of the activity leads to: its participant, or the list of all whom it is about."""

from presence_tui.tui.controllers.context import WatchContext
from presence_tui.tui.controllers.views import ViewController
from presence_tui.tui.widgets.activity_feed import ActivityFeed


class ActivityController:
    """Acts on lines that were picked."""

    def __init__(self, context: WatchContext, views: ViewController) -> None:
        self._context = context
        self._views = views

    async def pick(self, picked: ActivityFeed.Picked) -> None:
        """Go to the participant, or list all whom a correction is about; enter goes to one."""
        if picked.corrections is None:
            await self._views.select(picked.key)
            return
        from presence_tui.tui.screens.corrections_dialog import CorrectionsDialog

        context = self._context
        dialog = CorrectionsDialog(picked.corrections, context.store, context.wording, context.glyphs)
        context.screen.app.push_screen(dialog, self._go_to)

    def _go_to(self, key: str | None) -> None:
        if key is not None:
            self._context.screen.run_worker(self._views.select(key))
