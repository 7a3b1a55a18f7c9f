"""Alerts on a screen: toasts, the bell, and notifications of the terminal.

What goes to the terminal besides frames is handed to Textual's driver in one piece, from the thread that
hands it the frames: the driver writes one piece after the other, so that none lands inside of another.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from presence_tui.alerts.alert import Alert, Ring
from presence_tui.alerts.desk import Desk, Front
from presence_tui.alerts.notice import Notice
from presence_tui.alerts.rules import Kind, Way
from presence_tui.domain.phrases import phrase
from presence_tui.store import PresenceStore
from presence_tui.tui.alert_words import AlertWords
from presence_tui.tui.attention import Attention
from presence_tui.tui.wording import Wording

if TYPE_CHECKING:
    # Only to say what they are: each of them needs this file.
    from presence_tui.tui.app import PresenceApp
    from presence_tui.tui.screens.watch_screen import WatchScreen


@dataclass(frozen=True, slots=True)
class AlertSetup:
    """A desk to open, and how the terminal is asked for a notification, if it is known how."""

    desk: Desk
    notification: Callable[[str], str] | None = None


OpenAlerts = Callable[[PresenceStore], Awaitable[AlertSetup | None]]
"""Makes the desk of a store; called after the first paint."""


class Alerting:
    """Opens a desk with what this screen can do."""

    def __init__(
        self, app: "PresenceApp", screen: "WatchScreen", wording: Wording, attention: Attention
    ) -> None:
        self._app = app
        self._screen = screen
        self._words = AlertWords(wording.language, wording.store)
        self._attention = attention

    async def open(self, setup: AlertSetup) -> None:
        """From here on alerts are told."""
        ways = {Way.TOAST: self._toast, Way.BELL: self._ring}
        notification = setup.notification
        if notification is not None:
            ways[Way.TERMINAL] = lambda notice: self._write(notification(notice.text))
        elif Way.TERMINAL in setup.desk.own.ways.union(*(rule.ways for rule in setup.desk.given)):
            self._screen.tell_trouble(
                phrase("This terminal is not known to show notifications; see presence-tui notify-test.")
            )
        await setup.desk.open(
            Front(ways, self._words.sentence, self._screen.tell_trouble, self._note, self._is_seen)
        )
        self._screen.be_alerted_by(setup.desk)

    def _toast(self, notice: Notice) -> None:
        self._screen.tell_alert(notice.text)

    def _ring(self, notice: Notice) -> None:
        self._app.bell()

    def _write(self, sequence: str) -> None:
        driver = self._app._driver
        if driver is not None and not self._app.is_headless:
            driver.write(sequence)

    def _note(self, alert: Alert) -> None:
        """A line of the activity for what has none yet."""
        rings = tuple(ring for ring in alert.rings if not self._has_line(ring))
        if rings:
            self._screen.note_alert(self._words.sentence(Alert(alert.at_s, rings)))

    def _has_line(self, ring: Ring) -> bool:
        return ring.kind in (Kind.COMES, Kind.LEAVES) and self._screen.lists(ring.key)

    def _is_seen(self, ring: Ring) -> bool:
        # That nobody is there is nothing one sees happen.
        return ring.kind is not Kind.EMPTY and self._attention.is_here and self._screen.shows(ring.key)
