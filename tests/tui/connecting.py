"""Runs the app as the command line wires it: with sign-ins on disk, and gateways in this process."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from presence_tui.cli.embedded_gateway import Ready
from presence_tui.cli.screen_gateways import ScreenGateways
from presence_tui.cli.targets import by_name, saved_logins
from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.service.sign_ins import Field
from presence_tui.storage.saved_logins import SavedLogin
from presence_tui.text.language import Language
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.tui.app import PresenceApp
from presence_tui.tui.glyphs import UNICODE, Glyphs
from presence_tui.tui.screens.connect_dialog import ConnectDialog
from tests.integration.cli.watch_settings import watch_settings
from tests.tui.app_harness import WIDE, AppHarness, until

PASSWORD = "demo"
LIMIT_S = 30.0
"""Patience with a busy machine."""
StartGateway = Callable[..., Awaitable[Gateway]]


class DemoInProcess:
    """Replaces the process of an embedded gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.is_closed = False

    async def ready(self) -> Ready:
        await self.gateway.start()
        return Ready(
            self.gateway.url, self.gateway.token, self.gateway.conversation, self.gateway.settings.profile
        )

    def close(self) -> None:
        self.is_closed = True


class Connecting:
    """An app that may connect to gateways."""

    def __init__(self, harness: AppHarness, gateways: ScreenGateways) -> None:
        self.harness = harness
        self.gateways = gateways

    @property
    def app(self) -> PresenceApp:
        return self.harness.app

    @property
    def dialog(self) -> ConnectDialog:
        screen = self.app.screen
        assert isinstance(screen, ConnectDialog), self.harness.text
        return screen

    def input(self, field: Field) -> Input:
        return self.dialog.query_one(f"#sign-in-{field}", Input)

    @property
    def focused(self) -> str:
        """The field with the focus."""
        focused = self.app.focused
        return "" if focused is None or focused.id is None else focused.id.removeprefix("sign-in-")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition; a failure shows the screen."""
        try:
            await until(self.harness, condition, LIMIT_S)
        except TimeoutError:
            pytest.fail(f"not reached on:\n{self.harness.text}")

    async def shows(self, *parts: str) -> None:
        await self.until(lambda: all(part in self.harness.said for part in parts))

    async def live_at(self, gateway: Gateway) -> None:
        """Wait until this gateway's rosters were read."""
        address = gateway.url.removeprefix("http://")
        await self.until(lambda: f"{address} ● LIVE" in self.harness.said.partition("\n")[0])
        await self.until(lambda: "participants read" in self.harness.said)

    async def open(self) -> None:
        await self.harness.press("C")
        await self.until(lambda: isinstance(self.app.screen, ConnectDialog))
        await self.harness.settle()

    async def paste(self, text: str) -> None:
        self.app.post_message(events.Paste(text))
        await self.harness.settle()

    async def fill_in(self, address: str, user: str = "observer", password: str = PASSWORD) -> None:
        """Paste each into its field, and press enter."""
        for text in (address, user, password):
            await self.paste(text)
            await self.harness.press("enter")


@asynccontextmanager
async def watching(
    configured: str | None,
    *,
    demo: DemoInProcess | None = None,
    size: tuple[int, int] = WIDE,
    language: str = "en",
    glyphs: Glyphs = UNICODE,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Connecting]:
    """The app on a configured gateway (an address or the name of a sign-in), or on a demo."""
    words = () if configured is None else ("--gateway", configured)
    settings = by_name(watch_settings(*words, environment=environment))
    with closing(ScreenGateways(settings, Language(language))) as gateways:
        app = _app(gateways, demo, language, glyphs)
        async with app.run_test(size=size, notifications=True) as pilot:
            yield Connecting(_harness(app, pilot), gateways)


def _app(gateways: ScreenGateways, demo: DemoInProcess | None, language: str, glyphs: Glyphs) -> PresenceApp:
    process: Any = demo
    return PresenceApp(
        gateways.open_configured() if demo is None else gateways.open_demo(process),
        language=Language(language),
        glyphs=glyphs,
        gateways=gateways,
        welcomes=demo is not None,
    )


def _harness(app: PresenceApp, pilot: Pilot[None]) -> AppHarness:
    store: Any = app._service.store
    return AppHarness(app, pilot, store, None, store.clock)  # type: ignore[arg-type]


def save_login(gateway: Gateway, name: str, *, token: str | None = None) -> SavedLogin:
    """Save a sign-in of the observer as ``login`` does, in a file."""
    observer = gateway.observer
    login = SavedLogin(name, gateway.url, CredentialKind.ACCOUNT, observer.key, observer.handle, 1.8e9)
    credential = Credential(CredentialKind.ACCOUNT, token or gateway.token)
    saved_logins().save(login, credential, in_keyring=False)
    return login


def own_folders(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let everything that is stored be in this folder, and the keyring be missing. Freeze no objects."""
    monkeypatch.setattr("presence_tui.cli.screen_gateways.follow_service", lambda service, **_: None)
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(folder / name.lower()))

    def no_library() -> None:
        raise ImportError

    monkeypatch.setattr("presence_tui.storage.keyrings._library", no_library)


@asynccontextmanager
async def running_gateways() -> AsyncIterator[StartGateway]:
    """Start gateways, each with its own population, and stop them at the end."""
    started: list[Gateway] = []

    async def start(**changes: Any) -> Gateway:
        gateway = Gateway(GatewaySettings(**{"rate": 0, "seed": 7 + len(started), **changes}))
        started.append(gateway)
        await gateway.start()
        return gateway

    try:
        yield start
    finally:
        for gateway in started:
            await gateway.stop()
