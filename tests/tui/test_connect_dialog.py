"""The dialog that connects to a gateway, over a watch whose monitor is controlled by the test."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from presence_tui.cli.screen_gateways import ScreenGateways
from presence_tui.cli.targets import saved_logins
from presence_tui.gateway.server import Gateway
from presence_tui.service.sign_ins import Field
from presence_tui.text.language import Language
from presence_tui.tui.glyphs import ASCII, UNICODE, Glyphs
from presence_tui.tui.screens.connect_dialog import ConnectDialog
from presence_tui.tui.widgets.secret_input import SecretInput
from presence_tui.tui.widgets.sign_in_form import Remark
from tests.integration.cli.watch_settings import watch_settings
from tests.tui.app_harness import SMALLEST, USUAL, WIDE, end_of, running_app
from tests.tui.connecting import (
    Connecting,
    StartGateway,
    own_folders,
    running_gateways,
    save_login,
)
from tests.unit.transport.tiny_server import Reply, TinyServer

pytestmark = pytest.mark.slow

SECRET = "zz-Sentinel-9q"
LOGIN = "/api/v1/auth/login"
ME = "/api/v1/auth/me"
HTML = "<!doctype html><title>Welcome to nginx</title>"


@pytest.fixture(autouse=True)
def folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own_folders(monkeypatch, tmp_path)


@pytest.fixture
async def start_gateway() -> AsyncIterator[StartGateway]:
    async with running_gateways() as start:
        yield start


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> Gateway:
    return await start_gateway()


@pytest.fixture
async def server() -> AsyncIterator[TinyServer]:
    """A gateway of the newer version, as far as its version is asked for."""
    async with TinyServer().running() as server:
        server.on(ME, Reply(401, {"error": "Unauthorized"}))
        yield server


@asynccontextmanager
async def opened(
    size: tuple[int, int] = WIDE, language: str = "en", glyphs: Glyphs = UNICODE, **options: Any
) -> AsyncIterator[Connecting]:
    """The dialog over the harbour crew."""
    gateways = ScreenGateways(watch_settings(), Language(language))
    async with running_app(size, language=language, glyphs=glyphs, gateways=gateways, **options) as harness:
        user = Connecting(harness, gateways)
        await user.open()
        yield user


def goes_on_behind(user: Connecting) -> bool:
    return not user.harness.monitor.ended.is_set() and not user.app._exit


async def test_an_address_that_is_none_is_said_at_its_field() -> None:
    async with opened() as user:
        await user.fill_in("ftp://gate.example", password=SECRET)
        await user.shows("! 'ftp://gate.example' must begin with http:// or https://.")
        assert user.focused == Field.ADDRESS


async def test_a_port_where_nobody_listens(unused_tcp_port: int) -> None:
    async with opened() as user:
        await user.fill_in(f"127.0.0.1:{unused_tcp_port}", password=SECRET)
        await user.shows(f"! Nothing listens at 127.0.0.1:{unused_tcp_port}. Check the address")
        assert user.focused == Field.ADDRESS
        await nothing_is_lost(user, f"127.0.0.1:{unused_tcp_port}")


async def nothing_is_lost(user: Connecting, address: str) -> None:
    """What was typed is still there, and the watch goes on."""
    assert user.input(Field.ADDRESS).value == address
    assert user.input(Field.USER).value == "observer"
    assert user.input(Field.PASSWORD).value == SECRET
    assert SECRET not in user.harness.text
    assert goes_on_behind(user)


REFUSALS: dict[str, tuple[Reply, str, Field]] = {
    "wrong password": (
        Reply(401, {"error": "Identifiants invalides"}),
        "The gateway knows nobody by this name and password.",
        Field.PASSWORD,
    ),
    "locked": (
        Reply(423, {"error": "Locked for an hour."}),
        "The gateway does not let this account in: Locked for an hour.",
        Field.PASSWORD,
    ),
    "consent": (
        Reply(403, {"error": "CONSENT_REQUIRED", "violations": [{"field": "allowAnalytics"}]}),
        "The gateway asks this account to consent to data processing first. Consent in the gateway's app",
        Field.PASSWORD,
    ),
    "too short a name": (
        Reply(400, {"error": "username must be 2 to 50 characters long"}),
        "The gateway refuses the login: username must be 2 to 50 characters long.",
        Field.USER,
    ),
    "no gateway behind": (Reply(200, HTML), "does not answer like a gateway", Field.ADDRESS),
    "broken": (Reply(502, HTML), "The gateway failed with 502 Bad Gateway.", Field.PASSWORD),
}


@pytest.mark.parametrize("why", REFUSALS)
async def test_a_refusal_is_said_at_its_field(server: TinyServer, why: str) -> None:
    reply, sentence, field = REFUSALS[why]
    server.on(LOGIN, reply)
    async with opened() as user:
        address = server.address.url
        await user.fill_in(address, password=SECRET)
        await user.until(lambda: sentence in words(user))
        assert user.focused == field
        await nothing_is_lost(user, address)
        # The sentence is taken away by the next key, and the next attempt is made with what is there.
        await user.harness.press("end", "z")
        assert sentence not in words(user) and "the account is shown online" in words(user)


def words(user: Connecting) -> str:
    """The remark of the dialog, on one line."""
    remark = user.dialog.query_one(Remark)
    return " ".join(line.text.strip() for line in user.harness.lines_of(remark))


async def test_a_web_page_is_no_gateway() -> None:
    async with TinyServer().running() as server, opened() as user:
        await user.fill_in(server.address.url)
        await user.until(lambda: "does not answer like a gateway: it knows neither" in words(user))
        assert user.focused == Field.ADDRESS


async def test_a_port_without_tls(server: TinyServer) -> None:
    async with opened() as user:
        address = server.address.url.replace("http://", "https://")
        await user.fill_in(address)
        await user.until(lambda: "does not speak TLS. If it is meant to be" in words(user))
        assert user.focused == Field.ADDRESS


async def test_a_certificate_of_an_unknown_issuer() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    async with TinyServer(context).running() as server, opened() as user:
        await user.fill_in(server.address.url)
        await user.until(lambda: "--ca-file" in words(user))
        assert "The certificate of localhost is not trusted" in words(user)
        assert user.focused == Field.ADDRESS


async def test_a_pause_that_the_gateway_asks_for_is_counted_down(server: TinyServer) -> None:
    server.on(LOGIN, Reply(429, {"error": "RATE_LIMIT_EXCEEDED"}, {"Retry-After": "90"}))
    async with opened() as user:
        await user.fill_in(server.address.url, password=SECRET)
        await user.until(lambda: "Too many attempts: the gateway asks to wait 1 min." in words(user))
        await user.harness.wait(60)
        assert "asks to wait 30 s." in words(user)
        await user.harness.wait(30)
        assert "The pause that the gateway asked for is over: try again." in words(user)
        await nothing_is_lost(user, server.address.url)


@pytest.mark.parametrize(
    ("address", "is_warned"),
    [
        ("http://chat.example", True),
        ("https://chat.example", False),
        ("chat.example", False),
        ("http://127.0.0.1:3000", False),
    ],
)
async def test_an_address_in_the_clear_is_warned_of_before_the_password(
    address: str, is_warned: bool
) -> None:
    async with opened() as user:
        await user.paste(address)
        assert ("everybody on the way can read the password" in words(user)) is is_warned


async def test_an_attempt_that_hangs_counts_the_seconds_and_can_be_cancelled(server: TinyServer) -> None:
    server.on(LOGIN, Reply(never=True))
    async with opened() as user:
        await user.fill_in(server.address.url, password=SECRET)
        await server.until_asked(2)
        await user.harness.wait(0.3)
        assert "Waiting" not in words(user), "a short time needs no word"
        await user.harness.wait(2.7)
        assert words(user).startswith(f"Waiting for {server.address.url}, for 3 s now…")
        assert "esc cancels" in user.harness.said
        await user.harness.press("enter", "escape")
        await user.until(lambda: "Cancelled." in words(user))
        assert len(server.of(LOGIN)) == 1, "there is one attempt at a time"
        await nothing_is_lost(user, server.address.url)
        await user.harness.press("escape")
        assert not isinstance(user.app.screen, ConnectDialog)


async def test_a_code_that_comes_too_late_leads_back_to_the_password(server: TinyServer) -> None:
    asked = {"data": {"requires2FA": True, "twoFactorToken": SECRET}}
    server.on(LOGIN, Reply(200, asked))
    server.on(f"{LOGIN}/2fa", Reply(401, {"error": "Code expiré", "code": "TWO_FACTOR_EXPIRED"}))
    async with opened() as user:
        await user.fill_in(server.address.url, password=SECRET)
        await user.shows("The gateway asks for the code of your second factor.")
        await user.harness.press(*"246810", "enter")
        await user.until(lambda: "the gateway has stopped waiting for it" in words(user))
        assert user.focused == Field.PASSWORD
        await nothing_is_lost(user, server.address.url)


async def test_esc_goes_back_from_the_code_to_the_password(server: TinyServer) -> None:
    server.on(LOGIN, Reply(200, {"data": {"requires2FA": True, "twoFactorToken": SECRET}}))
    async with opened() as user:
        await user.fill_in(server.address.url, password=SECRET)
        await user.shows("The gateway asks for the code of your second factor.")
        await user.harness.press(*"1234", "escape")
        assert user.focused == Field.PASSWORD
        await nothing_is_lost(user, server.address.url)
        assert user.input(Field.CODE).value == ""


async def test_a_saved_sign_in_that_is_refused_is_signed_in_again(gateway: Gateway) -> None:
    save_login(gateway, "harbour", token=gateway.mint_token(forged=True))
    async with opened() as user:
        await user.harness.press("enter")
        await user.until(lambda: "The token has expired." in words(user) or "not accept" in words(user))
        assert user.focused == Field.PASSWORD
        assert user.input(Field.ADDRESS).value == gateway.url
        assert user.input(Field.USER).value == "observer"
        assert goes_on_behind(user)
        await user.paste("demo")
        await user.harness.press("enter")
        await user.until(lambda: not isinstance(user.app.screen, ConnectDialog))
    (login,) = saved_logins().readable()
    assert login.name == "harbour", "the refused one is replaced"
    assert saved_logins().credential(login).secret != ""


async def test_a_sign_in_need_not_be_saved(gateway: Gateway) -> None:
    async with opened() as user:
        for text in (gateway.url, "observer"):
            await user.paste(text)
            await user.harness.press("tab")
        await user.harness.press("tab", "space")
        assert "Save [ ] the token, never the password" in user.harness.said
        await user.harness.press("shift+tab")
        await user.paste("demo")
        await user.harness.press("enter")
        await user.until(lambda: not isinstance(user.app.screen, ConnectDialog))
    assert saved_logins().names() == []


async def test_another_account_of_a_gateway_gets_a_name_of_its_own(gateway: Gateway) -> None:
    people = [person for person in gateway.people().values() if not person.guest]
    for person in people[:3]:
        async with opened() as user:
            if saved_logins().names():
                await user.harness.press("end", "enter")
            await user.fill_in(gateway.url, person.handle)
            await user.until(lambda: not isinstance(user.app.screen, ConnectDialog))
    handles = {login.handle for login in saved_logins().readable()}
    assert handles == {person.handle for person in people[:3]}


async def test_a_pasted_text_is_one_line() -> None:
    async with opened() as user:
        await user.paste("gate.example\r\nobserver\r\nsecret\r\n")
        assert user.input(Field.ADDRESS).value == "gate.example"
        assert user.focused == Field.ADDRESS


async def test_secrets_are_gone_when_the_dialog_closes() -> None:
    async with opened() as user:
        inputs = list(user.dialog.query(SecretInput))
        for field in (Field.PASSWORD, Field.CODE):
            user.input(field).value = SECRET
        await user.harness.press("escape")
        assert [each.value for each in inputs] == ["", ""]


async def test_a_password_is_neither_copied_nor_keeps_ctrl_c_from_quitting() -> None:
    async with opened() as user:
        user.app.set_focus(user.input(Field.PASSWORD))
        await user.paste(SECRET)
        await user.harness.press("ctrl+shift+a", "ctrl+x")
        assert user.app.clipboard == ""
        await user.paste(SECRET)
        await user.harness.press("ctrl+shift+a")
        await user.harness.pilot.press("ctrl+c")
        await end_of(user.app)
        assert user.app.clipboard == ""


async def test_up_and_down_go_from_field_to_field() -> None:
    async with opened() as user:
        await user.harness.press("down", "down")
        assert user.focused == Field.PASSWORD
        await user.harness.press("up")
        assert user.focused == Field.USER


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("size", [SMALLEST, USUAL, (130, 40)], ids="{0[0]}x{0[1]}".format)
async def test_all_of_it_fits(size: tuple[int, int], language: str, gateway: Gateway) -> None:
    save_login(gateway, "harbour")
    async with opened(size, language) as user:
        assert_complete(user)
        await user.harness.press("end", "enter")
        assert_complete(user)
        await user.paste("http://chat.example")
        assert_complete(user)


def assert_complete(user: Connecting) -> None:
    """Nothing is scrolled away or cut, neither in the box nor in its border."""
    box = user.dialog.query_one("#connect")
    assert box.max_scroll_y == 0
    assert box.region.height <= user.app.size.height
    assert box.region.width == user.app.size.width or user.app.size.width >= 100
    bottom = user.harness.lines_of(box)[-1].text
    assert str(box.border_subtitle) in bottom
    remark = user.dialog.query_one(Remark)
    assert remark.virtual_size.height <= remark.size.height


async def test_it_is_drawn_in_ascii(gateway: Gateway) -> None:
    async with opened(USUAL, glyphs=ASCII) as user:
        user.app.set_focus(user.input(Field.PASSWORD))
        await user.paste("demo")
        lines = [line.text for line in user.harness.lines_of(user.dialog.query_one("#connect"))]
        assert all(line.isascii() for line in lines)
        assert any("Password ****" in " ".join(line.split()) for line in lines)


async def test_without_gateways_nothing_is_offered() -> None:
    async with running_app(USUAL, gateways=None) as harness:
        await harness.press("C")
        assert harness.toasts == ["No gateway can be chosen here."]
        assert not harness.screen.offers("connect") and not harness.screen.offers("sign_out")


async def test_the_screen_goes_on_behind_it() -> None:
    async with opened() as user:
        assert "Online (8)" in user.harness.text
        await user.harness.event("Rosa Lind", True)
        await user.harness.wait(1)
        assert "Online (9)" in user.harness.text
