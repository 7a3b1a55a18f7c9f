"""Memberships against the Node gateway: what ends one, and what tells of another."""

import httpx
import pytest

from presence_tui.monitor import rereads
from presence_tui.monitor.memberships import EndCause
from presence_tui.transport.credentials import CredentialKind
from presence_tui.wire.encode import guest_join
from tests.integration.watch.running_monitor import RunningMonitor
from tests.peers.conftest import StartGateway
from tests.peers.monitor_harness import accounts_of, flags_of, shown, watching
from tests.peers.node import NodeGateway


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be read again is read at once."""
    monkeypatch.setattr(rereads, "SETTLE_S", 0.02)
    monkeypatch.setattr(rereads, "PAUSE_S", 0.02)


async def until_ended(monitor: RunningMonitor) -> EndCause:
    """How the watched conversation ended for the account, once it has."""
    await monitor.until(lambda: monitor.ends)
    cause: EndCause = monitor.ends[-1].cause
    return cause


async def enter(gateway: NodeGateway, **changes: str) -> httpx.Response:
    """Somebody enters by the link of the first conversation."""
    path = f"{gateway.url}{gateway.prefix}/anonymous/join/{gateway.conversation}"
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.post(path, json={**guest_join("Sam", "en"), **changes})


async def test_a_guest_needs_both_names_and_watches_by_its_session(node_gateway: NodeGateway) -> None:
    refused = await enter(node_gateway, lastName="")
    assert refused.status_code == 400
    assert refused.json()["message"] == "body/lastName must NOT have fewer than 1 characters"
    welcome = (await enter(node_gateway)).json()["data"]
    handle = "ano_Sam" if node_gateway.profile == "meeshy-2026" else "Sam"
    assert welcome["participant"]["username"] == handle
    token, room = welcome["sessionToken"], node_gateway.conversation
    async with watching(node_gateway, token=token, kind=CredentialKind.GUEST, wanted=room) as monitor:
        await monitor.until_settled()
        assert monitor.record(welcome["participant"]["id"]).name == handle


@pytest.mark.parametrize("verb", ["remove", "removeSilently", "ban"])
async def test_who_is_out_keeps_what_was_shown(node_gateway: NodeGateway, verb: str) -> None:
    truth = await flags_of(node_gateway)
    assert True in truth.values()
    async with watching(node_gateway) as monitor:
        await monitor.until_settled()
        assert shown(monitor) == truth
        await node_gateway.member(verb)
        await monitor.monitor.refresh()
        told = node_gateway.profile == "meeshy-2026" and verb != "removeSilently"
        expected = {"remove": EndCause.REMOVED, "ban": EndCause.BANNED}[verb] if told else EndCause.REFUSED
        assert await until_ended(monitor) is expected
        assert shown(monitor) == truth
        await node_gateway.kick()
        await monitor.until_live(epoch=2)
        await monitor.until(lambda: monitor.reports and monitor.reports[-1].roster_error)
        assert shown(monitor) == truth


@pytest.mark.parametrize("deleted", [True, False])
async def test_a_conversation_that_ends_keeps_what_was_shown(
    start_node_gateway: StartGateway, deleted: bool
) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    truth = await flags_of(gateway)
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        await gateway.end_conversation(deleted=deleted)
        assert await until_ended(monitor) is (EndCause.DELETED if deleted else EndCause.CLOSED)
        await monitor.monitor.refresh()
        assert shown(monitor) == truth


async def test_members_by_ban_link_and_new_conversations_are_followed(
    start_node_gateway: StartGateway,
) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        key, other = (await accounts_of(gateway))[:2]
        held = monitor.store.rosters.held(gateway.conversation)
        await gateway.member("ban", user_id=key)
        await monitor.until(lambda: key not in held)
        await gateway.member("unban", user_id=key)
        await monitor.until(lambda: key in held)
        await gateway.member("removeSilently", user_id=other)
        await monitor.monitor.refresh()
        assert other not in held
        await gateway.member("enterByLink", user_id=other)
        await monitor.until(lambda: other in held)
        made = await gateway.open_conversation("Pier", key, await gateway.me())
        await monitor.until(lambda: made in {each.id for each in monitor.monitor.conversations})
        await gateway.retitle("Long pier", conversation=made)
        await monitor.until(lambda: "Long pier" in {each.title for each in monitor.monitor.conversations})


async def test_an_account_without_conversations_sees_the_first_one(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    await gateway.member("removeSilently")
    key = (await accounts_of(gateway))[0]
    async with watching(gateway) as monitor:
        await monitor.until(lambda: monitor.reports)
        await monitor.until_live()
        made = await gateway.open_conversation("Pier", key, await gateway.me())
        await monitor.until(lambda: key in monitor.store.rosters.held(made))
