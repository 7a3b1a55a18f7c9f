"""Convert changes, reports and link transitions to lines of the activity feed."""

from typing import TYPE_CHECKING, Final

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause
from presence_tui.domain.translatable import Phrase
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.store import ChangeSet
from presence_tui.store.strangers import StrangerChanges
from presence_tui.text.change_texts import ChangeTally, counted_text, gap_text, repeated_text
from presence_tui.text.wording import Wording
from presence_tui.tui.activity_groups import ActivityGroups, ActivityLine, CorrectionLines
from presence_tui.tui.glyphs import Glyphs

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.monitor.gap_summary import GapSummary
    from presence_tui.monitor.roster_refresh import RefreshReport
    from presence_tui.service.service import PresenceService

_RECONCILED: Final = Cause.RECONCILED


class Activity:
    """Formats activity lines, and remembers the last link error to avoid repeating it."""

    def __init__(
        self,
        service: "PresenceService",
        wording: Wording,
        glyphs: Glyphs,
    ) -> None:
        self._service = service
        self._store = store = service.store
        self._wording = wording
        self._glyphs = glyphs
        self._strangers = StrangerChanges(store)
        self._corrections = CorrectionLines(self._line, wording.language)
        self._groups = ActivityGroups(self._line, self._together, self._with_reconnect)
        self._link_state = LinkState.CONNECTING
        self._trouble = ""
        self._link_trouble = ""

    def of_changes(self, changed: ChangeSet, conversation_id: str | None) -> list[ActivityLine]:
        """Lines for arrivals and departures in the conversation; without decay and first fills."""
        # Read once, because a busy gateway makes hundreds of changes a frame.
        store, alerts, lines = self._store, self._service.alerts, list[ActivityLine]()
        members, reconnected_s = store.rosters.held_or_all(conversation_id), store.epochs.reconnected_s
        some_stand_alone = bool(store.indexes.pins) or (alerts is not None and alerts.names_anybody)
        for change in self._strangers.released(changed.changes):
            if not _is_news(change) or change.key not in members:
                continue
            stands_alone = some_stand_alone and self._stands_alone(change.key)
            if change.cause is _RECONCILED and not stands_alone:
                # Apart, because nobody saw it happen.
                lines += self._corrections.add(change)
            else:
                lines += self._groups.add(change, stands_alone=stands_alone, reconnected_s=reconnected_s)
        self._groups.write_texts()
        self._corrections.write_text()
        return lines

    def of_link(self, status: LinkStatus) -> list[ActivityLine]:
        """A line when the link goes live or is lost; the title shows the attempts in between."""
        before, self._link_state = self._link_state, status.state
        if before is LinkState.LIVE and status.state is not LinkState.LIVE:
            self._corrections.set_in_gap(True)
        self._link_trouble = status.reason.template
        if status.state is before:
            return []
        say = self._wording.language.say
        reason = self._wording.language.phrase(status.reason)
        if status.state is LinkState.LIVE:
            live = say("live, epoch {epoch}", epoch=status.epoch)
            return [ActivityLine(self._now_s(), "came", self._glyphs.link_live, live)]
        if status.state in (LinkState.STALE, LinkState.RECONNECTING, LinkState.SIGNED_OUT, LinkState.OFFLINE):
            return [self.notice(reason)]
        return []

    def of_resync(self, report: "RefreshReport") -> list[ActivityLine]:
        """One line for a resync."""
        language = self._wording.language
        before, self._trouble = self._trouble, ""
        if report.error is not None:
            # Compared by template, because a countdown in the text would make every attempt look new.
            self._trouble = report.error.sentence.template
            if self._trouble in (before, self._link_trouble):
                return []
            return [self.notice(language.phrase(report.error.sentence))]
        return [
            ActivityLine(
                self._now_s(), "corrected", self._glyphs.corrected, self._wording.refresh_result(report)
            )
        ]

    def of_gap(self, summary: "GapSummary") -> list[ActivityLine]:
        """One line for what a gap has hidden; its corrections are listed before."""
        self._corrections.set_in_gap(False)
        text = gap_text(summary, self._wording.language)
        return [ActivityLine(self._now_s(), "corrected", self._glyphs.corrected, text)]

    def notice(self, text: str) -> ActivityLine:
        """A line about the gateway or the link."""
        return ActivityLine(self._now_s(), "notice", self._glyphs.notice, text)

    def say(self, phrase: Phrase) -> ActivityLine:
        """A line for a notice of a lower layer."""
        return self.notice(self._wording.language.phrase(phrase))

    def _together(self, tally: ChangeTally) -> str:
        language, span_s = self._wording.language, tally.ended_s - tally.began_s
        span = language.span(span_s)
        if tally.repeats:
            return repeated_text(tally, language, span)
        counted = counted_text(tally, language)
        return language.say("{changes} in {span}", changes=counted, span=span) if span_s >= 1 else counted

    def _with_reconnect(self, tally: ChangeTally) -> str:
        language = self._wording.language
        return language.say("{changes} with our own reconnect", changes=counted_text(tally, language))

    def _stands_alone(self, key: str) -> bool:
        alerts = self._service.alerts
        return key in self._store.indexes.pins or (alerts is not None and alerts.has_rule_about(key))

    def _line(self, change: Change) -> ActivityLine:
        text = self._wording.what_happened(change)
        if change.cause in (Cause.RECONCILED, Cause.RECONNECTED):
            return ActivityLine(change.at_s, "corrected", self._glyphs.corrected, text, change.key)
        if change.arrived:
            return ActivityLine(change.at_s, "came", self._glyphs.came, text, change.key)
        return ActivityLine(change.at_s, "left", self._glyphs.left, text, change.key)

    def _now_s(self) -> float:
        return self._store.clock.stamp().wall_s


def _is_news(change: Change) -> bool:
    """True for arrivals and departures, except those of a first fill of the roster."""
    return change.has_turned and not (change.first_told and change.cause is _RECONCILED)
