"""Packets: what went over the wire, in both directions, and what became of it."""

from collections.abc import Callable

from textual.app import ComposeResult

from presence_tui.domain.packet_filter import FilterError
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.monitor.packet_log import PacketLog
from presence_tui.service.frames import AtMostEvery
from presence_tui.service.packets import PacketIndex
from presence_tui.service.service import PresenceService
from presence_tui.storage.view_state import Arrangement
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.views.names import ViewName, heading
from presence_tui.tui.views.screen_view import ScreenView
from presence_tui.tui.widgets.containers import TitledBox
from presence_tui.tui.widgets.packet_table import PacketTable
from presence_tui.tui.widgets.panels import MOST_COPIED
from presence_tui.wire.sanitize import safe_text

PERIOD_S = 0.25
"""Rows that move on faster than this cannot be read."""

_COPIED_CELLS = 20_000


class PacketsView(ScreenView):
    """A table whose cursor is on a packet, and by that on the participant whom it is about."""

    WITHOUT = frozenset({"explain", "facets", "pin", "sort", "export", "beside"})

    FILTER_HINT = phrase("~e event ~p person ~v late ~d in ~t text, ! & | ( )")

    def __init__(
        self, service: PresenceService, texts: StatusTexts, wording: Wording, glyphs: Glyphs
    ) -> None:
        super().__init__(ViewName.PACKETS, service, texts, wording)
        self._live: PacketLog | None = None
        """The log of the monitor; ``None`` until it runs."""
        self.index = PacketIndex(PacketLog(), service.store)
        self._table = PacketTable(self.index, wording, glyphs)
        self._box = TitledBox(self._table)
        self._query = ""
        """As typed; it may be wrong."""
        self._problem: Phrase | None = None
        """What is wrong with the query, which then filters nothing new."""
        self._is_frozen = False
        self._is_seen = True
        self._follow_soon = AtMostEvery(PERIOD_S, self._follow)
        self._unsubscribe: Callable[[], None] = lambda: None

    def compose(self) -> ComposeResult:
        yield self._box

    @property
    def selected_seq(self) -> int | None:
        """Number of the packet under the cursor."""
        packet = self._table.selected_packet
        return None if packet is None else packet.seq

    def select_packet(self, seq: int) -> bool:
        """Put the cursor on a packet; false where it is not shown."""
        return self._table.select_packet(seq)

    def mark(self) -> bool | None:
        """Mark the packet under the cursor, or unmark it; ``None`` if there is none."""
        seq = self.selected_seq
        if seq is None:
            return None
        is_marked = self.index.mark(seq)
        self._follow()
        return is_marked

    @property
    def selected_key(self) -> str | None:
        packet = self._table.selected_packet
        return packet.key or None if packet is not None else None

    @property
    def arrangement(self) -> Arrangement:
        return Arrangement(query=self._query)

    def rearrange(self, arrangement: Arrangement) -> None:
        self._query, self._problem = arrangement.query, None
        try:
            self.index.filter_by(arrangement.query)
        except FilterError as problem:
            self._problem = problem.sentence
        self._follow()

    def shown(self) -> str:
        if self._problem is not None:
            return self.wording.language.phrase(self._problem)
        return self.words.shown(self.index.count(), self._total)

    def titles(self) -> tuple[str, str]:
        language = self.wording.language
        return heading(ViewName.PACKETS, language), language.count(
            "{n:,} packet", "{n:,} packets", self._total
        )

    def remark(self) -> str:
        packet = self._table.selected_packet
        return self.words.hint() if packet is None else packet.summary

    def selected_text(self) -> str:
        packet = self._table.selected_packet
        if packet is None:
            return ""
        index = self._table.index_of(str(packet.seq))
        row = self._table.texts(index, index + 1) if index is not None else []
        return "\n".join([*row, safe_text(packet.text, _COPIED_CELLS)])

    def panel_texts(self) -> tuple[str, list[str], int]:
        return self._box.title, self._table.texts(0, MOST_COPIED), self._table.row_count()

    def take_focus(self) -> None:
        self._table.focus()

    def appear(self) -> None:
        self._is_seen = True
        self._read_log()

    def disappear(self) -> None:
        self._is_seen = False
        self._unsubscribe()
        self._live = None

    def freeze(self) -> None:
        if self._live is not None:
            self._is_frozen = True
            self.index.show(self._live.frozen())

    def resume(self) -> None:
        self._is_frozen = False
        if self._live is not None:
            self.index.show(self._live)
        self._follow()

    def repaint(self) -> None:
        self._table.refresh()

    def follow(self) -> None:
        """Packets are followed by themselves: a change of presence is one of many reasons for them."""

    def draw(self) -> None:
        self._read_log()
        self._follow()

    def _read_log(self) -> None:
        log = self.service.packets
        if self._is_seen and log is not None and log is not self._live:
            self._unsubscribe()
            self._live = log
            self._unsubscribe = log.subscribe(self._follow_soon)
            if not self._is_frozen:
                self.index.show(log)

    def _follow(self) -> None:
        if not self.is_attached or self._is_frozen or not self._is_seen:
            return
        self._table.epoch = self.service.store.epochs.current
        if self.index.update():
            # The rest after a key, if one waits.
            self.call_later(self._follow)
        self._table.show_placeholder(self._nothing())
        self._table.follow_newest()
        language = self.wording.language
        title = language.say("Packets ({n:,})", n=self._total)
        if self.index.expression.strip():
            title += " · " + language.say("{n} shown", n=self.index.count())
        if perhaps := self.index.perhaps:
            title += " · " + language.say("perhaps {n:,} more, kept in part", n=perhaps)
        remark = language.say("follows the newest") if self._table.is_following else ""
        self._box.show_titles(title, remark)

    @property
    def _total(self) -> int:
        return self.index.log.next - self.index.log.first

    def _nothing(self) -> str:
        say = self.wording.language.say
        return (
            say("None matches. esc shows all of them.") if self._total else say("No packet has arrived yet.")
        )
