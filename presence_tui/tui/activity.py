"""From changes of the store, readings and the link to lines of the activity feed."""

from presence_tui.domain.changes import Change
from presence_tui.domain.phrases import Phrase
from presence_tui.domain.words import Cause
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.monitor.reading import ReadingReport
from presence_tui.store import ChangeSet, PresenceStore
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.activity_feed import ActivityLine
from presence_tui.tui.wording import Wording

LINES_AT_ONCE = 12
"""Lines one change set may add; more are said as one figure, because nobody reads them."""


class Activity:
    """Remembers who came when and when the link was lost, to say how long it lasted."""

    def __init__(self, store: PresenceStore, wording: Wording, glyphs: Glyphs) -> None:
        self._store = store
        self._wording = wording
        self._glyphs = glyphs
        self._came_s: dict[str, float] = {}
        self._link_state = LinkState.CONNECTING
        self._trouble = ""

    def of_changes(self, changed: ChangeSet, conversation_id: str | None) -> list[ActivityLine]:
        """Lines for who came and left in the conversation; decay and first fills are nobody's news."""
        lines = [
            self._line(change)
            for change in changed.changes
            if self._is_news(change) and self._is_listed(change, conversation_id)
        ]
        hidden = len(lines) - LINES_AT_ONCE
        if hidden <= 0:
            return lines
        more = self._wording.language.count("+{n} more", "+{n} more", hidden)
        at_s = lines[-1].at_s
        return [ActivityLine(at_s, "notice", self._glyphs.notice, more), *lines[hidden:]]

    def of_link(self, status: LinkStatus) -> list[ActivityLine]:
        """A line when the link is live, live again, or lost; attempts in between are in the title."""
        before, self._link_state = self._link_state, status.state
        if status.state is before:
            return []
        say = self._wording.language.say
        reason = self._wording.language.phrase(status.reason)
        if status.state is LinkState.LIVE:
            return [self.notice(say("live, epoch {epoch}", epoch=status.epoch))]
        if status.state in (LinkState.RECONNECTING, LinkState.SIGNED_OUT, LinkState.OFFLINE):
            return [self.notice(reason)]
        return []

    def of_resync(self, report: ReadingReport) -> list[ActivityLine]:
        """One line for a reading the watch made by itself."""
        language = self._wording.language
        before, self._trouble = self._trouble, ""
        if report.error is not None:
            # By its template: a countdown in it would make the same trouble news at each attempt.
            self._trouble = report.error.sentence.template
            told = language.phrase(report.error.sentence)
            return [self.notice(told)] if self._trouble != before else []
        read = language.count("{n} participant read", "{n} participants read", report.participants)
        corrected = language.count("{n} corrected", "{n} corrected", report.corrected)
        text = f"{read} · {corrected}" if report.corrected else read
        return [ActivityLine(self._now_s(), "corrected", self._glyphs.corrected, text)]

    def notice(self, text: str) -> ActivityLine:
        """A line about the gateway or the link."""
        return ActivityLine(self._now_s(), "notice", self._glyphs.notice, text)

    def say(self, phrase: Phrase) -> ActivityLine:
        """A notice of a lower layer."""
        return self.notice(self._wording.language.phrase(phrase))

    def _is_news(self, change: Change) -> bool:
        filling = change.first_told and change.cause is Cause.RECONCILED
        return (change.arrived or change.left) and not filling

    def _is_listed(self, change: Change, conversation_id: str | None) -> bool:
        record = self._store.get_user_by_id(change.key)
        return record is not None and self._store.rosters.lists(conversation_id, record)

    def _line(self, change: Change) -> ActivityLine:
        came_s = self._came_s.pop(change.key, None)
        if change.arrived:
            self._came_s[change.key] = change.at_s
        online_s = change.at_s - came_s if came_s is not None else None
        text = self._wording.what_happened(change, online_s)
        if change.cause is Cause.RECONCILED:
            return ActivityLine(change.at_s, "corrected", self._glyphs.corrected, text)
        if change.arrived:
            return ActivityLine(change.at_s, "came", self._glyphs.came, text)
        return ActivityLine(change.at_s, "left", self._glyphs.left, text)

    def _now_s(self) -> float:
        return self._store.clock.stamp().wall_s
