"""Several monitors of one saved login: refreshed tokens are stored for the others and for the next start."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.monitor.link import LinkState
from presence_tui.storage.saved_logins import SavedLogin, SavedLogins
from presence_tui.transport.credentials import Credential, CredentialKind
from tests.integration.watch.conftest import StartGateway
from tests.integration.watch.running_monitor import RunningMonitor

NOW_S = 1_800_000_000.0
NAME = "harbour"


@pytest.fixture
def saved_logins(tmp_path: Path) -> SavedLogins:
    return SavedLogins(tmp_path / "gateways")


def kept(saved_logins: SavedLogins) -> Credential:
    saved_login = saved_logins.find(NAME)
    assert saved_login is not None
    return saved_logins.credential(saved_login)


def keep(saved_logins: SavedLogins, gateway: Gateway, token: str, session: str = "") -> None:
    key, handle = gateway.observer.key, gateway.observer.handle
    saved_login = SavedLogin(NAME, gateway.url, CredentialKind.ACCOUNT, key, handle, NOW_S)
    saved_logins.save(saved_login, Credential(CredentialKind.ACCOUNT, token, session), in_keyring=False)


async def open_session(gateway: Gateway) -> str:
    """Open a session of the observer; each refresh replaces its token."""
    async with httpx.AsyncClient(trust_env=False) as http:
        payload = {"username": gateway.observer.handle, "password": "demo"}
        answer = await http.post(f"{gateway.url}/api/v1/auth/login", json=payload)
    session: str = answer.json()["data"]["sessionToken"]
    return session


def watching(saved_logins: SavedLogins, gateway: Gateway) -> RunningMonitor:
    return RunningMonitor(gateway.url, kept(saved_logins), place=saved_logins.credential_store(NAME))


async def test_two_watches_with_an_expired_token_are_both_live(
    start_gateway: StartGateway, saved_logins: SavedLogins
) -> None:
    gateway = await start_gateway()
    expired = gateway.mint_token(lifetime_s=-60)
    keep(saved_logins, gateway, expired, await open_session(gateway))
    one, other = watching(saved_logins, gateway), watching(saved_logins, gateway)
    async with one, other:
        await one.until_settled()
        await other.until_settled()
        assert one.credentials.current == other.credentials.current == kept(saved_logins)
        assert kept(saved_logins).secret != expired
        assert one.notices == other.notices == []
        gateway.expire_tokens()
        gateway.connections.cut()
        await one.until_settled(2)
        await other.until_settled(2)
        assert LinkState.SIGNED_OUT not in one.states + other.states
        assert one.credentials.current == other.credentials.current == kept(saved_logins)


async def test_who_signs_in_again_beside_a_watch_need_only_press_r(
    start_gateway: StartGateway, saved_logins: SavedLogins
) -> None:
    gateway = await start_gateway()
    keep(saved_logins, gateway, gateway.mint_token(forged=True))
    async with watching(saved_logins, gateway) as monitor:
        status = await monitor.until_state(LinkState.SIGNED_OUT)
        assert "presence-tui login harbour" in str(status.advice)
        await monitor.until(lambda: not monitor.monitor.is_refreshing)
        report: Any = monitor.monitor.last_report
        assert "presence-tui login harbour" in str(report.error.advice)
        keep(saved_logins, gateway, gateway.token)
        await monitor.monitor.refresh()
        await monitor.until_settled()


async def test_a_refreshed_token_that_cannot_be_kept_is_told_and_used(
    start_gateway: StartGateway, saved_logins: SavedLogins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await start_gateway()
    keep(saved_logins, gateway, gateway.mint_token(lifetime_s=-60))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    async with watching(saved_logins, gateway) as monitor:
        await monitor.until_settled()
        assert monitor.notices == [f"{saved_logins.path(NAME)} cannot be written: No space left on device."]


async def test_a_watch_does_not_bring_back_what_was_logged_out(
    start_gateway: StartGateway, saved_logins: SavedLogins
) -> None:
    gateway = await start_gateway()
    keep(saved_logins, gateway, gateway.token)
    async with watching(saved_logins, gateway) as monitor:
        await monitor.until_settled()
        saved_logins.remove(NAME)
        gateway.expire_tokens()
        gateway.connections.cut()
        await monitor.until_settled(2)
        assert saved_logins.names() == []
