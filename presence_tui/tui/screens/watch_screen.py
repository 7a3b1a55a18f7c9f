"""The watch: panels, why line, activity, and what a person can do with them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.notifications import SeverityLevel
from textual.widgets import Input, Static
from textual.worker import Worker

from presence_tui.domain.participants import Conversation
from presence_tui.domain.phrases import Phrase
from presence_tui.domain.rules import RULES
from presence_tui.domain.words import Source
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.store import ChangeSet, PresenceStore, Sort
from presence_tui.tui.activity import Activity
from presence_tui.tui.commands import Command
from presence_tui.tui.frames import READABLE_S, AtMostEvery
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.keys import PALETTE_KEY, key_of
from presence_tui.tui.memory import Memory
from presence_tui.tui.screens.conversation_picker import ConversationPicker
from presence_tui.tui.screens.dialog import Dialog, Meanwhile
from presence_tui.tui.screens.explanations import help_text, link_text, participant_text
from presence_tui.tui.screens.past import ParticipantPast
from presence_tui.tui.screens.patient import Patient
from presence_tui.tui.themes import DARK, LIGHT, SIXTEEN
from presence_tui.tui.widgets.activity_feed import ActivityFeed
from presence_tui.tui.widgets.command_footer import CommandFooter
from presence_tui.tui.widgets.conversation_list import ConversationList
from presence_tui.tui.widgets.panels import Panels
from presence_tui.tui.widgets.roster_panel import RosterPanel
from presence_tui.tui.widgets.title_bar import TitleBar
from presence_tui.tui.wording import Wording

if TYPE_CHECKING:
    # Only to say what they are: the first paint needs none of them, and their imports take time.
    from presence_tui.monitor.away import AwaySummary
    from presence_tui.monitor.reading import Progress, ReadingReport
    from presence_tui.monitor.watch import Watch

NOTICE_S = 6.0


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
        self._view = store.view()
        self._activity = Activity(store, wording, glyphs)
        self._watch: Watch | None = None
        self._memory: Memory | None = None
        self._link_before: LinkStatus | None = None
        """How the link is while there is no watch yet: what is shown is what was remembered."""
        self._subscriptions: list[Callable[[], None]] = []
        self._refreshing: Worker[None] | None = None
        self._progress: Progress | None = None
        # The configured rule may have limits of its own.
        self._rules = {**RULES, store.rule.name: store.rule}
        self._trouble: ReadingReport | None = None
        """The last reading of the watched roster, if it failed."""
        self._title = TitleBar(wording, glyphs, gateway)
        self._sidebar = ConversationList(store, glyphs)
        self._panels = Panels(self._view, wording, glyphs)
        self._draw_soon = AtMostEvery(least_period_s, self._draw)
        self._feed = ActivityFeed()
        self._filter = Input(id="filter", placeholder=self._say("name or handle"))
        self._filter_bar = Horizontal(
            Static(" / ", id="filter-mark"),
            self._filter,
            Static(self._say("enter keeps · esc clears"), classes="filter-way-on -typing"),
            Static(self._say("esc clears"), classes="filter-way-on -kept"),
            id="filter-bar",
        )
        self._why = Static(id="why")
        self._said = Text()

    @property
    def selected_key(self) -> str | None:
        """The participant under the cursor."""
        return self._panels.selected_key

    def compose(self) -> ComposeResult:
        yield self._title
        with Horizontal(id="body"):
            yield self._sidebar
            with Vertical(id="main"):
                yield self._filter_bar
                yield self._panels
        yield self._why
        yield self._feed
        yield CommandFooter()

    def on_mount(self) -> None:
        self._sidebar.border_title = self._say("Conversations")
        self._subscriptions.append(self._store.subscribe(self._on_changes))
        self.set_interval(1.0, self._on_second)
        self._panels.take_focus()
        self._draw()

    def on_screen_resume(self) -> None:
        self._draw()
        self._feed.show_now()

    def remember(self, memory: Memory) -> None:
        """From here on there is a history to ask, and perhaps a roster of the last time to show."""
        self._memory = memory
        memory.history.tell_troubles(self._on_trouble)
        if (remembered := memory.remembered) is None or memory.conversation is None:
            return
        now_s = self._store.clock.stamp().wall_s
        self._link_before = LinkStatus(LinkState.CONNECTING, now_s, fresh_until_s=remembered.as_of_s)
        self.set_class(True, "-stale")
        self._view.show(conversation_id=memory.conversation.id)
        self._sidebar.show(remembered.conversations, memory.conversation.id)
        self._panels.start_anew()
        self._draw()

    def attach(self, watch: "Watch") -> None:
        """From here on there is a watch to ask."""
        self._watch = watch
        self.set_class(watch.connection_status().is_stale, "-stale")
        self._subscriptions += [
            watch.link_changed.subscribe(self._on_link),
            watch.conversation_changed.subscribe(self._on_conversation),
            watch.conversations_changed.subscribe(self._on_conversations),
            watch.resynced.subscribe(self._on_resynced),
            watch.returned.subscribe(self._on_returned),
            watch.noticed.subscribe(self._on_notice),
        ]
        self._draw()

    def on_unmount(self) -> None:
        for unsubscribe in self._subscriptions:
            unsubscribe()

    def _on_changes(self, changed: ChangeSet) -> None:
        lines = self._activity.of_changes(changed, self._view.conversation_id)
        self._feed.add(lines)
        if self._is_seen:
            self._panels.follow()
            self._draw_soon()
            self.paint_soon()

    def _on_second(self) -> None:
        # Ages grow, whether anything happens or not; the panels paint only what reads differently.
        self._draw()

    def _on_link(self, status: LinkStatus) -> None:
        self._feed.add(self._activity.of_link(status))
        self.set_class(status.is_stale, "-stale")
        self._panels.repaint()
        self._draw()

    def _on_conversation(self, conversation: Conversation) -> None:
        self._trouble = None
        self._view.show(conversation_id=conversation.id)
        self._panels.start_anew()
        if self._watch is not None:
            self._sidebar.show(self._watch.conversations, conversation.id)
        self._draw()

    def _on_conversations(self, conversations: list[Conversation]) -> None:
        watched = self._watch.conversation if self._watch else None
        self._sidebar.show(conversations, watched.id if watched else "")

    def _on_resynced(self, report: "ReadingReport") -> None:
        self._trouble = report if report.roster_error else None
        self._feed.add(self._activity.of_resync(report))
        self._draw()

    def _on_returned(self, summary: "AwaySummary") -> None:
        self._feed.add(self._activity.of_return(summary))
        self._tell(self._wording.away(summary))

    def _on_trouble(self, trouble: Phrase) -> None:
        """Something is wrong with the history; the watch goes on."""
        self._on_notice(trouble)
        self._tell(self._wording.language.phrase(trouble), severity="warning")

    def _on_notice(self, phrase: Phrase) -> None:
        self._feed.add([self._activity.say(phrase)])

    @on(RosterPanel.Picked)
    def _select(self, event: RosterPanel.Picked) -> None:
        self._draw_why()

    @on(RosterPanel.Opened)
    def _open(self, event: RosterPanel.Opened) -> None:
        self.action_explain()

    @on(ConversationList.Chosen)
    def _choose(self, event: ConversationList.Chosen) -> None:
        self._switch(event.conversation)

    @on(TitleBar.LinkClicked)
    def _link_clicked(self) -> None:
        self.action_link()

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        self._view.show(query=event.value)
        self._draw()

    @on(Input.Submitted, "#filter")
    def _filter_kept(self) -> None:
        self._panels.take_focus()
        self._filter_bar.set_class(bool(self._view.query), "-open")

    def action_refresh_now(self) -> None:
        """Ask for the truth by REST; while that is under way, asking again does nothing twice."""
        if self._watch is None or self._watch.is_reading:
            self._tell(self._say("Already reading; the answer is on its way."))
            return
        self._refreshing = self.run_worker(self._refresh(self._watch))

    def action_filter(self) -> None:
        self._filter_bar.add_class("-open")
        self._filter.focus()

    def action_sort(self) -> None:
        orders = list(Sort)
        following = orders[(orders.index(self._view.sort) + 1) % len(orders)]
        self._view.show(sort=following)
        self._draw()

    def action_conversations(self) -> None:
        """To the sidebar where there is one, else to a dialog."""
        if self._sidebar.display and self.size.width >= self._sidebar.size.width > 0:
            self._sidebar.focus()
        elif self._watch is not None and self._watch.conversations:
            watched = self._view.conversation_id or ""
            heading = self._say("Conversations")
            known = self._watch.conversations
            way_out = self._say("esc closes")
            picker = ConversationPicker(heading, known, watched, self._store, self._glyphs, way_out)
            self.app.push_screen(picker, self._picked)

    def action_explain(self) -> None:
        record = self._store.get_user_by_id(self.selected_key or "")
        if record is None:
            self._tell(self._say("Nobody is selected. Choose somebody with the arrow keys."))
            return
        conversation_id = self._view.conversation_id
        history = self._memory.history if self._memory else None
        past = ParticipantPast(history, record, self._store, self._wording, self._glyphs)
        self._show_dialog(
            record.shown_name,
            lambda: participant_text(
                record, self._store, self._wording, conversation_id, self._rules.values(), past.rows()
            ),
            past.keep_reading,
        )

    def action_link(self) -> None:
        watch = self._watch
        if watch is not None:
            self._show_dialog(self._say("Link"), lambda: link_text(watch, self._wording))

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

    def action_back(self) -> None:
        if self._refreshing is not None and self._refreshing.is_running:
            self._refreshing.cancel()
            self._refreshing = None
            self._progress = None
            self._tell(self._say("Refresh cancelled; what it had read is kept."))
        elif self._filter_bar.has_class("-open") or self._view.query:
            self._filter.value = ""
            self._filter_bar.remove_class("-open")
            self._panels.take_focus()
        elif self._sidebar.has_focus:
            self._panels.take_focus()
        self._draw()

    async def _refresh(self, watch: "Watch") -> None:
        try:
            report = await watch.refresh(self._show_progress)
        finally:
            self._progress = None
        if report is not None:
            self._tell_report(report)
        self._draw()

    def _show_progress(self, progress: "Progress") -> None:
        self._progress = progress
        self._draw_title()

    def _tell_report(self, report: "ReadingReport") -> None:
        self._trouble = report if report.roster_error else None
        if report.error is not None:
            kept = self._say("What was shown is kept.")
            self._tell(f"{self._wording.reading(report)} {kept}", severity="error")
        else:
            self._tell(self._wording.reading(report))

    def _tell(self, text: str, severity: SeverityLevel = "information") -> None:
        self.notify(text, severity=severity, markup=False, timeout=NOTICE_S)

    def _show_dialog(
        self, heading: str, make_text: Callable[[], Table], meanwhile: Meanwhile | None = None
    ) -> None:
        self.app.push_screen(Dialog(heading, make_text, self._say("esc closes"), meanwhile))

    def _switch(self, conversation: Conversation) -> None:
        if self._watch is not None and conversation.id != self._view.conversation_id:
            self._watch.select(conversation)
        self._panels.take_focus()

    def _picked(self, conversation: Conversation | None) -> None:
        if conversation is not None:
            self._switch(conversation)

    @property
    def _remembered_conversation(self) -> Conversation | None:
        return self._memory.conversation if self._memory else None

    @property
    def _is_unread(self) -> bool:
        """True before any roster of the conversation was read: who is shown is known by events only."""
        return not self._store.rosters.knows(self._view.conversation_id or "")

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
        self._panels.draw(self._watch.key if self._watch else "", self._nobody())
        self._sidebar.follow()
        self._draw_why()

    def _draw_title(self) -> None:
        watch = self._watch
        conversation = watch.conversation if watch else self._remembered_conversation
        status = watch.connection_status() if watch else self._link_before
        latency_ms = watch.tally.latency_ms if watch else None
        title = conversation.title if conversation else "presence-tui"
        people = self._people() if conversation and not self._is_unread else ""
        self._title.show(title, people, status, latency_ms, self._under_way())

    def _people(self) -> str:
        shown = self._view.counts.total
        report = self._watch.last_report if self._watch else None
        if report is not None and report.total is not None and report.total > report.participants > 0:
            total = f"{report.total}{'+' if report.total_capped else ''}"
            return self._say("{shown} of {total} participants", shown=shown, total=total)
        return self._wording.language.count("{n} participant", "{n} participants", shown)

    def _under_way(self) -> str:
        if self._progress is None:
            return self._say("reading…") if self._watch and self._watch.is_reading else ""
        step = self._say("states") if self._progress.step is Source.RUNTIME else self._say("roster")
        done, total = self._progress.done, self._progress.total
        return f"{step} {done}/{total}" if total else f"{step} {done}"

    def _nobody(self) -> str:
        """What the panels say while nobody is known."""
        if self._trouble is not None:
            # Where a token is needed, the advice names r itself.
            again = (
                ""
                if self._trouble.needs_sign_in
                else self._say("{key} asks again.", key=key_of(self._commands, "refresh"))
            )
            return f"{self._wording.reading(self._trouble)} {again}".rstrip()
        if self._watch is not None and self._watch.last_report is not None:
            return self._say("Nobody is a member of this conversation.")
        return self._say("Asking who is here…")

    def _draw_why(self) -> None:
        record = self._store.get_user_by_id(self.selected_key or "")
        hint = self._hint() if record is None or (self._trouble and self._is_unread) else ""
        said = Text(hint if hint or record is None else self._wording.why(record))
        if said != self._said:
            self._said = said
            self._why.set_class(bool(hint), "-hint")
            self._why.update(said, layout=False)

    def _hint(self) -> str:
        language = self._wording.language
        if self._trouble is not None:
            return self._wording.reading(self._trouble)
        status = self._watch.connection_status() if self._watch else None
        reason = language.phrase(status.reason) if status else ""
        return reason or self._say("Choose somebody to see why they are what they are.")
