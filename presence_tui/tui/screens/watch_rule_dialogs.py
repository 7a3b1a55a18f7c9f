"""Opens the dialogs of watch rules, once there is anything to make them with."""

from typing import TYPE_CHECKING

from textual.screen import Screen

from presence_tui.store import PresenceStore
from presence_tui.tui.language import Language

if TYPE_CHECKING:
    # Only to say what it is: the first paint needs no alerts, and their imports take time.
    from presence_tui.alerts.desk import Desk


class WatchRuleDialogs:
    """Above a screen. ``desk`` is ``None`` until rules can be made."""

    def __init__(self, screen: Screen[None], store: PresenceStore, language: Language) -> None:
        self.desk: Desk | None = None
        self._screen = screen
        self._store = store
        self._language = language

    def open_person(self, key: str) -> None:
        """The rules about somebody, by presence key."""
        record = self._store.get_user_by_id(key)
        if record is None:
            self._tell(self._language.say("Nobody is selected. Choose somebody with the arrow keys."))
            return
        if (desk := self._ready()) is not None:
            from presence_tui.tui.screens.rules_of_person import RulesOfPerson

            self._screen.app.push_screen(RulesOfPerson(record, desk, self._language, self.open_all))

    def open_all(self) -> None:
        """All rules there are."""
        if (desk := self._ready()) is not None:
            from presence_tui.tui.screens.all_rules import AllRules

            self._screen.app.push_screen(AllRules(desk, self._store, self._language, self.open_person))

    def _ready(self) -> "Desk | None":
        if self.desk is None:
            self._tell(self._language.say("Watch rules are not there yet; a moment."))
        return self.desk

    def _tell(self, sentence: str) -> None:
        self._screen.notify(sentence, markup=False)
