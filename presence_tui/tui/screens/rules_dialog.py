"""A dialog with all alert rules, and the results of their deliveries."""

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
from presence_tui.text.alert_texts import AlertTexts
from presence_tui.text.language import Language
from presence_tui.tui.screens.dialog import Modal
from presence_tui.tui.widgets.rule_options import RuleOptions, action_link

_REMOVE = "remove"


class RulesDialog(Modal[None]):
    """Lists all rules; those made on the screen can be removed here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,W", "dismiss", show=False),
        Binding("x,delete,backspace", "ask('remove')", show=False),
        Binding("u", "restore", show=False),
    ]

    def __init__(
        self,
        alert_service: AlertService,
        store: PresenceStore,
        language: Language,
        open_person: Callable[[str], None],
        remark: str = "",
    ) -> None:
        """``open_person`` opens the rules about a participant, by presence key. ``remark`` is about all rules
        made on the screen.
        """
        super().__init__()
        self._remark = remark
        self._alert_service = alert_service
        self._language = language
        self._words = AlertTexts(language, store)
        self._open_person = open_person
        self._own = alert_service.user_rules.all

    def compose(self) -> ComposeResult:
        options = RuleOptions(*self._options(), id="rules", classes="dialog -wide")
        options.explain(self._language.say("Watch rules"), self._hint())
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
        # A worker of the app, because this dialog may be closed before the file is written.
        self.app.run_worker(self._alert_service.remove_rule(self._own[event.index]))
        self._show_rules(event.index)

    def action_ask(self, what: str) -> None:
        self.query_one(RuleOptions).ask(what)

    def action_restore(self) -> None:
        """Restore the last removed rule."""
        restored = self._alert_service.user_rules.last_removed
        saving = self._alert_service.restore_removed_rule()
        if restored is not None and saving is not None:
            self.app.run_worker(saving)
            self._show_rules(self._alert_service.user_rules.all.index(restored))

    def _show_rules(self, index: int) -> None:
        """List the rules as they are now, with the cursor on one of them."""
        self._own = self._alert_service.user_rules.all
        options = self.query_one(RuleOptions)
        options.clear_options()
        options.add_options(self._options())
        options.explain(self._language.say("Watch rules"), self._hint())
        if self._own:
            options.highlighted = min(index, len(self._own) - 1)

    def _hint(self) -> str:
        say = self._language.say
        if self._alert_service.user_rules.last_removed is None:
            return say("enter opens · x removes · esc closes")
        return say("rule removed: u undoes · x removes · esc closes")

    def _options(self) -> list[Option]:
        say = self._language.say
        remove = action_link("  [" + say("remove") + "]", _REMOVE)
        own = self._alert_service.user_rules.as_alert_rules(self._own)
        options = [Option(self._prompt(rule).append_text(remove)) for rule in own]
        given = (self._prompt(rule, say("configuration")) for rule in self._alert_service.configured_rules)
        options += [Option(prompt, disabled=True) for prompt in given]
        if not options:
            options = [Option(Text(say("None yet: w on somebody makes one.")), disabled=True)]
        usual = Text(
            say("Unless said otherwise: {ways}", ways=self._channels(self._alert_service.user_rules.channels))
        )
        tallies = [
            self._counter_texts(channel, tally) for channel, tally in self._alert_service.counters.items()
        ]
        return [
            *options,
            Option(Text(), disabled=True),
            *(Option(each, disabled=True) for each in (*filter(None, [Text(self._remark)]), usual, *tallies)),
        ]

    def _prompt(self, rule: AlertRule, remark: str = "") -> Text:
        """A rule's condition, its channels if not the default ones, and its origin."""
        parts = [self._words.rule(rule)]
        if rule.channels != self._alert_service.user_rules.channels:
            parts.append(self._channels(rule.channels))
        if remark:
            parts.append(remark)
        name = f"{rule.name}: " if remark and rule.name else ""
        return Text(f"{name}{' · '.join(parts)}")

    def _channels(self, channels: frozenset[Channel]) -> str:
        return ", ".join(self._words.channel(channel) for channel in Channel if channel in channels)

    def _counter_texts(self, channel: Channel, counters: DeliveryCounters) -> Text:
        count = self._language.count
        parts = [
            count("{n} sent", "{n} sent", counters.sent),
            count("{n} failed", "{n} failed", counters.failed),
        ]
        if counters.dropped:
            parts.append(count("{n} given up", "{n} given up", counters.dropped))
        error = f" · {self._language.phrase(counters.last_error)}" if counters.last_error is not None else ""
        return Text(self._language.labelled(self._words.channel(channel), f"{', '.join(parts)}{error}"))
