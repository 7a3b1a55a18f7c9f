"""How a person's refresh goes: one at a time, with its progress, until it is done or cancelled."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.worker import Worker

from presence_tui.tui.situation import Situation

if TYPE_CHECKING:
    # Only to say what they are: the first paint needs none of them, and their imports take time.
    from presence_tui.monitor.reading import Progress, ReadingReport
    from presence_tui.monitor.watch import Watch


class Refreshing:
    """Asks the watch. ``on_progress`` is called at each step, ``on_report`` with what it brought."""

    def __init__(
        self,
        situation: Situation,
        on_progress: Callable[[], object],
        on_report: Callable[["ReadingReport | None"], object],
    ) -> None:
        self._situation = situation
        self._on_progress = on_progress
        self._on_report = on_report
        self._worker: Worker[None] | None = None
        self.progress: Progress | None = None

    def start(self, screen: Screen[None]) -> bool:
        """Begin in a worker of the screen. False, and nothing happens, while anything is being read."""
        watch = self._situation.watch
        if watch is None or watch.is_reading:
            return False
        self._worker = screen.run_worker(self._refresh(watch))
        return True

    def cancel(self) -> bool:
        """Stop; what was read is kept. False if there is nothing to stop."""
        worker, self._worker = self._worker, None
        if worker is None or not worker.is_running:
            return False
        worker.cancel()
        self.progress = None
        return True

    async def _refresh(self, watch: "Watch") -> None:
        try:
            report = await watch.refresh(self._follow)
        finally:
            self.progress = None
        self._on_report(report)

    def _follow(self, progress: "Progress") -> None:
        self.progress = progress
        self._on_progress()
