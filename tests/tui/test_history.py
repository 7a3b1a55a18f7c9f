"""History on the screen: the last roster, the summary of an absence, a participant's past."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest

from presence_tui.domain.enums import Source, State
from presence_tui.domain.missed_events import Estimate, MissedEvents
from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import NOTHING, Phrase, phrase
from presence_tui.history.participant_history import OnlinePeriod, ParticipantHistory
from presence_tui.history.recorder import LinkRecord
from presence_tui.history.roster_cache import CachedRosters
from presence_tui.monitor.gap_summary import GapSummary
from presence_tui.service.state import ServiceState
from presence_tui.service.target import Connection
from presence_tui.store import Clock, PresenceStore, Stamp
from presence_tui.text.language import Language
from presence_tui.tui.app import PresenceApp
from presence_tui.tui.glyphs import ASCII, UNICODE
from presence_tui.tui.screens.participant_history import HoursOfDay
from presence_tui.tui.widgets.details_panel import DetailsPanel
from presence_tui.wire.messages import RosterRow
from tests.tui.app_harness import (
    CONVERSATIONS,
    HARBOUR,
    OFFLINE_NAMES,
    ONLINE_NAMES,
    WIDE,
    AppHarness,
    FakeTarget,
    key_of,
    member,
    running_app,
    staged_service,
    until,
)
from tests.tui.fake_monitor import FakeMonitor
from tests.unit.clock import START_S, FakeClock

NOON_S = datetime(2026, 8, 22, 12, 30).timestamp()
"""Past noon in local time, in every time zone."""
AWAY = GapSummary(START_S - 2_520, START_S, came=6, left=4, unsure=3, seen=2)


class FakeHistory:
    """Returns the values set by the test."""

    def __init__(
        self, past: ParticipantHistory | None = None, remembered: CachedRosters | None = None
    ) -> None:
        self.past = past
        self.remembered = remembered
        self.asked: list[str] = []
        self.confirmed_until_s: float | None = None
        self.closed = False
        self.on_error: Callable[[Phrase], None] = lambda trouble: None

    def set_error_handler(self, on_error: Callable[[Phrase], None]) -> None:
        self.on_error = on_error

    async def load_cached(self, store: PresenceStore) -> CachedRosters | None:
        return self.remembered

    def record(self, store: PresenceStore, last_heard: Callable[[], float | None]) -> None:
        pass

    def record_account(self, key: str) -> None:
        pass

    def record_link(self, note: LinkRecord) -> None:
        pass

    def record_conversations(self, conversations: Sequence[Conversation]) -> None:
        pass

    async def participant_history(
        self, key: str, hours_s: Sequence[float], state_now: State, confirmed_until_s: float | None
    ) -> ParticipantHistory | None:
        self.asked.append(key)
        self.confirmed_until_s = confirmed_until_s
        return self.past

    async def close(self) -> None:
        self.closed = True


# --- an absence ---


async def test_changes_during_an_absence_are_reported_once() -> None:
    async with running_app(WIDE) as harness:
        harness.monitor.gap_ended.emit(AWAY)
        await harness.settle()
        said = "Away 42 min: 6 came, 4 left, 3 unsure (2 seen, 8 inferred)."
        assert harness.activity.count(said) == 1
        assert harness.text.count(said) == 1


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        (GapSummary(0, 3_700), "Away 1 h: 0 came, 0 left."),
        (
            GapSummary(0, 90, passed=1),
            "Away 1 min: 0 came, 0 left, 1 was here meanwhile (0 seen, 1 inferred).",
        ),
        (GapSummary(0, 90, came=1, seen=1), "Away 1 min: 1 came, 0 left."),
        (
            GapSummary(0, 90, came=1, seen=1, missed=MissedEvents(0, 90, 1)),
            "Away 1 min: 1 came, 0 left. Missed: at least 1; the rate before is unknown.",
        ),
        (
            GapSummary(0, 13, missed=MissedEvents(0, 12, 2, Estimate(3.4, 1, 1_008))),
            "Gap of 12 s. Missed: at least 2, about 3 expected (95%: 1 to 1,008).",
        ),
        (
            GapSummary(0, 13, missed=MissedEvents(0, 12, 0, None, True, 3)),
            "Gap of 12 s. Recovered: 3 events were sent again.",
        ),
        (
            GapSummary(0, 13, missed=MissedEvents(0, 12, 1, None, True, 3)),
            "Gap of 12 s. Missed: at least 1; the rate before is unknown.",
        ),
    ],
)
async def test_an_absence_is_said_with_what_there_was(summary: GapSummary, said: str) -> None:
    async with running_app(WIDE) as harness:
        harness.monitor.gap_ended.emit(summary)
        await harness.settle()
        assert harness.activity[0] == said


async def test_an_absence_is_reported_in_french() -> None:
    async with running_app(WIDE, language="fr") as harness:
        harness.monitor.gap_ended.emit(AWAY)
        await harness.settle()
        assert "6 arrivées, 4 départs, 3 incertains" in harness.activity[0]


# --- the last roster ---


def remembered_store() -> PresenceStore:
    """The harbour crew as of 42 minutes ago."""
    store = PresenceStore(clock=FakeClock())
    then = Stamp(START_S - 2_520, float("-inf"))
    rows = [RosterRow(member(name), name in ONLINE_NAMES) for name in (*ONLINE_NAMES, *OFFLINE_NAMES)]
    store.set_participants(rows, HARBOUR.id, asked=then, source=Source.CACHE)
    store.flush()
    return store


async def test_the_last_roster_is_there_before_the_watch_and_says_how_old_it_is() -> None:
    store = remembered_store()
    monitor, released = FakeMonitor(store), asyncio.Event()
    remembered = CachedRosters(key_of("Ada Okafor"), CONVERSATIONS, [], START_S - 2_520)
    history = FakeHistory(remembered=remembered)

    class SlowTarget(FakeTarget):
        async def connect(self, clock: Clock) -> Connection:
            await released.wait()
            return await super().connect(clock)

    async def find_target() -> SlowTarget:
        return SlowTarget()

    service = staged_service(store, monitor, history=history, find_target=find_target)
    app = PresenceApp(service, language=Language("en"), glyphs=UNICODE)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        clock = store.clock
        assert isinstance(clock, FakeClock)
        harness = AppHarness(app, pilot, store, monitor, clock)
        await until(harness, lambda: "Harbour crew" in harness.text)
        await harness.settle()
        for _ in ("before there is a watch", "and with one that has no link"):
            assert harness.title_of(harness.online) == "Online (8)"
            assert "CONNECTING" in harness.text and "as of 42 min ago" in harness.text
            assert harness.screen.has_class("-stale")
            row = harness.row_of("Ada Okafor")
            assert "idle" in row.text and "42 min" in row.text, "remembered rows show their age"
            assert row.style_of("idle").italic
            released.set()
            await monitor.running.wait()
            await harness.settle()
        await harness.press("home")
        assert "Ada Okafor is idle: cache, 42 min ago, epoch 0" in harness.text
    assert history.closed


async def test_trouble_with_the_history_is_a_sentence_and_the_watch_goes_on() -> None:
    history = FakeHistory()
    async with running_app(WIDE, history=history) as harness:
        history.on_error(phrase("The history is written again."))
        await harness.settle()
        assert harness.activity[0] == "The history is written again."
        assert harness.toasts == ["The history is written again."]
        assert harness.title_of(harness.online) == "Online (8)"


# --- a participant's past ---


def past_at(now_s: float) -> ParticipantHistory:
    """Watched from four to six and since eight; now it is half past twelve."""
    on, away, off, unknown = State.ONLINE, State.AWAY, State.OFFLINE, State.UNKNOWN
    lane = [*[unknown] * 4, off, off, unknown, unknown, on, on, away, off, on, *[None] * 11]
    sessions = [
        OnlinePeriod(now_s - 1_800, True, None, False),
        OnlinePeriod(now_s - 4 * 3_600, True, now_s - 2 * 3_600, False),
        OnlinePeriod(now_s - 26 * 3_600, True, now_s - 25 * 3_600, True),
        OnlinePeriod(None, False, now_s - 30 * 3_600, True),
    ]
    return ParticipantHistory(sessions, lane, now_s)


async def shown_past(now_s: float, past: ParticipantHistory | None, **options: object) -> list[str]:
    """The lines of Ada's page."""
    history = FakeHistory(past)
    store = PresenceStore(clock=FakeClock(wall_s=now_s))
    async with running_app(WIDE, store=store, history=history, **options) as harness:  # type: ignore[arg-type]
        await harness.press("home", "enter")
        await until(harness, lambda: bool(history.asked))
        await harness.settle()
        assert history.asked == [key_of("Ada Okafor")]
        return [" ".join(line.text.strip("│| ").split()) for line in harness.lines()]


async def test_the_page_shows_today_and_the_last_sessions() -> None:
    lines = "\n".join(await shown_past(NOON_S, past_at(NOON_S)))
    assert "Today ????○○??●●◐○●" in lines
    assert "0 6 12 18" in lines
    assert "Last sessions 12:00 – now 30 min" in lines
    assert "08:30 – 10:30 at least 2 h" in lines
    assert "2026-08-21 10:30 – 11:30 1 h" in lines
    assert "before – 2026-08-21 06:30" in lines


async def test_the_details_beside_the_views_show_the_past_where_all_of_it_has_room() -> None:
    history = FakeHistory(past_at(NOON_S))
    store = PresenceStore(clock=FakeClock(wall_s=NOON_S))
    async with running_app((200, 60), store=store, history=history) as harness:
        await harness.press("home")
        panel = harness.app.screen.query_one(DetailsPanel)

        def details() -> str:
            return "\n".join(" ".join(line.text.split()) for line in harness.lines_of(panel))

        await until(harness, lambda: "Last sessions 12:00 – now 30 min" in details())
        assert "Today ????○○??●●◐○●" in details() and "Times local:" in details()
        await harness.press("down")
        assert "Last sessions 12:00" not in details(), "what was read is the past of somebody else"
        await until(harness, lambda: history.asked[-1] == key_of("Bo Chen"))
        await harness.resize(200, 30)
        await harness.wait(1)
        panel.query_one("#details-text").scroll_end(animate=False, immediate=True)
        await harness.settle()
        assert "Last sessions" not in details() and "Presence key" in details()


async def test_the_page_has_ascii_marks_and_speaks_french() -> None:
    lines = "\n".join(await shown_past(NOON_S, past_at(NOON_S), glyphs=ASCII, language="fr"))
    assert "Aujourd'hui ????..??**+.*" in lines
    assert "12:00 - maintenant 30 min" in lines


async def test_a_session_that_nobody_watches_any_more_may_be_over() -> None:
    past = past_at(NOON_S)._replace(known_until_s=NOON_S - 600)
    lines = "\n".join(await shown_past(NOON_S, past))
    assert "12:00 – last known 12:20 at least 20 min" in lines


async def test_a_session_within_one_minute_has_its_seconds() -> None:
    brief = [
        OnlinePeriod(NOON_S - 40, True, NOON_S - 39, True),
        OnlinePeriod(NOON_S - 86_440, True, NOON_S - 86_439, True),
    ]
    lines = "\n".join(await shown_past(NOON_S, past_at(NOON_S)._replace(online_periods=brief)))
    assert "Last sessions 12:29:20 – 12:29:21 1 s" in lines
    assert "2026-08-21 12:29:20 – 12:29:21 1 s" in lines


async def test_a_page_without_sessions_or_history_has_a_note() -> None:
    assert "Last sessions none since the history began" in "\n".join(
        await shown_past(NOON_S, past_at(NOON_S)._replace(online_periods=[]))
    )
    assert "Today cannot be read" in "\n".join(await shown_past(NOON_S, None))
    async with running_app(WIDE) as harness:
        await harness.press("home", "enter")
        assert "no history is kept" in harness.said


def test_the_hours_of_today_begin_at_midnight_here() -> None:
    hours_s = HoursOfDay.around(NOON_S).edges_s
    assert (len(hours_s), datetime.fromtimestamp(hours_s[0]).hour) == (25, 0)
    assert hours_s[12] < NOON_S < hours_s[13]
    assert list(hours_s) == sorted(hours_s)


async def test_a_session_is_not_said_to_go_on_once_the_link_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ServiceState, "is_stale", True)
    lines = "\n".join(await shown_past(NOON_S, past_at(NOON_S)))
    assert "12:00 – last known 12:30 at least 30 min" in lines
    assert "– now" not in lines


async def test_the_history_is_read_up_to_the_loss_of_the_link() -> None:
    history = FakeHistory(past_at(NOON_S))
    async with running_app(WIDE, history=history) as harness:
        lost_s = harness.clock.wall_s
        await harness.press("home", "enter")
        await until(harness, lambda: len(history.asked) == 1)
        assert history.confirmed_until_s is None, "on a live link, up to now"
        await harness.press("escape")
        harness.monitor.link.stale(phrase("Nothing was heard."), NOTHING, lost_s)
        await harness.wait(20)
        await harness.press("enter")
        await until(harness, lambda: len(history.asked) == 2)
        assert history.confirmed_until_s == lost_s
