"""Watches of one sign-in: what is refreshed is kept, for the next start and for the watch beside it."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.monitor.link import LinkState
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.saved_logins import SavedLogin, SavedLogins
from tests.integration.watch.conftest import StartGateway
from tests.integration.watch.running_monitor import RunningMonitor

NOW_S = 1_800_000_000.0
NAME = "harbour"


@pytest.fixture
def sign_ins(tmp_path: Path) -> SavedLogins:
    return SavedLogins(tmp_path / "gateways")


def kept(sign_ins: SavedLogins) -> Credential:
    sign_in = sign_ins.find(NAME)
    assert sign_in is not None
    return sign_ins.credential(sign_in)


def keep(sign_ins: SavedLogins, gateway: Gateway, token: str, session: str = "") -> None:
    key, handle = gateway.observer.key, gateway.observer.handle
    sign_in = SavedLogin(NAME, gateway.url, CredentialKind.ACCOUNT, key, handle, NOW_S)
    sign_ins.save(sign_in, Credential(CredentialKind.ACCOUNT, token, session), in_keyring=False)


async def open_session(gateway: Gateway) -> str:
    """A session of the observer; its token serves for one refresh and is replaced by it."""
    async with httpx.AsyncClient(trust_env=False) as http:
        payload = {"username": gateway.observer.handle, "password": "demo"}
        answer = await http.post(f"{gateway.url}/api/v1/auth/login", json=payload)
    session: str = answer.json()["data"]["sessionToken"]
    return session


def watching(sign_ins: SavedLogins, gateway: Gateway) -> RunningMonitor:
    return RunningMonitor(gateway.url, kept(sign_ins), place=sign_ins.place(NAME))


async def test_two_watches_with_an_expired_token_are_both_live(
    start_gateway: StartGateway, sign_ins: SavedLogins
) -> None:
    gateway = await start_gateway()
    expired = gateway.mint_token(lifetime_s=-60)
    keep(sign_ins, gateway, expired, await open_session(gateway))
    one, other = watching(sign_ins, gateway), watching(sign_ins, gateway)
    async with one, other:
        await one.until_settled()
        await other.until_settled()
        assert one.credentials.current == other.credentials.current == kept(sign_ins)
        assert kept(sign_ins).secret != expired
        assert one.notices == other.notices == []
        gateway.expire_tokens()
        gateway.cut_connections()
        await one.until_settled(2)
        await other.until_settled(2)
        assert LinkState.SIGNED_OUT not in one.states + other.states
        assert one.credentials.current == other.credentials.current == kept(sign_ins)


async def test_who_signs_in_again_beside_a_watch_need_only_press_r(
    start_gateway: StartGateway, sign_ins: SavedLogins
) -> None:
    gateway = await start_gateway()
    keep(sign_ins, gateway, gateway.mint_token(forged=True))
    async with watching(sign_ins, gateway) as watch:
        status = await watch.until_state(LinkState.SIGNED_OUT)
        assert "presence-tui login harbour" in str(status.advice)
        await watch.until(lambda: not watch.watch.is_reading)
        report: Any = watch.watch.last_report
        assert "presence-tui login harbour" in str(report.error.advice)
        keep(sign_ins, gateway, gateway.token)
        await watch.watch.refresh()
        await watch.until_settled()


async def test_a_refreshed_token_that_cannot_be_kept_is_told_and_used(
    start_gateway: StartGateway, sign_ins: SavedLogins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await start_gateway()
    keep(sign_ins, gateway, gateway.mint_token(lifetime_s=-60))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    async with watching(sign_ins, gateway) as watch:
        await watch.until_settled()
        assert watch.notices == [f"{sign_ins.path(NAME)} cannot be written: No space left on device."]


async def test_a_watch_does_not_bring_back_what_was_logged_out(
    start_gateway: StartGateway, sign_ins: SavedLogins
) -> None:
    gateway = await start_gateway()
    keep(sign_ins, gateway, gateway.token)
    async with watching(sign_ins, gateway) as watch:
        await watch.until_settled()
        sign_ins.remove(NAME)
        gateway.expire_tokens()
        gateway.cut_connections()
        await watch.until_settled(2)
        assert sign_ins.names() == []
