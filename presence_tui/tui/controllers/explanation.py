"""Participant page, help, rule and theme."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from presence_tui.domain.rules import RULES
from presence_tui.store import Record
from presence_tui.tui.controllers.context import Handlers, WatchContext
from presence_tui.tui.controllers.export import export_actions
from presence_tui.tui.keys import PALETTE_KEY
from presence_tui.tui.themes import DARK, LIGHT, SIXTEEN

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.service.packet_evidence import PacketEvidence
    from presence_tui.tui.screens.participant_history import ParticipantHistoryRows
    from presence_tui.tui.widgets.labelled_lines import Labelled


class ExplanationController:
    """Commands for the participant page, help, rule and theme. ``show_packet`` goes to a packet."""

    def __init__(self, context: WatchContext, show_packet: Callable[[int, str], Awaitable[None]]) -> None:
        self._context = context
        self._show_packet = show_packet
        self._packets: PacketEvidence | None = None
        # The configured rule may have its own limits.
        rule = context.store.states.rule
        self._rules = {**RULES, rule.name: rule}

    def handlers(self) -> Handlers:
        return {
            "explain": self.explain,
            "help": self.show_help,
            "rule": self.use_next_rule,
            "brightness": self.switch_brightness,
        }

    def explain(self) -> None:
        """Show the page of the selected participant."""
        context = self._context
        if (record := context.selected(context.selected_key())) is None:
            return
        history = self.history_of(record)

        def copy_page() -> None:
            rows = self.page_of(record, history.rows()).rows
            lines = [f"{label}: {text}" if label and text else label or text for label, text in rows]
            export_actions(context).copy(context.say("the page"), [record.shown_name, *lines], len(lines) + 1)

        context.show_dialog(
            record.shown_name,
            lambda: self.page_of(record, history.rows()),
            history.keep_reading,
            ("export",),
            (
                ("packet_person", context.say("Packet"), lambda: self._go_to_packet(record)),
                ("copy", context.say("Copy page"), copy_page),
            ),
        )

    def _go_to_packet(self, record: Record) -> None:
        """From the page to the packet that decides, or else to that of the last sign of life."""
        from presence_tui.service.provenance import deciding_packet, explain

        context = self._context
        number = deciding_packet(explain(record, context.store, self._packet_evidence()))
        if number is None:
            context.toast(context.say("No packet of this evidence is kept; REST answers have none."))
            return
        context.screen.app.pop_screen()
        # A worker of the page would end with it.
        context.screen.run_worker(self._show_packet(number, record.key))

    def history_of(self, record: Record) -> "ParticipantHistoryRows":
        """A participant's past, for their page."""
        from presence_tui.tui.screens.participant_history import ParticipantHistoryRows

        context = self._context
        return ParticipantHistoryRows(context.service, record, context.wording, context.glyphs)

    def page_of(self, record: Record, history_rows: Sequence[tuple[str, str]] = ()) -> "Labelled":
        """The text of a participant's page."""
        from presence_tui.tui.screens.participant_page import participant_text

        context = self._context
        rules, packets = self._rules.values(), self._packet_evidence()
        return participant_text(record, context.service, context.wording, rules, packets, history_rows)

    def _packet_evidence(self) -> "PacketEvidence | None":
        """What finds the packets about somebody; ``None`` until the monitor runs."""
        log = self._context.service.packets
        if log is not None and (self._packets is None or self._packets.log is not log):
            from presence_tui.service.packet_evidence import PacketEvidence

            self._packets = PacketEvidence(log)
        return self._packets

    def show_help(self) -> None:
        from presence_tui.tui.screens.help_dialog import HelpDialog, help_text

        context = self._context
        if isinstance(context.screen.app.screen, HelpDialog):
            return
        context.screen.app.push_screen(
            HelpDialog(
                context.say("Help"),
                lambda: help_text(context.commands, context.wording, context.glyphs),
                context.say("/ filters · esc closes"),
                context.say("key or word"),
            )
        )

    def use_next_rule(self) -> None:
        store, rules = self._context.store, list(self._rules.values())
        names = [rule.name for rule in rules]
        current = names.index(store.states.rule.name) if store.states.rule.name in names else -1
        following = rules[(current + 1) % len(rules)]
        store.states.set_rule(following)
        self._context.draw()
        from presence_tui.text.explanation_texts import RuleTexts

        self._context.toast(
            RuleTexts(self._context.wording).explained(following),
            holds=lambda: store.states.rule is following,
        )

    def switch_brightness(self) -> None:
        app, say = self._context.screen.app, self._context.say
        if app.theme == SIXTEEN:
            self._context.toast(
                say("This terminal has sixteen colours; {key} has all themes.", key=PALETTE_KEY)
            )
            return
        app.theme = DARK if app.theme == LIGHT else LIGHT
