"""Alerts on the screen and the terminal, and the dialogs of alert rules.

Output besides frames is passed to Textual's driver in one piece, from the thread that
passes the frames: the driver writes one piece at a time, so they are never interleaved.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.service.events import AlertRaised
from presence_tui.service.state import DEMO
from presence_tui.tui.controllers.context import Handlers, WatchContext
from presence_tui.tui.controllers.views import ViewController
from presence_tui.tui.terminal_reports import TerminalFocus
from presence_tui.tui.textual_internals import write_to_terminal
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.alerts.rules import RuleMatch
    from presence_tui.alerts.service import AlertService

ALERT_S = 12.0

TerminalNotification = Callable[[str], str]
"""Builds the notification sequence for a text; empty if turned off."""

FindNotification = Callable[[], TerminalNotification | None]
"""``None`` if the terminal is not known to support notifications. Called when alerts are loaded."""


class AlertController:
    """Shows alerts as toast, bell and terminal notification."""

    def __init__(
        self,
        context: WatchContext,
        views: ViewController,
        focus: TerminalFocus,
        find_notification: FindNotification,
    ) -> None:
        self._context = context
        self._views = views
        self._attention = focus
        self._find_notification = find_notification
        self._notification: TerminalNotification | None = None

    def handlers(self) -> Handlers:
        return {
            "watch_person": lambda: self.open_rules_of(self._context.selected_key() or ""),
            "watch_rules": self.open_all_rules,
        }

    def check_channels(self) -> Phrase | None:
        """Return a warning if rules use notifications that this terminal is not known to support."""
        alerts = self._context.service.alerts
        if alerts is None:
            return None
        self._notification = self._find_notification()
        if self._notification is not None:
            return None
        from presence_tui.alerts.rules import Channel

        if Channel.TERMINAL in alerts.user_rules.channels.union(
            *(rule.channels for rule in alerts.configured_rules)
        ):
            return phrase("This terminal is not known to show notifications; see presence-tui notify-test.")
        return None

    def show(self, raised: AlertRaised) -> str:
        """Show an alert on the channels of its rules, except for changes already visible.

        Returns what the activity feed does not say of it; empty where it says all.
        """
        from presence_tui.alerts.router import rings_for
        from presence_tui.alerts.rules import Alert, Channel
        from presence_tui.text.alert_texts import AlertTexts

        alert = raised.alert
        texts = AlertTexts(self._context.wording.language, self._context.store)
        unlisted = tuple(match for match in alert.matches if not self._has_activity_line(match))
        deliver: dict[Channel, Callable[[str], None]] = {
            Channel.TOAST: self._toast,
            Channel.BELL: lambda text: self._context.screen.app.bell(),
            Channel.TERMINAL: self._notify_terminal,
        }
        for channel, show in deliver.items():
            matches = rings_for(alert, channel, is_quiet=raised.is_quiet, is_seen=self._is_seen)
            if matches:
                show(safe_text(texts.sentence(Alert(alert.at_s, matches)), MESSAGE_CELLS))
        return texts.sentence(Alert(alert.at_s, unlisted)) if unlisted else ""

    def open_rules_of(self, key: str) -> None:
        """Open the rules about a participant, by presence key."""
        record = self._context.selected(key)
        if record is not None and (alerts := self._ready()) is not None:
            from presence_tui.tui.screens.rules_dialog import ParticipantRulesDialog

            language = self._context.wording.language
            self._context.screen.app.push_screen(
                ParticipantRulesDialog(record, alerts, language, self.open_all_rules, self._remark())
            )

    def open_all_rules(self) -> None:
        """Open all rules."""
        if (alerts := self._ready()) is not None:
            from presence_tui.tui.screens.rules_dialog import RulesDialog

            store, language = self._context.store, self._context.wording.language
            self._context.screen.app.push_screen(
                RulesDialog(alerts, store, language, self.open_rules_of, self._remark())
            )

    def _remark(self) -> str:
        if self._context.service.state.gateway != DEMO:
            return ""
        return self._context.say("Rules of the demo end with it.")

    def _ready(self) -> "AlertService | None":
        alerts = self._context.service.alerts
        if alerts is None:
            self._context.toast(
                self._context.say("Watch rules are not there yet; a moment."),
                holds=lambda: self._context.service.alerts is None,
            )
        return alerts

    def _toast(self, text: str) -> None:
        self._context.screen.notify(text, markup=False, timeout=ALERT_S)

    def _notify_terminal(self, text: str) -> None:
        app = self._context.screen.app
        if self._notification is None or app.is_headless:
            return
        if not write_to_terminal(app, self._notification(text)):
            app.bell()

    def _has_activity_line(self, match: "RuleMatch") -> bool:
        from presence_tui.alerts.rules import Trigger

        record = self._context.store.get_user_by_id(match.key)
        conversation_id = self._context.service.state.conversation_id
        is_listed = record is not None and self._context.store.rosters.is_member(conversation_id, record)
        return match.kind in (Trigger.COMES, Trigger.LEAVES) and is_listed

    def _is_seen(self, match: "RuleMatch") -> bool:
        from presence_tui.alerts.rules import Trigger

        # An empty group draws no row, so it is never seen.
        return match.kind is not Trigger.EMPTY and self._attention.is_here and self._is_drawn(match.key)

    def _is_drawn(self, key: str) -> bool:
        """True if a change of this participant is visible now."""
        record = self._context.store.get_user_by_id(key)
        is_drawn = self._context.screen.is_seen and not self._views.is_paused
        return record is not None and is_drawn and self._views.seen.shows(record)
