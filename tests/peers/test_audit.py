"""The audit against the official Socket.IO server, whose truth and events are set apart from each other."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from presence_tui.audit.audit_pass import SWEPT_AFTER_S
from presence_tui.wire.timestamps import seconds_from_wire
from tests.integration.watch.running_monitor import RunningMonitor
from tests.peers.monitor_harness import accounts_of, quiet, watching
from tests.peers.node import NodeGateway

newer = pytest.mark.parametrize("node_gateway", ["meeshy-2026"], indirect=True)
older = pytest.mark.parametrize("node_gateway", ["meeshy-2025"], indirect=True)

STRANGER = "66aa0000000000000000dead"


@pytest.fixture
async def watch(node_gateway: NodeGateway) -> AsyncIterator[RunningMonitor]:
    async with watching(node_gateway) as watch:
        watch.monitor.auditor.sleep = lambda seconds: asyncio.sleep(0)
        await quiet(node_gateway, watch)
        yield watch


async def findings(watch: RunningMonitor) -> dict[str, str]:
    """Presence key to the finding about it."""
    report = await watch.monitor.auditor.run(lambda progress: None)
    assert report is not None
    assert (report.error, report.was_interrupted, report.is_distrusted) == (None, False, False)
    assert report.checked + report.untold_guests == report.participants >= 5
    assert report.is_by_list is not watch.source.profile.has_runtime_presence
    assert report.is_by_list or not report.untold_guests
    return {finding.key: finding.kind.value for finding in report.findings}


@pytest.mark.parametrize("node_gateway", ["meeshy-2026", "meeshy-2025"], indirect=True)
async def test_the_truth_has_no_findings(node_gateway: NodeGateway, watch: RunningMonitor) -> None:
    assert await findings(watch) == {}


@newer
async def test_events_that_are_not_true_make_ghosts(node_gateway: NodeGateway, watch: RunningMonitor) -> None:
    there, gone = (await accounts_of(node_gateway))[:2]
    for key, flag in ((there, False), (gone, True)):
        event = {"userId": key, "username": "x", "isOnline": flag, "lastActiveAt": None}
        await node_gateway.emit("user:status", event)
        await watch.until_flag(key, flag)
    assert await findings(watch) == {there: "ghost-offline", gone: "ghost-online"}
    await watch.monitor.refresh()
    assert await findings(watch) == {}, "a refresh corrects them"


@newer
async def test_an_event_about_nobody_is_an_unknown_member(
    node_gateway: NodeGateway, watch: RunningMonitor
) -> None:
    event = {"userId": STRANGER, "username": "Zoe", "isOnline": True, "lastActiveAt": None}
    await node_gateway.emit("user:status", event)
    await watch.until_flag(STRANGER, True)
    assert await findings(watch) == {STRANGER: "unknown-member"}


@older
async def test_ghosts_of_the_older_gateway_are_found_by_its_list(
    node_gateway: NodeGateway, watch: RunningMonitor
) -> None:
    there, gone = (await accounts_of(node_gateway))[:2]
    assert await findings(watch) == {}
    for key, flag in ((there, False), (gone, True)):
        await node_gateway.emit("user:status", {"userId": key, "username": "x", "isOnline": flag})
        await watch.until_flag(key, flag)
    truth = await node_gateway.truth()
    was_active_s = seconds_from_wire(truth[gone]["lastActiveAt"]) or 0.0
    is_swept = watch.store.clock.stamp().wall_s - was_active_s > SWEPT_AFTER_S
    kind = "hidden-or-offline" if is_swept else "ghost-online"
    assert await findings(watch) == {there: "ghost-offline", gone: kind}
    await watch.monitor.refresh()
    assert await findings(watch) == {}, "a refresh corrects them"
