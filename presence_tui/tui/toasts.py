"""One line of the last row for what has just happened: a newer sentence takes the place of an older one.

Textual stacks its toasts, three rows each, over the newest lines of the activity.
"""

from typing import Final

from textual.app import App
from textual.notifications import SeverityLevel

from presence_tui.tui.textual_internals import notifications_of, take_back

PASSING_S: Final = 6.0
"""Whatever is shown no longer than this gives way to what comes next. Alerts and troubles stay."""


class ToastingApp(App[None]):
    """To be derived from."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        self._take_back_passing()
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def _take_back_passing(self) -> None:
        for notification in notifications_of(self):
            if notification.severity == "information" and notification.timeout <= PASSING_S:
                take_back(self, notification)
