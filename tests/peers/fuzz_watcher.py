"""One service on a Node gateway, with its readers: the screen, ``tail``, and a separate ``roster``."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from presence_tui.cli import roster_command
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.participant_names import Who
from presence_tui.cli.tail_command import _Tail
from presence_tui.domain.enums import Panel
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.monitor import PresenceMonitor
from presence_tui.monitor.resync_state import ResyncState
from presence_tui.service.frames import FrameScheduler
from presence_tui.service.service import PresenceService
from presence_tui.service.target import Connection, ServiceSettings
from presence_tui.storage.user_files import tls_context
from presence_tui.store import Clock, PresenceStore
from presence_tui.store.strangers import StrangerChanges
from presence_tui.text.language import Language
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind, CredentialStore
from presence_tui.transport.feed import FeedListener
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.rest_source import RestSource
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.tui.app import PresenceApp
from presence_tui.tui.glyphs import UNICODE
from presence_tui.tui.widgets.conversation_list import ConversationList
from tests.integration.cli.watch_settings import watch_settings
from tests.integration.watch.running_monitor import ConstantJitter
from tests.peers.fuzz_gateway_state import Expected, GatewayState, Person, states_by_age
from tests.peers.mailbox import PATIENCE_S
from tests.peers.node import NodeGateway
from tests.tui.app_harness import AppHarness

SIZE = (160, 36)
FRAME = str.maketrans("│▸", "  ")
STATE_OF_GLYPH = {"●": "online", "◐": "away", "◌": "idle", "○": "offline", "?": "unknown"}


class TokenPlace(CredentialStore):
    """Stores the token; a test may replace it."""

    def __init__(self, token: str) -> None:
        self.credential = Credential(CredentialKind.ACCOUNT, token)

    def read(self) -> Credential | None:
        return self.credential

    def write(self, credential: Credential) -> None:
        self.credential = credential

    def put(self, token: str) -> None:
        self.credential = Credential(CredentialKind.ACCOUNT, token)


class _Marked:
    """Forwards everything except the gateway's marks."""

    def __init__(self, listener: FeedListener, on_mark: Callable[[int], None]) -> None:
        self._listener = listener
        self._on_mark = on_mark

    def on_event(self, event: str, arguments: tuple[Any, ...], packet: str = "") -> None:
        if event == "test:mark":
            self._on_mark(arguments[0])
        else:
            self._listener.on_event(event, arguments, packet)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)


class MarkedFeed(SocketFeed):
    """A live feed with marks of the gateway, to detect that everything before was processed."""

    mark = 0

    async def open(self, credential: Credential, listener: FeedListener) -> None:
        await super().open(credential, _Marked(listener, self._pass))

    def _pass(self, mark: int) -> None:
        self.mark = mark


class _Target:
    """The Node gateway as the target of a service."""

    owner_hint = "fuzz"

    def __init__(self, gateway: NodeGateway, place: TokenPlace) -> None:
        self.url = gateway.url
        self.conversation = gateway.conversation
        self._place = place
        self.feed = MarkedFeed(Address.parse(gateway.url), tls_context())

    async def connect(self, clock: Clock) -> Connection:
        credentials = CredentialHolder(self._place.credential, self._place)
        client = RestClient(Address.parse(self.url), tls_context(), clock=clock)
        return Connection(self.feed, RestSource(client, credentials, clock), credentials)


class _TailReader(_Tail):
    """``tail``, and the state that a reader derives from its lines."""

    def __init__(self, service: PresenceService) -> None:
        super().__init__(service, lambda alert: "", Who(), StrangerChanges(service.store))
        self.flags: dict[str, bool | None] = {}
        self.states: dict[str, str] = {}
        self.is_member = True

    def _write(self, line: msgspec.Struct) -> None:
        told = msgspec.json.decode(msgspec.json.encode(line))
        match told["kind"]:
            case "change":
                self.flags[told["user_id"]] = told["flag"]
                self.states[told["user_id"]] = told["after"]
            case "membership":
                self.is_member = told["state"] == "member"

    def _narrate(self, sentence: str) -> None:
        pass


class Watcher:
    """Reads all outputs, and compares them with the expected state."""

    def __init__(
        self, gateway: NodeGateway, service: PresenceService, place: TokenPlace, feed: MarkedFeed
    ) -> None:
        self.gateway = gateway
        self.service = service
        self.place = place
        self._feed = feed
        self._mark = 0
        self.tail = _TailReader(service)
        self.harness: AppHarness
        service.events.subscribe(self.tail.on_event)

    @property
    def monitor(self) -> PresenceMonitor:
        monitor = self.service._monitor
        assert monitor is not None
        return monitor

    @property
    def epoch(self) -> int:
        return self.service.store.epochs.current

    @property
    def is_live(self) -> bool:
        return self.monitor.connection_status().state is LinkState.LIVE

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for a condition; the round trip to the gateway's process is the pause."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not condition():
                    await self.gateway.requests()
        except TimeoutError:
            status = self.monitor.connection_status()
            raise TimeoutError(f"{status.state}: {status.reason} {self.monitor.last_report}") from None

    async def until_reconnected(self, epoch_before: int) -> None:
        await self.until(lambda: self.epoch > epoch_before and self.is_live)

    def _is_idle(self) -> bool:
        """True if no read is running or pending."""
        monitor = self.monitor
        return (
            self.is_live
            and (monitor._resync.status.is_synced or self.service.state.membership_end is not None)
            and not monitor.is_refreshing
            and monitor._resync.status.state is not ResyncState.DUE
            and not monitor._rereads._wanted.is_set()
            and not monitor._tasks.running
        )

    async def caught_up(self) -> GatewayState:
        """the state, once every event that led to it has been heard, or there is no link any more."""
        self._mark += 1
        gateway_state = GatewayState.parse(await self.gateway.state(self._mark))
        await self.until(lambda: self._feed.mark == self._mark or not self.is_live)
        return gateway_state

    async def settled(self) -> GatewayState:
        """The gateway's state, once everything before was processed."""
        async with asyncio.timeout(2 * PATIENCE_S):
            while True:
                await self.until(self._is_idle)
                gateway_state = await self.caught_up()
                # What waits for the next frame may give reason to read.
                self.service.store.flush()
                if self._feed.mark == self._mark and self._is_idle() and not gateway_state.is_busy:
                    break
        await self.harness.settle()
        return gateway_state

    async def differences(self, gateway_state: GatewayState, expected: Expected) -> list[str]:
        """All differences from the expected state."""
        return [
            *self._differences_of_tail(expected),
            *self._differences_of_screen(gateway_state, expected),
            *await self._differences_of_roster(gateway_state, expected),
        ]

    def _differences_of_tail(self, expected: Expected) -> list[str]:
        tail = self.tail
        found = [] if tail.error is None else [f"tail ended: {tail.error}"]
        if tail.is_member is not expected.is_member:
            found.append(f"tail: member {tail.is_member}, not {expected.is_member}")
        for key in sorted(expected.members):
            told = tail.flags.get(key)
            if told is not expected.flags[key]:
                found.append(f"tail: {key} {expected.names[key]} is {told}, not {expected.flags[key]}")
        return found

    def _differences_of_screen(self, gateway_state: GatewayState, expected: Expected) -> list[str]:
        strips = self.harness.app.screen._compositor.render_strips()
        online = expected.online()
        found, rows = [], []
        for panel, keys in ((Panel.ONLINE, online), (Panel.OFFLINE, expected.members - online)):
            widget = self.harness.panel(panel)
            inside = widget.content_region
            texts = [
                strip.crop(inside.x, inside.right).text for strip in strips[inside.y - 1 : inside.bottom]
            ]
            title, names = texts[0].strip("╭╮─ "), sorted(expected.names[key] for key in keys)
            if not title.startswith(f"{panel.capitalize()} ({len(keys)})"):
                found.append(f"screen: {title!r}, not {len(keys)}")
            # Without rows, a placeholder is shown.
            shown = [text for text in texts[1:] if text.strip()[:1] in STATE_OF_GLYPH]
            if len(shown) != len(names) or any(sum(name in row for row in shown) != 1 for name in names):
                found.append(f"screen: {panel} {sorted(map(_plain, shown))}, not {names}")
            rows += shown
        if expected.is_member:
            found += self._differences_of_states(
                rows, [gateway_state.people[key] for key in online], expected
            )
        head = _plain(strips[0].text)
        words = [f"{len(expected.members)} participants", "LIVE"] if expected.is_member else ["NOT A MEMBER"]
        found += [f"screen: {head!r}, not {word!r}" for word in words if word not in head]
        if self.gateway.profile == "meeshy-2026":
            # The older version tells nothing of conversations that are not watched.
            region = self.harness.screen.query_one(ConversationList).region
            sidebar = [
                _plain(strip.crop(region.x, region.right).text.translate(FRAME))
                for strip in strips[region.y : region.bottom]
            ]
            counts = [f"{title} {online}/{total}" for title, (online, total) in expected.counts.items()]
            found += [f"sidebar: {sidebar}, not {each!r}" for each in counts if each not in sidebar]
        return found

    def _differences_of_states(self, rows: list[str], people: list[Person], expected: Expected) -> list[str]:
        now_s = self.service.store.clock.stamp().wall_s
        found = []
        for person in people:
            if person.guest and self.gateway.profile == "meeshy-2025":
                # When a guest was active last is not told.
                continue
            states = states_by_age(person, now_s)
            found += [
                f"screen: {_plain(row)}, not {states}"
                for row in rows
                if expected.names[person.key] in row and STATE_OF_GLYPH[row.strip()[0]] not in states
            ]
        return found

    async def _differences_of_roster(self, gateway_state: GatewayState, expected: Expected) -> list[str]:
        settings = watch_settings("--gateway", self.gateway.url, self.gateway.conversation)
        token = self.monitor._credentials.current.secret
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PRESENCE_TUI_TOKEN", token)
            try:
                _, lines, _ = await roster_command._read(settings)
            except CliError as refusal:
                is_right = not expected.is_member and refusal.code is ExitCode.DENIED
                return [] if is_right else [f"roster: {refusal}"]
        if not expected.is_member:
            return [f"roster: {len(lines)} members, though it is to be refused"]
        room = gateway_state.room(expected.room_id)
        wanted = {key: (room.names[key], gateway_state.is_shown(key)) for key in room.members}
        listed = {line.user_id: (line.name, line.flag) for line in lines}
        return [f"roster: {_compared(listed, wanted)}"] if listed != wanted else []


def _plain(row: str) -> str:
    return " ".join(row.split())


def _compared(listed: dict[str, Any], wanted: dict[str, Any]) -> str:
    keys = sorted(key for key in {*listed, *wanted} if listed.get(key) != wanted.get(key))
    return ", ".join(f"{key} {listed.get(key)}, not {wanted.get(key)}" for key in keys)


@asynccontextmanager
async def watched(gateway: NodeGateway) -> AsyncIterator[Watcher]:
    """A service on the gateway, with a screen and ``tail``."""
    place = TokenPlace(gateway.token)
    target = _Target(gateway, place)
    store = PresenceStore(schedule=FrameScheduler())

    async def find_target() -> _Target:
        return target

    def make_monitor(store: PresenceStore, connection: Connection, wanted: str | None) -> PresenceMonitor:
        return PresenceMonitor(
            store,
            connection.feed,
            connection.source,
            connection.credentials,
            wanted=wanted,
            random=ConstantJitter(0.02),
        )

    service = PresenceService(store, find_target, ServiceSettings("gate.example"), make_monitor=make_monitor)
    watcher = Watcher(gateway, service, place, target.feed)
    app = PresenceApp(service, language=Language("en"), glyphs=UNICODE)
    async with app.run_test(size=SIZE, notifications=False) as pilot:
        watcher.harness = _harness(app, pilot, store)
        await watcher.until(lambda: service._monitor is not None)
        yield watcher


def _harness(app: PresenceApp, pilot: Pilot[None], store: PresenceStore) -> AppHarness:
    # Uses the real monitor and clock, which are simulated elsewhere.
    return AppHarness(app, pilot, store, None, None)  # type: ignore[arg-type]
