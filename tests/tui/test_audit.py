"""The audit on the screen: progress, cancelling, and the list of findings."""

import pytest
from textual.widgets import OptionList

from presence_tui.audit.findings import AuditReport, FindingKind
from presence_tui.domain.enums import Source
from presence_tui.monitor.roster_refresh import Progress
from presence_tui.text.audit_texts import finding_word
from presence_tui.text.language import Language
from presence_tui.transport.errors import RateLimited
from presence_tui.tui.glyphs import ASCII
from presence_tui.tui.screens.participant_lists import FindingsDialog
from presence_tui.tui.screens.watch_screen import WatchScreen
from tests.tui.app_harness import WIDE, AppHarness, every_size, key_of, running_app
from tests.tui.audit_reports import departures, every_kind, ghost, report_of, show_findings
from tests.tui.test_tiny import TINY


def is_listed(harness: AppHarness) -> bool:
    return isinstance(harness.app.screen, FindingsDialog)


async def test_a_finding_has_a_word_three_answers_and_a_cause() -> None:
    async with running_app(WIDE) as harness:
        await show_findings(harness, report_of(harness))
        assert "● ghost online · Ada Okafor" in harness.said
        assert "socket online · runtime offline · rule online · told 3 min ago" in harness.said
        assert "The event of the departure was lost or never sent" in harness.said
        assert "23 of 23 others checked, 1 finding, 3 requests, 2.0 s" in harness.said
        assert "audit" not in harness.lines()[0].text, "the title behind it says that it is over"
        assert "enter goes there · esc closes" in harness.said


async def test_enter_goes_to_the_participant() -> None:
    async with running_app(WIDE) as harness:
        await show_findings(harness, report_of(harness, ghost(harness), ghost(harness, "Rosa Lind")))
        await harness.press("down", "enter")
        assert isinstance(harness.app.screen, WatchScreen)
        assert harness.selected == "Rosa Lind"


async def test_ages_of_findings_follow_the_time_and_the_cursor_stays() -> None:
    async with running_app(WIDE) as harness:
        await show_findings(harness, report_of(harness, ghost(harness), ghost(harness, "Rosa Lind")))
        await harness.press("down")
        assert "told 3 min ago" in harness.said
        await harness.wait(120)
        assert "told 5 min ago" in harness.said and "told 3 min ago" not in harness.said
        await harness.press("enter")
        assert harness.selected == "Rosa Lind"


async def test_from_another_view_it_goes_to_the_participants() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("2")
        await show_findings(harness, report_of(harness))
        await harness.press("enter")
        assert harness.lines()[0].text.startswith(" Harbour crew")
        assert harness.selected == "Ada Okafor"


async def test_a_finding_about_many_lists_them() -> None:
    async with running_app(WIDE) as harness:
        await show_findings(harness, report_of(harness, departures("Ada Okafor", "Bo Chen")))
        assert "! departures unannounced" in harness.said
        await harness.press("down", "enter")
        assert harness.selected == "Bo Chen", "the finding itself leads nowhere"


@pytest.mark.parametrize("key", ["escape", "q", "a"])
async def test_it_is_closed_by_its_keys(key: str) -> None:
    async with running_app(WIDE) as harness:
        await show_findings(harness)
        await harness.press(key)
        assert not is_listed(harness)
        assert harness.monitor.auditor.passes == 1


async def test_progress_is_in_the_title_and_esc_cancels() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("a")
        assert "audit…" in harness.lines()[0].text
        harness.monitor.auditor.progress(Progress(Source.RUNTIME, 50, 120))
        await harness.settle()
        assert "audit 50/120" in harness.lines()[0].text
        await harness.press("a")
        assert harness.monitor.auditor.passes == 1, "one at a time"
        await harness.press("escape")
        assert harness.monitor.auditor.was_cancelled
        assert harness.toasts[-1] == "Audit cancelled; nothing was changed."
        assert "audit" not in harness.lines()[0].text


async def test_nothing_found_is_said_and_opens_nothing() -> None:
    async with running_app(WIDE) as harness:
        await show_findings(harness, AuditReport(0.0, 23, 23, requests=3, seconds=1.1))
        assert harness.toasts[-1] == "23 of 23 others checked, 0 findings, 3 requests, 1.1 s"
        assert not is_listed(harness)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (AuditReport(0.0, was_interrupted=True), "The link was not live all the time"),
        (AuditReport(0.0, has_no_runtime=True), "does not tell this account who has a socket"),
        (AuditReport(0.0, is_distrusted=True), "has just started"),
        (AuditReport(0.0, error=RateLimited(300)), "asks for a pause of 300 s"),
    ],
)
async def test_why_nothing_was_compared_is_said(report: AuditReport, words: str) -> None:
    async with running_app(WIDE) as harness:
        await show_findings(harness, report)
        assert words in harness.toasts[-1]
        assert not is_listed(harness)


async def test_findings_wait_while_a_dialog_is_open() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("a", "question_mark")
        harness.monitor.auditor.answer(report_of(harness))
        await harness.settle()
        assert not is_listed(harness)
        assert "the audit key lists them" in harness.toasts[-1]
        await harness.press("escape", "a")
        assert is_listed(harness)
        assert harness.monitor.auditor.passes == 1
        await harness.press("escape", "a")
        assert harness.monitor.auditor.passes == 2


async def test_before_the_monitor_runs_there_is_nothing_to_compare() -> None:
    async with running_app(WIDE, live=False) as harness:
        await show_findings(harness, AuditReport(0.0, was_interrupted=True))
        assert not is_listed(harness)


async def test_somebody_who_left_meanwhile_is_named_by_the_key() -> None:
    async with running_app(WIDE) as harness:
        await show_findings(harness, report_of(harness, departures("Nobody Here")))
        assert key_of("Nobody Here") in harness.said


async def test_more_than_anybody_reads_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("presence_tui.tui.screens.participant_lists.MOST_FINDINGS", 2)
    async with running_app(WIDE) as harness:
        await show_findings(harness, report_of(harness, *[ghost(harness)] * 5))
        assert harness.app.screen.query_one(OptionList).option_count == 3
        assert "3 more · 23 of 23 others checked, 5 findings" in harness.said


@pytest.mark.parametrize("code", ["en", "fr"])
@every_size
async def test_every_finding_can_be_read_at_every_size(size: tuple[int, int], code: str) -> None:
    async with running_app(size, language=code) as harness:
        await show_findings(harness)
        seen = ""
        for _ in range(3 * len(FindingKind)):
            seen += " ".join(line.strip("│ ") for line in harness.said.splitlines())
            await harness.press("pagedown")
        for kind in FindingKind:
            assert finding_word(kind, Language(code)) in seen, kind


async def test_it_survives_a_terminal_of_a_few_columns() -> None:
    async with running_app(WIDE) as harness:
        await show_findings(harness)
        for size in TINY:
            await harness.resize(*size)
        await harness.resize(*WIDE)
        assert "ghost online · Ada Okafor" in harness.said


async def test_ascii_marks_are_ascii() -> None:
    async with running_app(WIDE, glyphs=ASCII) as harness:
        await show_findings(harness, report_of(harness, *every_kind(harness).findings))
        dialog = harness.app.screen.query_one("#findings")
        text = "".join(line.text for line in harness.lines_of(dialog))
        assert text.replace("·", ".").isascii()
