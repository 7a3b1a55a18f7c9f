"""Dialogs of alert rules: those about one participant, to turn on and off, and all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from presence_tui.alerts.delivery import DeliveryCounters
from presence_tui.alerts.rules import DEFAULT_AFTER_S, AlertRule, Channel, Trigger
from presence_tui.alerts.service import AlertService
from presence_tui.alerts.user_rules import UserRule, user_rule
from presence_tui.store import PresenceStore, Record
from presence_tui.text.alert_texts import AlertTexts
from presence_tui.text.language import Language
from presence_tui.tui.screens.dialog import Modal

SPANS_S: Final = (30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 14_400.0)
"""The selectable times."""
_SHORTER, _LONGER = "shorter", "longer"
_REMOVE = "remove"

_DOES: Final = "does"
_FRAME_CELLS: Final = 6
"""Corners, and the space between them and the text."""


class RuleOptions(OptionList):
    """A list whose lines contain clickable actions.

    A click on an action, or a key on the line with the cursor, posts ``Asked``.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("space", "select", show=False),
    ]

    class Asked(Message):
        """An action of a line was requested."""

        def __init__(self, index: int, what: str) -> None:
            self.index = index
            self.what = what
            super().__init__()

    def explain(self, title: str, ways_on: str) -> None:
        """Set title and hint in the border; the list is at least as wide as the hint, if it fits."""
        # As ``Text``, because a string is read as markup, and titles contain names.
        self.border_title, self.border_subtitle = Text(title), Text(ways_on)
        self.styles.min_width = cell_len(ways_on) + _FRAME_CELLS

    def ask(self, what: str) -> None:
        """Request an action of the line under the cursor, by a key."""
        if self.highlighted is not None:
            self.post_message(self.Asked(self.highlighted, what))

    def on_click(self, event: events.Click) -> None:
        index, what = event.style.meta.get("option"), event.style.meta.get(_DOES)
        if index is not None and what is not None:
            self.highlighted = index
            self.ask(what)
            # The click does not select the line.
            event.prevent_default()


def action_link(text: str, does: str) -> Text:
    """A clickable action in a line."""
    return Text(text, style=Style(meta={_DOES: does}))


@dataclass(slots=True)
class _Line:
    """One line of the dialog: a trigger."""

    kind: Trigger
    is_on: bool
    after_s: float


class ParticipantRulesDialog(Modal[None]):
    """Shows the user's rules about one participant, and changes them at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,w", "dismiss", show=False),
        Binding("left,h,minus", "ask('shorter')", show=False),
        Binding("right,plus", "ask('longer')", show=False),
        Binding("W", "all_rules", show=False),
    ]

    def __init__(
        self,
        record: Record,
        alert_service: AlertService,
        language: Language,
        show_all_rules: Callable[[], None],
        remark: str = "",
    ) -> None:
        """``remark`` is about all rules that are made here."""
        super().__init__()
        self._remark = remark
        self._key, self._shown_name = record.key, record.shown_name
        self._alert_service = alert_service
        self._language = language
        self._show_all_rules = show_all_rules
        there = {rule.kind: rule for rule in alert_service.user_rules.about(record.key)}
        self._lines = [
            _Line(
                kind, kind in there, there[kind].after_s if kind in there else DEFAULT_AFTER_S.get(kind, 0.0)
            )
            for kind in Trigger
        ]

    def compose(self) -> ComposeResult:
        say = self._language.say
        options = RuleOptions(
            *(Option(self._prompt(line)) for line in self._lines),
            Option(Text("    " + say("All watch rules…"))),
            *([Option(Text("    " + self._remark), disabled=True)] if self._remark else []),
            id="rules",
            classes="dialog",
        )
        options.explain(
            say("Tell me when {name} …", name=self._shown_name), say("space switches · ← → time · esc closes")
        )
        yield options

    def on_mount(self) -> None:
        self.query_one(RuleOptions).focus()

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if event.option_index >= len(self._lines):
            self.action_all_rules()
            return
        line = self._lines[event.option_index]
        line.is_on = not line.is_on
        self._follow(event.option_index)

    async def on_rule_options_asked(self, event: RuleOptions.Asked) -> None:
        if event.index >= len(self._lines) or not self._lines[event.index].after_s:
            return
        line = self._lines[event.index]
        line.after_s = _stepped(line.after_s, 1 if event.what == _LONGER else -1)
        self._follow(event.index, only_time=True)

    def action_ask(self, what: str) -> None:
        self.query_one(RuleOptions).ask(what)

    def action_all_rules(self) -> None:
        self.dismiss()
        self._show_all_rules()

    def _follow(self, index: int, *, only_time: bool = False) -> None:
        """Show a changed line and apply its rule."""
        line = self._lines[index]
        self.query_one(RuleOptions).replace_option_prompt_at_index(index, self._prompt(line))
        if line.is_on or not only_time:
            # A worker of the app, because this dialog may be closed before the file is written.
            change = self._alert_service.add_rule if line.is_on else self._alert_service.remove_rule
            self.app.run_worker(change(self._rule(line)))

    def _rule(self, line: _Line) -> UserRule:
        return user_rule(line.kind, self._key, self._shown_name, line.after_s)

    def _prompt(self, line: _Line) -> Text:
        say, span = self._language.say, self._language.span(line.after_s)
        match line.kind:
            case Trigger.COMES:
                text = say("comes online")
            case Trigger.LEAVES:
                text = say("leaves")
            case Trigger.RETURNS:
                text = say("is back after more than")
            case Trigger.EMPTY:
                text = say("has been gone for")
            case Trigger.TYPING:
                text = say("types after a silence of")
        prompt = Text(f"[{'x' if line.is_on else ' '}] {text}", no_wrap=True)
        if line.after_s:
            prompt.append_text(action_link("  < ", _SHORTER)).append(span).append_text(
                action_link(" > ", _LONGER)
            )
        return prompt


def _stepped(after_s: float, step: int) -> float:
    """The next longer or shorter selectable time; the same if there is none."""
    if step > 0:
        return next((each for each in SPANS_S if each > after_s), after_s)
    return next((each for each in reversed(SPANS_S) if each < after_s), after_s)


class RulesDialog(Modal[None]):
    """Lists all rules, and the results of their deliveries; those made on the screen can be removed here."""

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
