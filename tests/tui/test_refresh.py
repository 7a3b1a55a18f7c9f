"""Refresh by ``r``: a reading by REST."""

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Source, State
from presence_tui.monitor.roster_refresh import Progress, RefreshReport
from presence_tui.text.language import Language
from presence_tui.text.plain_reporter import PlainReporter
from presence_tui.text.wording import Wording
from presence_tui.transport.errors import AccessDenied, RateLimited, TimedOut
from presence_tui.tui.controllers.refresh import COOLDOWN_S
from presence_tui.wire.messages import PresenceRow
from tests.tui.app_harness import (
    HARBOUR,
    OFFLINE_NAMES,
    ONLINE_NAMES,
    SMALLEST,
    USUAL,
    WIDE,
    AppHarness,
    key_of,
    running_app,
)
from tests.tui.test_panels import names_in


def correction(key: str) -> Change:
    return Change(
        1.0, Cause.RECONCILED, key, key, State.ONLINE, State.OFFLINE, True, False, None, Source.RUNTIME, 4
    )


def read(participants: int = 24, corrected: int = 0) -> RefreshReport:
    return RefreshReport(
        participants=participants, changes=[correction(f"u-{place}") for place in range(corrected)]
    )


async def finish(harness: AppHarness, report: RefreshReport) -> None:
    harness.monitor.answer_refresh(report)
    await harness.settle()


async def test_r_asks_once_and_says_what_it_corrected() -> None:
    async with running_app() as harness:
        await harness.press("r")
        assert harness.monitor.refreshes == 1
        await harness.press("r")
        assert harness.monitor.refreshes == 1
        assert harness.toasts[-1].startswith("Already reading")
        await finish(harness, read(corrected=3))
        assert harness.toasts[-1] == "24 participants read · 3 corrected"
        assert "24 participants read · 3 corrected" in harness.text
        harness.clock.advance(COOLDOWN_S)
        await harness.press("r")
        assert harness.monitor.refreshes == 2
        await finish(harness, read(1))
        assert harness.toasts[-1] == "1 participant read"


async def test_whom_the_gateway_said_nothing_of_is_counted_in_the_result() -> None:
    """It answered 5 of 24 ids; or it has just booted and knows nobody."""
    async with running_app() as harness:
        await harness.press("r")
        report = read(corrected=8)
        report.unconfirmed = 16
        await finish(harness, report)
        assert harness.toasts[-1] == "24 participants read · 8 corrected · 16 not confirmed"
        harness.clock.advance(COOLDOWN_S)
        await harness.press("r")
        report = read()
        report.unconfirmed, report.runtime_has_just_booted = 24, True
        await finish(harness, report)
        assert harness.toasts[-1] == (
            "24 participants read · 24 not confirmed · "
            "the gateway has just started, so its states are not taken yet"
        )


async def test_twelve_presses_are_one_refresh_and_one_sentence() -> None:
    """They left ghosts on the title and the panels."""
    async with running_app() as harness:
        await harness.press("r")
        await finish(harness, read())
        await harness.press(*["r"] * 11)
        assert harness.monitor.refreshes == 1
        assert harness.toasts == ["This was read a moment ago."]
        harness.clock.advance(COOLDOWN_S)
        await harness.press("r")
        assert harness.monitor.refreshes == 2


async def test_a_failure_takes_the_place_of_the_one_before_and_no_remark_does() -> None:
    async with running_app() as harness:
        for _ in range(3):
            await harness.press("r")
            await finish(harness, RefreshReport(roster_error=TimedOut("gate.example", 10)))
            await harness.press("r")
            failure, remark = harness.toasts
            assert "did not answer" in failure
            assert remark == "This was read a moment ago."
            harness.clock.advance(COOLDOWN_S)


async def test_progress_is_shown_even_where_there_is_little_room_and_gone_afterwards() -> None:
    async with running_app(SMALLEST) as harness:
        await harness.press("r")
        harness.monitor.progress(Progress(Source.ROSTER, 100, 240))
        await harness.settle()
        assert "roster 100/240" in harness.lines()[0].text
        harness.monitor.progress(Progress(Source.RUNTIME, 7, 0))
        await harness.settle()
        assert "states 7" in harness.lines()[0].text
        await finish(harness, read())
        assert "states" not in harness.lines()[0].text


async def test_esc_cancels_and_keeps_what_was_shown() -> None:
    async with running_app() as harness:
        await harness.press("r")
        harness.monitor.progress(Progress(Source.ROSTER, 1, 2))
        await harness.press("escape")
        assert harness.monitor.refresh_cancelled
        assert not harness.monitor.is_refreshing
        assert harness.toasts == ["Refresh cancelled; what it had read is kept."]
        assert "roster" not in harness.lines()[0].text
        assert "Online (8)" in harness.text
        await harness.press("r")
        assert harness.monitor.refreshes == 2


async def test_esc_cancels_the_refresh_before_it_clears_the_filter() -> None:
    async with running_app() as harness:
        await harness.press("slash", "b", "o", "enter", "r", "escape")
        assert harness.monitor.refresh_cancelled
        assert harness.title_of(harness.online).startswith("Online (8) · 1 ")
        await harness.press("escape")
        assert harness.title_of(harness.online) == "Online (8)"


FAILURES = (
    (TimedOut("gate.example", 10), "gate.example did not answer within 10 s.", "it will be tried again."),
    (RateLimited(31.4), "The gateway asks for a pause of 31 s.", "try again then."),
    (AccessDenied("no member."), "The gateway refuses this: no member.", "Check the conversation's id"),
)


async def test_a_failure_says_why_and_what_to_do_and_keeps_everything() -> None:
    async with running_app() as harness:
        for error, sentence, advice in FAILURES:
            await harness.press("r")
            await finish(harness, RefreshReport(roster_error=error))
            (said,) = harness.toasts
            assert sentence in said and advice in said
            assert said.endswith("What was shown is kept.")
            assert sentence[:30] in harness.text
            harness.app.clear_notifications()
            harness.clock.advance(COOLDOWN_S)
            await harness.settle()
            assert names_in(harness.rows(harness.online)) == list(ONLINE_NAMES)
        await harness.press("r")
        await finish(harness, RefreshReport(participants=24, runtime_error=RateLimited(5)))
        assert "pause of 5 s" in harness.toasts[-1]


async def test_a_refresh_that_fails_before_anybody_is_known_says_so_in_the_panels() -> None:
    async with running_app(USUAL, crew=False, live=False) as harness:
        await harness.press("r")
        await finish(harness, RefreshReport(roster_error=TimedOut("gate.example", 10)))
        inside = " ".join("".join(row.text for row in harness.rows(harness.online)).split())
        assert "gate.example did not answer within 10 s." in inside
        assert "r asks again." in inside


async def test_only_a_part_read_of_a_large_conversation_is_said_in_the_title() -> None:
    async with running_app() as harness:
        harness.monitor.resync(RefreshReport(participants=24, total=199, total_capped=True))
        await harness.settle()
        assert "8 of 24 listed, 199+ members" in harness.lines()[0].text


async def test_esc_is_not_promised_to_cancel_what_the_watch_reads_by_itself() -> None:
    async with running_app() as harness:
        harness.monitor.is_refreshing = True
        await harness.press("r")
        assert harness.monitor.refreshes == 0
        assert len(harness.toasts) == 1 and "esc" not in harness.toasts[0]


async def test_what_is_corrected_is_one_number_on_the_screen_and_in_plain_text() -> None:
    """Five arrived or left, one is only less active."""
    async with running_app(WIDE) as harness:
        lines: list[str] = []
        plain = PlainReporter(
            harness.store, Wording(Language("en"), harness.store), lines.append, lambda *_: None
        )
        plain.on_conversation(HARBOUR)
        plain.on_resynced(read())
        unsubscribe = harness.store.subscribe(lambda changed: plain.on_changes(changed.changes))
        await harness.press("r")
        now = harness.clock.stamp()
        rows = [PresenceRow(key_of(name), True, now.wall_s) for name in OFFLINE_NAMES[:5]]
        rows.append(PresenceRow(key_of("Hana Sato"), True, now.wall_s - 120))
        report = RefreshReport(
            participants=24, changes=harness.store.apply_answers(rows, Source.RUNTIME, now)
        )
        harness.store.flush()
        unsubscribe()
        await finish(harness, report)
        plain.on_resynced(report)
        assert len(report.changes) == 6
        assert harness.toasts[-1] == "24 participants read · 5 corrected"
        listed = ", ".join(sorted(OFFLINE_NAMES[:5]))
        assert f"corrected: {listed} came" in harness.activity
        assert any(
            "5 corrected (" in line and "1 became active or quiet (Hana Sato)" in line for line in lines
        )
        assert lines[-1].endswith("24 participants read, 5 corrected. 13 of 24 online.")
