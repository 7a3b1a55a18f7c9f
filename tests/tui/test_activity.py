"""What happened, newest first."""

from presence_tui.domain.enums import Source
from presence_tui.domain.translatable import phrase
from presence_tui.monitor.refresh import RefreshReport
from presence_tui.transport.errors import TimedOut
from presence_tui.tui.activity import LINES_AT_ONCE
from presence_tui.wire.messages import PresenceRow
from tests.tui.app_harness import HARBOUR, LIGHTHOUSE, ONLINE_NAMES, SMALLEST, key_of, member, on_stage, until

LOST = phrase("The connection was lost: {why}.", why=phrase("it ended"))


async def test_who_came_and_who_left_and_after_how_long() -> None:
    async with on_stage() as stage:
        assert stage.activity == ["live, epoch 4"], "the first fill is nobody's news"
        await stage.event("Rosa Lind", True)
        await stage.wait(12 * 60)
        assert stage.activity[0] == "Rosa Lind came online", "decay is nobody's news"
        await stage.event("Rosa Lind", False)
        await stage.event("Ada Okafor", False)
        await stage.event("Zeno Stranger", True)
        await stage.event("Ada Okafor", False, last_active_s=stage.clock.wall_s)
        assert stage.activity == [
            "Zeno Stranger came online",
            "Ada Okafor left",
            "Rosa Lind left after 12 min",
            "Rosa Lind came online",
            "live, epoch 4",
        ]
        await until(stage, lambda: "Rosa Lind came online" in stage.text)
        assert stage.line_with("Rosa Lind came online").text.split()[1] == "●"
        assert stage.line_with("Rosa Lind left after").text.split()[1] == "○"


async def test_what_a_gap_hid_is_listed_once_as_reconciled() -> None:
    async with on_stage() as stage:
        stage.watch.link.reconnecting(LOST, LOST, 1, 2.0, stage.clock.wall_s)
        stage.watch.link.attempting()
        stage.watch.link.reconnecting(LOST, LOST, 2, 4.0, stage.clock.wall_s)
        assert stage.activity == ["The connection was lost: it ended.", "live, epoch 4"], "each loss once"
        stage.clock.advance(60)
        stage.watch.link.connected("websocket")
        stage.watch.link.live(stage.store.begin_epoch())
        now_s = stage.clock.wall_s
        rows = [PresenceRow(key_of(name), name != "Bo Chen", now_s) for name in [*ONLINE_NAMES, "Rosa Lind"]]
        for _ in range(2):
            stage.store.apply_answers(rows, Source.SNAPSHOT, stage.clock.stamp())
        stage.watch.resync(RefreshReport(participants=24))
        await stage.settle()
        assert stage.activity == [
            "24 participants read · 0 corrected",
            "Rosa Lind is online, says the snapshot",
            "Bo Chen is offline, says the snapshot",
            "live, epoch 5",
            "The connection was lost: it ended.",
            "live, epoch 4",
        ]
        await until(stage, lambda: "↻ Bo Chen is offline" in stage.text)


async def test_a_crowd_is_said_as_a_figure() -> None:
    async with on_stage() as stage:
        names = [f"Crowd {place:02}" for place in range(LINES_AT_ONCE + 8)]
        stage.store.set_participants(map(member, names), HARBOUR.id)
        with stage.store.batch():
            for name in names:
                stage.store.update_user_status(key_of(name), True)
        assert len(stage.activity) == 1 + 1 + LINES_AT_ONCE
        assert stage.activity[0] == f"{names[-1]} came online"
        assert stage.activity[LINES_AT_ONCE] == "+8 more"


async def test_other_conversations_are_not_listed() -> None:
    async with on_stage() as stage:
        stage.store.set_participants([member("Elsewhere Ed")], LIGHTHOUSE.id)
        before = stage.activity
        await stage.event("Elsewhere Ed", True)
        assert stage.activity == before


async def test_the_same_trouble_is_said_once_and_notices_are_lines() -> None:
    async with on_stage(SMALLEST) as stage:
        for _ in range(3):
            stage.watch.resync(RefreshReport(roster_error=TimedOut("gate.example", 10)))
        stage.watch.noticed.tell(phrase("The gateway says: {said}.", said="slow mode"))
        await stage.settle()
        assert stage.activity[:2] == [
            "The gateway says: slow mode.",
            "gate.example did not answer within 10 s.",
        ]
        assert stage.activity.count("gate.example did not answer within 10 s.") == 1
        # There is room for one line: the newest.
        await until(stage, lambda: "! The gateway says: slow mode." in stage.text)


async def test_a_line_that_is_cut_says_so() -> None:
    async with on_stage(SMALLEST) as stage:
        stage.watch.noticed.tell(phrase("The gateway says: {said}.", said="word " * 30))
        await until(stage, lambda: "The gateway says" in stage.text)
        assert stage.line_with("The gateway says").text.rstrip().endswith("…")


async def test_a_roster_over_the_bound_is_said_with_the_figures() -> None:
    async with on_stage() as stage:
        stage.watch.resync(RefreshReport(participants=24, total=250, left_out=3))
        await stage.settle()
        assert stage.activity[0] == "24 participants read · 0 corrected · max_roster allows no more"
        assert "24 of 250 participants" in stage.lines()[0].text
