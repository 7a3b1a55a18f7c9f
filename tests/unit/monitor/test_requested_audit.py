"""The audit that a user requests: when it may compare, with what, and one at a time."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from presence_tui.audit.comparison import Answer
from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.memberships import EndCause, Memberships
from presence_tui.monitor.requested_audit import RequestedAudit
from presence_tui.monitor.roster_refresh import Progress, RefreshReport
from presence_tui.wire.messages import PresenceRow
from tests.unit.audit.lying_runtime import AuditedStore
from tests.unit.store.store_harness import HARBOUR, LIGHTHOUSE


class Requested(AuditedStore):
    """Ada and Ben are online by a snapshot, and the runtime says so of Ben only."""

    def __init__(self) -> None:
        super().__init__()
        self.roster("me", "ada", "ben")
        self.snapshot(PresenceRow("ada", True, self.now_s), PresenceRow("ben", True, self.now_s))
        self.pass_time(10)
        self.says = lambda key: Answer(key == "ben", self.now_s)
        self.link = SimpleNamespace(status=SimpleNamespace(state=LinkState.LIVE))
        self.resync = SimpleNamespace(status=SimpleNamespace(is_synced=True))
        self.choice = SimpleNamespace(watched_id=HARBOUR, listed=[Conversation(HARBOUR, "Harbour crew")])
        self.watched = SimpleNamespace(last_report=RefreshReport(participants=3))
        self.memberships = Memberships()
        self.lock = asyncio.Lock()
        self.progress: list[Progress] = []
        account = SimpleNamespace(key="me")
        reading: Any = SimpleNamespace(
            source=self, store=self.store, link=self.link, account=account, lock=self.lock
        )
        parts: list[Any] = [self.choice, self.watched, self.resync, self.memberships]
        self.requested = RequestedAudit(reading, *parts)
        self.requested.sleep = self._sleep
        self.requested.on_live()

    async def found(self) -> list[tuple[str, str]]:
        report = await self.requested.run(self.progress.append)
        assert report is not None and not report.was_interrupted
        return [(finding.kind.value, finding.key) for finding in report.findings]


@pytest.fixture
def it() -> Requested:
    return Requested()


async def test_it_compares_the_watched_conversation_without_ourselves(it: Requested) -> None:
    assert await it.found() == [("ghost-online", "ada")]
    assert it.asked_of[0] == ["ada", "ben"]
    assert it.progress[0] == Progress(Source.RUNTIME, 2, 2)


async def test_one_at_a_time_after_other_reads(it: Requested) -> None:
    await it.lock.acquire()
    first = asyncio.create_task(it.requested.run(it.progress.append))
    await asyncio.sleep(0)
    assert await it.requested.run(it.progress.append) is None
    assert it.asked_of == [], "another read goes on"
    it.lock.release()
    assert await first is not None
    assert await it.requested.run(it.progress.append) is not None


async def test_a_cancelled_audit_can_be_requested_again(it: Requested) -> None:
    await it.lock.acquire()
    first = asyncio.create_task(it.requested.run(it.progress.append))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    it.lock.release()
    assert await it.found() == [("ghost-online", "ada")]


def lose_link(it: Requested) -> None:
    it.link.status.state = LinkState.STALE


def begin_resync(it: Requested) -> None:
    it.resync.status.is_synced = False


def end_membership(it: Requested) -> None:
    it.memberships.end(HARBOUR, EndCause.REMOVED, it.now_s)


def watch_another(it: Requested) -> None:
    it.choice.watched_id = LIGHTHOUSE


@pytest.mark.parametrize("happen", [lose_link, begin_resync, end_membership])
async def test_without_all_that_it_compares_with_it_asks_nothing(it: Requested, happen: Any) -> None:
    happen(it)
    report = await it.requested.run(it.progress.append)
    assert report is not None
    assert (report.was_interrupted, report.at_s, it.asked_of) == (True, it.now_s, [])


@pytest.mark.parametrize("happen", [lose_link, begin_resync, end_membership, watch_another])
async def test_what_changes_meanwhile_makes_it_worthless(it: Requested, happen: Any) -> None:
    it.at(0.1, lambda: happen(it))
    report = await it.requested.run(it.progress.append)
    assert report is not None
    assert report.was_interrupted
    assert report.findings == []
    assert it.asked_of


def change(key: str, *, before: bool, after: bool) -> Change:
    harness = AuditedStore()
    harness.roster(key)
    harness.runtime(key, before)
    harness.clock.advance(5)
    harness.runtime(key, after, harness.now_s)
    return harness.changes[-1]


async def test_flags_that_a_requested_refresh_corrected_are_missed_events(it: Requested) -> None:
    turned = change("ada", before=True, after=False)
    for runtime_asked, missed in ((False, 0), (True, 1)):
        it.requested.on_refreshed(RefreshReport(changes=[turned], runtime_asked=runtime_asked))
        assert len(it.requested._feed_record.corrected) == missed
    it.requested.on_live()
    assert it.requested._feed_record.corrected == (), "a new connection knows nothing of it"
