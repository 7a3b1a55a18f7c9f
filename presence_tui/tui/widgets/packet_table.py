"""A table of packets, oldest first, whose cursor follows the newest while it is on the last row."""

from collections.abc import Sequence
from typing import ClassVar, Final, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from presence_tui.domain.enums import Direction, Verdict
from presence_tui.domain.translatable import phrase
from presence_tui.service.packets import Packet, PacketIndex
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.packet_texts import time_of
from presence_tui.tui.widgets.cells import fitted
from presence_tui.tui.widgets.cursor_lines import CursorLines, right_aligned

_DROPPED: Final = "dropped"
"""Key of the first row, where packets were dropped."""

_TONES: Final = {
    Verdict.APPLIED: "good",
    Verdict.DUPLICATE: "quiet",
    Verdict.LATE: "odd",
    Verdict.MALFORMED: "bad",
    Verdict.UNKNOWN: "quiet",
    Verdict.REFUSED: "bad",
    Verdict.STALE: "odd",
    Verdict.CONTROL: "quiet",
    Verdict.SENT: "note",
}
_VERDICT_CELLS: Final = 2 + max(map(len, Verdict))
_DIRECTION_CELLS: Final = max(map(len, Direction))


class PacketRow(NamedTuple):
    """Content of one line."""

    notice: str
    """A sentence instead of a packet; empty for a packet."""
    time: str
    epoch: int
    direction: Direction
    event: str
    size: str
    who: str
    verdict: Verdict
    summary: str
    is_marked: bool
    is_earlier: bool
    """True for a packet of an earlier connection."""
    selected: bool


class _Widths(NamedTuple):
    """Cells of the columns; 0 leaves one out, and milliseconds stand only in a wide time."""

    time: int
    epoch: int
    event: int
    size: int
    who: int


def _widths(width: int) -> _Widths:
    if width >= 110:
        return _Widths(12, 4, 25, 7, 18)
    if width >= 76:
        return _Widths(12, 0, 18, 0, 14)
    return _Widths(8, 0, 16, 0, 12)


class PacketTable(CursorLines[PacketRow]):
    """The cursor stays on its packet when older ones are dropped."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "packets--text",
        "packets--quiet",
        "packets--note",
        "packets--good",
        "packets--odd",
        "packets--bad",
        "packets--cursor",
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", phrase("Open").template, key_display="enter"),
    ]

    class Picked(Message):
        """The cursor moved to a packet."""

    class Opened(Message):
        """A packet is to be explained."""

        def __init__(self, seq: int) -> None:
            self.seq = seq
            super().__init__()

    def __init__(self, index: PacketIndex, wording: Wording, glyphs: Glyphs) -> None:
        super().__init__("packet-table")
        self._packets = index
        self._wording = wording
        self._glyphs = glyphs
        self._is_on_last = True
        """True if the cursor was put on the last row, or nowhere yet."""
        self._is_revealing = False
        """True until the newest row, where the cursor went, is in sight; that may need a layout."""
        self.epoch = 0
        """The current connection; packets of earlier ones are drawn quietly."""

    @property
    def selected_packet(self) -> Packet | None:
        """The packet under the cursor, while it is kept."""
        key = self.selected_key
        return self._packets.packet(int(key)) if key is not None and key != _DROPPED else None

    @property
    def is_following(self) -> bool:
        """True while the cursor goes on to each new row: it is on the last one, and in sight."""
        is_in_sight = self.is_cursor_in_sight or self._is_revealing
        return self._is_on_last and (self.selected_key is None or is_in_sight)

    def follow_newest(self) -> None:
        """Repaint what changed; the cursor goes to the newest row if it was on the last one, and in sight."""
        key = self.selected_key
        if self.is_cursor_in_sight:
            self._is_revealing = False
        is_following = self.is_following
        self.follow()
        if is_following:
            key = self.row_key_at(self.row_count() - 1)
        elif key is not None and self.index_of(key) is None:
            # Dropped or filtered out.
            key = self.row_key_at(0 if key == _DROPPED else self._packets.row_near(int(key)) + self._notices)
        if key is not None and (key != self.selected_key or (is_following and self._is_revealing)):
            self._is_revealing = is_following
            self.select(key, reveal=True)

    def select_packet(self, seq: int) -> bool:
        """Put the cursor on a packet; false if it is not among the rows."""
        key = str(seq)
        if self.index_of(key) is None:
            return False
        self.picked(key)
        return True

    def on_resize(self) -> None:
        super().on_resize()
        if self.is_following and self.selected_key is not None:
            self.select(self.selected_key, reveal=True)

    def row_count(self) -> int:
        return self._packets.count() + self._notices

    def rows_between(self, start: int, stop: int) -> list[PacketRow]:
        notices = self._notices
        rows = [self._row(packet) for packet in self._packets.rows(start - notices, stop - notices)]
        return [self._notice(), *rows] if notices and start == 0 < stop else rows

    def texts(self, start: int, stop: int) -> list[str]:
        """Rows as text for copying."""
        return [row_text(row) for row in self.rows_between(start, stop)]

    def row_key_at(self, index: int) -> str | None:
        if index < 0:
            return None
        if index < self._notices:
            return _DROPPED
        seq = self._packets.seq_at(index - self._notices)
        return None if seq is None else str(seq)

    def index_of(self, key: str) -> int | None:
        if key == _DROPPED:
            return 0 if self._notices else None
        row = self._packets.row_of(int(key)) if key else None
        return None if row is None else row + self._notices

    def picked(self, key: str) -> None:
        self._is_on_last = key == self.row_key_at(self.row_count() - 1)
        self.select(key, reveal=True)
        self.post_message(self.Picked())

    def opened(self, key: str) -> None:
        if key != _DROPPED:
            self.post_message(self.Opened(int(key)))

    def action_open(self) -> None:
        if self.selected_key is not None:
            self.opened(self.selected_key)

    def drawn(self, row: PacketRow, width: int) -> Strip:
        palette = self.palette
        base = palette["cursor"] if row.selected else palette["row"]
        quiet = base + palette["quiet"]
        if row.notice:
            return Strip([Segment(f"  {fitted(row.notice, max(0, width - 2))}", quiet)]).adjust_cell_length(
                width, base
            )
        text = quiet if row.is_earlier else base + palette["text"]
        tone = base + palette[_TONES[row.verdict]]
        cells = _widths(width)
        time = row.time if cells.time > 8 else row.time[:8] + row.time[12:]
        segments = [
            Segment(self._glyphs.marked if row.is_marked else " ", base + palette["note"]),
            Segment(f"{time} ", quiet),
            *([Segment(f"{right_aligned(f'#{row.epoch}', cells.epoch)} ", quiet)] if cells.epoch else []),
            Segment(f"{row.direction:<{_DIRECTION_CELLS}} ", quiet),
            Segment(f"{fitted(row.event or '—', cells.event)} ", text),
            *([Segment(f"{right_aligned(row.size, cells.size)} ", quiet)] if cells.size else []),
            Segment(f"{fitted(row.who, cells.who)} ", text),
            Segment(f"{self._glyphs.verdicts[row.verdict]} {row.verdict:<{_VERDICT_CELLS - 2}} ", tone),
        ]
        room = width - sum(segment.cell_length for segment in segments) - 1
        if room > 3:
            segments.append(Segment(f"{fitted(row.summary, room)} ", quiet))
        return Strip(segments).adjust_cell_length(width, base)

    @property
    def _notices(self) -> int:
        return int(self._packets.log.first > 0)

    def _notice(self) -> PacketRow:
        text = self._wording.language.count(
            "{n:,} older packet is no longer kept (max_packets, max_packets_mib)",
            "{n:,} older packets are no longer kept (max_packets, max_packets_mib)",
            self._packets.log.first,
        )
        selected = self.selected_key == _DROPPED
        return PacketRow(text, "", 0, Direction.IN, "", "", "", Verdict.CONTROL, "", False, False, selected)

    def _row(self, packet: Packet) -> PacketRow:
        record = packet.participant
        return PacketRow(
            notice="",
            time=time_of(packet),
            epoch=packet.epoch,
            direction=packet.direction,
            event=packet.event,
            size=self._wording.language.number(packet.size),
            who=packet.key if record is None else record.shown_name,
            verdict=packet.verdict,
            summary=packet.summary,
            is_marked=packet.is_marked,
            is_earlier=packet.epoch < self.epoch,
            selected=str(packet.seq) == self.selected_key,
        )


def row_text(row: PacketRow) -> str:
    """A row to copy: its time first, so that no text of others begins it."""
    if row.notice:
        return row.notice
    parts: Sequence[str] = (
        row.time,
        f"#{row.epoch}",
        row.direction,
        row.event,
        row.size,
        row.who,
        row.verdict,
        row.summary,
    )
    return " · ".join(part for part in parts if part and cell_len(part))
