"""The screen with a real monitor and a real gateway in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from presence_tui.cli.targets import Target
from presence_tui.cli.wiring import LiveTarget
from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.monitor import PresenceMonitor
from presence_tui.service.frames import FrameScheduler
from presence_tui.service.service import PresenceService
from presence_tui.service.target import Connection, ServiceSettings
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.tui.app import PresenceApp
from presence_tui.tui.glyphs import UNICODE
from tests.integration.cli.watch_settings import watch_settings
from tests.tui.app_harness import WIDE, AppHarness, until

pytestmark = pytest.mark.slow


@asynccontextmanager
async def watching(gateway: Gateway) -> AsyncIterator[AppHarness]:
    """The app as ``watch`` creates it, live."""
    settings = watch_settings("--gateway", gateway.url)
    target = Target(
        Address.parse(gateway.url), Credential(CredentialKind.ACCOUNT, gateway.token), None, settings.profile
    )
    watches: list[PresenceMonitor] = []

    async def find_target() -> LiveTarget:
        return LiveTarget(target, settings)

    def make_monitor(store: PresenceStore, connection: Connection, wanted: str | None) -> PresenceMonitor:
        watches.append(PresenceMonitor(store, *connection[:3], wanted=wanted))
        return watches[0]

    store = PresenceStore(schedule=FrameScheduler())
    service = PresenceService(store, find_target, ServiceSettings("here"), make_monitor=make_monitor)
    app = PresenceApp(service, language=Language("en"), glyphs=UNICODE)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        async with asyncio.timeout(5):
            while not watches:
                await pilot.pause()
        harness = AppHarness(app, pilot, store, watches[0], store.clock)  # type: ignore[arg-type]
        await until(harness, lambda: "LIVE" in harness.text and bool(harness.rows(harness.online)))
        yield harness


def shows_the_truth(harness: AppHarness, gateway: Gateway) -> bool:
    """Every member is listed, in the panel that matches the gateway's truth."""
    store, truth = harness.store, gateway.truth()
    told = {record.key: bool(record.flag) for record in store.participants.values() if record.conversations}
    # Our own socket is live, even if our presence is hidden from others.
    truth[gateway.observer.key] = True
    online = sum(truth.values())
    title = harness.title_of(harness.online)
    return title == f"Online ({online})" and all(told.get(key) == flag for key, flag in truth.items())


async def test_live_from_start_to_end() -> None:
    before = asyncio.all_tasks()
    gateway = Gateway(GatewaySettings(rate=0))
    await gateway.start()
    try:
        async with watching(gateway) as harness:
            await until(harness, lambda: shows_the_truth(harness, gateway))
            assert harness.lines()[0].text.startswith(" Harbour crew · 25 participants")
            person = next(
                person
                for key, person in gateway.people().items()
                if not person.hidden and not gateway.truth()[key] and person is not gateway.observer
            )
            gateway.set_online(person.key, True)
            await until(harness, lambda: f"{person.display_name} came online" in harness.text)
            await until(harness, lambda: shows_the_truth(harness, gateway))
            await harness.press("r")
            await until(harness, lambda: any("participants read" in said for said in harness.toasts))

            await gateway.connections.kick()
            await until(harness, lambda: "RECONNECTING" in harness.text)
            gateway.set_online(person.key, False)
            assert harness.screen.has_class("-stale")
            # A refresh shows that the gateway is reachable, so the next attempt is made at once.
            await harness.press("r")
            live = LinkState.LIVE
            await until(harness, lambda: harness.monitor.connection_status().state is live)
            await until(harness, lambda: shows_the_truth(harness, gateway))
            await until(harness, lambda: not harness.screen.has_class("-stale"))
            await harness.press("c", "down", "enter")
            await until(harness, lambda: "Lighthouse · 6 participants" in harness.text)
            await harness.quit()
        assert harness.app.return_code == 0
    finally:
        await gateway.stop()
    assert gateway.connections.count == 0
    assert asyncio.all_tasks() <= before


async def test_a_refused_token_is_said_at_once_and_stays_on_screen() -> None:
    gateway = Gateway(GatewaySettings(rate=0))
    await gateway.start()
    gateway.expire_tokens()
    try:
        settings = watch_settings("--gateway", gateway.url)
        forged = Credential(CredentialKind.ACCOUNT, gateway.mint_token(forged=True))
        target = Target(Address.parse(gateway.url), forged, None, None)
        store = PresenceStore(schedule=FrameScheduler())

        async def find_target() -> LiveTarget:
            return LiveTarget(target, settings)

        service = PresenceService(store, find_target, ServiceSettings("here"))
        app = PresenceApp(service, language=Language("en"), glyphs=UNICODE)
        async with app.run_test(size=WIDE, notifications=True) as pilot:
            harness = AppHarness(app, pilot, store, None, store.clock)  # type: ignore[arg-type]
            await until(harness, lambda: "SIGNED OUT" in harness.text)
            assert "does not accept this token" in harness.text
    finally:
        await gateway.stop()
