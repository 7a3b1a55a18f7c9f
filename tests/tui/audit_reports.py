"""Reports of audits with one finding of each kind, and their list on the screen."""

from presence_tui.audit.deaf_feed import Deafness
from presence_tui.audit.findings import (
    AuditReport,
    Finding,
    FindingKind,
    Runtime,
    cause_of,
    deaf_feed_cause,
    departures_cause,
)
from presence_tui.domain.enums import Source, State
from tests.tui.app_harness import AppHarness, key_of

OF_MANY = frozenset({FindingKind.DEAF_FEED, FindingKind.DEPARTURES_UNANNOUNCED})


def ghost(
    harness: AppHarness, name: str = "Ada Okafor", kind: FindingKind = FindingKind.GHOST_ONLINE
) -> Finding:
    return Finding(
        kind,
        cause_of(kind, False),
        key=key_of(name),
        name=name,
        flag=True,
        source=Source.EVENT,
        runtime=Runtime.OFFLINE,
        state=State.ONLINE,
        evidence_s=harness.clock.wall_s - 200,
    )


def departures(*names: str) -> Finding:
    return Finding(
        FindingKind.DEPARTURES_UNANNOUNCED,
        departures_cause(names),
        merged=frozenset({FindingKind.GHOST_ONLINE}),
        keys=tuple(map(key_of, names)),
    )


def report_of(harness: AppHarness, *findings: Finding) -> AuditReport:
    """A report with these findings, by default one ghost."""
    found = list(findings) or [ghost(harness)]
    return AuditReport(harness.clock.wall_s, 23, 23, found, requests=3, seconds=2.04)


def every_kind(harness: AppHarness) -> AuditReport:
    """One of each kind."""
    found = [ghost(harness, kind=kind) for kind in FindingKind if kind not in OF_MANY]
    deaf = Finding(FindingKind.DEAF_FEED, deaf_feed_cause(Deafness(20, 4, None), harness.clock.wall_s))
    return report_of(harness, departures("Ada Okafor", "Bo Chen"), deaf, *found)


async def show_findings(harness: AppHarness, report: AuditReport | None = None) -> None:
    """Run an audit that finds this, by default something of each kind."""
    await harness.press("a")
    harness.monitor.auditor.answer(report or every_kind(harness))
    await harness.settle()
