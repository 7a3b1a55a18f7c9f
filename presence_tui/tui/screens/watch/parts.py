"""What the watch screen is made of, and how it is drawn."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.notifications import SeverityLevel

from presence_tui.domain.rules import RULES
from presence_tui.store import PresenceStore
from presence_tui.tui.activity import Activity
from presence_tui.tui.commands import Command
from presence_tui.tui.frames import READABLE_S, AtMostEvery
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.keys import key_of
from presence_tui.tui.pausing import Pausing
from presence_tui.tui.screens.patient import Patient
from presence_tui.tui.screens.refreshing import Refreshing
from presence_tui.tui.screens.watch_rule_dialogs import WatchRuleDialogs
from presence_tui.tui.situation import Situation
from presence_tui.tui.situation_words import SituationWords
from presence_tui.tui.views.making import make_view
from presence_tui.tui.views.names import WITHOUT_SIDEBAR, ViewName, heading
from presence_tui.tui.views.screen_view import ScreenView
from presence_tui.tui.views.switcher import ViewSwitcher
from presence_tui.tui.widgets.activity_feed import ActivityFeed
from presence_tui.tui.widgets.backdrop import Backdrop, Columns, Rows
from presence_tui.tui.widgets.command_footer import CommandFooter
from presence_tui.tui.widgets.conversation_list import ConversationList
from presence_tui.tui.widgets.facets_line import FacetsLine
from presence_tui.tui.widgets.filter_bar import FilterBar
from presence_tui.tui.widgets.pause_bar import PauseBar
from presence_tui.tui.widgets.title_bar import TitleBar
from presence_tui.tui.widgets.view_tabs import Tab, ViewTabs
from presence_tui.tui.widgets.why_line import WhyLine
from presence_tui.tui.wording import Wording

if TYPE_CHECKING:
    # Only to say what they are: the first paint needs none of them, and their imports take time.
    from presence_tui.monitor.reading import ReadingReport
    from presence_tui.tui.screens.dialog import Meanwhile
    from presence_tui.tui.widgets.labelled_lines import Labelled

NOTICE_S = 6.0


class WatchParts(Patient[None], Backdrop):
    """The parts, and what every command may do with them. Holds no truth of its own."""

    AUTO_FOCUS = ""

    def __init__(
        self,
        store: PresenceStore,
        wording: Wording,
        glyphs: Glyphs,
        gateway: str,
        known_commands: list[Command],
        least_period_s: float = READABLE_S,
    ) -> None:
        """``least_period_s`` is how often figures are drawn at most."""
        super().__init__()
        self._store = store
        self._wording = wording
        self._say = wording.language.say
        self._glyphs = glyphs
        self._commands = known_commands
        # The configured rule may have limits of its own.
        self._rules = {**RULES, store.rule.name: store.rule}
        self._situation = Situation(store)
        self._words = SituationWords(self._situation, wording, known_commands)
        self._activity = Activity(store, wording, glyphs)
        self._refreshing = Refreshing(self._situation, self._draw_title, self._refreshed)
        self._watch_rules = WatchRuleDialogs(self, store, wording.language)
        self._subscriptions: list[Callable[[], None]] = []
        self._title = TitleBar(wording, glyphs, gateway)
        self._sidebar = ConversationList(store, glyphs)
        self._filter_bar = FilterBar(wording.language)
        self._facets_line = FacetsLine(wording, key_of(known_commands, "facets"))
        self._pausing = Pausing(self._situation)
        self._pause_bar = PauseBar(wording.language, key_of(known_commands, "pause"))
        self._views = ViewSwitcher(
            lambda name: make_view(name, self._situation, self._words, wording, glyphs)
        )
        self._tabs = ViewTabs([self._tab(name) for name in ViewName])
        self._why = WhyLine(wording)
        self._feed = ActivityFeed()
        self._draw_soon = AtMostEvery(least_period_s, self._draw)

    @property
    def selected_key(self) -> str | None:
        """The participant under the cursor."""
        return self._view.selected_key

    @property
    def _view(self) -> ScreenView:
        """The one that is seen."""
        return self._views.seen

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._tabs
        with Columns(id="body"):
            yield self._sidebar
            with Rows(id="main"):
                yield self._filter_bar
                yield self._facets_line
                yield self._pause_bar
                yield self._views
        yield self._why
        yield self._feed
        yield CommandFooter()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self._draw()
        self._feed.show_now()

    async def _see(self, name: ViewName) -> None:
        """Another view, as it was left."""
        self._go_on()
        await self._views.show(name)
        self._tabs.show(name)
        self.set_class(name in WITHOUT_SIDEBAR, "-whole-width")
        self._filter_bar.show(self._view.arrangement.query)
        self._view.take_focus()
        self._draw()

    def _start_views_anew(self) -> None:
        for view in self._views.made:
            view.start_anew()

    def _go_on(self) -> None:
        """End a pause, if there is one: whoever changes what is shown wants to see it."""
        if self._pausing.is_on:
            self._pausing.end()
            self.set_class(False, "-paused")
            self._pause_bar.show(None, 0)
            self._view.go_on()
            self._feed.go_on()

    def _tell(self, text: str, severity: SeverityLevel = "information") -> None:
        self.notify(text, severity=severity, markup=False, timeout=NOTICE_S)

    def _show_dialog(
        self, heading: str, make_text: "Callable[[], Labelled]", meanwhile: "Meanwhile | None" = None
    ) -> None:
        from presence_tui.tui.screens.dialog import Dialog

        self.app.push_screen(Dialog(heading, make_text, self._say("esc closes"), meanwhile))

    def _refreshed(self, report: "ReadingReport | None") -> None:
        if report is not None:
            self._note_trouble(report)
            said = self._wording.reading(report)
            if report.error is not None:
                kept = self._say("What was shown is kept.")
                self._tell(f"{said} {kept}", severity="error")
            else:
                self._tell(said)
        self._draw()

    def _note_trouble(self, report: "ReadingReport") -> None:
        # The end of a membership is no trouble: the title says so.
        failed = report.roster_error is not None and self._situation.membership_end is None
        self._situation.trouble = report if failed else None

    def _tab(self, name: ViewName) -> Tab:
        command = next(each for each in self._commands if each.name == f"view_{name.name.lower()}")
        return Tab(name, command.key_shown if command.keys else "", heading(name, self._wording.language))

    @property
    def _is_seen(self) -> bool:
        # Behind a dialog every repaint would cost a whole screen, for what nobody reads. And while the app
        # closes there is none left, but perhaps something still to be drawn soon.
        above = next(reversed(self.app.screen_stack), None)
        seen = above is self or (isinstance(above, Patient) and above.SHOWS_WHAT_IS_BEHIND)
        return self.is_mounted and seen

    def _draw(self) -> None:
        if not self._is_seen:
            return
        self._draw_title()
        if self._pausing.is_on:
            self._pause_bar.show(self._pausing.since_s, self._pausing.changes)
            return
        self._draw_filters()
        self._view.draw()
        self._sidebar.follow()
        self._draw_why()

    def _draw_filters(self) -> None:
        arrangement, shown = self._view.arrangement, self._view.shown()
        self._filter_bar.say_how_many(shown if arrangement.query and not arrangement.facets else "")
        self._facets_line.show(arrangement.facets, shown)

    def _draw_title(self) -> None:
        situation, (title, people) = self._situation, self._pausing.titles or self._view.titles()
        under_way = self._words.under_way(self._refreshing.progress)
        end = situation.membership_end
        word = self._wording.membership_word(end) if end is not None else ""
        self._title.show(title, people, situation.link, situation.latency_ms, under_way, word)

    def _draw_why(self) -> None:
        situation, record = self._situation, self._store.get_user_by_id(self.selected_key or "")
        is_hinted = record is None or (situation.trouble is not None and situation.is_unread)
        if record is not None and self._pausing.is_on:
            # The row is as it was; this is not.
            self._why.show(record, self._say("Now: {why}", why=self._wording.why(record)))
        else:
            self._why.show(record, self._view.remark() if is_hinted else "")
