"""Rosters of secondary conversations: read for their counts, and again after each gap."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from presence_tui.domain.participants import Conversation
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.monitor.rosters import (
    MAX_SECONDARY_MEMBERS,
    MAX_SECONDARY_ROSTERS,
    SecondaryRosters,
)
from presence_tui.transport.errors import AccessDenied, GatewayBroken, GatewayError
from presence_tui.transport.presence_source import AskedPage, AskedPresence
from presence_tui.wire.messages import PresenceRow
from tests.unit.monitor.fake_source import page
from tests.unit.store.store_harness import StoreHarness

ROOMS = [Conversation(f"c{place}", f"Room {place}", member_count=1) for place in range(20)]
ONE, TWO, THREE = ROOMS[:3]


class Source:
    """Each conversation has one member; those in ``broken`` cannot be read."""

    def __init__(self, harness: StoreHarness) -> None:
        self.store = harness.store
        self.asked: list[str] = []
        self.states_asked: list[str] = []
        self.broken: set[str] = set()
        self.refused: set[str] = set()

    async def participants(self, conversation_id: str) -> AsyncIterator[AskedPage]:
        self.asked.append(conversation_id)
        if conversation_id in self.refused:
            raise AccessDenied("not a member")
        if conversation_id in self.broken:
            raise GatewayBroken(500, "it broke")
        yield AskedPage(self.store.clock.stamp(), page(f"of-{conversation_id}", malformed=1))

    async def runtime_presence(self, keys: Sequence[str]) -> AsyncIterator[AskedPresence]:
        self.states_asked += keys
        yield AskedPresence(self.store.clock.stamp(), [PresenceRow(key, True) for key in keys], 0)


@pytest.fixture
def source(harness: StoreHarness) -> Source:
    return Source(harness)


@pytest.fixture
def harness() -> StoreHarness:
    return StoreHarness()


@pytest.fixture
def sides(harness: StoreHarness, source: Source) -> SecondaryRosters:
    anything: Any = source
    return SecondaryRosters(anything, harness.store, EventCounters())


async def test_the_first_small_ones_are_read_for_their_counts_once_an_epoch(
    sides: SecondaryRosters, source: Source, harness: StoreHarness
) -> None:
    large = Conversation("large", "Large", member_count=MAX_SECONDARY_MEMBERS + 1)
    harness.roster("ada", conversation="c0")
    harness.store.epochs.begin()

    await sides.refresh_stale([large, *ROOMS], ask_runtime=True)
    await sides.refresh_stale([large, *ROOMS], ask_runtime=True)

    first = [each.id for each in ROOMS[: MAX_SECONDARY_ROSTERS - 1]]
    assert source.asked == first, "remembered rosters are read as well"
    assert source.states_asked == [], "their states come from events and snapshots"

    harness.store.epochs.begin()
    await sides.refresh_stale([large, *ROOMS], ask_runtime=True)
    assert source.asked == [*first, *first]


async def test_of_whom_a_snapshot_told_nothing_the_runtime_is_asked(
    sides: SecondaryRosters, source: Source, harness: StoreHarness
) -> None:
    """For example, members of a conversation created after the snapshot."""
    harness.store.epochs.begin()
    harness.snapshot(PresenceRow("of-c0", False))
    await sides.refresh_stale([ONE, TWO], ask_runtime=False)
    assert source.states_asked == ["of-c1"]
    assert harness.store.counts("c1").online == 1


async def test_one_that_is_refused_ends_nothing_but_itself(sides: SecondaryRosters, source: Source) -> None:
    told: list[GatewayError] = []
    reports: dict[str, RefreshReport] = {}
    sides.failed.subscribe(told.append)
    sides.reported.subscribe(lambda each: reports.update([each]))
    source.refused = {"c1"}

    await sides.refresh_stale([ONE, TWO, THREE], ask_runtime=False)

    assert source.asked == ["c0", "c1", "c2"]
    assert told == []
    assert isinstance(reports["c1"].roster_error, AccessDenied)
    assert reports["c2"].roster_error is None


async def test_a_failed_reading_is_reported_and_ends_the_round(
    sides: SecondaryRosters, source: Source
) -> None:
    told: list[GatewayError] = []
    sides.failed.subscribe(told.append)
    source.broken = {"c1"}

    await sides.refresh_stale([ONE, TWO, THREE], ask_runtime=False)

    assert source.asked == ["c0", "c1"]
    assert [type(error) for error in told] == [GatewayBroken]


async def test_those_beside_are_read_again_in_each_epoch_and_only_then(
    sides: SecondaryRosters, source: Source, harness: StoreHarness
) -> None:
    read: list[Conversation] = []
    sides.refreshed.subscribe(read.append)
    harness.store.epochs.begin()
    harness.snapshot(PresenceRow("of-c0", True))
    sides.select([ONE, TWO])
    sides.mark_read("c1", epoch=1)

    await sides.refresh_stale([], ask_runtime=False)
    await sides.refresh_stale([], ask_runtime=False)
    assert source.asked == ["c0"]
    assert source.states_asked == []
    assert read == [ONE]
    assert sides.reports["c0"].participants == 1

    harness.store.epochs.begin()
    await sides.refresh_stale([], ask_runtime=True)
    assert source.asked == ["c0", "c0", "c1"]
    assert source.states_asked == ["of-c0", "of-c1"]
    assert harness.store.counts("c1").online == 1


async def test_one_beside_that_fails_keeps_no_other_from_being_read_and_is_tried_again(
    sides: SecondaryRosters, source: Source
) -> None:
    told: list[GatewayError] = []
    sides.failed.subscribe(told.append)
    source.broken = {"c0"}
    sides.select([ONE, TWO])

    await sides.refresh_stale([], ask_runtime=False)
    assert source.asked == ["c0", "c1"]
    assert len(told) == 1
    assert sides.reports["c0"].roster_error is told[0]

    source.broken = set()
    await sides.refresh_stale([], ask_runtime=False)
    assert source.asked == ["c0", "c1", "c0"]
    assert sides.reports["c0"].error is None


async def test_a_person_has_them_read_again_whenever_they_like(
    sides: SecondaryRosters, source: Source, harness: StoreHarness
) -> None:
    harness.snapshot(PresenceRow("of-c0", True))
    sides.select([ONE])
    await sides.refresh_stale([], ask_runtime=False)

    reports = await sides.refresh_all()

    assert source.asked == ["c0", "c0"]
    assert source.states_asked == ["of-c0"]
    assert [report.runtime_asked for report in reports] == [True]


async def test_of_those_taken_away_the_reports_go_and_what_was_read_stays(
    sides: SecondaryRosters, source: Source, harness: StoreHarness
) -> None:
    sides.select([ONE, TWO])
    await sides.refresh_stale([], ask_runtime=False)

    sides.select([TWO])

    assert set(sides.reports) == {"c1"}
    assert harness.store.rosters.members("c0") == ["of-c0"]
