"""A dialog with the findings of an audit; enter goes to the participant."""

from collections.abc import Iterator
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from presence_tui.audit.findings import AuditReport, Finding, FindingKind
from presence_tui.domain.enums import State
from presence_tui.store import PresenceStore
from presence_tui.text.audit_texts import finding_word, flag_word, runtime_word, summary
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.modal import Modal
from presence_tui.tui.widgets.conversation_list import ConversationOptions
from presence_tui.tui.widgets.unbroken_lines import unbroken

MOST_SHOWN: Final = 500
"""More findings than anybody reads; the command writes them all."""

_FRAME_CELLS: Final = 6
"""Corners, and the space between them and the text."""


class FindingsDialog(Modal[str | None]):
    """Returns the presence key of the chosen finding, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,a", "dismiss(None)", show=False)]

    def __init__(self, report: AuditReport, store: PresenceStore, wording: Wording, glyphs: Glyphs) -> None:
        super().__init__()
        self._report = report
        self._store = store
        self._wording = wording
        self._glyphs = glyphs
        self._keys: list[str] = []
        """Presence keys of the options; empty for one that leads nowhere."""

    def compose(self) -> ComposeResult:
        say = self._wording.language.say
        options = ConversationOptions(*self._options(), id="findings", classes="dialog -wide")
        options.border_title = Text(say("Audit"))
        way_out = say("enter goes there · esc closes")
        options.border_subtitle = way_out
        options.styles.min_width = cell_len(way_out) + _FRAME_CELLS
        yield options

    def on_mount(self) -> None:
        self.query_one(ConversationOptions).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if key := self._keys[event.option_index]:
            self.dismiss(key)

    def _options(self) -> Iterator[Option]:
        language, report = self._wording.language, self._report
        for finding in report.findings[:MOST_SHOWN]:
            self._keys.append(finding.key)
            yield Option(unbroken(self._prompt(finding), self.app.console), disabled=not finding.key)
            for key in finding.keys[:MOST_SHOWN]:
                self._keys.append(key)
                yield Option(Text(f"  {self._glyphs.selected} {self._name_of(key)}"))
        last = summary(report, language)
        if (more := len(report.findings) - MOST_SHOWN) > 0:
            last = " · ".join((language.count("{n} more", "{n} more", more), last))
        self._keys.append("")
        yield Option(unbroken(Text(last), self.app.console), disabled=True)

    def _prompt(self, finding: Finding) -> Text:
        """Word and participant; the three answers and their age; the likely cause."""
        language, say = self._wording.language, self._wording.language.say
        name = f" · {self._name_of(finding.key)}" if finding.key else ""
        heading = f"{self._glyph(finding.kind)} {finding_word(finding.kind, language)}{name}"
        lines = [Text(heading, style="bold")]
        if finding.key:
            answers = [
                say("socket {word}", word=flag_word(finding.flag, language)),
                say("runtime {word}", word=runtime_word(finding.runtime, language)),
                say("rule {rule}", rule=self._wording.state(finding.state) if finding.state else "—"),
            ]
            if finding.evidence_s is not None:
                age = language.span(self._store.clock.stamp().wall_s - finding.evidence_s)
                answers.append(say("told {age} ago", age=age))
            lines.append(Text(f"  {' · '.join(answers)}"))
        lines.append(Text(f"  {language.phrase(finding.cause)}"))
        return Text("\n").join(lines)

    def _name_of(self, key: str) -> str:
        record = self._store.get_user_by_id(key)
        if record is None:
            return key
        return " ".join((record.shown_name, *self._wording.distinction(record)[:1]))

    def _glyph(self, kind: FindingKind) -> str:
        glyphs = self._glyphs
        match kind:
            case FindingKind.GHOST_ONLINE:
                return glyphs.states[State.ONLINE]
            case FindingKind.GHOST_OFFLINE:
                return glyphs.states[State.OFFLINE]
            case FindingKind.STALE_ACTIVITY:
                return glyphs.states[State.IDLE]
            case FindingKind.INCOHERENT | FindingKind.CONTRADICTING_ANSWERS:
                return glyphs.disagrees
            case FindingKind.DEAF_FEED | FindingKind.DEPARTURES_UNANNOUNCED:
                return glyphs.notice
            case _:
                return glyphs.states[State.UNKNOWN]
