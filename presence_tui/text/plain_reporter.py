"""Reports events as sentences for a screen reader or a log, without colours and marks."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause
from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase
from presence_tui.monitor.gap_summary import GapSummary
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.monitor.memberships import MembershipEnd
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.store import PresenceStore
from presence_tui.store.strangers import StrangerChanges
from presence_tui.text.change_texts import ChangeTally, gap_text, listed_names, named_text, repeated_text
from presence_tui.text.local_time import SECONDS, local_time
from presence_tui.text.wording import Wording

ONE_BY_ONE: Final = 3
"""Maximum changes reported singly: with more, a listener would still hear the first when the last arrives."""
ONLINE_SAID: Final = 12
PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 60.0

CallLater = Callable[[float, Callable[[], object]], object]
"""Like ``call_later`` of an event loop: delay in seconds and callback."""


class PlainReporter:
    """Writes each change and each transition of the link as a sentence with its time.

    Changes after a quiet time are written at once, later ones at the end of a pause: singly if few, otherwise
    one sentence with the count of each kind, so that none is left out. In a busy time the pause doubles, up
    to a minute. Link transitions are never delayed.
    """

    def __init__(
        self, store: PresenceStore, wording: Wording, write: Callable[[str], None], call_later: CallLater
    ) -> None:
        self._store = store
        self._wording = wording
        self._language = wording.language
        self._write = write
        self._call_later = call_later
        self._conversation: Conversation | None = None
        self._strangers = StrangerChanges(store)
        self._unplaced: list[Change] = []
        """Changes received before the roster, which decides whom to report."""
        self._waiting: list[Change] = []
        self._pausing = False
        self._pause_s = PAUSE_S
        self._day: date | None = None
        self._link_state = LinkState.CONNECTING
        self._trouble = ""
        self._end: MembershipEnd | None = None
        self._introduced = ""
        self._roster_failed = False
        """Without a roster all participants are reported, because members are unknown."""

    def begin(self, gateway: str) -> None:
        """Write the first sentence."""
        self.announce(self._language.say("Connecting to {gateway}.", gateway=gateway))

    def end(self) -> None:
        """Write the last sentence."""
        self.announce(self._language.say("Ended."))

    def announce(self, sentence: str) -> None:
        """Write a sentence now, after any pending changes, to preserve the order of events."""
        self._flush_pending()
        self._write_at(self._now_s(), sentence)

    def on_conversation(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._end = None
        self._introduced = ""

    def on_changes(self, changes: list[Change]) -> None:
        """Report these changes, in order."""
        self._unplaced += changes
        if not (self._introduced or self._roster_failed):
            return
        unplaced, self._unplaced = self._unplaced, []
        if not self._roster_failed:
            unplaced = self._strangers.released(unplaced)
        self._waiting += [change for change in unplaced if _is_news(change) and self._is_listed(change)]
        if self._waiting and not self._pausing:
            self._flush_pending()
            self._pause()

    def on_link(self, status: LinkStatus) -> None:
        before, self._link_state = self._link_state, status.state
        if status.state is not before:
            self.announce(self._of_link(status))

    def on_notice(self, phrase: Phrase) -> None:
        self.announce(self._language.phrase(phrase))

    def on_alert(self, sentence: str) -> None:
        """Report an alert."""
        self.announce(self._language.say("Watch rule: {sentence}.", sentence=sentence))

    def on_gap_ended(self, summary: GapSummary) -> None:
        """Report the end of a long gap, after the resync."""
        self.announce(gap_text(summary, self._language))

    def on_membership(self, end: MembershipEnd | None) -> None:
        """Report that the membership ended, or (``None``) was restored."""
        if end != self._end and self._conversation is not None:
            text = self._wording.membership(end) if end is not None else self._language.say("a member again")
            self.announce(self._language.labelled(self._conversation.title, f"{text}."))
        self._end = end

    def on_resynced(self, report: RefreshReport) -> None:
        """Report a resync; the same error is reported once."""
        if self._end is not None and report.roster_error is not None:
            return
        if report.error is not None:
            error = report.error.sentence.template
            if error != self._trouble:
                self._trouble = error
                self.announce(self._wording.refresh_result(report))
        else:
            self._trouble = ""
        self._roster_failed = report.roster_error is not None
        if report.roster_error is None:
            self._introduce_or_recount(report)

    def _is_listed(self, change: Change) -> bool:
        record = self._store.get_user_by_id(change.key)
        if self._roster_failed or self._conversation is None or record is None:
            return True
        return self._store.rosters.is_member(self._conversation.id, record)

    def _introduce_or_recount(self, report: RefreshReport) -> None:
        conversation = self._conversation
        if conversation is None:
            return
        if self._introduced == conversation.id:
            self.announce(self._recount(report))
        else:
            # The introduction already includes the pending changes.
            self._unplaced.clear()
            self._waiting.clear()
            self._introduced = conversation.id
            self.announce(self._introduction(conversation, report))

    def _introduction(self, conversation: Conversation, report: RefreshReport) -> str:
        say, counts = self._language.say, self._store.counts(conversation.id)
        members = self._language.count("{n} participant", "{n} participants", counts.total)
        if report.total is not None and report.total > report.participants > 0:
            total, capped = report.total, report.total_capped
            listed = self._wording.listed_in_part(conversation.id, total, capped=capped)
            sentence = say("Watching {title}: {listed}.", title=conversation.title, listed=listed)
        else:
            sentence = say(
                "Watching {title}: {members}, {online} online.",
                title=conversation.title,
                members=members,
                online=counts.online,
            )
        records = self._store.participants
        keys = self._store.rosters.members(conversation.id)
        names = sorted(records[key].shown_name for key in keys if records[key].flag)
        if names:
            sentence += " " + say("Online: {names}.", names=listed_names(names, ONLINE_SAID, self._language))
        return sentence

    def _recount(self, report: RefreshReport) -> str:
        count = self._language.count
        read = count("{n} participant read", "{n} participants read", report.participants)
        if not report.corrected:
            return f"{read}. {self._online()}"
        corrected = count("{n} corrected", "{n} corrected", report.corrected)
        return f"{read}, {corrected}. {self._online()}"

    def _of_link(self, status: LinkStatus) -> str:
        say = self._language.say
        reason = self._language.phrase(status.reason)
        match status.state:
            case LinkState.CONNECTING:
                return say("Trying to connect again.")
            case LinkState.CONNECTED:
                return say("Connected; signing in.")
            case LinkState.LIVE:
                return say("Live: every change is told as it happens.")
            case LinkState.STALE | LinkState.RECONNECTING:
                doubt = say("What was told may be out of date; it is tried again by itself.")
                return f"{reason} {doubt}"
            case LinkState.SIGNED_OUT | LinkState.OFFLINE:
                return reason

    def _pause(self) -> None:
        self._pausing = True
        self._call_later(self._pause_s, self._after_pause)

    def _after_pause(self) -> None:
        self._pausing = False
        if not self._waiting:
            self._pause_s = PAUSE_S
            return
        many = len(self._waiting) > ONE_BY_ONE
        self._flush_pending()
        self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2) if many else PAUSE_S
        self._pause()

    def _flush_pending(self) -> None:
        waiting, self._waiting = self._waiting, []
        if len(waiting) > ONE_BY_ONE:
            self._write_at(self._now_s(), self._together(waiting))
            return
        for change in waiting:
            self._write_at(change.at_s, self._of_change(change))

    def _of_change(self, change: Change) -> str:
        say = self._language.say
        is_timed = change.cause not in (Cause.RECONCILED, Cause.REPLAYED)
        if change.left and is_timed and change.held_s is not None:
            span = self._language.span_in_words(change.held_s)
            return say("{name} left after {span}", name=self._wording.name(change), span=span) + "."
        if change.arrived or change.left:
            return self._wording.what_happened(change) + "."
        name = self._wording.name(change)
        return say("{name} is {state} now.", name=name, state=self._wording.state(change.after))

    def _together(self, changes: list[Change]) -> str:
        tally, language = ChangeTally(changes), self._language
        span = language.span_in_words(max(1.0, self._now_s() - tally.began_s))
        if tally.repeats:
            together = repeated_text(tally, language, span) + "."
        else:
            together = language.say("In {span}: {parts}.", span=span, parts=named_text(tally, language))
        return f"{together} {self._online()}"

    def _online(self) -> str:
        counts = self._store.counts(self._conversation.id if self._conversation else None)
        return self._language.say("{online} of {total} online.", online=counts.online, total=counts.total)

    def _write_at(self, at_s: float, sentence: str) -> None:
        day = datetime.fromtimestamp(at_s).date()
        if day != self._day:
            self._day = day
            self._write(f"{day:%Y-%m-%d}")
        self._write(f"{local_time(at_s, SECONDS)} {sentence}")

    def _now_s(self) -> float:
        return self._store.clock.stamp().wall_s


def _is_news(change: Change) -> bool:
    """True for all changes except those that fill a roster for the first time."""
    return not (change.first_told and change.cause is Cause.RECONCILED)
