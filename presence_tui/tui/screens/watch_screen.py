"""The watch: one view of the store, why line, activity, and what a person can do with them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.notifications import SeverityLevel

from presence_tui.domain.participants import Conversation
from presence_tui.domain.phrases import Phrase
from presence_tui.domain.rules import RULES
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.store import ChangeSet, Facets, PresenceStore
from presence_tui.tui.activity import Activity
from presence_tui.tui.commands import Command
from presence_tui.tui.frames import READABLE_S, AtMostEvery
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.kept import Kept
from presence_tui.tui.keys import PALETTE_KEY, key_of
from presence_tui.tui.memory import Memory
from presence_tui.tui.pausing import Pausing
from presence_tui.tui.screens.conversation_picker import ConversationPicker
from presence_tui.tui.screens.dialog import Dialog, Meanwhile
from presence_tui.tui.screens.explanations import help_text, link_text
from presence_tui.tui.screens.participant_page import participant_text
from presence_tui.tui.screens.past import ParticipantPast
from presence_tui.tui.screens.patient import Patient
from presence_tui.tui.screens.refreshing import Refreshing
from presence_tui.tui.screens.taking_along import TakingAlong
from presence_tui.tui.screens.watch_rule_dialogs import WatchRuleDialogs
from presence_tui.tui.situation import Situation
from presence_tui.tui.situation_words import SituationWords
from presence_tui.tui.themes import DARK, LIGHT, SIXTEEN
from presence_tui.tui.views.making import make_view
from presence_tui.tui.views.names import ViewName, heading
from presence_tui.tui.views.screen_view import ScreenView
from presence_tui.tui.views.switcher import ViewSwitcher
from presence_tui.tui.widgets.activity_feed import ActivityFeed
from presence_tui.tui.widgets.command_footer import CommandFooter
from presence_tui.tui.widgets.conversation_list import ConversationList
from presence_tui.tui.widgets.conversation_table import ConversationTable
from presence_tui.tui.widgets.facets_line import FacetsLine
from presence_tui.tui.widgets.filter_bar import FilterBar
from presence_tui.tui.widgets.labelled_lines import Labelled
from presence_tui.tui.widgets.pause_bar import PauseBar
from presence_tui.tui.widgets.roster_panel import RosterPanel
from presence_tui.tui.widgets.title_bar import TitleBar
from presence_tui.tui.widgets.view_tabs import Tab, ViewTabs
from presence_tui.tui.widgets.why_line import WhyLine
from presence_tui.tui.wording import Wording

if TYPE_CHECKING:
    # Only to say what they are: the first paint needs none of them, and their imports take time.
    from presence_tui.alerts.desk import Desk
    from presence_tui.monitor.away import AwaySummary
    from presence_tui.monitor.reading import ReadingReport
    from presence_tui.monitor.watch import Watch

MOST_BESIDE = 6
_WHOLE_WIDTH = (ViewName.CONVERSATIONS, ViewName.SIDE_BY_SIDE)
"""Views without the sidebar: one is a list of conversations itself, the other needs the room."""
NOTICE_S = 6.0
ALERT_S = 12.0


class WatchScreen(Patient[None]):
    """Draws a store; asks a watch, once there is one, to do things. Holds no truth of its own."""

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
        self._taking = TakingAlong(self, self._situation, wording, self._tell)
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
        with Horizontal(id="body"):
            yield self._sidebar
            with Vertical(id="main"):
                yield self._filter_bar
                yield self._facets_line
                yield self._pause_bar
                yield self._views
        yield self._why
        yield self._feed
        yield CommandFooter()

    def on_mount(self) -> None:
        self._sidebar.border_title = self._say("Conversations")
        self._subscriptions.append(self._store.subscribe(self._on_changes))
        self.set_interval(1.0, self._on_second)
        self._view.take_focus()
        self._draw()

    def on_screen_resume(self) -> None:
        self._draw()
        self._feed.show_now()

    def on_unmount(self) -> None:
        for unsubscribe in self._subscriptions:
            unsubscribe()

    # What there is to watch.

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
        self.set_class(watch.connection_status().is_stale, "-stale")
        self._subscriptions += [
            watch.link_changed.subscribe(self._on_link),
            watch.conversation_changed.subscribe(self._on_conversation),
            watch.conversations_changed.subscribe(self._on_conversations),
            watch.resynced.subscribe(self._on_resynced),
            watch.returned.subscribe(self._on_returned),
            watch.noticed.subscribe(self._on_notice),
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

    # What happens.

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
        self.set_class(status.is_stale, "-stale")
        self._view.repaint()
        self._draw()

    def _on_conversation(self, conversation: Conversation) -> None:
        self._situation.trouble = None
        self._go_on()
        self._start_views_anew()
        self._filter_bar.show(self._view.arrangement.query)
        self._sidebar.show(self._situation.conversations, conversation.id)
        self._draw()

    def _on_conversations(self, conversations: list[Conversation]) -> None:
        self._sidebar.show(conversations, self._situation.conversation_id or "")

    def _on_resynced(self, report: "ReadingReport") -> None:
        self._situation.trouble = report if report.roster_error else None
        self._feed.add(self._activity.of_resync(report))
        self._draw()

    def _on_side_roster(self, _: Conversation) -> None:
        self._draw()

    def _on_returned(self, summary: "AwaySummary") -> None:
        self._feed.add(self._activity.of_return(summary))
        self._tell(self._wording.away(summary))

    def tell_trouble(self, trouble: Phrase) -> None:
        """Something is wrong with the history, an alert or what is kept; the watch goes on."""
        self._on_notice(trouble)
        self._tell(self._wording.language.phrase(trouble), severity="warning")

    def _on_notice(self, phrase: Phrase) -> None:
        self._feed.add([self._activity.say(phrase)])

    # What a person does with the widgets.

    @on(RosterPanel.Picked)
    def _select(self, event: RosterPanel.Picked) -> None:
        self._draw_why()

    @on(RosterPanel.Opened)
    def _open(self, event: RosterPanel.Opened) -> None:
        self.action_explain()

    @on(ConversationList.Chosen)
    async def _choose(self, event: ConversationList.Chosen) -> None:
        await self._switch(event.conversation)

    @on(ConversationTable.Picked)
    def _pick_conversation(self) -> None:
        self._draw_why()

    @on(ConversationTable.Opened)
    async def _open_conversation(self, event: ConversationTable.Opened) -> None:
        await self._picked(self._situation.conversation_of(event.conversation_id))

    @on(ConversationTable.MarkClicked)
    def _mark(self, event: ConversationTable.MarkClicked) -> None:
        self._put_beside(event.conversation_id)

    @on(ViewTabs.Chosen)
    async def _choose_view(self, event: ViewTabs.Chosen) -> None:
        await self._see(event.name)

    @on(TitleBar.LinkClicked)
    def _link_clicked(self) -> None:
        self.action_link()

    @on(FilterBar.Changed)
    def _filter_changed(self, event: FilterBar.Changed) -> None:
        self._go_on()
        self._view.filter_by(event.query)
        self._draw()

    @on(ScreenView.Found)
    def _found(self) -> None:
        self._draw()

    @on(FacetsLine.Clicked)
    def _facets_clicked(self) -> None:
        self.action_facets()

    @on(PauseBar.Clicked)
    def _pause_clicked(self) -> None:
        self.action_pause()

    @on(FilterBar.Kept)
    def _filter_kept(self) -> None:
        self._view.take_focus()

    # What a person does by command; see ``commands``.

    def action_refresh_now(self) -> None:
        """Ask for the truth by REST; while that is under way, asking again does nothing twice."""
        if not self._refreshing.start(self):
            self._tell(self._say("Already reading; the answer is on its way."))

    def action_filter(self) -> None:
        self._filter_bar.open()

    async def action_view_participants(self) -> None:
        await self._see(ViewName.PARTICIPANTS)

    async def action_view_conversations(self) -> None:
        await self._see(ViewName.CONVERSATIONS)

    async def action_view_side_by_side(self) -> None:
        await self._see(ViewName.SIDE_BY_SIDE)

    async def action_view_contacts(self) -> None:
        await self._see(ViewName.CONTACTS)

    def action_sort(self) -> None:
        self._go_on()
        self._view.sort_by_next()
        self._draw()

    def action_facets(self) -> None:
        """Whom to show, by state, role and kind."""
        order = self._view.order
        if order is None:
            self._tell(self._say("Facets are for people; here are none."))
            return
        from presence_tui.tui.screens.facets_dialog import FacetsDialog

        self._go_on()
        self.app.push_screen(
            FacetsDialog(
                order.facets,
                self._view.roles(),
                self._wording,
                self._glyphs,
                self._facet_by,
                self._view.shown,
            )
        )

    def action_pin(self) -> None:
        """Put the selected participant at the top of their panel, or back where they belong."""
        key = self.selected_key
        if key is None:
            self._tell(self._say("Nobody is selected. Choose somebody with the arrow keys."))
            return
        self._go_on()
        pinned = key not in self._store.pins
        self._store.pin([key], pinned)
        if self._situation.kept is not None:
            self._situation.kept.note_pin(key, pinned)
        self._draw()

    def action_copy(self) -> None:
        """What the line under the cursor says."""
        text = self._view.selected_text()
        if text:
            self._taking.copy(self._say("the row"), [text], 1)
        else:
            self._tell(self._say("Nobody is selected. Choose somebody with the arrow keys."))

    def action_copy_panel(self) -> None:
        """What the panel with the cursor says, above it its title."""
        title, lines, rows = self._view.panel_texts()
        if lines:
            conversation = self._situation.conversation
            heading = " · ".join(filter(None, (title, conversation.title if conversation else "")))
            self._taking.copy(title, [heading, *lines], rows + 1)
        else:
            self._tell(self._say("There is nothing to copy here."))

    def action_export(self) -> None:
        """Write who is shown into a file."""
        order = self._view.order
        if order is None:
            self._tell(self._say("There is nobody to export here."))
            return
        self.app.push_screen(self._taking.export_dialog(order, self._view.titles()[0]), self._tell_written)

    def action_picture(self) -> None:
        """Save what the screen shows."""
        self.run_worker(self._taking.picture())

    def action_pause(self) -> None:
        """Let what is shown stand still, or go on."""
        if self._pausing.is_on:
            self._go_on()
        else:
            # Figures are drawn less often than rows; here they are to agree.
            self._draw()
            self._view.freeze()
            self._feed.hold()
            self._pausing.begin(self._view.titles())
            self.set_class(True, "-paused")
        self._draw()

    def action_conversations(self) -> None:
        """To the sidebar where there is one, else to a dialog."""
        known = self._situation.conversations
        if self._sidebar.display and self.size.width >= self._sidebar.size.width > 0:
            self._sidebar.focus()
        elif self._situation.watch is not None and known:
            watched = self._situation.conversation_id or ""
            heading = self._say("Conversations")
            way_out = self._say("esc closes")
            picker = ConversationPicker(heading, known, watched, self._store, self._glyphs, way_out)
            self.app.push_screen(picker, self._picked)

    def action_beside(self) -> None:
        """Of the conversation under the cursor, or the one watched."""
        self._put_beside(self._view.selected_conversation_id)

    def action_explain(self) -> None:
        record = self._store.get_user_by_id(self.selected_key or "")
        if record is None:
            self._tell(self._say("Nobody is selected. Choose somebody with the arrow keys."))
            return
        memory = self._situation.memory
        past = ParticipantPast(
            memory.history if memory else None, record, self._store, self._wording, self._glyphs
        )
        self._show_dialog(
            record.shown_name,
            lambda: participant_text(
                record, self._situation, self._wording, self._rules.values(), past.rows()
            ),
            past.keep_reading,
        )

    def action_link(self) -> None:
        watch = self._situation.watch
        if watch is not None:
            self._show_dialog(self._say("Link"), lambda: link_text(watch, self._wording))

    def action_watch_person(self) -> None:
        self._watch_rules.open_person(self.selected_key or "")

    def action_watch_rules(self) -> None:
        self._watch_rules.open_all()

    def action_help(self) -> None:
        self._show_dialog(self._say("Help"), lambda: help_text(self._commands, self._wording, self._glyphs))

    def action_rule(self) -> None:
        rules = list(self._rules.values())
        names = [rule.name for rule in rules]
        current = names.index(self._store.rule.name) if self._store.rule.name in names else -1
        following = rules[(current + 1) % len(rules)]
        self._store.set_rule(following)
        self._tell(self._say("States by rule {rule}.", rule=following.name))

    def action_brightness(self) -> None:
        if self.app.theme == SIXTEEN:
            self._tell(self._say("This terminal has sixteen colours; {key} has all themes.", key=PALETTE_KEY))
            return
        self.app.theme = DARK if self.app.theme == LIGHT else LIGHT

    async def action_back(self) -> None:
        """One step back: of what can be left, what was come to last."""
        if self._refreshing.cancel():
            self._tell(self._say("Refresh cancelled; what it had read is kept."))
        elif self._filter_bar.is_open or self._view.arrangement.query:
            self._filter_bar.clear()
            self._view.take_focus()
        elif self._view.arrangement.facets:
            self._facet_by(Facets())
        elif self._sidebar.has_focus:
            self._view.take_focus()
        else:
            await self._see(ViewName.PARTICIPANTS)
        self._draw()

    # What becomes of it.

    def tell_alert(self, text: str) -> None:
        """A watch rule has rung."""
        self.notify(text, title=self._say("Watch rule"), markup=False, timeout=ALERT_S)

    def note_alert(self, text: str) -> None:
        """The same as a line of the activity."""
        self._feed.add([self._activity.notice(text)])

    def _refreshed(self, report: "ReadingReport | None") -> None:
        if report is not None:
            self._situation.trouble = report if report.roster_error else None
            said = self._wording.reading(report)
            if report.error is not None:
                kept = self._say("What was shown is kept.")
                self._tell(f"{said} {kept}", severity="error")
            else:
                self._tell(said)
        self._draw()

    def _tell(self, text: str, severity: SeverityLevel = "information") -> None:
        self.notify(text, severity=severity, markup=False, timeout=NOTICE_S)

    def _show_dialog(
        self, heading: str, make_text: Callable[[], Labelled], meanwhile: Meanwhile | None = None
    ) -> None:
        self.app.push_screen(Dialog(heading, make_text, self._say("esc closes"), meanwhile))

    def _tab(self, name: ViewName) -> Tab:
        command = next(each for each in self._commands if each.name == f"view_{name.name.lower()}")
        return Tab(name, command.key_shown if command.keys else "", heading(name, self._wording.language))

    def _facet_by(self, facets: Facets) -> None:
        self._go_on()
        self._view.facet_by(facets)
        self._draw_filters()
        # Also behind the dialog, where a choice shows what it makes of the panels.
        self._view.draw()
        self.paint_soon()

    def _tell_written(self, said: str | None) -> None:
        if said is not None:
            self._tell(said)

    def _go_on(self) -> None:
        """End a pause, if there is one: whoever changes what is shown wants to see it."""
        if self._pausing.is_on:
            self._pausing.end()
            self.set_class(False, "-paused")
            self._pause_bar.show(None, 0)
            self._view.go_on()
            self._feed.go_on()

    async def _see(self, name: ViewName) -> None:
        """Another view, as it was left."""
        self._go_on()
        await self._views.show(name)
        self._tabs.show(name)
        self.set_class(name in _WHOLE_WIDTH, "-whole-width")
        self._filter_bar.show(self._view.arrangement.query)
        self._view.take_focus()
        self._draw()

    def _put_beside(self, conversation_id: str | None) -> None:
        """Beside the others, or away from them."""
        conversation, watch = self._situation.conversation_of(conversation_id), self._situation.watch
        if conversation is None or watch is None:
            self._tell(self._say("No conversation is selected."))
            return
        beside = self._situation.beside
        others = [each for each in beside if each.id != conversation.id]
        if len(others) == MOST_BESIDE:
            self._tell(self._say("No more than {n} conversations can be side by side.", n=MOST_BESIDE))
            return
        watch.watch_beside(others if len(others) < len(beside) else [*others, conversation])
        if self._views.name_seen not in _WHOLE_WIDTH:
            # Else it is seen.
            titles = ", ".join(each.title for each in self._situation.beside)
            self._tell(self._say("Side by side: {titles}", titles=titles or "—"))
        self._draw()

    def _start_views_anew(self) -> None:
        for view in self._views.made:
            view.start_anew()

    async def _switch(self, conversation: Conversation) -> None:
        watch = self._situation.watch
        if watch is not None and conversation.id != self._situation.conversation_id:
            watch.select(conversation)
        await self._see(ViewName.PARTICIPANTS)

    async def _picked(self, conversation: Conversation | None) -> None:
        if conversation is not None:
            await self._switch(conversation)

    @property
    def _is_seen(self) -> bool:
        # Behind a dialog every repaint would cost a whole screen, for what nobody reads.
        above = self.app.screen
        seen = above is self or (isinstance(above, Dialog) and above.SHOWS_WHAT_IS_BEHIND)
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
        self._title.show(title, people, situation.link, situation.latency_ms, under_way)

    def _draw_why(self) -> None:
        situation, record = self._situation, self._store.get_user_by_id(self.selected_key or "")
        is_hinted = record is None or (situation.trouble is not None and situation.is_unread)
        if record is not None and self._pausing.is_on:
            # The row is as it was; this is not.
            self._why.show(record, self._say("Now: {why}", why=self._wording.why(record)))
        else:
            self._why.show(record, self._view.remark() if is_hinted else "")
