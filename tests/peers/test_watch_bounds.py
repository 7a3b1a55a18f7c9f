"""A complete monitor sends few requests, survives all input, and leaks nothing."""

import asyncio
import re
import threading
from typing import Any

import pytest

from presence_tui.domain.enums import Cause, Outcome, Source
from presence_tui.domain.limits import Bounds
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.roster_refresh import Progress
from presence_tui.transport.errors import (
    AccessDenied,
    GarbledAnswer,
    GatewayBroken,
    GatewayError,
    NotFound,
    RateLimited,
    SignInNeeded,
    UnexpectedAnswer,
)
from tests.contract.no_websocket import refuse_websockets
from tests.integration.watch.running_monitor import open_files
from tests.peers.conftest import StartGateway
from tests.peers.monitor_harness import accounts_of, fence, flags_of, quiet, shown, until_read, watching
from tests.peers.node import PROFILES, NodeGateway
from tests.unit.monitor.wait_until import breathe, other_tasks

MIB = 2**20
HTML = "<!doctype html><title>Welcome to nginx</title>"


def roster_path(gateway: NodeGateway) -> str:
    return f"{gateway.prefix}/conversations/{gateway.conversation}/participants"


async def asked(gateway: NodeGateway) -> dict[str, int]:
    """Requests by path, without those for the time, which every read sends once."""
    requests = await gateway.requests()
    return {path: count for path, count in requests.items() if path != "/health"}


# --- no polling ---


async def idle_requests(gateway: NodeGateway, seconds: float) -> dict[str, int]:
    """REST requests of a monitor in so many seconds without events, only pings."""
    async with watching(gateway) as monitor:
        await until_read(gateway, monitor)
        known = monitor.store.rosters.knows
        await monitor.until(lambda: all(known(each.id) for each in monitor.monitor.conversations))
        await gateway.quiet()
        await asyncio.sleep(seconds)
        assert monitor.status.state is LinkState.LIVE
        return await gateway.requests()


async def test_no_requests_while_nothing_happens(start_node_gateway: StartGateway) -> None:
    options = {"conversations": 3, "ping_interval_ms": 300, "ping_timeout_ms": 5_000}
    gateways = [await start_node_gateway(profile, **options) for profile in PROFILES]
    assert await asyncio.gather(*(idle_requests(gateway, 3) for gateway in gateways)) == [{}, {}]


@pytest.mark.parametrize("node_gateway", ["meeshy-2026"], indirect=True)
async def test_no_requests_while_much_happens(node_gateway: NodeGateway) -> None:
    async with watching(node_gateway) as monitor:
        await until_read(node_gateway, monitor)
        gate = await fence(node_gateway, monitor)
        await node_gateway.quiet()
        await node_gateway.burst(500)
        await gate.passed()
        assert await node_gateway.requests() == {}


async def test_a_reconnect_asks_for_the_roster_once(node_gateway: NodeGateway) -> None:
    async with watching(node_gateway) as monitor:
        await until_read(node_gateway, monitor)
        await node_gateway.quiet()
        await node_gateway.cut()
        await monitor.until_settled(2)
        counts = await asked(node_gateway)
        # The list of conversations is read again after the roster.
        assert counts.pop(f"{node_gateway.prefix}/conversations", 1) == 1
        assert counts == {roster_path(node_gateway): 1}
        assert (await node_gateway.requests()).get("/health", 0) <= 1


# --- refreshing ---


async def test_a_refresh_reports_and_shows_progress(node_gateway: NodeGateway) -> None:
    async with watching(node_gateway) as monitor:
        await quiet(node_gateway, monitor)
        seen: list[Progress] = []
        report = await monitor.monitor.refresh(seen.append)
        assert report is not None
        assert (report.error, report.participants, report.corrected) == (None, 6, 0)
        assert seen[0].step is Source.ROSTER
        # The account may have been added to or removed from a conversation.
        expected = {roster_path(node_gateway): 1, f"{node_gateway.prefix}/conversations": 1}
        if node_gateway.profile == "meeshy-2026":
            expected |= {"/api/v1/users/presence": 1}
            assert report.runtime_asked
            assert seen[-1].step is Source.RUNTIME
        assert await asked(node_gateway) == expected


@pytest.mark.parametrize("node_gateway", ["meeshy-2026"], indirect=True)
async def test_two_refreshes_at_once_are_one(node_gateway: NodeGateway) -> None:
    async with watching(node_gateway) as monitor:
        await monitor.until_settled()
        await node_gateway.quiet()
        await node_gateway.answer(roster_path(node_gateway), hold=True, times=1)
        first = asyncio.create_task(monitor.monitor.refresh())
        await node_gateway.until_requested(roster_path(node_gateway))
        assert monitor.monitor.is_refreshing
        assert await monitor.monitor.refresh() is None
        await node_gateway.release()
        report = await first
        assert report is not None
        assert report.error is None


@pytest.mark.parametrize("node_gateway", ["meeshy-2026"], indirect=True)
async def test_a_refresh_can_be_cancelled_and_made_again(node_gateway: NodeGateway) -> None:
    async with watching(node_gateway) as monitor:
        await monitor.until_settled()
        await node_gateway.quiet()
        await node_gateway.answer(roster_path(node_gateway), hold=True, times=1)
        before = shown(monitor)
        first = asyncio.create_task(monitor.monitor.refresh())
        await node_gateway.until_requested(roster_path(node_gateway))
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert not monitor.monitor.is_refreshing
        assert shown(monitor) == before
        await node_gateway.clear()
        report = await monitor.monitor.refresh()
        assert report is not None
        assert report.error is None


@pytest.mark.parametrize("profile", PROFILES)
async def test_an_answer_overtaken_by_an_event_does_not_overwrite_it(
    start_node_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_node_gateway(profile)
    path = "/api/v1/users/presence" if profile == "meeshy-2026" else roster_path(gateway)
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        moved, corrected = (await accounts_of(gateway))[1:3]
        await gateway.quiet()
        await gateway.answer(path, hold=True, times=1)
        refreshing = asyncio.create_task(monitor.monitor.refresh())
        await gateway.until_requested(path)
        # The held answer was computed before this.
        await gateway.status(moved, True)
        await monitor.until_flag(moved, True)
        await gateway.release()
        report = await refreshing
        assert report is not None
        assert report.error is None
        assert monitor.flag(moved) is True
        assert monitor.record(moved).source is Source.EVENT
        assert monitor.record(moved).checked_flag is False, "the contradicting answer is recorded"
        assert monitor.record(corrected).checked_s is not None
        assert report.corrected == 0


async def test_a_refresh_corrects_what_no_event_told(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        key = (await accounts_of(gateway))[1]
        await gateway.emit("user:status", {"userId": key, "username": "a ghost", "isOnline": True})
        await monitor.until_flag(key, True)
        monitor.forget()
        report = await monitor.monitor.refresh()
        assert report is not None
        assert report.corrected == 1
        assert monitor.flag(key) is False
        (change,) = monitor.of(Cause.RECONCILED, key)
        assert change.source is Source.RUNTIME


REFUSALS: list[tuple[str, dict[str, Any], type[GatewayError]]] = [
    ("401", {"status": 401, "body": {"error": "Invalid JWT token", "code": "AUTH_FAILED"}}, SignInNeeded),
    ("403", {"status": 403, "body": {"success": False, "error": "Not a member"}}, AccessDenied),
    ("404", {"status": 404, "body": {"error": "Not Found", "message": "Route not found"}}, NotFound),
    ("500", {"status": 500, "body": {"error": "Internal Server Error"}}, GatewayBroken),
    ("502 of a proxy", {"status": 502, "body": HTML}, GatewayBroken),
    ("HTML", {"status": 200, "body": HTML}, GarbledAnswer),
    ("redirect", {"status": 302, "headers": {"location": "https://elsewhere.example/"}}, UnexpectedAnswer),
    ("another shape", {"status": 200, "body": {"success": True, "data": {"rows": []}}}, GarbledAnswer),
    # Last, because no requests follow for a while.
    ("429", {"status": 429, "headers": {"retry-after": "9"}, "body": {"error": "Slow"}}, RateLimited),
]


async def test_a_refresh_that_fails_says_why_and_keeps_what_was_shown(node_gateway: NodeGateway) -> None:
    for name, answer, expected in REFUSALS:
        # Each with a monitor of its own: after some of them it reads again by itself.
        async with watching(node_gateway) as monitor:
            await monitor.until_settled()
            before = shown(monitor)
            members = monitor.store.rosters.members(node_gateway.conversation)
            await node_gateway.answer(roster_path(node_gateway), times=1, **answer)
            report = await monitor.monitor.refresh()
            assert report is not None
            assert type(report.roster_error) is expected, name
            assert str(report.roster_error.sentence).endswith(".")
            assert str(report.roster_error.advice)
            assert shown(monitor) == before
            assert monitor.store.rosters.members(node_gateway.conversation) == members
            assert monitor.status.state is LinkState.LIVE, "the socket is unaffected"
            assert monitor.monitor.last_report is report


@pytest.mark.parametrize("node_gateway", ["meeshy-2026"], indirect=True)
async def test_an_empty_answer_does_not_wipe_the_roster(node_gateway: NodeGateway) -> None:
    """The older web client lost all participants (wire contract, section 5.3)."""
    async with watching(node_gateway) as monitor:
        await monitor.until_settled()
        before = shown(monitor)
        await node_gateway.answer(roster_path(node_gateway), 200, body={"success": True, "data": []})
        report = await monitor.monitor.refresh()
        assert report is not None
        assert report.participants == 0
        assert shown(monitor) == before
        assert len(monitor.store.rosters.members(node_gateway.conversation)) == 6


@pytest.mark.parametrize("profile", PROFILES)
async def test_rows_of_answers_that_cannot_be_read_are_counted_and_no_events(
    start_node_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_node_gateway(profile)
    row = {"id": gateway.conversation, "type": "group", "title": "Harbour"}
    side = {"id": "the-other-one", "type": "group", "title": "Lighthouse"}
    listed = {"success": True, "data": [row, side, {"id": 7, "type": "group"}]}
    await gateway.answer(f"{gateway.prefix}/conversations", 200, body=listed)
    members = {"success": True, "data": [None, {"id": [], "displayName": "x"}, {"id": "eve"}]}
    await gateway.answer(f"{gateway.prefix}/conversations/the-other-one/participants", 200, body=members)
    async with watching(gateway) as monitor:
        await until_read(gateway, monitor)
        await monitor.until(lambda: monitor.store.rosters.knows("the-other-one"))
        counters = monitor.monitor.counters
        # A list that was read before the link was live is read once more.
        lists = (await gateway.requests())[f"{gateway.prefix}/conversations"]
        assert counters.malformed_rows == lists + 2
        assert counters.of(Outcome.MALFORMED) == 0
        await gateway.answer(roster_path(gateway), 200, times=1, body=members)
        report = await monitor.monitor.refresh()
        assert report is not None
        assert (report.participants, report.malformed_rows) == (1, 2)
        # The list of conversations is read again, with its malformed row.
        assert counters.malformed_rows == lists + 2 + 2 + 1
        assert counters.of(Outcome.MALFORMED) == 0


@pytest.mark.parametrize("node_gateway", ["meeshy-2026"], indirect=True)
async def test_during_a_pause_the_gateway_asked_for_nothing_is_asked(node_gateway: NodeGateway) -> None:
    async with watching(node_gateway) as monitor:
        await until_read(node_gateway, monitor)
        await node_gateway.answer(roster_path(node_gateway), 429, headers={"retry-after": "30"}, times=1)
        await monitor.monitor.refresh()
        await node_gateway.quiet()
        report = await monitor.monitor.refresh()
        assert report is not None
        assert isinstance(report.roster_error, RateLimited)
        assert await node_gateway.requests() == {}


async def test_a_large_roster_is_read_whole(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026", participants=450)
    async with watching(gateway) as monitor:
        report = await monitor.until_settled()
        assert (report.participants, report.total, report.total_capped) == (450, 199, True)
        assert (await gateway.requests())[roster_path(gateway)] == 5
        assert shown(monitor) == await flags_of(gateway)
        monitor.forget()
        refreshed = await monitor.monitor.refresh()
        assert refreshed is not None
        assert refreshed.runtime_asked
        assert refreshed.corrected == 0
        assert (await gateway.requests())["/api/v1/users/presence"] == 9


# --- a frame above the limit ---


@pytest.fixture(params=["websocket", "polling"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The transport to the gateway."""
    if request.param == "polling":
        refuse_websockets(monkeypatch)
    name: str = request.param
    return name


WHAT = {"websocket": "A frame of the gateway", "polling": "An answer to a poll"}


async def check_it_stays_offline(gateway: NodeGateway, monitor: Any) -> None:
    told = len(monitor.links)
    await asyncio.sleep(0.4)
    assert len(monitor.links) == told, "no endless loop"
    assert monitor.status.state is LinkState.OFFLINE


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_frame_over_the_bound_is_one_clear_sentence_and_no_loop(
    start_node_gateway: StartGateway, profile: str, way: str
) -> None:
    gateway = await start_node_gateway(profile)
    async with watching(gateway, bounds=Bounds(frame_bytes=MIB)) as monitor:
        await monitor.until_settled()
        assert monitor.status.transport == way
        before = shown(monitor)
        if profile == "meeshy-2026":
            await gateway.big_snapshot(2 * MIB)
        else:
            await gateway.emit("user:status", {"userId": "x" * 2 * MIB, "isOnline": True})
        status = await monitor.until_state(LinkState.OFFLINE)
        # A compressed answer does not tell its size; reading stops as soon as it is too large.
        figure = r": it has 2(\.\d+)? MiB" if way == "websocket" else ""
        assert re.fullmatch(rf"{WHAT[way]} is larger than 1 MiB{figure}\.", str(status.reason))
        assert "max_frame_mib" in str(status.advice)
        assert status.is_stale
        await check_it_stays_offline(gateway, monitor)
        assert shown(monitor) == before
        assert monitor.monitor.counters.too_large == 1
        await monitor.monitor.refresh()
        await monitor.until_settled(2)
        assert monitor.monitor.counters.too_large == 1


async def test_a_snapshot_over_the_bound_at_every_sign_in_does_not_loop(
    start_node_gateway: StartGateway, way: str
) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    await gateway.big_snapshot(2 * MIB, sticky=True)
    async with watching(gateway, bounds=Bounds(frame_bytes=MIB)) as monitor:
        status = await monitor.until_state(LinkState.OFFLINE)
        assert f"{WHAT[way]} is larger than 1 MiB" in str(status.reason)
        await monitor.until(lambda: monitor.reports and not monitor.monitor.is_refreshing)
        await check_it_stays_offline(gateway, monitor)
        assert shown(monitor) == await flags_of(gateway), "REST reported all flags"


async def test_a_large_frame_within_the_bound_is_taken(start_node_gateway: StartGateway, way: str) -> None:
    """Above the 4 MiB at which the library would stop."""
    gateway = await start_node_gateway("meeshy-2026")
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        await gateway.big_snapshot(6 * MIB)
        gate = await fence(gateway, monitor)
        await gate.passed()
        assert len(monitor.store.participants) > 10_000
        assert monitor.states == [LinkState.CONNECTING, LinkState.CONNECTED, LinkState.LIVE]


@pytest.mark.parametrize("profile", PROFILES)
async def test_nothing_of_a_burst_is_lost_on_either_way(
    start_node_gateway: StartGateway, profile: str, way: str
) -> None:
    gateway = await start_node_gateway(profile)
    async with watching(gateway) as monitor:
        await quiet(gateway, monitor)
        received = monitor.monitor.counters.received
        burst = await gateway.burst(3_000)
        await monitor.until_received(received + 3_000)
        assert monitor.monitor.counters.received == received + 3_000
        me = await gateway.me()
        assert shown(monitor) == {key: it["isOnline"] for key, it in burst["truth"].items() if key != me}
        assert monitor.states == [LinkState.CONNECTING, LinkState.CONNECTED, LinkState.LIVE]


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_roster_answer_over_the_bound_is_told_and_not_asked_for_again(
    start_node_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_node_gateway(profile)
    row = {"id": "x", "isOnline": True, "displayName": "x" * 2 * MIB}
    await gateway.answer(roster_path(gateway), 200, body={"success": True, "data": [row]})
    async with watching(gateway, bounds=Bounds(frame_bytes=MIB)) as monitor:
        await monitor.until(lambda: monitor.reports)
        (report,) = monitor.reports
        assert "An answer of the gateway is larger than 1 MiB" in str(report.roster_error)
        await monitor.until_live()
        await monitor.until(lambda: not monitor.monitor.is_refreshing)
        await asyncio.sleep(0.2)
        asked_before = await gateway.requests()
        await asyncio.sleep(0.4)
        assert await gateway.requests() == asked_before, "no endless requests"
        assert monitor.monitor.counters.too_large == asked_before[roster_path(gateway)]
        assert monitor.status.state is LinkState.LIVE


# --- a roster above the limit ---


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_roster_over_the_bound_is_shown_up_to_it_and_the_rest_is_counted(
    start_node_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_node_gateway(profile, participants=250)
    async with watching(gateway, bounds=Bounds(roster=120)) as monitor:
        report = await monitor.until_settled()
        members = monitor.store.rosters.members(gateway.conversation)
        assert len(members) == report.participants == 120
        assert report.left_out > 0
        assert (report.total or 0) > 120, "the total is known for the title"
        assert any("More than 120 participants" in notice for notice in monitor.notices)
        truth = await flags_of(gateway)
        assert {key: monitor.flag(key) for key in members if key in truth} == {
            key: truth[key] for key in members if key in truth
        }, "flags missing in the snapshot are read by REST"
        assert monitor.states == [LinkState.CONNECTING, LinkState.CONNECTED, LinkState.LIVE]


@pytest.mark.parametrize("profile", PROFILES)
async def test_events_about_those_left_out_are_refused_and_counted(
    start_node_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_node_gateway(profile, participants=40)
    async with watching(gateway, bounds=Bounds(roster=20)) as monitor:
        await until_read(gateway, monitor)
        known = set(monitor.store.participants)
        inside = next(key for key in await accounts_of(gateway) if key in known)
        outside = [key for key in await accounts_of(gateway) if key not in known]
        received = monitor.monitor.counters.received
        refused = monitor.monitor.counters.of(Outcome.REFUSED)
        for key in outside:
            await gateway.status(key, True)
        await gateway.status(inside, True)
        await gateway.status(inside, False)
        await monitor.until_received(received + len(outside) + 2)
        assert monitor.monitor.counters.of(Outcome.REFUSED) >= refused + len(outside)
        assert monitor.monitor.counters.received == sum(monitor.outcomes().values())
        assert set(monitor.store.participants) == known
        await monitor.until_flag(inside, False)


# --- a name above the limit ---


async def test_a_name_over_the_bound_is_cut_and_told(node_gateway: NodeGateway) -> None:
    (key, *_) = await accounts_of(node_gateway)
    async with watching(node_gateway, bounds=Bounds(name_cells=20)) as monitor:
        await monitor.until_settled()
        for flag in (False, True, False):
            status = {"userId": key, "username": "Wide " * 20, "isOnline": flag}
            await node_gateway.emit("user:status", status)
            await monitor.until_flag(key, flag)
        # The roster's name takes precedence in its conversation; the name from events is shown beside it.
        assert monitor.record(key).account_name == "Wide Wide Wide Wide…"
        said = [notice for notice in monitor.notices if "max_name_cells" in notice]
        assert said == ["Names wider than 20 cells (max_name_cells) are cut: 1 so far, the widest has 99."]


# --- a queue above the limit ---


async def test_changes_that_are_not_shown_yet_wait_up_to_the_bound_and_none_is_lost(
    node_gateway: NodeGateway,
) -> None:
    def never(flush: object) -> None:
        """No frame is drawn: the screen is slow."""

    async with watching(node_gateway, bounds=Bounds(queue=50), schedule=never) as monitor:
        await quiet(node_gateway, monitor)
        monitor.store.flush()
        monitor.forget()
        received, applied = monitor.monitor.counters.received, monitor.monitor.counters.of(Outcome.APPLIED)
        burst = await node_gateway.burst(500)
        await monitor.until_received(received + 500)
        assert monitor.monitor.counters.of(Outcome.APPLIED) == applied + 500
        assert len(monitor.changes) >= 450, "without frames, changes are flushed in batches of fifty"
        monitor.store.flush()
        assert len(monitor.changes) == 500
        assert any("50 changes waited to be shown" in notice for notice in monitor.notices)
        me = await node_gateway.me()
        assert shown(monitor) == {key: it["isOnline"] for key, it in burst["truth"].items() if key != me}


# --- closing ---


@pytest.mark.parametrize("when", ["starting", "live", "reading", "reconnecting", "signed out"])
async def test_a_cancelled_watch_leaves_no_task_thread_or_socket(
    start_node_gateway: StartGateway, when: str
) -> None:
    node_gateway = await start_node_gateway("meeshy-2025" if when == "live" else "meeshy-2026")
    tasks, files, threads = other_tasks(), open_files(), set(threading.enumerate())
    token = await node_gateway.mint(forged=True) if when == "signed out" else node_gateway.token
    if when == "reading":
        await node_gateway.answer(roster_path(node_gateway), hold=True)
    async with watching(node_gateway, token=token) as monitor:
        match when:
            case "live":
                await monitor.until_settled()
            case "reading":
                await node_gateway.until_requested(roster_path(node_gateway))
            case "reconnecting":
                await monitor.until_settled()
                await node_gateway.refuse(sockets=True)
                await monitor.until_state(LinkState.RECONNECTING)
            case "signed out":
                await monitor.until_state(LinkState.SIGNED_OUT)
        await monitor.cancel()
        await breathe()
        assert other_tasks() - tasks == set()
        assert open_files() - files == set()
        assert set(threading.enumerate()) - threads == set()
