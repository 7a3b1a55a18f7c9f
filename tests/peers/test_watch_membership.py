"""Memberships on the Node gateway: what ends them, and events about them."""

import asyncio
from typing import Literal

import httpx
import pytest

from presence_tui.domain.enums import Cause
from presence_tui.monitor import rereads
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.memberships import EndCause
from presence_tui.transport.credentials import CredentialKind
from presence_tui.wire.encode import guest_join
from tests.integration.watch.running_monitor import RunningMonitor
from tests.peers.conftest import StartGateway
from tests.peers.monitor_harness import SIGN_IN_EVENTS, accounts_of, flags_of, shown, watching
from tests.peers.node import NodeGateway


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rereads happen at once."""
    monkeypatch.setattr(rereads, "SETTLE_S", 0.02)
    monkeypatch.setattr(rereads, "PAUSE_S", 0.02)


async def until_ended(monitor: RunningMonitor) -> EndCause:
    """Wait for the end of the membership, and return its cause."""
    await monitor.until(lambda: monitor.ends)
    cause: EndCause = monitor.ends[-1].cause
    return cause


async def refresh(monitor: RunningMonitor) -> None:
    """Read as a person asks for it, after what is being read already."""
    while await monitor.monitor.refresh() is None:
        async with monitor.monitor._reading.lock:
            pass


async def enter(gateway: NodeGateway, **changes: str) -> httpx.Response:
    """Enter by the link of the first conversation."""
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
async def test_who_is_out_keeps_what_was_shown(
    node_gateway: NodeGateway, verb: Literal["remove", "removeSilently", "ban"]
) -> None:
    truth = await flags_of(node_gateway)
    assert True in truth.values()
    async with watching(node_gateway) as monitor:
        await monitor.until_settled()
        assert shown(monitor) == truth
        await node_gateway.member(verb)
        await refresh(monitor)
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
        await refresh(monitor)
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
        await refresh(monitor)
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


@pytest.mark.parametrize("verb", ["enterByLink", "unban"])
async def test_who_returns_sees_everybody_as_they_are_now(
    start_node_gateway: StartGateway, verb: str
) -> None:
    """No events about anyone arrived meanwhile."""
    gateway = await start_node_gateway("meeshy-2026")
    key = (await accounts_of(gateway))[1]
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        await gateway.member("ban" if verb == "unban" else "remove")
        await until_ended(monitor)
        await gateway.status(key, True)
        await gateway.member(verb)  # type: ignore[arg-type]
        await monitor.until(lambda: not monitor.ends)
        await monitor.until_settled()
        assert shown(monitor) == await flags_of(gateway)
        assert not monitor.status.is_stale


async def test_who_returned_hears_the_room_again(node_gateway: NodeGateway) -> None:
    key = (await accounts_of(node_gateway))[1]
    async with watching(node_gateway) as monitor:
        await monitor.until_settled()
        await node_gateway.member("remove")
        await refresh(monitor)
        await until_ended(monitor)
        await node_gateway.member("add")
        await refresh(monitor)
        await monitor.until(lambda: not monitor.ends)
        await monitor.until(lambda: not monitor.monitor._tasks.running)
        await node_gateway.status(key, True)
        await monitor.until_flag(key, True)


async def test_after_the_end_no_events_of_the_room_arrive(start_node_gateway: StartGateway) -> None:
    """The older gateway admits anyone to any room."""
    gateway = await start_node_gateway("meeshy-2025")
    key = (await accounts_of(gateway))[1]
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        await gateway.refuse(sockets=True)
        await monitor.until(lambda: monitor.status.state is not LinkState.LIVE)
        await gateway.member("remove")
        await gateway.refuse(sockets=False)
        await monitor.until_live(epoch=2)
        await until_ended(monitor)
        await monitor.until(lambda: not monitor.monitor._tasks.running)
        before = monitor.monitor.counters.received
        # Sent after the leave on the same connection, so that the leave was processed when this is answered.
        await gateway.status(key, True)
        await gateway.emit("heartbeat:ack", {})
        await monitor.until_received(before + 1)
        assert monitor.flag(key) is False


@pytest.mark.parametrize("verb", ["add", "unban", "enterByLink"])
async def test_who_comes_back_as_a_member_is_asked_for(start_node_gateway: StartGateway, verb: str) -> None:
    """Their earlier state is outdated, and no event reports the current one."""
    gateway = await start_node_gateway("meeshy-2026")
    key = (await accounts_of(gateway))[1]
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        held = monitor.store.rosters.held(gateway.conversation)
        await gateway.member("ban" if verb == "unban" else "remove", user_id=key)
        await monitor.until(lambda: key not in held)
        await gateway.status(key, True)
        await gateway.member(verb, user_id=key)  # type: ignore[arg-type]
        await monitor.until_flag(key, True)
        assert key in held


async def test_somebody_new_who_is_there_already_is_asked_for(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    key = (await accounts_of(gateway))[1]
    await gateway.member("remove", user_id=key)
    await gateway.status(key, True)
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        assert key not in monitor.store.participants
        await gateway.member("add", user_id=key)
        await monitor.until_flag(key, True)


async def test_who_left_during_a_reading_is_not_listed_by_it(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    key, other = (await accounts_of(gateway))[1:3]
    path = f"{gateway.prefix}/conversations/{gateway.conversation}/participants"
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        await gateway.member("remove", user_id=other)
        held = monitor.store.rosters.held(gateway.conversation)
        await monitor.until(lambda: other not in held)
        await gateway.quiet()
        await gateway.answer(path, hold=True, times=1)
        reading = asyncio.create_task(monitor.monitor.refresh())
        await gateway.until_requested(path)
        await gateway.member("ban", user_id=key)
        await gateway.member("add", user_id=other)
        await monitor.until(lambda: key not in held and other in held)
        await gateway.release()
        await reading
        assert key not in held
        assert other in held, "a participant who joined is not removed"


async def test_who_joins_during_the_first_reading_is_listed(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    key = (await accounts_of(gateway))[1]
    await gateway.member("remove", user_id=key)
    path = f"{gateway.prefix}/conversations/{gateway.conversation}/participants"
    await gateway.answer(path, hold=True, times=1)
    async with watching(gateway) as monitor:
        await gateway.until_requested(path)
        await gateway.member("add", user_id=key)
        await gateway.emit("heartbeat:ack", {})
        await monitor.until_received(SIGN_IN_EVENTS[gateway.profile] + 2)
        await gateway.release()
        await monitor.until(lambda: key in monitor.store.rosters.held(gateway.conversation))


async def test_who_comes_back_has_the_name_of_the_conversation(start_node_gateway: StartGateway) -> None:
    """The event tells the name of the account."""
    gateway = await start_node_gateway("meeshy-2026")
    key, other = (await accounts_of(gateway))[1:3]
    await gateway.nickname(key, "Bo Lindqvist")
    await gateway.nickname(other, "Captain")
    await gateway.member("remove", user_id=other)
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        held = monitor.store.rosters.held(gateway.conversation)
        await gateway.member("remove", user_id=key)
        await monitor.until(lambda: key not in held)
        await gateway.member("add", user_id=key)
        await monitor.until(lambda: key in held)
        assert monitor.record(key).name == "Bo Lindqvist"
        await gateway.member("add", user_id=other)
        await monitor.until(lambda: other in held and monitor.record(other).name == "Captain")
        name = (await gateway.truth())[other]["displayName"]
        assert monitor.record(other).account_name == name


async def test_a_new_name_of_an_account_does_not_flip_the_name_in_the_conversation(
    start_node_gateway: StartGateway,
) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    key, other = (await accounts_of(gateway))[1:3]
    await gateway.nickname(key, "Bo Lindqvist")
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        await gateway.rename(key, "Robert L.")
        await monitor.until(lambda: monitor.record(key).account_name == "Robert L.")
        await gateway.rename(other, "Captain")
        await monitor.until(lambda: monitor.record(other).name == "Captain")
        await refresh(monitor)
        record = monitor.record(key)
        assert (record.name, record.account_name) == ("Bo Lindqvist", "Robert L.")
        assert monitor.record(other).name == "Captain"
        assert monitor.of(Cause.MOVED) == []


async def test_a_secondary_roster_whose_count_differs_is_read_again_on_a_refresh(
    start_node_gateway: StartGateway,
) -> None:
    """Nobody tells who leaves silently, but the list of conversations counts members."""
    gateway = await start_node_gateway("meeshy-2026", conversations=2)
    key = (await accounts_of(gateway))[0]
    async with watching(gateway, wanted=gateway.conversation) as monitor:
        await monitor.until_settled()
        side = next(each.id for each in monitor.monitor.conversations if each.id != gateway.conversation)
        held = await monitor.until(lambda: monitor.store.rosters.held(side))
        await asyncio.gather(*monitor.monitor._tasks.running)
        assert key in held
        await gateway.member("removeSilently", user_id=key, conversation=side)
        await refresh(monitor)
        await monitor.until(lambda: key not in held)
