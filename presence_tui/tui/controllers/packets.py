"""Packets and the participants whom they are about: details, going there and back, following, marks."""

from typing import TYPE_CHECKING

from presence_tui.tui.controllers.context import Handlers, WatchContext
from presence_tui.tui.controllers.views import ViewController
from presence_tui.tui.views.names import ViewName

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.tui.views.packets import PacketsView


class PacketController:
    """Acts on the packets view, which is made on first use."""

    def __init__(self, context: WatchContext, views: ViewController) -> None:
        self._context = context
        self._views = views
        self._came_from: tuple[int, str] | None = None
        """The packet that a participant's page led to, and the presence key of that participant."""

    def handlers(self) -> Handlers:
        return {
            "packets_of_person": self.follow_person,
            "packet_person": self.go_to_person_or_back,
            "mark": self.mark,
        }

    def open(self, seq: int) -> None:
        """Show the page of a packet."""
        context, view = self._context, self._seen_packets
        if view is None:
            return
        from presence_tui.tui.packet_texts import packet_page

        context.show_dialog(
            context.say("Packet"), lambda: packet_page(seq, view.index, context.wording), commands=("copy",)
        )

    async def go_to_person_or_back(self) -> None:
        """From a packet to its participant; from elsewhere to the packets, where the cursor is as it was."""
        view = self._seen_packets
        if view is None:
            await self._views.show(ViewName.PACKETS)
            return
        key = view.selected_key
        if key is None and self._came_from is not None and view.selected_seq == self._came_from[0]:
            # A packet about many, such as a snapshot.
            key = self._came_from[1]
        record = self._context.store.get_user_by_id(key or "")
        if record is None:
            seq = view.selected_seq
            self._context.toast(
                self._about_nobody(view, seq),
                holds=lambda: self._seen_packets is view and view.selected_seq == seq,
            )
            return
        await self._views.select(record.key)
        self._context.draw()

    def _about_nobody(self, view: "PacketsView", seq: int | None) -> str:
        """Why a packet leads to no participant."""
        packet = None if seq is None else view.index.packet(seq)
        if packet is not None and packet.listed.people:
            from presence_tui.tui.packet_texts import people_text

            people = people_text(packet, self._context.wording)
            return self._context.say("This packet is about {people}; enter shows it.", people=people)
        if packet is not None and packet.key:
            return self._context.say("This packet is about somebody who is not known.")
        return self._context.say("This packet is about no participant.")

    async def show_packet(self, seq: int, key: str) -> None:
        """Put the cursor on a packet of a participant; a filter that leaves it out is cleared."""
        self._came_from = seq, key
        await self._views.show(ViewName.PACKETS)
        view = self._seen_packets
        if view is not None and not view.select_packet(seq):
            self._views.filter_by("")
            self._views.show_filter()
            view.select_packet(seq)

    async def follow_person(self) -> None:
        """Show only the packets about the selected participant."""
        if (record := self._context.selected(self._views.seen.selected_key)) is None:
            return
        from presence_tui.domain.packet_filter import quoted

        await self._views.show(ViewName.PACKETS)
        self._views.filter_by(f"~p {quoted(f'={record.key}')}")
        self._views.show_filter()

    def mark(self) -> None:
        """Mark the selected packet, or unmark it."""
        view = self._seen_packets
        if view is None or view.mark() is None:
            self._context.toast(
                self._context.say("Marks are for packets; none is selected here."),
                holds=lambda: (seen := self._seen_packets) is None or seen.selected_seq is None,
            )

    @property
    def _seen_packets(self) -> "PacketsView | None":
        if self._views.views.name_seen is not ViewName.PACKETS:
            return None
        view: PacketsView = self._views.seen  # type: ignore[assignment]
        return view
