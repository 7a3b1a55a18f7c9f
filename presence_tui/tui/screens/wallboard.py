"""The wallboard: who is here and what has just happened. No command, no cursor, no dialog."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from presence_tui.domain.participants import Conversation
from presence_tui.domain.phrases import Phrase
from presence_tui.monitor.link import LinkStatus
from presence_tui.store import ChangeSet, PresenceStore
from presence_tui.tui.activity import Activity
from presence_tui.tui.frames import READABLE_S, AtMostEvery
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.memory import Memory
from presence_tui.tui.screens.patient import Patient
from presence_tui.tui.situation import Situation
from presence_tui.tui.situation_words import SituationWords
from presence_tui.tui.views.participants import ParticipantsView
from presence_tui.tui.widgets.activity_feed import ActivityFeed
from presence_tui.tui.widgets.roster_panel import RosterPanel
from presence_tui.tui.widgets.title_bar import TitleBar
from presence_tui.tui.wording import Wording

if TYPE_CHECKING:
    # Only to say what they are: the first paint needs none of them, and their imports take time.
    from presence_tui.monitor.away import AwaySummary
    from presence_tui.monitor.reading import ReadingReport
    from presence_tui.monitor.watch import Watch
    from presence_tui.tui.kept import Kept


class Wallboard(Patient[None], inherit_bindings=False):
    """Draws a store. What it is asked can only be to scroll."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_rows(-1)", show=False),
        Binding("down,j", "scroll_rows(1)", show=False),
        Binding("pageup", "scroll_rows(-10)", show=False),
        Binding("pagedown", "scroll_rows(10)", show=False),
        Binding("home", "scroll_rows(-1_000_000)", show=False),
        Binding("end", "scroll_rows(1_000_000)", show=False),
    ]

    def __init__(
        self,
        store: PresenceStore,
        wording: Wording,
        glyphs: Glyphs,
        gateway: str,
        least_period_s: float = READABLE_S,
    ) -> None:
        """``least_period_s`` is how often figures are drawn at most."""
        super().__init__()
        self._store = store
        self._wording = wording
        self._situation = Situation(store)
        self._words = _Words(self._situation, wording, [])
        self._activity = Activity(store, wording, glyphs)
        self._title = TitleBar(wording, glyphs, gateway)
        self._view = ParticipantsView(self._situation, self._words, wording, glyphs)
        self._feed = ActivityFeed()
        self._draw_soon = AtMostEvery(least_period_s, self._draw)
        self._subscriptions: list[Callable[[], None]] = []

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._view
        yield self._feed

    def on_mount(self) -> None:
        for panel in self.query(RosterPanel):
            # A click on somebody would put a cursor there, for all to see and for nothing.
            panel.can_focus = False
        self._subscriptions.append(self._store.subscribe(self._on_changes))
        self.set_interval(1.0, self._draw)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self._draw()

    def on_unmount(self) -> None:
        for unsubscribe in self._subscriptions:
            unsubscribe()

    def take_up(self, kept: "Kept") -> None:
        """A wallboard is arranged by nobody."""

    def remember(self, memory: Memory) -> None:
        """A wallboard keeps no history."""

    def attach(self, watch: "Watch") -> None:
        """From here on there is a watch to show."""
        self._situation.watch = watch
        self.set_class(self._situation.is_stale, "-stale")
        self._subscriptions += [
            watch.link_changed.subscribe(self._on_link),
            watch.conversation_changed.subscribe(self._on_conversation),
            watch.resynced.subscribe(self._on_resynced),
            watch.returned.subscribe(self._on_returned),
            watch.noticed.subscribe(self._on_notice),
            watch.memberships.ended.subscribe(self._on_membership),
            watch.memberships.restored.subscribe(self._on_membership),
        ]
        self._draw()

    def tell(self, sentence: str) -> None:
        """Something is to be told to whoever looks, and for good: there is nothing to watch."""
        self._words.instead = sentence
        self._draw()

    def action_scroll_rows(self, rows: int) -> None:
        for panel in self.query(RosterPanel):
            panel.scroll_to(y=panel.scroll_offset.y + rows, animate=False)

    def _on_changes(self, changed: ChangeSet) -> None:
        self._feed.add(self._activity.of_changes(changed, self._situation.conversation_id))
        self._view.follow()
        self._draw_soon()
        self.paint_soon()

    def _on_link(self, status: LinkStatus) -> None:
        self._feed.add(self._activity.of_link(status))
        self.set_class(self._situation.is_stale, "-stale")
        self._view.repaint()
        self._draw()

    def _on_conversation(self, conversation: Conversation) -> None:
        self._situation.trouble = None
        self._view.start_anew()
        self._draw()

    def _on_resynced(self, report: "ReadingReport") -> None:
        failed = report.roster_error is not None and self._situation.membership_end is None
        self._situation.trouble = report if failed else None
        self._feed.add(self._activity.of_resync(report))
        self._draw()

    def _on_membership(self, _: object) -> None:
        end = self._situation.membership_end
        if end is not None:
            self._situation.trouble = None
            self._feed.add([self._activity.notice(self._wording.membership(end))])
        self.set_class(self._situation.is_stale, "-stale")
        self._view.repaint()
        self._draw()

    def _on_returned(self, summary: "AwaySummary") -> None:
        self._feed.add(self._activity.of_return(summary))

    def _on_notice(self, phrase: Phrase) -> None:
        self._feed.add([self._activity.say(phrase)])

    def _draw(self) -> None:
        if self.is_mounted:
            situation, (title, people) = self._situation, self._view.titles()
            under_way = self._words.under_way(None)
            end = situation.membership_end
            word = self._wording.membership_word(end) if end is not None else ""
            self._title.show(title, people, situation.link, situation.latency_ms, under_way, word)
            self._view.draw()


class _Words(SituationWords):
    """For those who have no key to press."""

    instead = ""

    def nobody(self) -> str:
        return self.instead or super().nobody()

    def _ask_again(self) -> str:
        return ""
