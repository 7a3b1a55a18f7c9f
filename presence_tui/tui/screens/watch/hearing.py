"""What the watch screen hears: of the store, of the watch, of the history and of alerts."""

import asyncio
import importlib
from typing import TYPE_CHECKING

from textual import work

from presence_tui.domain.participants import Conversation
from presence_tui.domain.phrases import Phrase
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.monitor.memberships import MembershipEnd
from presence_tui.store import ChangeSet
from presence_tui.tui.kept import Kept
from presence_tui.tui.later_styles import read_styles
from presence_tui.tui.memory import Memory
from presence_tui.tui.screens.watch.parts import WatchParts

if TYPE_CHECKING:
    # Only to say what they are: the first paint needs none of them, and their imports take time.
    from presence_tui.alerts.desk import Desk
    from presence_tui.monitor.away import AwaySummary
    from presence_tui.monitor.reading import ReadingReport
    from presence_tui.monitor.watch import Watch

ALERT_S = 12.0


class Hearing(WatchParts):
    """From what happens to what is drawn."""

    def on_mount(self) -> None:
        self._sidebar.border_title = self._say("Conversations")
        self._subscriptions.append(self._store.subscribe(self._on_changes))
        self.set_interval(1.0, self._on_second)
        self._view.take_focus()
        self._draw()

    def on_unmount(self) -> None:
        for unsubscribe in self._subscriptions:
            unsubscribe()

    def take_up(self, kept: Kept) -> None:
        """From here on there is something to keep between runs, and what was kept is so again."""
        self._situation.kept = kept
        self._store.pin(kept.pins)
        kept.tell_troubles(self.tell_trouble)

    def remember(self, memory: Memory) -> None:
        """From here on there is a history to ask, and perhaps a roster of the last time to show."""
        situation = self._situation
        situation.memory = memory
        memory.history.tell_troubles(self.tell_trouble)
        if (remembered := memory.remembered) is None or memory.conversation is None:
            return
        now_s = self._store.clock.stamp().wall_s
        situation.link_before = LinkStatus(LinkState.CONNECTING, now_s, fresh_until_s=remembered.as_of_s)
        self.set_class(True, "-stale")
        self._sidebar.show(remembered.conversations, memory.conversation.id)
        self._start_views_anew()
        self._filter_bar.show(self._view.arrangement.query)
        self._draw()

    def attach(self, watch: "Watch") -> None:
        """From here on there is a watch to ask."""
        self._situation.watch = watch
        self.set_class(self._situation.is_stale, "-stale")
        self._subscriptions += [
            watch.link_changed.subscribe(self._on_link),
            watch.conversation_changed.subscribe(self._on_conversation),
            watch.conversations_changed.subscribe(self._on_conversations),
            watch.resynced.subscribe(self._on_resynced),
            watch.returned.subscribe(self._on_returned),
            watch.noticed.subscribe(self._on_notice),
            watch.memberships.ended.subscribe(self._on_membership_ended),
            watch.memberships.restored.subscribe(self._on_membership_restored),
            watch.side_rosters.read.subscribe(self._on_side_roster),
        ]
        self._draw()

    def be_alerted_by(self, desk: "Desk") -> None:
        """From here on there are watch rules."""
        self._watch_rules.desk = desk

    def lists(self, key: str) -> bool:
        """True if somebody is of the conversation that is watched."""
        record = self._store.get_user_by_id(key)
        return record is not None and self._store.rosters.lists(self._situation.conversation_id, record)

    def shows(self, key: str) -> bool:
        """True if what happens to somebody is seen here."""
        record = self._store.get_user_by_id(key)
        is_drawn = self._is_seen and not self.has_class("-paused")
        return record is not None and is_drawn and self._view.shows(record)

    def _on_changes(self, changed: ChangeSet) -> None:
        self._feed.add(self._activity.of_changes(changed, self._situation.conversation_id))
        self._pausing.note(changed)
        if self._is_seen:
            if not self._pausing.is_on:
                self._view.follow()
            self._draw_soon()
            self.paint_soon()

    def _on_second(self) -> None:
        # Ages grow, whether anything happens or not; the panels paint only what reads differently.
        self._draw()

    def _on_link(self, status: LinkStatus) -> None:
        self._feed.add(self._activity.of_link(status))
        self.set_class(self._situation.is_stale, "-stale")
        self._view.repaint()
        self._draw()

    def _on_conversation(self, conversation: Conversation) -> None:
        self._situation.trouble = None
        self.set_class(self._situation.is_stale, "-stale")
        self._go_on()
        self._start_views_anew()
        self._filter_bar.show(self._view.arrangement.query)
        self._sidebar.show(self._situation.conversations, conversation.id)
        self._draw()

    def _on_conversations(self, conversations: list[Conversation]) -> None:
        self._sidebar.show(conversations, self._situation.conversation_id or "")

    def _on_resynced(self, report: "ReadingReport") -> None:
        self._note_trouble(report)
        self._feed.add(self._activity.of_resync(report))
        self._draw()
        # Everybody is on the screen, and there is time for what a key may open next.
        self._load_dialogs()

    @work(group="dialogs", exclusive=True)
    async def _load_dialogs(self) -> None:
        await asyncio.to_thread(importlib.import_module, "presence_tui.tui.screens.dialogs")
        read_styles(self.app.stylesheet, "dialogs")

    def _on_side_roster(self, _: Conversation) -> None:
        self._draw()

    def _on_membership_ended(self, end: MembershipEnd) -> None:
        conversation = self._situation.conversation_of(end.conversation_id)
        if conversation is not None:
            said = f"{conversation.title}: {self._wording.membership(end)}"
            self._feed.add([self._activity.notice(said)])
            if end == self._situation.membership_end:
                self._tell(said, severity="warning")
        self._follow_membership()

    def _on_membership_restored(self, conversation_id: str) -> None:
        conversation = self._situation.conversation_of(conversation_id)
        if conversation is not None:
            said = self._say("{title}: a member again", title=conversation.title)
            self._feed.add([self._activity.notice(said)])
        self._follow_membership()

    def _follow_membership(self) -> None:
        if self._situation.membership_end is not None:
            # What was refused is shown as it was, and the title says so.
            self._situation.trouble = None
        self.set_class(self._situation.is_stale, "-stale")
        self._view.repaint()
        self._draw()

    def _on_returned(self, summary: "AwaySummary") -> None:
        self._feed.add(self._activity.of_return(summary))
        self._tell(self._wording.away(summary))

    def tell_trouble(self, trouble: Phrase) -> None:
        """Something is wrong with the history, an alert or what is kept; the watch goes on."""
        self._on_notice(trouble)
        self._tell(self._wording.language.phrase(trouble), severity="warning")

    def tell_alert(self, text: str) -> None:
        """A watch rule has rung."""
        self.notify(text, title=self._say("Watch rule"), markup=False, timeout=ALERT_S)

    def note_alert(self, text: str) -> None:
        """The same as a line of the activity."""
        self._feed.add([self._activity.notice(text)])

    def _on_notice(self, phrase: Phrase) -> None:
        self._feed.add([self._activity.say(phrase)])
