"""Dialogs that list participants: findings of an audit, flaps, corrections. Enter goes to one."""

from collections.abc import Callable, Iterator
from typing import ClassVar, Final, NamedTuple

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.visual import Visual
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from presence_tui.audit.findings import AuditReport, Finding, FindingKind
from presence_tui.domain.enums import State
from presence_tui.flaps.report import FlapReport, ParticipantFlaps
from presence_tui.store import PresenceStore
from presence_tui.text import audit_texts, flaps_texts
from presence_tui.text.wording import Wording
from presence_tui.tui.activity_groups import Corrections
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.dialog import Modal
from presence_tui.tui.widgets.conversation_list import ConversationOptions
from presence_tui.tui.widgets.labelled_lines import unbroken

MOST_FINDINGS: Final = 500
"""More findings than anybody reads; the command writes them all."""
MOST_FLAPPING: Final = 200
"""More participants than anybody reads; the command writes them all."""
MOST_WAVES: Final = 10

_FRAME_CELLS: Final = 6
"""Corners, and the space between them and the text."""


class Row(NamedTuple):
    """One row of the list, of one or more lines."""

    key: str
    """Presence key; empty where the row leads nowhere."""
    text: Text
    is_choice: bool = True
    """False if the cursor passes over it."""


class ParticipantListDialog(Modal[str | None]):
    """Returns the presence key of the chosen row, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", show=False)]

    def __init__(
        self, title: str, list_id: str, store: PresenceStore, wording: Wording, glyphs: Glyphs
    ) -> None:
        """``list_id`` is the id of the list, for styles."""
        super().__init__()
        self.store = store
        self.wording = wording
        self.glyphs = glyphs
        self._title = title
        self._list_id = list_id
        self._rows: list[Row] = []

    def rows(self) -> Iterator[Row]:
        """Override for the rows as of now."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        self._rows = list(self.rows())
        options = ConversationOptions(
            *map(self._option, self._rows), id=self._list_id, classes="dialog -wide"
        )
        options.border_title = Text(self._title)
        way_out = self.wording.language.say("enter goes there · esc closes")
        options.border_subtitle = way_out
        options.styles.min_width = cell_len(way_out) + _FRAME_CELLS
        yield options

    def on_mount(self) -> None:
        options = self.query_one(ConversationOptions)
        options.focus()
        options.highlighted = self._first_row()
        self.set_interval(1.0, self._follow)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if key := self._rows[event.option_index].key:
            self.dismiss(key)

    def name_of(self, key: str) -> str:
        """The name of a participant, with what tells it from another of the same name."""
        record = self.store.get_user_by_id(key)
        return key if record is None else " ".join((record.shown_name, *self.wording.distinction(record)[:1]))

    def _first_row(self) -> int | None:
        leading = [at for at, row in enumerate(self._rows) if row.key]
        return next(iter(leading or [at for at, row in enumerate(self._rows) if row.is_choice]), None)

    def _follow(self) -> None:
        """Show what is new. The cursor stays on its participant."""
        rows, before = list(self.rows()), self._rows
        if rows == before:
            return
        self._rows = rows
        options = self.query_one(ConversationOptions)
        if [row.key for row in rows] == [row.key for row in before]:
            for at, (row, row_before) in enumerate(zip(rows, before, strict=True)):
                if row != row_before:
                    options.replace_option_prompt_at_index(at, self._prompt(row))
            return
        highlighted, scrolled_y = options.highlighted or 0, options.scroll_y
        key = before[highlighted].key
        options.clear_options()
        options.add_options(map(self._option, rows))
        options.highlighted = next((at for at, row in enumerate(rows) if key and row.key == key), highlighted)
        options.scroll_to(y=scrolled_y, animate=False)
        options.scroll_to_highlight()

    def _option(self, row: Row) -> Option:
        return Option(self._prompt(row), disabled=not row.is_choice)

    def _prompt(self, row: Row) -> Visual:
        return unbroken(row.text, self.app.console)


class FindingsDialog(ParticipantListDialog):
    """What one audit found; ages follow the time."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("a", "dismiss(None)", show=False)]

    def __init__(self, report: AuditReport, store: PresenceStore, wording: Wording, glyphs: Glyphs) -> None:
        super().__init__(wording.language.say("Audit"), "findings", store, wording, glyphs)
        self._report = report

    def rows(self) -> Iterator[Row]:
        language, report = self.wording.language, self._report
        for finding in report.findings[:MOST_FINDINGS]:
            yield Row(finding.key, self._text(finding), is_choice=bool(finding.key))
            for key in finding.keys[:MOST_FINDINGS]:
                yield Row(key, Text(f"  {self.glyphs.selected} {self.name_of(key)}"))
        for remark in audit_texts.remarks(report, language):
            yield Row("", Text(remark), is_choice=False)
        last = audit_texts.summary(report, language)
        if (more := len(report.findings) - MOST_FINDINGS) > 0:
            last = " · ".join((language.count("{n} more", "{n} more", more), last))
        yield Row("", Text(last), is_choice=False)

    def _text(self, finding: Finding) -> Text:
        """Word and participant; the three answers and their age; the likely cause."""
        language, say = self.wording.language, self.wording.language.say
        name = f" · {self.name_of(finding.key)}" if finding.key else ""
        heading = f"{self._glyph(finding.kind)} {audit_texts.finding_word(finding.kind, language)}{name}"
        lines = [Text(heading, style="bold")]
        if finding.key:
            answers = [
                say("socket {word}", word=audit_texts.flag_word(finding.flag, language)),
                say("runtime {word}", word=audit_texts.runtime_word(finding.runtime, language)),
                say("rule {rule}", rule=self.wording.state(finding.state) if finding.state else "—"),
            ]
            if finding.evidence_s is not None:
                age = language.span(self.store.clock.stamp().wall_s - finding.evidence_s)
                answers.append(say("told {age} ago", age=age))
            lines.append(Text(f"  {' · '.join(answers)}"))
        lines.append(Text(f"  {language.phrase(finding.cause)}"))
        return Text("\n").join(lines)

    def _glyph(self, kind: FindingKind) -> str:
        glyphs = self.glyphs
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
            case (
                FindingKind.UNKNOWN_MEMBER
                | FindingKind.MISSING_MEMBER
                | FindingKind.NOT_CONFIRMED
                | FindingKind.HIDDEN_OR_OFFLINE
            ):
                return glyphs.states[State.UNKNOWN]


class FlapsDialog(ParticipantListDialog):
    """Who returns again and again, as of now."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("F", "dismiss(None)", show=False)]

    def __init__(
        self, read: Callable[[], FlapReport], store: PresenceStore, wording: Wording, glyphs: Glyphs
    ) -> None:
        super().__init__(wording.language.say("Flaps"), "flaps", store, wording, glyphs)
        self._read = read

    def rows(self) -> Iterator[Row]:
        language, report = self.wording.language, self._read()
        hidden = len(report.people) - MOST_FLAPPING
        first = flaps_texts.summary(report, language)
        if hidden > 0:
            first = " · ".join((first, language.count("{n} more", "{n} more", hidden)))
        yield Row("", Text(first))
        for wave in report.waves[:MOST_WAVES]:
            yield Row("", Text(f"{self.glyphs.notice} {flaps_texts.wave_text(wave, report.at_s, language)}"))
        for each in report.people[:MOST_FLAPPING]:
            yield Row(each.key, self._text(each, report.at_s))

    def _text(self, flaps: ParticipantFlaps, now_s: float) -> Text:
        """Name, likely cause and how sure; then the figures."""
        language, record = self.wording.language, self.store.get_user_by_id(flaps.key)
        name = self.name_of(flaps.key)
        if record is not None:
            name = f"{self.glyphs.states[record.state]} {name}"
        cause = flaps_texts.cause_text(flaps.cause, flaps.confidence, language)
        # In one style: a name whose width terminals dispute would be cut where the next begins.
        heading = Text(f"{name} · {cause}", "bold")
        return Text("\n").join([heading, Text(f"  {flaps_texts.figures_text(flaps, now_s, language)}")])


class CorrectionsDialog(ParticipantListDialog):
    """Who came and who left, as far as their names are kept."""

    def __init__(
        self, corrections: Corrections, store: PresenceStore, wording: Wording, glyphs: Glyphs
    ) -> None:
        super().__init__(corrections.heading, "corrections", store, wording, glyphs)
        self._corrections = corrections

    def rows(self) -> Iterator[Row]:
        corrections, count = self._corrections, self.wording.language.count
        came, left = corrections.came, corrections.left
        for people, glyph, heading in (
            (came, self.glyphs.came, count("{n} came", "{n} came", len(came))),
            (left, self.glyphs.left, count("{n} left", "{n} left", len(left))),
        ):
            if people:
                yield Row("", Text(heading, "bold"), is_choice=False)
            for key in people:
                yield Row(key, Text(f"  {glyph} {self.name_of(key)}"))
        if corrections.hidden:
            yield Row("", Text(count("+{n} more", "+{n} more", corrections.hidden)), is_choice=False)
