"""What a person asks: of the gateway, of one participant, of the link, and for help."""

from textual import on

from presence_tui.tui.keys import PALETTE_KEY
from presence_tui.tui.screens.watch.parts import WatchParts
from presence_tui.tui.themes import DARK, LIGHT, SIXTEEN
from presence_tui.tui.widgets.roster_panel import RosterPanel
from presence_tui.tui.widgets.title_bar import TitleBar


class Asking(WatchParts):
    """Commands that read again, explain, or open a dialog."""

    @on(RosterPanel.Opened)
    def _open(self, event: RosterPanel.Opened) -> None:
        self.action_explain()

    @on(TitleBar.LinkClicked)
    def _link_clicked(self) -> None:
        self.action_link()

    def action_refresh_now(self) -> None:
        """Ask for the truth by REST; while that is under way, asking again does nothing twice."""
        if not self._refreshing.start(self):
            self._tell(self._say("Already reading; the answer is on its way."))

    def action_explain(self) -> None:
        record = self._store.get_user_by_id(self.selected_key or "")
        if record is None:
            self._tell(self._say("Nobody is selected. Choose somebody with the arrow keys."))
            return
        from presence_tui.tui.screens.participant_page import participant_text
        from presence_tui.tui.screens.past import ParticipantPast

        memory = self._situation.memory
        past = ParticipantPast(
            memory.history if memory else None, record, self._store, self._wording, self._glyphs
        )
        self._show_dialog(
            record.shown_name,
            lambda: participant_text(
                record, self._situation, self._wording, self._rules.values(), past.rows()
            ),
            past.keep_reading,
        )

    def action_link(self) -> None:
        watch = self._situation.watch
        if watch is not None:
            from presence_tui.tui.screens.explanations import link_text

            self._show_dialog(self._say("Link"), lambda: link_text(watch, self._wording))

    def action_watch_person(self) -> None:
        self._watch_rules.open_person(self.selected_key or "")

    def action_watch_rules(self) -> None:
        self._watch_rules.open_all()

    def action_help(self) -> None:
        from presence_tui.tui.screens.explanations import help_text

        self._show_dialog(self._say("Help"), lambda: help_text(self._commands, self._wording, self._glyphs))

    def action_rule(self) -> None:
        rules = list(self._rules.values())
        names = [rule.name for rule in rules]
        current = names.index(self._store.rule.name) if self._store.rule.name in names else -1
        following = rules[(current + 1) % len(rules)]
        self._store.set_rule(following)
        self._tell(self._say("States by rule {rule}.", rule=following.name))

    def action_brightness(self) -> None:
        if self.app.theme == SIXTEEN:
            self._tell(self._say("This terminal has sixteen colours; {key} has all themes.", key=PALETTE_KEY))
            return
        self.app.theme = DARK if self.app.theme == LIGHT else LIGHT
