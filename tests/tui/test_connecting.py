"""The dialog that connects to a gateway, against gateways in this process."""

import asyncio
import dataclasses
import gc
import json
import sqlite3
import stat
import weakref
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from presence_tui.cli.configuration import history_path
from presence_tui.cli.targets import saved_logins
from presence_tui.gateway.access import CODE
from presence_tui.gateway.directory import Person
from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.service.events import PhaseChanged, ServiceEvent
from presence_tui.service.service import PresenceService
from presence_tui.service.sign_ins import Field, SignedIn
from presence_tui.service.state import Phase
from presence_tui.tui.screens.connect_dialog import ConnectDialog
from presence_tui.tui.screens.help_dialog import Welcome
from presence_tui.tui.textual_internals import SWITCHING
from tests.renamed import renamed
from tests.tui.app_harness import end_of
from tests.tui.connecting import (
    PASSWORD,
    DemoInProcess,
    StartGateway,
    own_folders,
    running_gateways,
    save_login,
    watching,
)
from tests.unit.transport.tiny_server import Reply, TinyServer

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own_folders(monkeypatch, tmp_path)


@pytest.fixture
async def start_gateway() -> AsyncIterator[StartGateway]:
    async with running_gateways() as start:
        yield start


async def test_from_the_welcome_to_a_gateway_of_ones_own(start_gateway: StartGateway) -> None:
    gateway, demo = await start_gateway(), DemoInProcess(Gateway(GatewaySettings(rate=0)))
    async with watching(None, demo=demo) as user:
        await user.until(lambda: isinstance(user.app.screen, Welcome))
        await user.harness.press("c")
        await user.until(lambda: isinstance(user.app.screen, ConnectDialog))
        await user.harness.settle()
        assert "the account is shown online" in user.harness.said, "the side effects are told first"
        await user.fill_in(gateway.url)
        await user.live_at(gateway)
        assert gateway.connections.count == 1
        assert (demo.gateway.connections.count, demo.is_closed) == (0, True)
        (login,) = saved_logins().readable()
        assert (login.url, login.handle) == (gateway.url, "observer")
        path = saved_logins().path(login.name)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert PASSWORD not in json.loads(path.read_text())["secrets"].values()
        await demo.gateway.stop()


async def test_a_second_factor_is_asked_for_only_where_there_is_one(start_gateway: StartGateway) -> None:
    first, second = await start_gateway(), await start_gateway(second_factor=True)
    save_login(first, "first")
    async with watching("first") as user:
        await user.live_at(first)
        await user.open()
        await user.harness.press("down", "enter")
        await user.fill_in(second.url)
        await user.shows("The gateway asks for the code of your second factor.")
        assert user.focused == Field.CODE
        await user.harness.press(*"111111", "enter")
        await user.shows("! The gateway does not accept this code.")
        assert user.input(Field.CODE).value == "111111"
        await user.harness.press(*CODE, "enter")
        await user.live_at(second)
        assert (first.connections.count, second.connections.count) == (0, 1)


async def test_a_saved_sign_in_is_one_key_away(start_gateway: StartGateway) -> None:
    first, second = await start_gateway(), await start_gateway()
    save_login(first, "first")
    save_login(second, "second")
    async with watching("first") as user:
        await user.live_at(first)
        await user.open()
        address = second.url.removeprefix("http://")
        assert f"second @observer {address}" in user.harness.said
        await user.harness.press("enter")
        await user.live_at(second)
        assert (first.connections.count, second.connections.count) == (0, 1)
        await user.harness.press("q")
        await end_of(user.app)
    assert second.connections.count == 0


def stranger(gateway: Gateway, other: Gateway) -> Person:
    """Somebody of a gateway who is offline there, and whom the other gateway does not have."""
    elsewhere = {person.display_name for person in other.people().values() if other is not gateway}
    truth = gateway.truth()
    return next(
        person
        for key, person in gateway.people().items()
        if not truth[key] and not person.hidden and person.display_name not in elsewhere
    )


async def test_after_switching_events_come_from_the_other_gateway_only(start_gateway: StartGateway) -> None:
    first, second = await start_gateway(), await start_gateway(seed=99)
    save_login(first, "first")
    save_login(second, "second")
    async with watching("first") as user:
        await user.live_at(first)
        await user.harness.press("slash", *"zz", "enter", "s", "3", "space")
        await user.open()
        await user.harness.press("enter")
        await user.live_at(second)
        assert first.connections.count == 0
        text = user.harness.text
        assert "zz" not in text and "by name" in text and "Harbour crew" in user.harness.lines()[0].text
        assert not user.app.service_screen.has_class("-paused")
        silent, heard = stranger(first, second), stranger(second, first)
        first.set_online(silent.key, True)
        second.set_online(heard.key, True)
        await user.shows(f"{heard.display_name} came online")
        assert silent.display_name not in user.harness.text


async def test_replaced_services_do_not_stay_in_memory(start_gateway: StartGateway) -> None:
    """Except the first: Textual keeps the screen that an app began with."""
    first, second = await start_gateway(), await start_gateway()
    save_login(first, "first")
    save_login(second, "second")
    async with watching("first") as user:
        replaced: list[weakref.ref[PresenceService]] = []

        async def replace_three() -> None:
            for gateway in (first, second, first):
                await user.live_at(gateway)
                user.harness.store = user.app._service.store
                replaced.append(weakref.ref(user.app._service))
                await user.open()
                await user.harness.press("enter")
            await user.live_at(second)
            user.harness.store = user.app._service.store

        # In a task of its own: the context of a task keeps the last screen that it has pressed keys on.
        await asyncio.create_task(replace_three())

        def only_the_first_is_left() -> bool:
            gc.collect()
            return [each() is None for each in replaced] == [False, True, True]

        # A task of the library may still be about to end.
        await user.until(only_the_first_is_left)


async def test_the_first_gateway_is_left_in_order_before_the_other_is_opened(
    start_gateway: StartGateway, tmp_path: Path
) -> None:
    first, second = await start_gateway(), await start_gateway()
    save_login(first, "first")
    save_login(second, "second")
    phases: list[tuple[str, Phase]] = []

    def follow(service: PresenceService, name: str) -> None:
        def note(event: ServiceEvent) -> None:
            if isinstance(event, PhaseChanged):
                phases.append((name, event.phase))

        service.events.subscribe(note)

    async with watching("first") as user:
        follow(user.app._service, "first")
        await user.live_at(first)
        watch = user.gateways.watch

        def watch_and_follow(signed_in: SignedIn) -> PresenceService:
            service = watch(signed_in)
            follow(service, "second")
            return service

        user.gateways.watch = watch_and_follow  # type: ignore[method-assign]
        await user.open()
        await user.harness.press("enter")
        await user.live_at(second)
        assert phases.index(("first", Phase.ENDED)) < phases.index(("second", Phase.VIEW_STATE))
    with closing(sqlite3.connect(history_path())) as database:
        runs = database.execute("SELECT gateway, ended_s FROM runs ORDER BY rowid").fetchall()
    assert [gateway for gateway, _ in runs] == [first.url, second.url]
    assert all(ended_s is not None for _, ended_s in runs)


async def test_a_gateway_that_does_not_let_in_leaves_everything_as_it_is(start_gateway: StartGateway) -> None:
    first, second = await start_gateway(), await start_gateway()
    save_login(first, "first")
    save_login(second, "second")
    async with watching("first") as user:
        await user.live_at(first)
        await second.stop()
        service = user.app._service
        await user.open()
        await user.harness.press("enter")
        await user.shows("! Nothing listens at")
        await user.harness.press("escape")
        assert user.app._service is service and first.connections.count == 1
        person = stranger(first, first)
        first.set_online(person.key, True)
        await user.shows(f"{person.display_name} came online")


async def test_signing_out_asks_first_and_leads_to_the_welcome(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, demo = await start_gateway(), DemoInProcess(Gateway(GatewaySettings(rate=0)))
    monkeypatch.setattr("presence_tui.cli.screen_gateways.start_embedded_gateway", lambda options: demo)
    save_login(gateway, "harbour")
    async with watching("harbour") as user:
        await user.live_at(gateway)
        assert user.harness.screen.offers("sign_out")
        await user.harness.screen.action_run_command("sign_out")
        await user.shows("Sign out of 127.0.0.1", "Stay signed in")
        await user.harness.press("enter")
        assert saved_logins().names() == ["harbour"] and gateway.connections.count == 1
        await user.harness.screen.action_run_command("sign_out")
        await user.shows("Stay signed in")
        await user.harness.press("down", "enter")
        done = "Signed out of harbour; nothing of it is kept here."
        await user.until(lambda: user.harness.toasts == [done])
        await user.until(lambda: isinstance(user.app.screen, Welcome))
        assert saved_logins().names() == []
        assert gateway.connections.count == 0 and demo.gateway.connections.count == 1
        assert not user.harness.screen.offers("sign_out") and user.harness.screen.offers("connect")
    assert demo.is_closed
    await demo.gateway.stop()


async def test_signing_out_goes_on_without_a_gateway_that_hangs(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, demo = await start_gateway(), DemoInProcess(Gateway(GatewaySettings(rate=0)))
    monkeypatch.setattr("presence_tui.cli.screen_gateways.start_embedded_gateway", lambda options: demo)
    save_login(gateway, "harbour")
    async with TinyServer().running() as server, watching("harbour") as user:
        await user.live_at(gateway)
        server.on("/api/v1/auth/me", Reply(never=True))
        (login,) = saved_logins().readable()
        credential = saved_logins().credential(login)
        moved = replace(login, url=server.address.url)
        saved_logins().save(moved, credential, in_keyring=False)
        assert user.gateways.current is not None
        user.gateways.current = dataclasses.replace(user.gateways.current, saved_login=moved)
        await user.harness.screen.action_run_command("sign_out")
        await user.shows("Stay signed in")
        await user.harness.press("down", "enter")
        await server.until_asked()
        await user.harness.press("escape")
        await user.until(lambda: isinstance(user.app.screen, Welcome))
        assert saved_logins().names() == []
    await demo.gateway.stop()


async def test_who_signed_in_on_the_screen_signs_out_without_an_error(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, demo = await start_gateway(), DemoInProcess(Gateway(GatewaySettings(rate=0)))
    monkeypatch.setattr("presence_tui.cli.screen_gateways.start_embedded_gateway", lambda options: demo)
    other = await start_gateway()
    save_login(other, "other")
    async with watching("other") as user:
        await user.live_at(other)
        await user.open()
        await user.harness.press("down", "enter")
        await user.fill_in(gateway.url)
        await user.live_at(gateway)
        (name,) = set(saved_logins().names()) - {"other"}
        assert len(gateway._context.access._sessions) == 1
        await user.harness.screen.action_run_command("sign_out")
        await user.shows("Stay signed in")
        await user.harness.press("down", "enter")
        await user.until(lambda: bool(user.harness.toasts))
        assert user.harness.toasts == [f"Signed out of {name}; nothing of it is kept here."]
        assert saved_logins().names() == ["other"]
        assert gateway._context.access._sessions == {}, "the gateway was told"
    await demo.gateway.stop()


async def test_signing_out_says_so_also_if_the_gateway_is_gone(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, demo = await start_gateway(), DemoInProcess(Gateway(GatewaySettings(rate=0)))
    monkeypatch.setattr("presence_tui.cli.screen_gateways.start_embedded_gateway", lambda options: demo)
    save_login(gateway, "harbour")
    async with watching("harbour") as user:
        await user.live_at(gateway)
        await gateway.stop()
        await user.harness.screen.action_run_command("sign_out")
        await user.shows("Stay signed in")
        await user.harness.press("down", "enter")
        await user.until(lambda: bool(user.harness.toasts))
        (said,) = user.harness.toasts
        done = "Signed out of harbour; nothing of it is kept here."
        assert said.startswith(f"{done} The gateway could not be told: Nothing listens at")
    await demo.gateway.stop()


async def test_another_sign_in_can_be_removed_from_the_list(start_gateway: StartGateway) -> None:
    first, second = await start_gateway(), await start_gateway()
    save_login(first, "first")
    save_login(second, "second")
    async with watching("first") as user:
        await user.live_at(first)
        await user.open()
        await user.harness.press("x")
        await user.shows("Stay signed in")
        await user.harness.press("down", "enter")
        await user.until(lambda: isinstance(user.app.screen, ConnectDialog))
        await user.shows("Signed out of second")
        assert saved_logins().names() == ["first"]
        assert "second" not in user.harness.text.replace("Signed out of second", "")
        assert first.connections.count == 1


async def test_a_configured_token_is_among_the_gateways(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await start_gateway(), await start_gateway()
    save_login(second, "second")
    monkeypatch.setenv("PRESENCE_TUI_TOKEN", first.token)
    async with watching(first.url) as user:
        await user.live_at(first)
        assert not user.harness.screen.offers("sign_out")
        await user.open()
        assert "the configured token" in user.harness.said
        await user.harness.press("enter")
        await user.live_at(second)
        await user.open()
        await user.harness.press("enter")
        await user.live_at(first)


async def test_the_gateway_is_changed_without_the_private_name_for_it(start_gateway: StartGateway) -> None:
    first, second = await start_gateway(), await start_gateway()
    save_login(first, "first")
    save_login(second, "second")
    with renamed("textual", ["_push_result_callback"], SWITCHING):
        async with watching("first") as user:
            for gateway in (first, second, first):
                await user.live_at(gateway)
                await user.open()
                await user.harness.press("enter")
            await user.live_at(second)
            assert first.connections.count == 0


async def test_quitting_while_the_gateway_is_changed_quits(start_gateway: StartGateway) -> None:
    first, second = await start_gateway(), await start_gateway()
    save_login(first, "first")
    save_login(second, "second")
    async with watching("first") as user:
        await user.live_at(first)
        await user.open()
        await user.harness.pilot.press("enter")
        await user.until(lambda: not isinstance(user.app.screen, ConnectDialog))
        await user.harness.pilot.press("ctrl+c")
        await end_of(user.app)
    assert (first.connections.count, second.connections.count) == (0, 0)
    assert user.app.return_code == 0
