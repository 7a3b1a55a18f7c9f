"""A dialog with every watch rule, and with what became of what they sent."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from presence_tui.alerts.delivery_queue import DeliveryCounters
from presence_tui.alerts.rules import AlertRule, Channel
from presence_tui.alerts.service import AlertService
from presence_tui.store import PresenceStore
from presence_tui.tui.alert_texts import AlertTexts
from presence_tui.tui.language import Language
from presence_tui.tui.screens.modal import Modal
from presence_tui.tui.widgets.rule_options import RuleOptions, place

_REMOVE = "remove"


class RulesDialog(Modal[None]):
    """Rules made on the screen can be removed here; those of the configuration are shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,W", "dismiss", show=False),
        Binding("x,delete,backspace", "ask('remove')", show=False),
    ]

    def __init__(
        self, desk: AlertService, store: PresenceStore, language: Language, open_person: Callable[[str], None]
    ) -> None:
        """``open_person`` opens the rules of somebody, by presence key."""
        super().__init__()
        self._desk = desk
        self._language = language
        self._words = AlertTexts(language, store)
        self._open_person = open_person
        self._own = desk.own.all

    def compose(self) -> ComposeResult:
        say = self._language.say
        options = RuleOptions(*self._options(), id="rules", classes="dialog -wide")
        options.explain(say("Watch rules"), say("enter opens · x removes · esc closes"))
        yield options

    def on_mount(self) -> None:
        self.query_one(RuleOptions).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if event.option_index < len(self._own):
            self.dismiss()
            self._open_person(self._own[event.option_index].key)

    def on_rule_options_asked(self, event: RuleOptions.Asked) -> None:
        if event.what != _REMOVE or event.index >= len(self._own):
            return
        rule = self._own.pop(event.index)
        # By the app, because this dialog may be gone before the disk is done.
        self.app.run_worker(self._desk.drop(rule))
        options = self.query_one(RuleOptions)
        options.clear_options()
        options.add_options(self._options())
        if self._own:
            options.highlighted = min(event.index, len(self._own) - 1)

    def action_ask(self, what: str) -> None:
        self.query_one(RuleOptions).ask(what)

    def _options(self) -> list[Option]:
        say = self._language.say
        remove = place("  [" + say("remove") + "]", _REMOVE)
        own = self._desk.own.as_watched(self._own)
        options = [Option(self._prompt(rule).append_text(remove)) for rule in own]
        given = (self._prompt(rule, say("configuration")) for rule in self._desk.given)
        options += [Option(prompt, disabled=True) for prompt in given]
        if not options:
            options = [Option(Text(say("None yet: w on somebody makes one.")), disabled=True)]
        usual = Text(say("Unless said otherwise: {ways}", ways=self._ways(self._desk.own.ways)))
        tallies = [self._of_tally(way, tally) for way, tally in self._desk.tallies.items()]
        return [
            *options,
            Option(Text(), disabled=True),
            *(Option(each, disabled=True) for each in (usual, *tallies)),
        ]

    def _prompt(self, rule: AlertRule, remark: str = "") -> Text:
        """What a rule waits for, by which ways it tells if not by the usual ones, and where it is from."""
        parts = [self._words.rule(rule)]
        if rule.ways != self._desk.own.ways:
            parts.append(self._ways(rule.ways))
        if remark:
            parts.append(remark)
        name = f"{rule.name}: " if remark and rule.name else ""
        return Text(f"{name}{' · '.join(parts)}")

    def _ways(self, ways: frozenset[Channel]) -> str:
        return ", ".join(self._words.way(way) for way in Channel if way in ways)

    def _of_tally(self, way: Channel, tally: DeliveryCounters) -> Text:
        count = self._language.count
        parts = [
            count("{n} sent", "{n} sent", tally.sent),
            count("{n} failed", "{n} failed", tally.failed),
        ]
        if tally.left_out:
            parts.append(count("{n} given up", "{n} given up", tally.left_out))
        trouble = f" · {self._language.phrase(tally.trouble)}" if tally.trouble is not None else ""
        return Text(f"{self._words.way(way)}: {', '.join(parts)}{trouble}")
