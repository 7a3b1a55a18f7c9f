"""A feed's listener that records every call and can wait for the next ones."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from presence_tui.transport.errors import GatewayError
from presence_tui.wire import messages, names
from presence_tui.wire.decode import decode_event
from tests.unit.monitor.wait_until import Condition


class RecordingListener:
    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []
        """Event names with their arguments, or with the status decoded by the feed."""
        self.closed: list[GatewayError] = []
        self.heard = self.pings = self.upgrades = 0
        self.intervals_s: list[float | None] = []
        """The announced interval, with each ping."""
        self.round_trips_s: list[float | None] = []
        self.unreadable: list[str] = []
        self.replays: list[int] = []
        """Per replay, how many events came before."""
        self.connections: list[tuple[bool | None, int]] = []
        """Per accepted connection, whether it is recovered, and how many events came before."""
        self.control: list[str | bytes] = []
        self.sent: list[str | bytes] = []
        self.news = Condition()

    def on_event(self, event: str, arguments: tuple[Any, ...], packet: str = "") -> None:
        self.events.append((event, arguments))
        self.news.notify()

    def on_statuses(self, statuses: list[messages.Status], packets: Sequence[str] = ()) -> None:
        self.events += [(names.STATUS, status) for status in statuses]
        self.news.notify()

    def on_snapshot(self, part: messages.Snapshot, packet: str = "") -> None:
        self.events.append((names.SNAPSHOT, part))
        self.news.notify()

    def on_heard(self) -> None:
        self.heard += 1

    def on_control(self, packet: str | bytes) -> None:
        self.control.append(packet)

    def on_sent(self, packet: str | bytes) -> None:
        self.sent.append(packet)

    def on_ping(self, interval_s: float | None = None) -> None:
        self.pings += 1
        self.intervals_s.append(interval_s)

    def on_round_trip(self, round_trip_s: float | None) -> None:
        self.round_trips_s.append(round_trip_s)
        self.news.notify()

    def on_unreadable(self, why: str, packet: str = "") -> None:
        self.unreadable.append(why)
        self.news.notify()

    def on_replay(self) -> None:
        self.replays.append(len(self.events))

    def on_connected(self, *, is_recovered: bool | None) -> None:
        self.connections.append((is_recovered, len(self.events)))
        self.news.notify()

    def on_upgraded(self) -> None:
        self.upgrades += 1
        self.news.notify()

    def on_closed(self, reason: GatewayError) -> None:
        self.closed.append(reason)
        self.news.notify()

    def messages(self) -> list[messages.Message]:
        return [
            told if isinstance(told, messages.Status | messages.Snapshot) else decode_event(event, told)
            for event, told in self.events
        ]

    def has_told(self, status: tuple[str, bool], since: int = 0) -> bool:
        """True if this was told, after the first so many statuses."""
        return status in self.statuses()[since:]

    def statuses(self) -> list[tuple[str, bool]]:
        """Key and flag of each status event, in order of arrival."""
        return [(told.key, told.flag) for told in self.messages() if isinstance(told, messages.Status)]

    def moves(self) -> list[tuple[str, bool]]:
        """The statuses without duplicates: the older version sends one for each shared conversation."""
        return [status for status, _ in groupby(self.statuses())]

    async def until(self, condition: Callable[[], Any]) -> Any:
        return await self.news.until(condition, instead=lambda: (self.events[-5:], self.closed))

    async def until_message(self, kind: type[Any]) -> Any:
        """Wait for the first message of a kind."""
        return await self.until(
            lambda: next((message for message in self.messages() if isinstance(message, kind)), None)
        )

    async def until_closed(self) -> GatewayError:
        reasons: list[GatewayError] = await self.until(lambda: self.closed)
        return reasons[0]
