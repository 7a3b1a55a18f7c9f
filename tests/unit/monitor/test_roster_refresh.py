"""Refresh by REST: what it changes, keeps and reports."""

import asyncio
from typing import Any

import pytest

from presence_tui.domain.enums import Cause, Source
from presence_tui.domain.limits import Bounds
from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import phrase
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.roster_refresh import Progress, RefreshReport, RosterRefresh
from presence_tui.transport.errors import GatewayBroken, RateLimited, UnexpectedAnswer
from presence_tui.transport.presence_source import AskedPresence
from presence_tui.wire.messages import PresenceRow
from tests.unit.monitor.fake_source import FakeSource, page
from tests.unit.store.store_harness import HARBOUR, LIGHTHOUSE, StoreHarness, member


class Reader:
    """Refreshes of one conversation."""

    def __init__(self, **bounds: int) -> None:
        self.harness = StoreHarness(bounds=Bounds(**bounds))
        self.progress: list[Progress] = []
        self.tally = EventCounters()
        self.source: FakeSource | None = None

    async def read(
        self,
        *pages: Any,
        runtime: Any = None,
        meanwhile: Any = None,
        everybody: bool = True,
        **options: Any,
    ) -> RefreshReport:
        self.source = FakeSource(self.harness.store, *pages, runtime=runtime or ())
        self.source.meanwhile = meanwhile or (lambda: None)
        source: Any = self.source
        reading = RosterRefresh(source, self.harness.store, self.progress.append, self.tally, **options)
        return await reading.run(HARBOUR, ask_runtime=everybody and runtime is not None)

    def members(self, conversation: str = HARBOUR) -> set[str]:
        return set(self.harness.store.rosters.members(conversation))


@pytest.fixture
def reader() -> Reader:
    return Reader()


async def test_a_reading_fills_the_roster_and_reports(reader: Reader) -> None:
    report = await reader.read(page("ada", "ben", total=3), page("chloe"))
    assert reader.members() == {"ada", "ben", "chloe"}
    assert (report.participants, report.total, report.error, report.corrected) == (3, 3, None, 0)
    assert not report.runtime_asked


async def test_parts_of_a_long_page_are_told_together(reader: Reader) -> None:
    told: list[set[str]] = []
    reader.harness.store.subscribe(lambda changed: told.append(changed.touched))
    report = await reader.read(page("ada", complete=False), page("ben", complete=False), page("chloe"))
    assert (report.participants, told) == (3, [{"ada", "ben", "chloe"}])


async def test_a_whole_roster_removes_unlisted_members(reader: Reader) -> None:
    listed = Conversation(HARBOUR, "Harbour", member_count=7)
    await reader.read(page("ada", "ben", total=7))
    assert reader.harness.store.rosters.is_in_part(listed)
    await reader.read(page("ada", "ben", total=2))
    assert not reader.harness.store.rosters.is_in_part(listed), "the list of conversations is older"
    reader.harness.roster("ben", conversation=LIGHTHOUSE)
    await reader.read(page("ada", total=1))
    assert reader.members() == {"ada"}
    assert reader.members(LIGHTHOUSE) == {"ben"}, "leaving one conversation does not affect the other"
    assert reader.harness.store.get_user_by_id("ben") is not None


async def test_a_member_who_joined_during_the_reading_stays(reader: Reader) -> None:
    await reader.read(page("ada", total=1))

    def dan_joins() -> None:
        reader.harness.roster("dan")
        reader.harness.event("eve")

    await reader.read(page("ada", total=1), meanwhile=dan_joins)
    assert reader.members() == {"ada", "dan"}
    assert "eve" in reader.harness.store.rosters.members("")


async def test_a_member_who_left_and_joined_again_during_the_reading_stays(reader: Reader) -> None:
    await reader.read(page("ada", "ben", "cy", total=3))

    def ben_leaves_and_joins() -> None:
        reader.harness.clock.advance(1)
        reader.harness.store.members.remove("ben", HARBOUR)
        reader.harness.store.set_participants([member("ben")], HARBOUR)

    await reader.read(page("ada", total=1), meanwhile=ben_leaves_and_joins)
    assert reader.members() == {"ada", "ben"}


async def test_a_stranger_whom_no_roster_lists_is_shown_no_longer(reader: Reader) -> None:
    reader.harness.event("eve")
    assert reader.members("") == {"eve"}
    await reader.read(page("ada", total=1))
    assert reader.members("") == set()


async def test_a_stranger_whom_the_roster_lists_is_a_member_now(reader: Reader) -> None:
    reader.harness.event("eve")
    await reader.read(page("eve", total=1))
    assert (reader.members(""), reader.members()) == (set(), {"eve"})
    assert reader.harness.record("eve").flag is True


@pytest.mark.parametrize(
    "pages",
    [
        [page("ada", total=199, capped=True)],
        [page("ada", total=2)],
        [page("ada", malformed=1)],
        [page("ada", total=1, malformed=1)],
        [page(total=0)],
        [page()],
        [page("ada", total=3), page("chloe")],
    ],
    ids=[
        "capped",
        "fewer than counted",
        "unreadable row",
        "unreadable though counted",
        "empty",
        "none",
        "pages",
    ],
)
async def test_a_partial_roster_removes_no_member(reader: Reader, pages: list[Any]) -> None:
    await reader.read(page("ada", "ben", total=2))
    reader.harness.event("eve")
    await reader.read(*pages)
    assert {"ada", "ben"} <= reader.members()
    assert reader.members("") == {"eve"}


async def test_a_capped_roster_removes_no_member(reader: Reader) -> None:
    keys = [f"user{number}" for number in range(250)]
    await reader.read(page(*keys, total=199, capped=True))
    await reader.read(page(*keys[1:], total=199, capped=True))
    assert reader.members() == set(keys)


async def test_the_runtime_corrects_states_and_reports_them(reader: Reader) -> None:
    await reader.read(
        page("ada", "ben", total=2), runtime=[[PresenceRow("ada", True), PresenceRow("ben", False)]]
    )
    assert reader.source is not None
    assert reader.source.asked_of == ["ada", "ben"]
    reader.harness.clock.advance(60)
    report = await reader.read(
        page("ada", "ben"), runtime=[[PresenceRow("ada", False)], [PresenceRow("ben", False)]]
    )
    assert report.runtime_asked
    assert report.corrected == 1
    assert [(change.key, change.cause, change.flag) for change in report.changes] == [
        ("ada", Cause.RECONCILED, False)
    ]


async def test_first_reports_are_not_corrections(reader: Reader) -> None:
    report = await reader.read(page("ada", total=1), runtime=[[PresenceRow("ada", True)]])
    assert (report.corrected, report.changes) == (0, [])


async def test_strangers_are_not_requested(reader: Reader) -> None:
    reader.harness.event("eve")
    await reader.read(page("ada", total=2), runtime=[[]])
    assert reader.source is not None
    assert reader.source.asked_of == ["ada"], "the runtime always answers false for strangers"


async def test_an_answer_overtaken_by_an_event_does_not_overwrite_it(reader: Reader) -> None:
    await reader.read(
        page("ada", "ben", total=2), runtime=[[PresenceRow("ada", False), PresenceRow("ben", False)]]
    )

    def ada_comes() -> None:
        reader.harness.clock.advance(0.5)
        if reader.source and reader.source.asked_of:
            reader.harness.event("ada", True)
            reader.harness.clock.advance(0.5)

    answers = [[PresenceRow("ada", False), PresenceRow("ben", False)]]
    report = await reader.read(page("ada", "ben"), runtime=answers, meanwhile=ada_comes)
    assert reader.harness.record("ada").flag is True
    assert report.corrected == 0


async def test_a_roster_that_fails_keeps_what_was_shown_and_the_runtime_is_asked_all_the_same(
    reader: Reader,
) -> None:
    await reader.read(page("ada", total=1))
    broken = GatewayBroken(500, "")
    report = await reader.read(page("ada", "ben", total=9), broken, runtime=[[PresenceRow("ada", True)]])
    assert report.roster_error is broken is report.error
    assert report.runtime_error is None
    assert reader.members() == {"ada", "ben"}, "received pages are kept, and no participant is removed"
    assert reader.harness.record("ada").flag is True


async def test_a_runtime_that_fails_half_way_keeps_what_came(reader: Reader) -> None:
    limited = RateLimited(7)
    report = await reader.read(page("ada", "ben"), runtime=[[PresenceRow("ada", True)], limited])
    assert report.runtime_error is limited is report.error
    assert report.runtime_asked
    assert reader.harness.record("ada").source is Source.RUNTIME
    assert reader.harness.record("ben").source is None


async def test_when_both_fail_the_first_is_the_error(reader: Reader) -> None:
    reader.harness.roster("ada")
    first, second = UnexpectedAnswer("x", phrase("html")), RateLimited(1)
    report = await reader.read(first, runtime=[second])
    assert (report.roster_error, report.runtime_error, report.error) == (first, second, first)


async def test_progress_counts_up_to_the_total(reader: Reader) -> None:
    await reader.read(
        page("ada", "ben", total=3),
        page("chloe"),
        runtime=[[PresenceRow("ada", True)], [PresenceRow("ben", True)]],
    )
    assert reader.progress == [
        Progress(Source.ROSTER, 2, 3),
        Progress(Source.ROSTER, 3, 3),
        Progress(Source.RUNTIME, 1, 3),
        Progress(Source.RUNTIME, 2, 3),
    ]


async def test_progress_in_the_middle_of_a_page_knows_the_total(reader: Reader) -> None:
    await reader.read(
        page("ada", total=4, complete=False), page("ben", complete=False), page("chloe"), page("dan")
    )
    assert reader.progress == [Progress(Source.ROSTER, done, 4) for done in (1, 2, 3, 4)]


async def test_a_row_that_cannot_be_read_is_reported_and_counted_once(reader: Reader) -> None:
    presence = AskedPresence(reader.harness.clock.stamp(), [PresenceRow("ada", True)], 4)
    report = await reader.read(page("ada", malformed=1), page("ben", malformed=2), runtime=[presence])
    assert report.malformed_rows == reader.tally.malformed_rows == 7
    assert reader.tally.received == 0, "no event arrived"
    await reader.read(page("ada", "ben", total=2))
    assert reader.tally.malformed_rows == 7


async def test_what_was_read_before_a_reading_was_cancelled_is_counted(reader: Reader) -> None:
    with pytest.raises(asyncio.CancelledError):
        await reader.read(page("ada", malformed=1), asyncio.CancelledError())
    assert reader.tally.malformed_rows == 1


async def test_a_member_on_two_pages_is_counted_once(reader: Reader) -> None:
    report = await reader.read(page("ada", "ben", total=2), page("ben"))
    assert report.participants == 2


# --- a roster above the limit ---


async def test_a_roster_over_the_bound_is_read_up_to_it_and_no_further() -> None:
    reader = Reader(roster=3)
    pages = (page("ada", "ben", total=6), page("cleo", "dan", cursor="next"), page("eve", "finn"))
    report = await reader.read(*pages)
    assert reader.members() == {"ada", "ben", "cleo"}
    assert (report.participants, report.left_out, report.total, report.error) == (3, 1, 6, None)
    assert reader.progress[-1] == Progress(Source.ROSTER, 3, 6)
    assert reader.source is not None
    assert reader.source.pages_asked == 2, "pages after the limit are not requested"


@pytest.mark.parametrize(
    ("pages", "total", "capped"),
    [
        ([page("ada", "ben", "cleo")], 3, False),
        ([page("ada", "ben", "cleo", cursor="next")], 3, True),
        ([page("ada", "ben", "cleo", total=2)], 3, False),
        ([page("ada", "ben", "cleo", total=199, capped=True)], 199, True),
    ],
    ids=["not counted", "not counted, with more", "counted too low", "capped"],
)
async def test_the_figure_beside_a_roster_that_is_not_whole_is_at_least_what_was_seen(
    pages: list[Any], total: int, capped: bool
) -> None:
    report = await Reader(roster=2).read(*pages)
    assert (report.participants, report.total, report.total_capped) == (2, total, capped)


async def test_a_roster_over_the_bound_removes_nobody_and_is_corrected_all_the_same() -> None:
    reader = Reader(roster=2)
    await reader.read(page("ada", "ben", total=2))
    report = await reader.read(
        page("cleo", "ben"), runtime=[[PresenceRow("ada", True), PresenceRow("ben", False)]]
    )
    assert reader.members() == {"ada", "ben"}
    assert (reader.harness.record("ada").flag, reader.harness.record("ben").flag) == (True, False)
    assert report.runtime_asked


# --- unconfirmed members ---


async def test_of_whom_an_answer_says_nothing_is_reported_and_marked(reader: Reader) -> None:
    keys = [f"user{number:02}" for number in range(24)]
    await reader.read(page(*keys, total=24), runtime=[[PresenceRow(key, True) for key in keys]])
    reader.harness.clock.advance(60)
    report = await reader.read(page(*keys), runtime=[[PresenceRow(key, False) for key in keys[:8]]])
    assert (report.corrected, report.unconfirmed) == (8, 16)
    since_s = reader.harness.store.epochs.unconfirmed_since_s
    assert [since_s(reader.harness.record(key)) is not None for key in keys] == [False] * 8 + [True] * 16
    assert all(reader.harness.record(key).flag is True for key in keys[8:])


async def test_those_whom_a_snapshot_leaves_out_are_asked_for(reader: Reader) -> None:
    reader.harness.store.epochs.begin()
    await reader.read(
        page("ada", "ben", "me", total=3), runtime=[[PresenceRow("ada", True), PresenceRow("ben", True)]]
    )
    reader.harness.clock.advance(60)
    reader.harness.store.epochs.begin()
    reader.harness.snapshot(PresenceRow("ben", True))
    answers = [[PresenceRow("ada", False)]]
    report = await reader.read(page("ada", "ben", "me"), runtime=answers, everybody=False, own_key="me")
    assert reader.source is not None
    assert reader.source.asked_of == ["ada"]
    assert (reader.harness.record("ada").flag, report.unconfirmed) == (False, 0)


async def test_those_who_joined_or_of_whom_nothing_is_known_are_asked_for(reader: Reader) -> None:
    reader.harness.store.epochs.begin()
    reader.harness.roster("cy", conversation=LIGHTHOUSE)
    await reader.read(page("ada", total=1), runtime=[[PresenceRow("ada", True)]])
    reader.harness.event("cy", True)
    for told, asked_of in ((page("ada", "ben", "cy", total=3), ["ben", "cy"]), (page("ada", "cy"), [])):
        await reader.read(told, runtime=[[PresenceRow("ben", True)]], everybody=False)
        assert reader.source is not None
        assert reader.source.asked_of == asked_of


async def test_where_nobody_can_be_asked_they_are_not_confirmed(reader: Reader) -> None:
    reader.harness.store.epochs.begin()
    await reader.read(
        page("ada", "ben", total=2), runtime=[[PresenceRow("ada", True), PresenceRow("ben", True)]]
    )
    reader.harness.clock.advance(60)
    reader.harness.store.epochs.begin()
    reader.harness.snapshot(PresenceRow("ben", True))
    report = await reader.read(page("ada", "ben"))
    assert (reader.harness.record("ada").flag, report.unconfirmed) == (True, 1)


@pytest.mark.parametrize(("uptime_s", "believed"), [(119.0, False), (120.0, True), (None, True)])
async def test_a_runtime_that_has_just_booted_and_knows_nobody_is_not_believed(
    reader: Reader, uptime_s: float | None, believed: bool
) -> None:
    await reader.read(
        page("ada", "ben", total=2), runtime=[[PresenceRow("ada", True), PresenceRow("ben", True)]]
    )
    reader.harness.clock.advance(60)
    nobody = [[PresenceRow("ada", False)], [PresenceRow("ben", False)]]
    report = await reader.read(page("ada", "ben"), runtime=nobody, uptime_s=uptime_s)
    assert reader.harness.record("ada").flag is not believed
    assert report.runtime_has_just_booted is not believed
    assert report.unconfirmed == (0 if believed else 2)


async def test_a_runtime_that_has_just_booted_is_believed_once_somebody_is_back(reader: Reader) -> None:
    await reader.read(
        page("ada", "ben", total=2), runtime=[[PresenceRow("ada", True), PresenceRow("ben", True)]]
    )
    reader.harness.clock.advance(60)
    report = await reader.read(
        page("ada", "ben"), runtime=[[PresenceRow("ada", False)], [PresenceRow("ben", True)]], uptime_s=5.0
    )
    assert (reader.harness.record("ada").flag, report.corrected, report.unconfirmed) == (False, 1, 0)
