"""Shows one message at a time: a newer one replaces an older one, and one that is no longer true goes away.

Textual would stack its toasts, three rows each, over the newest lines of the activity.
"""

from collections.abc import Callable
from typing import Any, Final

from textual.app import App
from textual.notifications import SeverityLevel
from textual.screen import Screen

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
        # What failed is not taken away by a passing remark, but by the next failure.
        for notification in notifications_of(self):
            if notification.severity in ("information", severity) and notification.timeout <= PASSING_S:
                take_back(self, notification)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)


class Toasts:
    """The toasts of a screen that pass; those about a state only for as long as it lasts."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._conditions: dict[str, Callable[[], bool]] = {}

    def show(
        self, text: str, severity: SeverityLevel = "information", holds: Callable[[], bool] | None = None
    ) -> None:
        """Show a sentence for some seconds, at most until ``holds`` is false."""
        self._conditions.pop(text, None)
        if holds is not None:
            self._conditions[text] = holds
        self._screen.notify(text, severity=severity, markup=False, timeout=PASSING_S)

    def drop_untrue(self) -> None:
        """Remove those whose condition is false."""
        if not self._conditions:
            return
        shown = notifications_of(self._screen.app)
        for text, holds in list(self._conditions.items()):
            if not holds():
                del self._conditions[text]
                for notification in shown:
                    if notification.message == text:
                        take_back(self._screen.app, notification, refresh=True)
