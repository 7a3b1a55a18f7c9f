"""``metrics``: where time goes, what arrives and how long the link is live, once or for Prometheus."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from presence_tui.cli.configuration import Settings
from presence_tui.cli.current_service import record
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.json_lines import Layout, Time, parse_layout
from presence_tui.cli.language_option import language_in_use, say
from presence_tui.cli.output import cell_text, print_table
from presence_tui.metrics.reading import (
    ClockReading,
    Durations,
    EventsReading,
    MemoryReading,
    MetricsReading,
    ParticipantsReading,
    RecoveriesReading,
    RequestsReading,
    UpdatesReading,
)
from presence_tui.monitor.link import LinkState
from presence_tui.service.service import PresenceService
from presence_tui.text.language import Language
from presence_tui.text.metrics_texts import figures
from presence_tui.wire.sanitize import safe_text
from presence_tui.wire.timestamps import wire_from_seconds

FOR_PROMETHEUS: Final[Mapping[str, str]] = {"alerts": "alerts.yml", "dashboard": "dashboard.json"}
"""Values of ``--print``, and their files."""

_FOLDER: Final = Path(__file__).parent / "prometheus"


class LinkFigures(msgspec.Struct, kw_only=True):
    """The connection, over all attempts."""

    state: LinkState
    states_s: dict[str, float]
    live_s: float
    gaps: int
    gaps_s: float
    availability: float | None
    reconnects: int
    ends: dict[str, int]
    last_live_at: Time | None
    heard_at: Time | None
    silence_limit_s: float | None


class MetricsLine(msgspec.Struct, kw_only=True):
    """All figures, since the start."""

    at: Time
    kind: str = "metrics"
    seconds: float
    durations: Durations
    clock: ClockReading
    link: LinkFigures
    recoveries: RecoveriesReading
    events: EventsReading
    events_per_s: float
    bytes_per_s: float
    requests: RequestsReading
    updates: UpdatesReading
    participants: ParticipantsReading
    memory: MemoryReading


def show(settings: Settings, layout: str, duration_s: float | None) -> None:
    """Record until the time is over or ctrl+c, then print. Raises ``CliError``."""
    chosen = parse_layout(layout)
    record(settings, duration_s, lambda service: _write(service, chosen))


def print_for_prometheus(name: str) -> None:
    """Print rules or the dashboard. Raises ``CliError`` for anything else."""
    if name not in FOR_PROMETHEUS:
        raise CliError(
            say(
                "There is nothing called {name!r} to print; choose alerts or dashboard.", name=safe_text(name)
            ),
            ExitCode.USAGE,
        )
    print((_FOLDER / FOR_PROMETHEUS[name]).read_text(encoding="utf-8"), end="")


def _write(service: PresenceService, layout: Layout) -> None:
    if service.metrics is None:
        return
    reading = service.metrics.read(service.state)
    if layout is Layout.JSON:
        sys.stdout.buffer.write(msgspec.json.encode(metrics_line(reading)) + b"\n")
        sys.stdout.buffer.flush()
    else:
        _print_table(reading)


def metrics_line(reading: MetricsReading) -> MetricsLine:
    """The JSON line of a reading."""
    link, events = reading.link, reading.events
    received_bytes = events.control.bytes + sum(traffic.bytes for traffic in events.names.values())
    return MetricsLine(
        at=wire_from_seconds(reading.at_s),
        seconds=round(reading.seconds, 3),
        durations=reading.durations,
        clock=reading.clock,
        link=LinkFigures(
            state=LinkState(link.state),
            states_s={state: round(spent_s, 3) for state, spent_s in link.states_s.items()},
            live_s=round(link.live_s, 3),
            gaps=link.gaps,
            gaps_s=round(link.gaps_s, 3),
            availability=link.availability,
            reconnects=link.reconnects,
            ends=link.ends,
            last_live_at=_time(link.last_live_at_s),
            heard_at=_time(link.heard_at_s),
            silence_limit_s=link.silence_limit_s,
        ),
        recoveries=reading.recoveries,
        events=events,
        events_per_s=_rate(events.received, reading.seconds),
        bytes_per_s=_rate(received_bytes, reading.seconds),
        requests=reading.requests,
        updates=reading.updates,
        participants=reading.participants,
        memory=reading.memory,
    )


def _time(at_s: float | None) -> str | None:
    return None if at_s is None else wire_from_seconds(at_s)


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 3) if seconds > 0 else 0.0


def _print_table(reading: MetricsReading) -> None:
    from rich.table import Table

    language, table = Language(language_in_use()), Table()
    for heading in (say("figure"), say("value"), say("remark")):
        table.add_column(heading)
    for row in _rows(reading, language):
        table.add_row(*map(cell_text, row))
    print_table(table)


def _rows(reading: MetricsReading, language: Language) -> Iterator[tuple[str, str, str]]:
    for figure in figures(reading, language):
        yield figure.name, figure.value, figure.remark
