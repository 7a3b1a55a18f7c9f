"""``audit``: compares what the socket told, what the gateway's runtime says, and what the rule derives."""

import asyncio
import re
import sys
from typing import Final, Literal

import msgspec

from presence_tui.audit.audit_pass import kinds_of
from presence_tui.audit.findings import AuditReport, Finding, FindingKind, Runtime
from presence_tui.cli.configuration import Settings
from presence_tui.cli.current_service import CurrentService, run_with_service
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.headless import cli_error_for, say_error
from presence_tui.cli.json_lines import Layout, Number, Seconds, Time, parse_layout
from presence_tui.cli.language_option import language_in_use, say, say_phrase, say_raw
from presence_tui.cli.output import cell_text, print_sentence, print_table
from presence_tui.domain.enums import State
from presence_tui.service.events import RefreshProgressed, ServiceEvent
from presence_tui.text.audit_texts import flag_word, remarks, runtime_word, summary
from presence_tui.text.language import Language
from presence_tui.wire.sanitize import safe_text
from presence_tui.wire.timestamps import wire_from_seconds

MOST_ATTEMPTS: Final = 3
"""Passes begun for one result, if the connection ends meanwhile."""

LEAST_EVERY_S: Final = 5.0
"""Least time between passes: the request budget is shared."""

NARRATED: Final = 500
"""From so many participants on, a pass takes long enough to tell its progress."""

_SPAN: Final = re.compile(r"(\d{1,6})\s*(s|min|h)?")
_SECONDS: Final = {None: 1, "s": 1, "min": 60, "h": 3_600}


class FindingLine(msgspec.Struct, kw_only=True):
    """One finding. About the whole conversation, ``user_id`` and what follows are null."""

    at: Time
    kind: str = "finding"
    finding: FindingKind
    user_id: str | None
    name: str | None
    socket: Literal["online", "offline"] | None
    """What the socket told: online, offline, or null for nothing."""
    runtime: Runtime | None
    """What the runtime says: online, offline, omitted or contradicting."""
    rule: State | None
    """The state that the rule in force derives."""
    evidence_at: Time | None
    confirmed: bool = True
    """True: a difference that was not confirmed is no finding."""
    cause: str


class AuditLine(msgspec.Struct, kw_only=True):
    """The end of a pass."""

    at: Time
    kind: str = "audit"
    participants: Number
    checked: Number
    findings: dict[str, Number]
    requests: Number
    seconds: Seconds


def show(settings: Settings, layout: str, every: str | None, fail_on: str) -> None:
    """Run one pass, or one after another. Raises ``CliError``."""
    audit = _Audit(parse_layout(layout), _every_s(every), _kinds(fail_on))
    run_with_service(settings, audit.run)


class _Audit:
    """Passes, and what is written of them."""

    def __init__(self, layout: Layout, every_s: float | None, fails_on: frozenset[FindingKind]) -> None:
        self._layout = layout
        self._every_s = every_s
        self._fails_on = fails_on

    async def run(self, current: CurrentService) -> None:
        """Run one pass, or passes until one finds what fails. Raises ``CliError``."""
        current.service.events.subscribe(_narrate_progress)
        while True:
            report = await self._pass(current)
            if report is not None:
                self._write(report)
                self._check(report)
            if self._every_s is None:
                return
            await asyncio.sleep(self._every_s)

    async def _pass(self, current: CurrentService) -> AuditReport | None:
        for _ in range(MOST_ATTEMPTS):
            await current.until_current(fails_early=self._every_s is None)
            report = await current.service.audit()
            if report is not None and report.error is not None:
                if self._every_s is None:
                    raise cli_error_for(report.error)
                print_sentence(say_error(report.error))
                return None
            if report is not None and not report.was_interrupted:
                return report
        if self._every_s is None:
            raise CliError(say("The connection ended during the audit."), ExitCode.FAILED)
        return None

    def _write(self, report: AuditReport) -> None:
        if self._layout is Layout.JSON:
            for finding in report.findings:
                _write_line(finding_line(finding, report.at_s))
            _write_line(audit_line(report))
        elif report.findings:
            _print_table(report.findings)
        language = Language(language_in_use())
        for sentence in remarks(report, language):
            print_sentence(sentence)
        if self._layout is Layout.TABLE:
            print_sentence(f"{summary(report, language)}.")
        sys.stdout.flush()

    def _check(self, report: AuditReport) -> None:
        """Raise ``CliError`` if something was found that fails, or if one pass could check nobody."""
        if matching := [finding for finding in report.findings if finding.matches(self._fails_on)]:
            kinds = ", ".join(dict.fromkeys(finding.kind for finding in matching))
            raise CliError(say("Found: {kinds}.", kinds=kinds), ExitCode.NOT_HELD)
        if self._every_s is None and report.participants and not report.checked:
            raise CliError(say("Nobody could be checked."), ExitCode.FAILED)


def finding_line(finding: Finding, at_s: float) -> FindingLine:
    """The JSON line of a finding; sentences are English."""
    return FindingLine(
        at=wire_from_seconds(at_s),
        finding=finding.kind,
        user_id=finding.key or None,
        name=finding.name if finding.key else None,
        socket=None if finding.flag is None else "online" if finding.flag else "offline",
        runtime=finding.runtime,
        rule=finding.state,
        evidence_at=None if finding.evidence_s is None else wire_from_seconds(finding.evidence_s),
        cause=str(finding.cause),
    )


def audit_line(report: AuditReport) -> AuditLine:
    """The JSON line of a pass."""
    return AuditLine(
        at=wire_from_seconds(report.at_s),
        participants=report.participants,
        checked=report.checked,
        findings={kind.value: number for kind, number in report.counts.items()},
        requests=report.requests,
        seconds=round(report.seconds, 3),
    )


def _every_s(text: str | None) -> float | None:
    if text is None:
        return None
    span = _SPAN.fullmatch(text.strip())
    seconds = int(span[1]) * _SECONDS[span[2]] if span else 0
    if seconds < LEAST_EVERY_S:
        raise CliError(
            say(
                "{text!r} is no time between passes: write 30s, 5min or 1h, and 5s at least.",
                text=safe_text(text),
            ),
            ExitCode.USAGE,
        )
    return seconds


def _kinds(text: str) -> frozenset[FindingKind]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    try:
        return kinds_of(names)
    except ValueError as problem:
        raise CliError(
            say(
                "There is no such finding in {text!r}; choose any, or some of {known}.",
                text=safe_text(text),
                known=", ".join(FindingKind),
            ),
            ExitCode.USAGE,
        ) from problem


def _write_line(line: FindingLine | AuditLine) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


def _narrate_progress(event: ServiceEvent) -> None:
    match event:
        case RefreshProgressed(progress) if progress.total >= NARRATED and sys.stderr.isatty():
            end = "\n" if progress.done >= progress.total else "\r"
            text = say("asked about {done:,} of {total:,}", done=progress.done, total=progress.total)
            print(text, end=end, file=sys.stderr, flush=True)


def _print_table(findings: list[Finding]) -> None:
    from rich.table import Table

    language, table = Language(language_in_use()), Table()
    for heading in (say("finding"), say("name"), say("socket"), say("runtime"), say("rule"), say("cause")):
        table.add_column(heading)
    for finding in findings:
        words = (
            flag_word(finding.flag, language),
            runtime_word(finding.runtime, language),
            say_raw(finding.state) if finding.state else "—",
        )
        table.add_row(*map(cell_text, (finding.kind, finding.name or "—", *words, say_phrase(finding.cause))))
    print_table(table)
