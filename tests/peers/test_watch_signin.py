"""A complete monitor and its credential: expired, bad, revoked, and a guest's."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from presence_tui.monitor.link import LinkState
from presence_tui.transport.credentials import Credential, CredentialKind, CredentialStore
from presence_tui.transport.errors import SignInNeeded
from tests.integration.watch.running_monitor import RunningMonitor
from tests.peers.conftest import StartGateway
from tests.peers.monitor_harness import accounts_of, flags_of, shown, watching
from tests.peers.node import PROFILES, NodeGateway

LONGER_THAN_THE_FIRST_WAITS_S = 0.4


class ScriptedCredentials(CredentialStore):
    """A store with a scripted result."""

    def __init__(self, read: Callable[[], Credential]) -> None:
        self.read = read  # type: ignore[method-assign]


async def check_it_has_given_up(gateway: NodeGateway, monitor: RunningMonitor) -> None:
    """No further attempts, by the socket or by REST."""
    # A read triggered by the refusal is over by then.
    await asyncio.sleep(LONGER_THAN_THE_FIRST_WAITS_S)
    await monitor.until(lambda: not monitor.monitor.is_refreshing)
    requests, told = await gateway.requests(), len(monitor.links)
    await asyncio.sleep(LONGER_THAN_THE_FIRST_WAITS_S)
    assert len(monitor.links) == told
    assert await gateway.requests() == requests
    assert monitor.status.state is LinkState.SIGNED_OUT
    assert monitor.status.retry_s is None


async def test_an_expired_token_is_renewed_and_the_watch_is_live(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    old = await gateway.mint(lifetime_s=-60)
    async with watching(gateway, token=old) as monitor:
        await monitor.until_settled()
        assert monitor.credentials.current.secret != old
        assert LinkState.SIGNED_OUT not in monitor.states
        assert shown(monitor) == await flags_of(gateway)
        assert "/api/v1/auth/refresh" in await gateway.requests()


async def test_a_token_the_gateway_calls_expired_is_renewed_at_once(start_node_gateway: StartGateway) -> None:
    """By its own claim it is valid for a day; the gateway decides."""
    gateway = await start_node_gateway("meeshy-2026")
    await gateway.expire()
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        assert monitor.credentials.current.secret != gateway.token
        assert (await gateway.requests())["/api/v1/auth/refresh"] == 1
        assert LinkState.SIGNED_OUT not in monitor.states


async def test_a_token_that_expires_while_live_is_renewed_at_the_next_handshake(
    start_node_gateway: StartGateway,
) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        await gateway.expire()
        await gateway.cut()
        await monitor.until_settled(2)
        assert monitor.credentials.current.secret != gateway.token
        assert shown(monitor) == await flags_of(gateway)


async def test_the_older_gateway_cannot_renew_what_has_expired(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2025")
    async with watching(gateway, token=await gateway.mint(lifetime_s=-60)) as monitor:
        status = await monitor.until_state(LinkState.SIGNED_OUT)
        assert str(status.reason).endswith(".")
        assert "PRESENCE_TUI_TOKEN" in str(status.advice)
        await check_it_has_given_up(gateway, monitor)


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_bad_token_is_signed_out_with_a_sentence(
    start_node_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_node_gateway(profile)
    async with watching(gateway, token=await gateway.mint(forged=True)) as monitor:
        status = await monitor.until_state(LinkState.SIGNED_OUT)
        assert "does not accept this token" in str(status.reason)
        assert "PRESENCE_TUI_TOKEN" in str(status.advice)
        assert LinkState.LIVE not in monitor.states
        await check_it_has_given_up(gateway, monitor)
        report = monitor.monitor.last_report
        assert report is not None and isinstance(report.roster_error, SignInNeeded)


async def test_a_token_of_nobody_is_signed_out_with_a_sentence(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    nobody = await gateway.mint(user_id="66aa00000000000000000bad")
    async with watching(gateway, token=nobody) as monitor:
        status = await monitor.until_state(LinkState.SIGNED_OUT)
        assert "User not found" in str(status.reason)


async def test_a_revoked_session_is_signed_out_and_not_tried_again(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        before = shown(monitor)
        await gateway.revoke("password_changed")
        status = await monitor.until_state(LinkState.SIGNED_OUT)
        assert "password_changed" in str(status.reason)
        assert status.is_stale
        await check_it_has_given_up(gateway, monitor)
        assert "/api/v1/auth/refresh" not in await gateway.requests()
        assert shown(monitor) == before


async def test_a_person_may_try_again_after_a_revocation(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        await gateway.revoke()
        await monitor.until_state(LinkState.SIGNED_OUT)
        await monitor.monitor.refresh()
        await monitor.until_settled(2)


async def test_a_new_token_that_was_put_where_the_old_one_came_from_is_taken(
    start_node_gateway: StartGateway,
) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    places = [Credential(CredentialKind.ACCOUNT, await gateway.mint(forged=True))]
    async with watching(
        gateway, token=places[0].secret, place=ScriptedCredentials(lambda: places[0])
    ) as monitor:
        status = await monitor.until_state(LinkState.SIGNED_OUT)
        assert "and refresh" in str(status.advice)
        await monitor.until(lambda: not monitor.monitor.is_refreshing)
        places[0] = Credential(CredentialKind.ACCOUNT, gateway.token)
        report = await monitor.monitor.refresh()
        assert report is not None
        assert report.error is None, "the request uses the new token"
        await monitor.until_settled()
        assert monitor.monitor.account is not None
        assert shown(monitor) == await flags_of(gateway)


async def test_a_token_that_rest_alone_refuses_is_looked_for_again_too(
    start_node_gateway: StartGateway,
) -> None:
    """The socket was accepted once, and is not asked for its token again."""
    gateway = await start_node_gateway("meeshy-2026")
    new = await gateway.mint(lifetime_s=7_200)
    looked: list[str] = []

    def reload() -> Credential:
        looked.append(new)
        return Credential(CredentialKind.ACCOUNT, new)

    async with watching(gateway, place=ScriptedCredentials(reload)) as monitor:
        await monitor.until_settled()
        roster = f"{gateway.prefix}/conversations/{gateway.conversation}/participants"
        await gateway.answer(roster, 401, body={"error": "Invalid JWT token"}, times=1)
        report = await monitor.monitor.refresh()
        assert report is not None
        assert isinstance(report.error, SignInNeeded)
        assert looked == [], "nothing was wrong before"
        report = await monitor.monitor.refresh()
        assert report is not None
        assert report.error is None
        assert monitor.credentials.current.secret == new
        await monitor.monitor.refresh()
        assert looked == [new]
        assert monitor.status.state is LinkState.LIVE


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_guest_watches_the_conversation_it_is_in(
    start_node_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_node_gateway(profile)
    truth = await gateway.truth()
    key, session = next((key, it["sessionToken"]) for key, it in truth.items() if it["isGuest"])
    monitor = watching(gateway, token=session, kind=CredentialKind.GUEST, wanted=gateway.conversation)
    async with monitor:
        await monitor.until_settled()
        assert monitor.monitor.key == key
        other = (await accounts_of(gateway))[1]
        if profile == "meeshy-2025":
            # Such a guest gets no events before its own join was accepted (wire contract, section 1.5).
            await monitor.until(lambda: monitor.monitor.counters.received >= 3)
        await gateway.status(other, True)
        await monitor.until_flag(other, True)
        paths = await gateway.requests()
        assert not any(path.endswith(("/users/presence", "/conversations")) for path in paths)


@pytest.mark.parametrize("profile", PROFILES)
async def test_an_unknown_guest_is_signed_out(start_node_gateway: StartGateway, profile: str) -> None:
    gateway = await start_node_gateway(profile)
    monitor = watching(gateway, token="nobody", kind=CredentialKind.GUEST, wanted=gateway.conversation)
    async with monitor:
        status = await monitor.until_state(LinkState.SIGNED_OUT)
        assert "does not accept this token" in str(status.reason)
        assert not any(path.endswith("/auth/refresh") for path in await gateway.requests())


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("who", ["account", "guest"])
async def test_who_was_welcome_waits_while_the_database_is_away(
    start_node_gateway: StartGateway, profile: str, who: str
) -> None:
    gateway = await start_node_gateway(profile)
    options: dict[str, Any] = {}
    if who == "guest":
        truth = await gateway.truth()
        session = next(it["sessionToken"] for it in truth.values() if it["isGuest"])
        options = {"token": session, "kind": CredentialKind.GUEST, "wanted": gateway.conversation}
    async with watching(gateway, **options) as monitor:
        await monitor.until_settled()
        await gateway.away()
        await gateway.kick()
        await monitor.until(lambda: "should still be good" in str(monitor.status.reason))
        await gateway.away(False)
        await monitor.until_settled(2)
        assert LinkState.SIGNED_OUT not in monitor.states
