"""Makes every picture in this folder: ``python screenshots/make.py``, or those of a name: ``… why-60x15``.

``… --check`` writes nothing and fails with the names of the pictures that would change. It compares only
under the versions of Textual and Rich that made them (``made_with.txt``).

Each scene is played on a real screen with a fixed clock and a scripted gateway, so that a picture differs
from the last one only where the screen does.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, cast
from unittest.mock import patch

from textual.pilot import Pilot

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from presence_tui.alerts.rules import COOLDOWN_S, AlertRule, Channel, Trigger  # noqa: E402
from presence_tui.alerts.scheduler import GATHER_S  # noqa: E402
from presence_tui.domain.translatable import Phrase  # noqa: E402
from presence_tui.history.history import History  # noqa: E402
from presence_tui.history.participant_history import ParticipantHistory  # noqa: E402
from presence_tui.metrics import reading  # noqa: E402
from presence_tui.monitor.monitor import PresenceMonitor  # noqa: E402
from presence_tui.service.service import PresenceService  # noqa: E402
from presence_tui.service.sign_ins import Field, SignedIn, SignInFailed, SignInForm  # noqa: E402
from presence_tui.service.target import (  # noqa: E402
    AlertSettings,
    Connection,
    HistorySettings,
    ServiceSettings,
)
from presence_tui.storage.saved_logins import SavedLogin  # noqa: E402
from presence_tui.store import Clock, PresenceStore  # noqa: E402
from presence_tui.text.alert_texts import AlertTexts  # noqa: E402
from presence_tui.text.language import Language  # noqa: E402
from presence_tui.transport.credentials import (  # noqa: E402
    Credential,
    CredentialHolder,
    CredentialKind,
)
from presence_tui.transport.errors import AccessDenied, GatewayError, PortRefused, WrongPassword  # noqa: E402
from presence_tui.tui.app import PresenceApp  # noqa: E402
from presence_tui.tui.exports.svg_picture import self_contained  # noqa: E402
from presence_tui.tui.gateways import Gateways, KnownGateway  # noqa: E402
from presence_tui.tui.glyphs import ASCII, UNICODE, Glyphs  # noqa: E402
from presence_tui.tui.screens.participant_lists import FindingsDialog  # noqa: E402
from presence_tui.tui.screens.watch_screen import WatchScreen  # noqa: E402
from presence_tui.tui.themes import COLOURBLIND, CONTRAST, DARK, LIGHT  # noqa: E402
from screenshots.in_browser import picture_in_browser  # noqa: E402
from screenshots.scenario import CAST, NOW_S, START_S, FixedClock, ScriptedFeed, ScriptedSource  # noqa: E402
from screenshots.virtual_time import run as in_virtual_time  # noqa: E402
from screenshots.yesterday import GATEWAY, HINT, write_history  # noqa: E402
from tests.browser.chromium import chromium_path  # noqa: E402


@dataclass(frozen=True)
class ScriptedTarget:
    """The scripted gateway, under the account that wrote the history."""

    feed: ScriptedFeed
    source: ScriptedSource
    url: str = GATEWAY
    owner_hint: str = HINT
    conversation: str | None = None

    async def connect(self, clock: Clock) -> Connection:
        holder = CredentialHolder(Credential(CredentialKind.ACCOUNT, "scripted"))
        return Connection(self.feed, self.source, holder)


class ScriptedGateways:
    """Sign-ins to choose from, and a gateway that knows no password."""

    def __init__(self) -> None:
        self.current: KnownGateway | None = _saved("gate.example", "https://gate.example", "observer")

    async def known(self) -> list[KnownGateway]:
        assert self.current is not None
        guest = _saved("night-shift", "https://chat.example", "Sam", CredentialKind.GUEST)
        return [self.current, _saved("staging", "http://127.0.0.1:3000", "observer"), guest]

    def warning_of(self, address: str) -> Phrase | None:
        return None

    async def sign_in(self, form: SignInForm) -> SignedIn:
        raise SignInFailed(WrongPassword().sentence, field=Field.PASSWORD)


def _saved(name: str, url: str, user: str, kind: CredentialKind = CredentialKind.ACCOUNT) -> KnownGateway:
    login = SavedLogin(name, url, kind, f"u-{user}", user, NOW_S)
    return KnownGateway(name, url.partition("://")[2], user, kind is CredentialKind.GUEST, login)


DRAWN_EVERY_S = 4.0
"""Often enough for the graph of counts."""


@dataclass
class ScriptedApp:
    """The parts of the app that a scene controls."""

    pilot: Pilot[None]
    feed: ScriptedFeed
    source: ScriptedSource
    clock: FixedClock
    store: PresenceStore

    def move_to(self, now_s: float) -> None:
        """Advance the scenario's clock. The screen draws in between, as it does each second of a real one."""
        first = self.pilot.app.screen_stack[0]
        while (next_s := min(now_s, self.clock.now_s + DRAWN_EVERY_S)) < now_s:
            self._move_to(next_s)
            if isinstance(first, WatchScreen):
                first.draw()
        self._move_to(now_s)

    def _move_to(self, now_s: float) -> None:
        self.clock.move_to(now_s)
        self.store.states.advance()


Size = tuple[int, int]
"""In cells."""
SMALLEST, USUAL, WIDE = (60, 15), (80, 24), (120, 40)
EVERY = (SMALLEST, USUAL, WIDE)

Play = Callable[[ScriptedApp], Awaitable[None]]


@dataclass(frozen=True)
class Scene:
    """The steps before pictures are taken, one per size and theme: ``NAME-WIDTHxHEIGHT-THEME.svg``."""

    name: str
    play: Play
    sizes: tuple[Size, ...]
    themes: tuple[str, ...] = (DARK, LIGHT)
    language: str = "en"
    glyphs: Glyphs = UNICODE
    trouble: GatewayError | None = None
    welcomes: bool = False
    remembers: bool = False
    """Start with the rosters of the earlier run."""
    rules: tuple[AlertRule, ...] = ()
    toasts: bool = False
    """Show toasts, in scenes where they do not cover the subject."""


async def coming_and_going(scripted: ScriptedApp) -> None:
    """Some participants connect and disconnect."""
    feed = scripted.feed
    await feed.opened.wait()
    # The conversation is read before time goes on.
    await scripted.pilot.pause()
    happenings = (
        (-268, "Zoë Marlowe", True),
        (-251, "Łukasz Wiśniewski", True),
        (-216, "Tomás Quiroga", True),
        (-188, "Zoë Marlowe", False),
        (-167, "Łukasz Wiśniewski", False),
        (-149, "Tomás Quiroga", False),
        (-130, "Siobhán Ó Briain", True),
        (-94, "Yael Barak", True),
        (-61, "Yael Barak", False),
        (-44, "Siobhán Ó Briain", False),
        (-41, "Blaise Lind", False),
        (-33, "Blaise Lind", True),
        (-12, "Ada Okafor", True),
        (-7, "Folasade Adeyemi", True),
    )
    moved = {name for _, name, _ in happenings}
    active = tuple(
        (-who.age_s, who.name, True)
        for who in CAST
        if who.flag and who.age_s is not None and NOW_S - who.age_s > START_S and who.name not in moved
    )
    for offset_s, name, flag in sorted(happenings + active):
        scripted.move_to(NOW_S + offset_s)
        feed.status(name, flag, NOW_S + offset_s - 0.012)
        await scripted.pilot.pause()
    scripted.move_to(NOW_S - 2)
    feed.typing("Elena Popescu")
    scripted.move_to(NOW_S)
    await scripted.pilot.pause(1.1)


async def morning(scripted: ScriptedApp) -> None:
    """Some participants connect and disconnect; the cursor moves to Ada."""
    await coming_and_going(scripted)
    await scripted.pilot.press("home")
    await scripted.pilot.pause()


def after_morning(*keys: str) -> Play:
    """The morning scene, followed by these keys."""

    async def play(scripted: ScriptedApp) -> None:
        await morning(scripted)
        await scripted.pilot.press(*keys)
        await scripted.pilot.pause()

    return play


async def lost(scripted: ScriptedApp) -> None:
    """The gateway stops sending."""
    await morning(scripted)
    scripted.feed.break_off()
    await scripted.pilot.pause()
    scripted.move_to(NOW_S + 38)
    await scripted.pilot.pause(1.1)


async def refused(scripted: ScriptedApp) -> None:
    """The gateway denies this account access to the conversation."""
    scripted.move_to(NOW_S)
    await scripted.pilot.pause(0.3)


async def offline(scripted: ScriptedApp) -> None:
    """There is no network; the last rosters are shown."""
    scripted.move_to(NOW_S)
    await scripted.pilot.pause(0.3)
    await scripted.pilot.press("home")
    await scripted.pilot.pause()


async def back(scripted: ScriptedApp) -> None:
    """The network returns."""
    await offline(scripted)
    scripted.feed.refused = scripted.source.trouble = None
    await scripted.pilot.press("r")
    await scripted.feed.opened.wait()
    await scripted.pilot.pause(1.0)


async def paused(scripted: ScriptedApp) -> None:
    """The display is paused while a participant connects."""
    await morning(scripted)
    await scripted.pilot.press("space")
    scripted.move_to(NOW_S + 9)
    scripted.feed.status("Zoë Marlowe", True, NOW_S + 9)
    scripted.feed.status("Blaise Lind", False, NOW_S + 9)
    await scripted.pilot.pause(1.1)


async def audited(scripted: ScriptedApp) -> None:
    """An audit finds two ghosts, and somebody whom the runtime omits."""
    await morning(scripted)
    scripted.source.lies = {"Blaise Lind": False, "Siobhán Ó Briain": True, "Yael Barak": None}
    scripted.source.lies["Folasade Adeyemi"] = True
    await scripted.pilot.press("a")
    while not isinstance(scripted.pilot.app.screen, FindingsDialog):
        await scripted.pilot.pause(0.05)
    await scripted.pilot.pause()


async def flapping(scripted: ScriptedApp) -> None:
    """Three participants come and go, each for a reason of their own; a deploy drops some others."""
    await morning(scripted)
    happenings: list[tuple[float, str, bool]] = []
    rhythms = {
        "Blaise Lind": [(57.0, 3.0)] * 9,
        "Yael Barak": [(45.1, 1.4), (45.0, 2.3), (70.1, 1.2), (45.1, 4.8)],
        "Siobhán Ó Briain": [(12.0, 21.0), (40.0, 3.2), (7.0, 9.1), (28.0, 2.4), (19.0, 14.0)],
    }
    for name, stays_and_absences in rhythms.items():
        now_s = NOW_S + 20
        happenings.append((now_s, name, True))
        for stay_s, away_s in stays_and_absences:
            happenings += [(now_s + stay_s, name, False), (now_s + stay_s + away_s, name, True)]
            now_s += stay_s + away_s
    online = [who.name for who in CAST if who.flag and who.name not in rhythms]
    for number, name in enumerate(online):
        left_s = NOW_S + 460 + 0.1 * number
        happenings += [(left_s, name, False), (left_s + 2 + 1.7 * number, name, True)]
    for at_s, name, flag in sorted(happenings):
        scripted.move_to(at_s)
        scripted.feed.status(name, flag, at_s)
    await scripted.pilot.press("F")
    await scripted.pilot.pause()


async def measured(scripted: ScriptedApp) -> None:
    """The gateway pings, once late, and answers pings of ours."""
    await morning(scripted)
    for at_s, round_trip_s in ((0, 0.011), (25.01, 0.012), (50.02, 0.019), (76.4, 0.012)):
        scripted.move_to(NOW_S + at_s)
        scripted.feed.ping(25.0, round_trip_s)
    await scripted.pilot.press("m")
    await scripted.pilot.pause()


async def told(scripted: ScriptedApp) -> None:
    """A participant with a watch rule connects."""
    await morning(scripted)
    await scripted.pilot.pause(GATHER_S + 0.5)


async def signing_in(scripted: ScriptedApp) -> None:
    """Somebody has typed a wrong password."""
    await morning(scripted)
    await scripted.pilot.press(
        "C", "end", "enter", *"chat.example", "enter", *"ada", "enter", *"pass", "enter"
    )
    await scripted.pilot.pause()


MEMORY_BYTES = 86 * 2**20
NO_NETWORK = PortRefused("gate.example")
SUPPORT_DESK = AlertRule(Trigger.EMPTY, role="moderator", after_s=120.0, name="Support desk")
FOLASADE = AlertRule(Trigger.COMES, ("Folasade Adeyemi",), name="Harbour master")
SCENES = (
    # Every view and every page, at every size.
    Scene("watch", morning, EVERY),
    Scene("conversations", after_morning("2", "j"), EVERY),
    Scene("contacts", after_morning("3", "home"), EVERY),
    Scene("side-by-side", after_morning("2", "home", "b", "down", "b", "down", "b", "4"), EVERY),
    Scene("packets", after_morning("5", "k", "k", "asterisk", "k"), EVERY),
    Scene("packet", after_morning("5", "enter"), (WIDE,)),
    Scene("why", after_morning("enter"), EVERY),
    Scene("metrics", measured, EVERY),
    Scene("help", after_morning("question_mark"), EVERY),
    # Other states, at sizes where they fit.
    Scene("watch", morning, (WIDE,), (CONTRAST, COLOURBLIND)),
    Scene("watch-ascii", morning, (USUAL,), glyphs=ASCII),
    Scene("watch-french", morning, (WIDE,), language="fr"),
    Scene("filter", after_morning("slash", *"ok"), (WIDE,)),
    Scene("facets", after_morning("f"), (USUAL,)),
    Scene("pinned", after_morning("end", "p", "home", "down", "down", "p"), (WIDE,)),
    Scene("paused", paused, (WIDE,)),
    Scene("export", after_morning("x"), (USUAL,)),
    Scene("link", after_morning("l"), (WIDE,)),
    Scene("audit", audited, EVERY),
    Scene("flaps", flapping, EVERY),
    Scene("told", told, (WIDE,), rules=(FOLASADE,), toasts=True),
    Scene("rules-of-ada", after_morning("w", "space", "down", "down", "space"), (USUAL,)),
    Scene("rules", after_morning("w", "space", "escape", "W"), (WIDE,), rules=(SUPPORT_DESK, FOLASADE)),
    Scene("picker", after_morning("c"), (USUAL,)),
    Scene("gateways", after_morning("C"), (USUAL,)),
    Scene("connect", signing_in, EVERY),
    Scene("palette", after_morning("ctrl+p"), (WIDE,)),
    Scene("welcome", coming_and_going, (WIDE,), welcomes=True),
    # Error states.
    Scene("offline", offline, (USUAL, WIDE), trouble=NO_NETWORK, remembers=True),
    Scene("back", back, (WIDE,), trouble=NO_NETWORK, remembers=True),
    Scene("lost", lost, (WIDE,)),
    Scene("refused", refused, (USUAL,), trouble=AccessDenied("you are not a member")),
)


IN_BROWSER = FOLDER / "wallboard-browser.png"
MADE_WITH = FOLDER / "made_with.txt"


def pictures() -> Iterator[tuple[Path, Scene, Size, str]]:
    """Yield file, scene, size and theme of every picture."""
    for scene in SCENES:
        for columns, rows in scene.sizes:
            for theme in scene.themes:
                name = f"{scene.name}-{columns}x{rows}-{theme.removeprefix('presence-')}.svg"
                yield FOLDER / name, scene, (columns, rows), theme


_history_of = History.participant_history


async def _history_of_all_written(history: History, *arguments: Any) -> ParticipantHistory | None:
    """What the history holds of a participant, with what was handed to its thread just now."""
    await history.save()
    return await _history_of(history, *arguments)


def take(scene: Scene, size: Size, theme: str) -> str:
    """Play a scene at one size in one theme; return its picture as SVG."""
    with (
        TemporaryDirectory() as folder,
        patch.object(History, "participant_history", _history_of_all_written),
    ):
        return in_virtual_time(_take(scene, size, theme, Path(folder) / "history.sqlite"))


async def _take(scene: Scene, size: Size, theme: str, history_path: Path) -> str:
    write_history(history_path)
    clock, feed = FixedClock(), ScriptedFeed()
    source = ScriptedSource(clock, scene.trouble)
    feed.refused = scene.trouble if scene.remembers else None
    history = HistorySettings(history_path, 30, 2**28, shows_cache=scene.remembers)
    language, store = Language(scene.language), PresenceStore(clock=clock)

    def alerts() -> AlertSettings:
        return AlertSettings(
            rules=scene.rules,
            user_rule_channels=frozenset({Channel.TOAST, Channel.TERMINAL}),
            cooldown_s=COOLDOWN_S,
            quiet_hours=None,
            user_rules_folder=None,
            open_senders=dict,
            sentence_of=AlertTexts(language, store).sentence,
        )

    async def find_target() -> ScriptedTarget:
        return ScriptedTarget(feed, source)

    service = PresenceService(
        store,
        find_target,
        ServiceSettings("gate.example", history, alerts),
        make_monitor=lambda store, connection, wanted: PresenceMonitor(
            store, *connection[:3], random=Random(7)
        ),
    )
    app = PresenceApp(
        service,
        language=language,
        glyphs=scene.glyphs,
        theme=theme,
        welcomes=scene.welcomes,
        gateways=cast(Gateways, ScriptedGateways()),
        find_notification=lambda: str,
    )
    async with app.run_test(size=size, notifications=scene.toasts) as pilot:
        await scene.play(ScriptedApp(pilot, feed, source, clock, store))
        # A screen behind a dialog draws each second.
        await pilot.pause(1.1 if len(app.screen_stack) > 1 else None)
        return self_contained(app.export_screenshot(title="presence-tui", simplify=True))


def taken(wanted: str = "") -> Iterator[tuple[Path, str]]:
    """Yield the files whose names contain ``wanted``, each with its picture, made by all processors."""
    numbers = [number for number, (path, *_) in enumerate(pictures()) if wanted in path.name]
    with ProcessPoolExecutor(initializer=same_everywhere) as processes:
        yield from processes.map(_taken, numbers)


def _taken(number: int) -> tuple[Path, str]:
    path, scene, size, theme = list(pictures())[number]
    return path, take(scene, size, theme)


def make(wanted: str) -> None:
    """Write the pictures whose names contain ``wanted``."""
    for path, picture in taken(wanted):
        path.write_text(picture, encoding="utf-8")
        print(path)
    if wanted in IN_BROWSER.name:
        if (browser := chromium_path()) is None:
            print(f"{IN_BROWSER} stays as it is: there is no Chromium on this machine.")
            return
        IN_BROWSER.write_bytes(asyncio.run(picture_in_browser(browser)))
        print(IN_BROWSER)


def differing() -> list[str]:
    """Names of the pictures that differ from the current screen. The browser picture is not compared."""
    return [
        path.name
        for path, picture in taken()
        if not path.exists() or path.read_text(encoding="utf-8") != picture
    ]


def versions() -> str:
    """The installed libraries that draw: another one may draw the same screen in another way."""
    return "".join(f"{name} {version(name)}\n" for name in ("textual", "rich"))


def main(wanted: str) -> None:
    if wanted != "--check":
        make(wanted)
        if not wanted:
            MADE_WITH.write_text(versions(), encoding="utf-8")
    elif MADE_WITH.read_text(encoding="utf-8") != versions():
        print(f"Not compared: the pictures were made with others than {', '.join(versions().splitlines())}.")
    elif names := differing():
        sys.exit(f"These pictures differ; make them anew and look at them: {', '.join(names)}")


def same_everywhere() -> None:
    """Pictures show the memory, the hour and the folder of exports; none depends on the machine."""
    for function in (reading.resident_bytes, reading.peak_bytes):
        setattr(reading, function.__name__, lambda: MEMORY_BYTES)
    os.environ["TZ"] = "UTC"
    time.tzset()
    os.chdir(gettempdir())


if __name__ == "__main__":
    main("".join(sys.argv[1:2]))
