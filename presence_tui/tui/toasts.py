"""Shows one message at a time: a newer one replaces an older one.

Textual would stack its toasts, three rows each, over the newest lines of the activity.
"""

from typing import Final

from textual.app import App
from textual.notifications import SeverityLevel

from presence_tui.tui.textual_internals import notifications_of, take_back

PASSING_S: Final = 6.0
"""Toasts shown no longer than this are replaced by the next. Alerts and errors stay."""


class ToastingApp(App[None]):
    """A base class."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        self._take_back_passing(severity)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def _take_back_passing(self, severity: SeverityLevel) -> None:
        # What failed is not taken away by a passing remark, but by the next failure.
        for notification in notifications_of(self):
            if notification.severity in ("information", severity) and notification.timeout <= PASSING_S:
                take_back(self, notification)
