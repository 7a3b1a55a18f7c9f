"""Runs the app over a store with a fake clock and a fake monitor, and reads the screen."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from presence_tui.alerts.delivery import Sender
from presence_tui.alerts.rules import AlertRule, Channel
from presence_tui.domain.enums import Panel, Source
from presence_tui.domain.participants import Conversation, Participant
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.history.history import History
from presence_tui.service.service import FindTarget, PresenceService
from presence_tui.service.sign_ins import CodeAsked, SignedIn, SignInFailed, SignInForm
from presence_tui.service.target import AlertSettings, Connection, ServiceSettings
from presence_tui.storage.saved_logins import SavedLogin
from presence_tui.storage.view_state import ViewState
from presence_tui.store import Clock, PresenceStore
from presence_tui.text.alert_texts import AlertTexts
from presence_tui.text.language import Language
from presence_tui.transport.credentials import CredentialKind
from presence_tui.tui.app import LEAST_SIZE, PresenceApp
from presence_tui.tui.controllers.alerts import FindNotification
from presence_tui.tui.gateways import Gateways, KnownGateway
from presence_tui.tui.glyphs import UNICODE, Glyphs
from presence_tui.tui.screens.watch_screen import WatchScreen
from presence_tui.tui.widgets.activity_feed import ActivityFeed
from presence_tui.tui.widgets.roster_panel import RosterPanel
from presence_tui.wire.messages import PresenceRow, Status
from presence_tui.wire.sanitize import safe_text
from tests.tui.fake_monitor import FakeMonitor
from tests.unit.clock import FakeClock

WIDE = (120, 40)
USUAL = (80, 24)
ROOMY = (96, 30)
"""The smallest size that shows the whole crew; no sidebar."""
SMALLEST = (60, 15)
MOST_ROUNDS = 50
"""Maximum rounds of waiting for message queues; after that the test may fail."""
SIZES = (SMALLEST, USUAL, (100, 30), (130, 40), (300, 80))
every_size = pytest.mark.parametrize(
    "size",
    [SMALLEST, *(pytest.param(size, marks=pytest.mark.slow) for size in SIZES[1:])],
    ids="{0[0]}x{0[1]}".format,
)
"""Runs a test at all sizes. The fast run takes the smallest, which has the least room."""

HARBOUR = Conversation("c-harbour", "Harbour crew", "harbour", 24)
LIGHTHOUSE = Conversation("c-lighthouse", "Lighthouse", "lighthouse", 6)
NIGHT_SHIFT = Conversation("c-night", "Night shift", "night-shift", 199, True)
CONVERSATIONS = [HARBOUR, LIGHTHOUSE, NIGHT_SHIFT]

ONLINE_NAMES = {
    "Ada Okafor": 5,
    "Bo Chen": 12,
    "Chloé Bérenger": 30,
    "Dmitri": 44,
    "Élodie Marchand": 59,
    "Fatima Zahra": 90,
    "Goran Petrović": 150,
    "Hana Sato": 1_200,
}
"""Name, and seconds since the last activity: five online, two away, one idle."""
OFFLINE_NAMES = [
    "Ingrid Solberg",
    "João Pereira",
    "Kwame Mensah",
    "Léa Fontaine",
    "Mikko Virtanen",
    "Ngozi Eze",
    "Olga Ivanova",
    "Pía Álvarez",
    "Quentin Roy",
    "Rosa Lind",
    "Søren Holm",
    "Tariq Aziz",
    "Uma Rao",
    "Vera Novak",
    "Wei Zhang",
]
UNKNOWN_NAME = "Ada Unknown"
"""Sorts first by name alone; without any report it sorts last."""
ROLES = {"Ada Okafor": "moderator", "Bo Chen": "admin", "Chloé Bérenger": "creator"}


def key_of(name: str) -> str:
    """The presence key of a crew member."""
    return "u-" + "".join(character for character in name.lower() if character.isascii() and character != " ")


def member(name: str, **fields: object) -> Participant:
    """A participant as a roster lists it."""
    fields = {"key": key_of(name), "role": ROLES.get(name, "member"), "guest": name == "Dmitri", **fields}
    return Participant(name=name, **fields)  # type: ignore[arg-type]


def fill_with_crew(store: PresenceStore, conversation_id: str = HARBOUR.id) -> None:
    """Eight online in all three shades, fifteen offline and one unknown, as a first reading reports them."""
    names = [*ONLINE_NAMES, *OFFLINE_NAMES, UNKNOWN_NAME]
    now = store.clock.stamp()
    store.set_participants(map(member, names), conversation_id)
    told = [PresenceRow(key_of(name), True, now.wall_s - age_s) for name, age_s in ONLINE_NAMES.items()]
    told += [
        PresenceRow(key_of(name), False, now.wall_s - 120 * 2.6**place)
        for place, name in enumerate(OFFLINE_NAMES)
    ]
    store.apply_answers(told, Source.SNAPSHOT, now)


def fill_with_many(store: PresenceStore, online: int, offline: int) -> None:
    """People numbered in name order: ``On 00000`` …, ``Off 00000`` …"""
    on = [f"On {place:05}" for place in range(online)]
    off = [f"Off {place:05}" for place in range(offline)]
    now = store.clock.stamp()
    store.set_participants(map(member, on + off), HARBOUR.id)
    told = [PresenceRow(key_of(name), name.startswith("On"), now.wall_s) for name in on + off]
    store.apply_answers(told, Source.SNAPSHOT, now)


@dataclass(frozen=True)
class Line:
    """A line of the screen as drawn."""

    text: str
    styles: Sequence[tuple[str, Style]]

    def style_of(self, part: str) -> Style:
        """The style of the segment that shows the part."""
        for piece, style in self.styles:
            if part in piece:
                return style
        raise LookupError(f"{part!r} is not in {self.text!r}")


def _line(strip: Strip) -> Line:
    return Line(strip.text, [(piece.text, piece.style or Style()) for piece in strip])


class AppHarness:
    """An app under test."""

    def __init__(
        self,
        app: PresenceApp,
        pilot: Pilot[None],
        store: PresenceStore,
        monitor: FakeMonitor,
        clock: FakeClock,
    ) -> None:
        self.app = app
        self.pilot = pilot
        self.store = store
        self.monitor = monitor
        self.clock = clock

    @property
    def service(self) -> PresenceService:
        return self.app._service

    @property
    def screen(self) -> WatchScreen:
        """The watch screen, below any dialog."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, WatchScreen)
        return screen

    def panel(self, panel: Panel) -> RosterPanel:
        return self.screen.query_one(f"#panel-{panel}", RosterPanel)

    @property
    def online(self) -> RosterPanel:
        return self.panel(Panel.ONLINE)

    @property
    def offline(self) -> RosterPanel:
        return self.panel(Panel.OFFLINE)

    def title_of(self, panel: RosterPanel) -> str:
        """The title in the top border of a panel."""
        box = panel.parent
        assert isinstance(box, Widget)
        strip = self.app.screen._compositor.render_strips()[box.region.y]
        return strip.crop(box.region.x, box.region.right).text.strip("╭╮─ ").partition(" ─")[0]

    @property
    def activity(self) -> list[str]:
        """The lines of the activity feed, newest first."""
        return self.screen.query_one(ActivityFeed).texts

    @property
    def toasts(self) -> list[str]:
        return [notification.message for notification in self.app._notifications]

    @property
    def selected(self) -> str | None:
        """The name under the cursor, if any."""
        record = self.store.get_user_by_id(self.screen.selected_key or "")
        return record.shown_name if record else None

    def lines(self) -> list[Line]:
        """All lines of the screen, dialogs included."""
        return [_line(strip) for strip in self.app.screen._compositor.render_strips()]

    def lines_of(self, widget: Widget) -> list[Line]:
        """The lines of the screen within a widget."""
        region = widget.region
        strips = self.app.screen._compositor.render_strips()[region.y : region.bottom]
        return [_line(strip.crop(region.x, region.right)) for strip in strips]

    @property
    def text(self) -> str:
        """The text of the whole screen."""
        return "\n".join(line.text for line in self.lines())

    @property
    def said(self) -> str:
        """The text of the whole screen with each run of spaces as one."""
        return "\n".join(" ".join(line.text.split()) for line in self.lines())

    def line_with(self, part: str) -> Line:
        """The only line that shows the part."""
        found = [line for line in self.lines() if part in line.text]
        assert len(found) == 1, f"{part!r} is on {len(found)} lines of:\n{self.text}"
        return found[0]

    def rows(self, panel: RosterPanel) -> list[Line]:
        """The drawn lines of a panel, without its scrollbar and without trailing empty lines."""
        inside = panel.content_region
        strips = self.app.screen._compositor.render_strips()[inside.y : inside.bottom]
        rows = [_line(strip.crop(inside.x, inside.x + panel.size.width)) for strip in strips]
        while rows and not rows[-1].text.strip():
            rows.pop()
        return rows

    def row_of(self, name: str) -> Line:
        """The only row that shows the name, in any panel."""
        rows = [row for panel in (self.online, self.offline) for row in self.rows(panel)]
        found = [row for row in rows if name in row.text]
        assert len(found) == 1, f"{name!r} has {len(found)} rows in:\n{self.text}"
        return found[0]

    def y_of(self, name: str) -> int:
        """The y coordinate of the name on the screen."""
        found = [y for y, line in enumerate(self.lines()) if name in line.text]
        assert found, f"{name!r} is not on the screen:\n{self.text}"
        return found[0]

    async def settle(self) -> None:
        """Wait until all messages are handled and drawn. Messages cause messages, hence the rounds.

        Textual considers a process without processor time idle, so the message queues are checked as well: a
        key may still be on its way from the widget to the screen.
        """
        rounds = 0
        while rounds < 3 or (self._has_messages and rounds < MOST_ROUNDS):
            await self.pilot._wait_for_screen()
            self.app.screen._on_timer_update()
            rounds += 1
        for screen in self.app.screen_stack[:1]:
            # Show deferred content, such as the activity feed of a busy time, now.
            for feed in screen.query(ActivityFeed):
                feed.show_now()
            if isinstance(screen, WatchScreen):
                screen.draw()
            self.app.screen._on_timer_update()

    @property
    def _has_messages(self) -> bool:
        pumps = [self.app, *(each for screen in self.app.screen_stack for each in screen.walk_children())]
        return any(pump.message_queue_size for pump in [*pumps, *self.app.screen_stack])

    async def press(self, *keys: str) -> None:
        """Press keys one by one; wait after each until its effects are complete."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def resize(self, width: int, height: int) -> None:
        """Resize the terminal; Textual needs a frame or two."""
        await self.pilot.resize_terminal(width, height)
        drawn = (max(width, LEAST_SIZE.width), max(height, LEAST_SIZE.height))
        await until(self, lambda: self.app.screen._compositor.size == drawn)
        await self.settle()

    async def click(self, part: str, times: int = 1) -> None:
        """Click the first place on the screen that shows the part."""
        y = self.y_of(part)
        before, _, _ = self.lines()[y].text.partition(part)
        await self.pilot.click(offset=(cell_len(before), y), times=times)
        await self.settle()

    async def quit(self) -> None:
        """Press ``q`` and wait until the app is about to close."""
        await self.pilot.press("q")
        await end_of(self.app)

    async def event(self, name: str, flag: bool, **fields: object) -> None:
        """Deliver a status event now."""
        self.store.apply_status(Status(key_of(name), flag, safe_text(name), **fields))  # type: ignore[arg-type]
        await self.settle()

    async def wait(self, seconds: float) -> None:
        """Advance the clock: state changes fall due, and periodic drawing is done."""
        self.clock.advance(seconds)
        self.store.states.advance()
        for screen in self.app.screen_stack:
            for timer in list(screen._timers):
                if timer._interval <= 1:
                    await timer._tick(next_timer=0, count=1)
        await self.settle()


async def until(harness: AppHarness, holds: Callable[[], bool], limit_s: float = 10) -> None:
    """Wait for a condition that has its own timing, such as the palette's search."""
    async with asyncio.timeout(limit_s):
        while not holds():
            await harness.pilot.pause(0.005)


async def end_of(app: PresenceApp, limit_s: float = 5) -> None:
    """Wait until the app has failed or is about to close."""
    failed: asyncio.Task[bool] = asyncio.create_task(app._exception_event.wait())
    try:
        async with asyncio.timeout(limit_s):
            while not app._exit and not failed.done():
                await asyncio.wait([failed], timeout=0.01)
    finally:
        failed.cancel()


class FakeTarget:
    """A target without a gateway: the test controls the monitor."""

    url = "https://gate.example"
    owner_hint = "staged"
    conversation = None

    async def connect(self, clock: Clock) -> Connection:
        return Connection(None, None, None)  # type: ignore[arg-type]


class FakeGateways:
    """One saved sign-in, in use, and nowhere to connect to."""

    def __init__(self) -> None:
        login = SavedLogin("harbour", FakeTarget.url, CredentialKind.ACCOUNT, "u-observer", "observer", 0.0)
        self.current: KnownGateway | None = KnownGateway(
            login.name, "gate.example", login.handle, False, login
        )

    async def known(self) -> list[KnownGateway]:
        return [] if self.current is None else [self.current]

    def warning_of(self, address: str) -> Phrase | None:
        return None

    async def use(self, gateway: KnownGateway) -> SignedIn:
        raise SignInFailed(phrase("Nothing listens at {address}.", address=gateway.address))

    async def sign_in(self, form: SignInForm) -> SignedIn:
        raise SignInFailed(phrase("Nothing listens at {address}.", address=form.address))

    async def confirm(self, asked: CodeAsked, code: str) -> SignedIn:
        raise AssertionError("no code is asked for")

    async def end_session(self, login: SavedLogin) -> Phrase | None:
        return None

    async def forget(self, login: SavedLogin) -> None:
        self.current = None

    def watch(self, signed_in: SignedIn) -> PresenceService:
        raise AssertionError("nobody is let in")

    def demo(self) -> PresenceService:
        raise AssertionError("there is no demo")


STAGED = FakeGateways()


def alert_settings(
    store: PresenceStore,
    language: str = "en",
    *rules: AlertRule,
    channels: frozenset[Channel] = frozenset({Channel.TOAST}),
    folder: Path | None = None,
    senders: Mapping[Channel, Sender] | None = None,
) -> AlertSettings:
    """Alert settings without a cooldown."""
    return AlertSettings(
        rules=rules,
        user_rule_channels=channels,
        cooldown_s=0.0,
        quiet_hours=None,
        user_rules_folder=folder,
        open_senders=lambda: senders or {},
        sentence_of=AlertTexts(Language(language), store).sentence,
    )


def staged_service(
    store: PresenceStore,
    monitor: FakeMonitor,
    *,
    alerts: AlertSettings | None = None,
    history: object = None,
    view_state: ViewState | None = None,
    find_target: FindTarget | None = None,
) -> PresenceService:
    """A service whose monitor is controlled by the test; ``history`` may be a fake."""

    async def find_staged_target() -> FakeTarget:
        return FakeTarget()

    return PresenceService(
        store,
        find_target or find_staged_target,
        ServiceSettings("gate.example", alerts=(lambda: alerts) if alerts is not None else None),
        make_monitor=lambda store, connection, wanted: monitor,  # type: ignore[arg-type, return-value]
        history=cast(History | None, history),
        view_state=view_state,
    )


@asynccontextmanager
async def running_app(
    size: tuple[int, int] = ROOMY,
    *,
    store: PresenceStore | None = None,
    language: str = "en",
    glyphs: Glyphs = UNICODE,
    crew: bool = True,
    live: bool = True,
    keys: Mapping[str, Sequence[str]] | None = None,
    reduced_motion: bool = False,
    welcomes: bool = False,
    history: object = None,
    alerts: AlertSettings | None = None,
    find_notification: FindNotification = lambda: None,
    view_state: ViewState | None = None,
    gateways: Gateways | None = STAGED,
) -> AsyncIterator[AppHarness]:
    """Run the app at a size. By default it watches the harbour crew over a live link."""
    store = store or PresenceStore(clock=FakeClock())
    clock = store.clock
    assert isinstance(clock, FakeClock)
    monitor = FakeMonitor(store)
    service = staged_service(
        store,
        monitor,
        alerts=alerts or alert_settings(store, language),
        history=history,
        view_state=view_state,
    )
    app = PresenceApp(
        service,
        language=Language(language),
        glyphs=glyphs,
        keys=keys,
        reduced_motion=reduced_motion,
        welcomes=welcomes,
        gateways=gateways,
        find_notification=find_notification,
    )
    # Layout and painting wait until everything is set up: saves a third of each test.
    until_all_is_there = ExitStack()
    until_all_is_there.enter_context(app.batch_update())
    async with app.run_test(size=size, notifications=True) as pilot:
        app.animation_level = "none"
        harness = AppHarness(app, pilot, store, monitor, clock)
        await monitor.running.wait()
        if live:
            monitor.go_live()
        if crew:
            monitor.set_conversations(CONVERSATIONS)
            monitor.watch(HARBOUR)
            fill_with_crew(store)
        until_all_is_there.close()
        await harness.settle()
        yield harness
