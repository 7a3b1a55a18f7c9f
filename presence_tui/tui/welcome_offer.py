"""Offers to connect to a gateway, once, because nothing is configured."""

from collections.abc import Callable

from textual.app import App
from textual.screen import Screen
from textual.widgets import Input

from presence_tui.service.events import Resynced, ServiceEvent
from presence_tui.service.service import PresenceService
from presence_tui.text.language import Language


class WelcomeOffer:
    """Shows the welcome after the first resync, unless the user is already busy on another screen."""

    def __init__(
        self, app: App[None], screen: Screen[None], language: Language, connect: Callable[[], None]
    ) -> None:
        self._app = app
        self._screen = screen
        self._language = language
        self._connect = connect
        self._is_due = True

    def follow(self, service: PresenceService) -> None:
        service.events.subscribe(self._on_event)

    def _on_event(self, event: ServiceEvent) -> None:
        if self._is_due and isinstance(event, Resynced):
            self._is_due = False
            if self._app.screen is self._screen and not isinstance(self._app.focused, Input):
                from presence_tui.tui.screens.welcome import Welcome

                self._app.push_screen(Welcome(self._language, self._connect))
