"""The middle of the watch screen: sidebar, visible view and details."""

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from presence_tui.tui.controllers.packets import PacketController
from presence_tui.tui.controllers.views import ViewController
from presence_tui.tui.widgets.containers import Columns, Rows
from presence_tui.tui.widgets.conversation_list import ConversationList
from presence_tui.tui.widgets.details_panel import DetailsPanel

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.tui.widgets.conversation_table import ConversationTable
    from presence_tui.tui.widgets.packet_table import PacketTable


class WatchBody(Columns):
    """Forwards messages of its widgets to the view controller."""

    class CursorMoved(Message):
        """The cursor of the conversation table moved to another row."""

    def __init__(self, views: ViewController, packets: PacketController, details: DetailsPanel) -> None:
        super().__init__(id="body")
        self._views = views
        self._packets = packets
        self._details = details

    def compose(self) -> ComposeResult:
        yield self._views.sidebar
        with Rows(id="main"):
            yield self._views.views
        yield self._details

    @on(ConversationList.Chosen)
    async def _on_conversation_chosen(self, event: ConversationList.Chosen) -> None:
        await self._views.switch_to(event.conversation)

    # By name, because the decorator would import a table that the first view does not need.
    def on_conversation_table_picked(self) -> None:
        self.post_message(self.CursorMoved())

    async def on_conversation_table_opened(self, event: "ConversationTable.Opened") -> None:
        await self._views.open_conversation(event.conversation_id)

    def on_conversation_table_mark_clicked(self, event: "ConversationTable.MarkClicked") -> None:
        self._views.toggle_beside(event.conversation_id)

    def on_packet_table_picked(self) -> None:
        self.post_message(self.CursorMoved())

    def on_packet_table_opened(self, event: "PacketTable.Opened") -> None:
        self._packets.open(event.seq)
