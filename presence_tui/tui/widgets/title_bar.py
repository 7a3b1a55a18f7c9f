"""The title bar: conversation, gateway and link."""

from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.message import Message
from textual.widget import Widget

from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.cells import shortened


class TitleBar(Widget):
    """Conversation and counts on the left; gateway, link, transport and latency on the right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "title--name",
        "title--quiet",
        "title--live",
        "title--waiting",
        "title--broken",
    }

    class LinkClicked(Message):
        """The link dialog was requested."""

    def __init__(self, wording: Wording, glyphs: Glyphs, gateway: str) -> None:
        super().__init__(id="title-bar")
        self._wording = wording
        self._glyphs = glyphs
        self._gateway = gateway
        self._left = ("", "")
        self._status: LinkStatus | None = None
        self._latency_ms: float | None = None
        self._activity = ""
        self._ended = ""
        self._painted: Text | None = None

    def show(
        self,
        title: str,
        people: str,
        status: LinkStatus | None,
        latency_ms: float | None,
        activity: str,
        ended: str = "",
    ) -> None:
        """Update the content; ``activity`` is the progress of a refresh.

        ``ended`` replaces LIVE after the end of the membership, when no more events arrive.
        """
        self._ended = ended
        self._left = (title, people)
        self._status = status
        self._latency_ms = latency_ms
        self._activity = activity
        if self._line() != self._painted:
            self.refresh()

    def render(self) -> Text:
        self._painted = self._line()
        return self._painted

    def _line(self) -> Text:
        width = self.size.width
        right = self._right(width)
        title, people = self._left
        room = max(0, width - right.cell_len - 2)
        left = Text(no_wrap=True)
        left.append(shortened(title, room), self._style("title--name"))
        while people and left.cell_len + cell_len(people) + 3 > room:
            # The last part is the least important.
            people = people.rpartition(" · ")[0]
        if people:
            left.append(f" · {people}", self._style("title--quiet"))
        left.append(" " * max(0, width - left.cell_len - right.cell_len))
        return left.append_text(right)

    def on_click(self) -> None:
        self.post_message(self.LinkClicked())

    def _right(self, width: int) -> Text:
        status, quiet = self._status, self._style("title--quiet")
        right = Text(no_wrap=True)
        link = self._link(status)
        extras = [self._activity] if self._activity else []
        if status is not None:
            age = self._wording.data_age(status)
            extras += [text for text in (age, status.transport) if text]
        if self._latency_ms is not None and status is not None and status.state is LinkState.LIVE:
            extras.append(f"{self._latency_ms:.0f} ms")
        if width >= cell_len(self._gateway) + link.cell_len + 30:
            right.append(f"{self._gateway}  ", quiet)
        right.append_text(link)
        for extra in extras:
            if right.cell_len + cell_len(extra) + 2 <= width - 12:
                right.append(f"  {extra}", quiet)
        return right

    def _link(self, status: LinkStatus | None) -> Text:
        if status is None:
            word = self._wording.language.say("CONNECTING")
            return Text(f"{self._glyphs.link_other} {word}", self._style("title--waiting"))
        live = status.state is LinkState.LIVE
        if live and self._ended:
            return Text(f"{self._glyphs.link_other} {self._ended}", self._style("title--broken"))
        glyph = self._glyphs.link_live if live else self._glyphs.link_other
        return Text(f"{glyph} {self._wording.link_word(status)}", self._style(_class_of(status.state)))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)


def _class_of(state: LinkState) -> str:
    match state:
        case LinkState.LIVE:
            return "title--live"
        case LinkState.SIGNED_OUT | LinkState.OFFLINE | LinkState.STALE:
            return "title--broken"
        case _:
            return "title--waiting"
