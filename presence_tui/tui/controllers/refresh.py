"""Refresh by REST, and the dialogs of the link and of its figures."""

from typing import TYPE_CHECKING, Final

from textual.worker import Worker

from presence_tui.service.state import Phase
from presence_tui.tui.controllers.context import Handlers, WatchContext

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.monitor.roster_refresh import RefreshReport
    from presence_tui.tui.widgets.labelled_lines import Labelled


COOLDOWN_S: Final = 2.0
"""Between two refreshes: whoever presses again so soon has not read the answer yet."""


class RefreshController:
    """Runs one refresh at a time; it can be cancelled."""

    def __init__(self, context: WatchContext) -> None:
        self._context = context
        self._worker: Worker[None] | None = None
        self._next_s = 0.0
        """When the next refresh may begin, on the monotonic clock."""

    def handlers(self) -> Handlers:
        return {"refresh": self.refresh, "link": self.show_link, "metrics": self.show_metrics}

    def refresh(self) -> None:
        """Start a refresh, or show a message while one is running."""

        def is_reading() -> bool:
            state = self._context.service.state
            return state.phase < Phase.MONITOR or state.is_refreshing

        if is_reading():
            self._context.toast(
                self._context.say("Already reading; the answer is on its way."), holds=is_reading
            )
            return
        if self._now_s() < self._next_s:
            self._context.toast(
                self._context.say("This was read a moment ago."), holds=lambda: self._now_s() < self._next_s
            )
            return
        self._worker = self._context.screen.run_worker(self._refresh())

    def cancel(self) -> bool:
        """Cancel the refresh and keep what was read; false if none is running."""
        worker, self._worker = self._worker, None
        if worker is None or not worker.is_running:
            return False
        worker.cancel()
        self._context.toast(self._context.say("Refresh cancelled; what it had read is kept."))
        return True

    def show_link(self) -> None:
        """Show the state of the link and what was received over it."""
        service, wording = self._context.service, self._context.wording
        if service.state.phase >= Phase.MONITOR:
            from presence_tui.tui.screens.dialog_texts import link_text

            self._context.show_dialog(self._context.say("Link"), lambda: link_text(service, wording))

    def show_metrics(self) -> None:
        """Show where time goes, what arrived, and how long the link was live."""
        context, metrics = self._context, self._context.service.metrics
        if metrics is not None:
            from presence_tui.tui.screens.dialog_texts import metrics_text

            def make_text() -> "Labelled":
                metrics.skipped_frames = context.screen.skipped_frames
                return metrics_text(metrics.read(context.service.state), context.wording.language)

            context.show_dialog(context.say("Metrics"), make_text)

    async def _refresh(self) -> None:
        report = await self._context.service.refresh()
        if report is not None:
            self._next_s = self._now_s() + COOLDOWN_S
            self._show(report)
        self._context.draw()

    def _now_s(self) -> float:
        return self._context.store.clock.stamp().monotonic_s

    def _show(self, report: "RefreshReport") -> None:
        result = self._context.wording.refresh_result(report)
        if report.error is not None:
            unchanged = self._context.say("What was shown is kept.")
            self._context.toast(f"{result} {unchanged}", severity="error")
        else:
            self._context.toast(result)
