"""The activity feed, newest first."""

import pytest

from presence_tui.alerts.rules import AlertRule, Trigger
from presence_tui.domain.enums import Source
from presence_tui.domain.translatable import phrase
from presence_tui.monitor.gap_summary import GapSummary
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.store import PresenceStore
from presence_tui.transport.errors import TimedOut
from presence_tui.tui.widgets.activity_feed import ActivityFeed
from presence_tui.wire.messages import PresenceRow, Status
from tests.tui.app_harness import (
    HARBOUR,
    LIGHTHOUSE,
    ONLINE_NAMES,
    SMALLEST,
    WIDE,
    AppHarness,
    alert_settings,
    every_size,
    key_of,
    member,
    running_app,
    until,
)
from tests.unit.clock import FakeClock

LOST = phrase("The connection was lost: {why}.", why=phrase("it ended"))


async def test_who_came_and_who_left_and_after_how_long() -> None:
    async with running_app() as harness:
        assert harness.activity == ["live, epoch 4"], "the first fill causes no activity"
        await harness.event("Rosa Lind", True)
        await harness.wait(12 * 60)
        assert harness.activity[0] == "Rosa Lind came online", "decay causes no activity"
        await harness.event("Rosa Lind", False)
        await harness.event("Ada Okafor", False)
        await harness.event("Zeno Stranger", True)
        assert harness.activity[0] == "Ada Okafor left", "Zeno is in no known roster"
        harness.store.set_participants([member("Zeno Stranger")], HARBOUR.id)
        await harness.settle()
        await harness.event("Ada Okafor", False, last_active_s=harness.clock.wall_s)
        assert harness.activity == [
            "Zeno Stranger came online",
            "Ada Okafor left",
            "Rosa Lind left after 12 min",
            "Rosa Lind came online",
            "live, epoch 4",
        ]
        await until(harness, lambda: "Rosa Lind came online" in harness.text)
        assert harness.line_with("Rosa Lind came online").text.split()[1] == "●"
        assert harness.line_with("Rosa Lind left after").text.split()[1] == "○"


async def test_what_the_gateway_sent_again_says_that_it_happened_in_the_gap() -> None:
    async with running_app() as harness:
        for flag in (True, False):
            harness.store.apply_statuses([Status(key_of("Rosa Lind"), flag, "Rosa Lind")], sent_since_s=0.0)
            harness.clock.advance(5)
        await harness.settle()
        assert harness.activity == [
            "Rosa Lind left during the gap",
            "Rosa Lind came online during the gap",
            "live, epoch 4",
        ]


@pytest.mark.parametrize("source", [Source.SNAPSHOT, Source.RUNTIME, Source.ROSTER])
async def test_how_long_somebody_was_here_is_not_told_if_nobody_saw_them_come(source: Source) -> None:
    async with running_app() as harness:
        await harness.event("Ada Okafor", True)
        for flag in (False, True):
            rows = [PresenceRow(key_of("Ada Okafor"), flag)]
            harness.store.epochs.begin()
            harness.store.apply_answers(rows, source, harness.clock.stamp())
        await harness.event("Ada Okafor", False)
        assert harness.activity[0] == "Ada Okafor left"


async def test_what_a_gap_hid_is_listed_once_as_reconciled() -> None:
    async with running_app() as harness:
        harness.monitor.link.reconnecting(LOST, LOST, 1, 2.0, harness.clock.wall_s)
        harness.monitor.link.attempting()
        harness.monitor.link.reconnecting(LOST, LOST, 2, 4.0, harness.clock.wall_s)
        assert harness.activity == ["The connection was lost: it ended.", "live, epoch 4"], (
            "one line per loss"
        )
        harness.clock.advance(60)
        harness.monitor.link.connected("websocket")
        harness.monitor.link.live(harness.store.epochs.begin())
        now_s = harness.clock.wall_s
        rows = [PresenceRow(key_of(name), name != "Bo Chen", now_s) for name in [*ONLINE_NAMES, "Rosa Lind"]]
        for _ in range(2):
            harness.store.apply_answers(rows, Source.SNAPSHOT, harness.clock.stamp())
        harness.monitor.resync(RefreshReport(participants=24))
        await harness.settle()
        assert harness.activity == [
            "24 participants read",
            "Rosa Lind is online, says the snapshot",
            "Bo Chen is offline, says the snapshot",
            "live, epoch 5",
            "The connection was lost: it ended.",
            "live, epoch 4",
        ]
        await until(harness, lambda: "↻ Bo Chen is offline" in harness.text)


NAMES = [f"Crowd {place:02}" for place in range(23)]


async def after_a_gap(harness: AppHarness, came: list[str], left: list[str]) -> None:
    """Lose the link and resync; the snapshot says who came and who left meanwhile."""
    harness.store.set_participants(map(member, [*came, *left]), HARBOUR.id)
    with harness.store.batch():
        for name in [*came, *left]:
            harness.store.update_user_status(key_of(name), name in left)
    harness.clock.advance(60)
    harness.monitor.link.reconnecting(LOST, LOST, 1, 2.0, harness.clock.wall_s)
    harness.clock.advance(16)
    harness.monitor.link.connected("websocket")
    harness.monitor.link.live(harness.store.epochs.begin())
    now = harness.clock.stamp()
    rows = [PresenceRow(key_of(name), name in came, now.wall_s) for name in [*came, *left]]
    harness.store.apply_answers(rows, Source.SNAPSHOT, now)
    harness.store.flush()
    harness.monitor.gap_ended.emit(GapSummary(now.wall_s - 16, now.wall_s, len(came), len(left)))
    harness.monitor.resync(RefreshReport(participants=24))
    await harness.settle()


async def test_what_a_gap_hid_of_many_is_one_line_with_names_and_no_event_joins_it() -> None:
    async with running_app(WIDE) as harness:
        await after_a_gap(harness, NAMES[:3], NAMES[3:5])
        for name in NAMES[3:5]:
            harness.clock.advance(2)
            await harness.event(name, True)
        assert harness.activity[:3] == [
            "Crowd 04 came online",
            "Crowd 03 came online",
            "24 participants read",
        ]
        said = "corrected after the gap: Crowd 00, Crowd 01, Crowd 02 came; Crowd 03, Crowd 04 left"
        assert harness.activity.count(said) == 1
        await until(harness, lambda: f"↻ {said}" in harness.text)
        rows = [PresenceRow(key_of(name), False, harness.clock.wall_s) for name in NAMES[:5]]
        harness.store.apply_answers(rows, Source.RUNTIME, harness.clock.stamp())
        await harness.settle()
        assert harness.activity[0].startswith("corrected: Crowd 00, Crowd 01,") and said in harness.activity


@pytest.mark.parametrize("language", ["en", "fr"])
@every_size
async def test_names_of_a_correction_are_as_many_as_fit_and_enter_lists_all(
    size: tuple[int, int], language: str
) -> None:
    async with running_app(size, language=language) as harness:
        await after_a_gap(harness, NAMES[:12], NAMES[12:])
        feed = harness.screen.query_one(ActivityFeed)
        if size != SMALLEST:
            head = "corrected after the gap" if language == "en" else "corrigé après la coupure"
            await until(harness, lambda: head in harness.text)
            line = harness.line_with(head).text
            assert (" Crowd 12" in line and "…" not in line) or size[0] < 100
        feed.focus()
        for _ in range(10):
            await harness.press("enter")
            if len(harness.app.screen_stack) > 1:
                break
            await harness.press("down")
        listed = ""
        for _ in NAMES:
            listed += harness.said
            await harness.press("down")
        assert all(name in listed for name in NAMES)
        await harness.press("home", "enter")
        assert len(harness.app.screen_stack) == 1 and harness.selected == NAMES[0]


async def test_a_crowd_is_one_line() -> None:
    async with running_app() as harness:
        names = [f"Crowd {place:02}" for place in range(23)]
        harness.store.set_participants(map(member, names), HARBOUR.id)
        for name in names[:9]:
            harness.store.update_user_status(key_of(name), True)
        harness.clock.advance(5)
        assert harness.activity == ["9 came", "live, epoch 4"]
        with harness.store.batch():
            for name in names[:9]:
                harness.store.update_user_status(key_of(name), False)
            for name in names[9:14]:
                harness.store.update_user_status(key_of(name), True)
        assert harness.activity == ["14 came, 9 left in 5 s", "live, epoch 4"]
        harness.clock.advance(5)
        await harness.event(names[20], True)
        assert harness.activity[:2] == [f"{names[20]} came online", "14 came, 9 left in 5 s"]
        await until(harness, lambda: "14 came, 9 left in 5 s" in harness.text)


async def test_many_with_our_own_reconnect_are_one_line() -> None:
    """Also those who had left moments before, and whom a crowd would not take."""
    async with running_app() as harness:
        names = [f"Crowd {place:02}" for place in range(12)]
        harness.store.set_participants(map(member, names), HARBOUR.id)
        for flag in (True, False):
            for name in names:
                harness.store.update_user_status(key_of(name), flag)
            harness.clock.advance(11)
        before = len(harness.activity)
        harness.store.update_user_status(key_of("Bo Chen"), False)
        harness.clock.advance(3)
        harness.store.epochs.begin(harness.clock.wall_s)
        for name in ["Bo Chen", *names]:
            harness.clock.advance(0.15)
            harness.store.update_user_status(key_of(name), True)
        assert harness.activity[:2] == ["13 came with our own reconnect", "Bo Chen left"]
        assert len(harness.activity) == before + 2
        harness.clock.advance(0.2)
        await harness.event(names[3], False)
        assert harness.activity[:2] == [f"{names[3]} left after 1 s", "13 came with our own reconnect"]


async def test_few_with_our_own_reconnect_have_their_usual_lines() -> None:
    async with running_app() as harness:
        harness.clock.advance(60)
        harness.store.epochs.begin(harness.clock.wall_s)
        before = harness.activity
        for name in ("Ingrid Solberg", "Rosa Lind"):
            await harness.event(name, True)
        for flag in (False, True) * 9:
            await harness.event("Bo Chen", flag)
        assert harness.activity == [
            "Bo Chen came and left ×9 in 0 s",
            "Rosa Lind came online",
            "Ingrid Solberg came online",
            *before,
        ]


async def test_one_who_flips_is_one_line_that_leaves_room_for_the_others() -> None:
    async with running_app() as harness:
        await harness.event("Bo Chen", False)
        for _ in range(250):
            for flag in (True, False):
                harness.clock.advance(0.05)
                harness.store.update_user_status(key_of("Rosa Lind"), flag)
        await harness.settle()
        assert harness.activity[-2:] == ["Bo Chen left", "live, epoch 4"]
        assert len(harness.activity) <= 2 + 3, "one line per ten seconds"
        assert "Rosa Lind came and left ×101 in 9 s" in harness.activity
        harness.clock.advance(30)
        for flag in (True, False, True):
            harness.clock.advance(1)
            await harness.event("Rosa Lind", flag)
        assert harness.activity[0] == "Rosa Lind came and left ×2 in 2 s"
        assert harness.line_with("×2 in 2 s").text.split()[1] == "●"


@pytest.mark.parametrize(
    ("pinned", "named"), [(["Crowd 07"], []), ([], ["Crowd 09"]), (["Crowd 07"], ["Crowd 09"])]
)
async def test_no_crowd_swallows_who_is_pinned_or_named_by_a_rule(
    pinned: list[str], named: list[str]
) -> None:
    store = PresenceStore(clock=FakeClock())
    who = tuple(named)
    rules = alert_settings(store, "en", AlertRule(Trigger.COMES, who=who)) if who else None
    async with running_app(store=store, alerts=rules) as harness:
        names = [f"Crowd {place:02}" for place in range(12)]
        harness.store.set_participants(map(member, names), HARBOUR.id)
        harness.store.indexes.pin(map(key_of, pinned))
        with harness.store.batch():
            for name in names:
                harness.store.update_user_status(key_of(name), True)
        alone = [*pinned, *named]
        expected = [f"{12 - len(alone)} came", *(f"{name} came online" for name in alone)]
        assert sorted(harness.activity[: len(expected)]) == expected


async def test_a_click_or_enter_on_a_line_selects_whom_it_is_about() -> None:
    async with running_app() as harness:
        await harness.event("Rosa Lind", True)
        await harness.event("Bo Chen", False)
        feed = harness.screen.query_one(ActivityFeed)
        feed.focus()
        await harness.settle()
        await harness.press("down", "enter")
        assert harness.screen.selected_key == key_of("Rosa Lind")
        assert harness.online.has_focus
        await harness.pilot.click(ActivityFeed, offset=(4, 0))
        await harness.settle()
        assert harness.screen.selected_key == key_of("Bo Chen")
        await harness.press("2")
        await harness.pilot.click(ActivityFeed, offset=(4, 1))
        await until(harness, lambda: harness.screen.selected_key == key_of("Rosa Lind"))
        await harness.pilot.click(ActivityFeed, offset=(4, 2))
        await harness.settle()
        assert harness.screen.selected_key == key_of("Rosa Lind"), "a link line selects no participant"
        harness.store.members.remove(key_of("Bo Chen"), HARBOUR.id)
        await harness.pilot.click(ActivityFeed, offset=(4, 0))
        await harness.settle()
        await until(harness, lambda: "Not shown here" in harness.said)


async def test_other_conversations_are_not_listed() -> None:
    async with running_app() as harness:
        harness.store.set_participants([member("Elsewhere Ed")], LIGHTHOUSE.id)
        before = harness.activity
        await harness.event("Elsewhere Ed", True)
        assert harness.activity == before


async def test_the_same_error_is_reported_once_and_notices_are_lines() -> None:
    async with running_app(SMALLEST) as harness:
        for _ in range(3):
            harness.monitor.resync(RefreshReport(roster_error=TimedOut("gate.example", 10)))
        harness.monitor.noticed.emit(phrase("The gateway says: {said}.", said="slow mode"))
        await harness.settle()
        assert harness.activity[:2] == [
            "The gateway says: slow mode.",
            "gate.example did not answer within 10 s.",
        ]
        assert harness.activity.count("gate.example did not answer within 10 s.") == 1
        # Only one line fits: the newest.
        await until(harness, lambda: "! The gateway says: slow mode." in harness.text)


async def test_a_cut_line_is_marked() -> None:
    async with running_app(SMALLEST) as harness:
        harness.monitor.noticed.emit(phrase("The gateway says: {said}.", said="word " * 30))
        await until(harness, lambda: "The gateway says" in harness.text)
        assert harness.line_with("The gateway says").text.rstrip().endswith("…")


async def test_a_roster_over_the_bound_is_said_with_the_figures() -> None:
    async with running_app() as harness:
        harness.monitor.resync(RefreshReport(participants=24, total=250, left_out=3))
        await harness.settle()
        assert harness.activity[0] == "24 participants read · max_roster allows no more"
        assert "8 of 24 listed, 250 members" in harness.lines()[0].text
