"""A dialog with the findings of an audit; enter goes to the participant."""

from collections.abc import Iterator
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType

from presence_tui.audit.findings import AuditReport, Finding, FindingKind
from presence_tui.domain.enums import State
from presence_tui.store import PresenceStore
from presence_tui.text.audit_texts import finding_word, flag_word, remarks, runtime_word, summary
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.participant_list_dialog import ParticipantListDialog, Row

MOST_SHOWN: Final = 500
"""More findings than anybody reads; the command writes them all."""


class FindingsDialog(ParticipantListDialog):
    """What one audit found; ages follow the time."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("a", "dismiss(None)", show=False)]

    def __init__(self, report: AuditReport, store: PresenceStore, wording: Wording, glyphs: Glyphs) -> None:
        super().__init__(wording.language.say("Audit"), "findings", store, wording, glyphs)
        self._report = report

    def rows(self) -> Iterator[Row]:
        language, report = self.wording.language, self._report
        for finding in report.findings[:MOST_SHOWN]:
            yield Row(finding.key, self._text(finding), is_choice=bool(finding.key))
            for key in finding.keys[:MOST_SHOWN]:
                yield Row(key, Text(f"  {self.glyphs.selected} {self.name_of(key)}"))
        for remark in remarks(report, language):
            yield Row("", Text(remark), is_choice=False)
        last = summary(report, language)
        if (more := len(report.findings) - MOST_SHOWN) > 0:
            last = " · ".join((language.count("{n} more", "{n} more", more), last))
        yield Row("", Text(last), is_choice=False)

    def _text(self, finding: Finding) -> Text:
        """Word and participant; the three answers and their age; the likely cause."""
        language, say = self.wording.language, self.wording.language.say
        name = f" · {self.name_of(finding.key)}" if finding.key else ""
        heading = f"{self._glyph(finding.kind)} {finding_word(finding.kind, language)}{name}"
        lines = [Text(heading, style="bold")]
        if finding.key:
            answers = [
                say("socket {word}", word=flag_word(finding.flag, language)),
                say("runtime {word}", word=runtime_word(finding.runtime, language)),
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
            case _:
                return glyphs.states[State.UNKNOWN]
