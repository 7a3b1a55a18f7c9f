"""``flaps``: who returns again and again, how often, in which rhythm and why; live or from the history."""

import sys
from collections.abc import Callable, Iterable
from typing import Annotated

import msgspec

from presence_tui.cli.configuration import Settings
from presence_tui.cli.current_service import record
from presence_tui.cli.history_command import recorded, say_nothing_recorded
from presence_tui.cli.json_lines import Layout, Number, Seconds, Time, parse_layout
from presence_tui.cli.language_option import language_in_use, say
from presence_tui.cli.output import cell_text, print_sentence, print_table
from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, State
from presence_tui.flaps.recorder import FlapRecorder
from presence_tui.flaps.report import FlapCause, FlapReport, ParticipantFlaps, Pings, Wave
from presence_tui.history.timeline import Account, ChangeLine, LinkLine, TimelineLine
from presence_tui.monitor.link import LinkState
from presence_tui.service.service import PresenceService
from presence_tui.store.clock import SystemClock
from presence_tui.text.flaps_texts import cause_text, flap_span, summary, wave_text
from presence_tui.text.language import Language
from presence_tui.wire.profiles import MEESHY_2026
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text
from presence_tui.wire.timestamps import wire_from_seconds

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]

NameOf = Callable[[str], str]


class FlapLine(msgspec.Struct, kw_only=True):
    """One participant who returned within the window."""

    at: Time
    kind: str = "flap"
    user_id: str
    name: str
    returns: Number
    score: Seconds
    shortest_stay_s: Seconds | None
    median_stay_s: Seconds | None
    median_away_s: Seconds
    last_return_at: Time
    cause: FlapCause
    confidence: Share


class WaveLine(msgspec.Struct, kw_only=True):
    """Many at once."""

    at: Time
    kind: str = "wave"
    cause: FlapCause
    participants: Number


class FlapsLine(msgspec.Struct, kw_only=True):
    """The end: everybody together."""

    at: Time
    kind: str = "flaps"
    gateway: str
    since: Time
    participants: Number
    returns: Number
    score: Seconds
    shortest_stay_s: Seconds | None
    median_stay_s: Seconds | None
    cause: FlapCause | None
    confidence: Share | None
    causes: dict[str, Number]
    waves: Number
    forgotten: Number


def show(settings: Settings, layout: str, duration_s: float | None) -> None:
    """Record until the time is over or ctrl+c, then print. Raises ``CliError``."""
    chosen = parse_layout(layout)

    def write(service: PresenceService) -> None:
        if service.flaps is not None:
            participants = service.store.participants
            report = service.flaps.read(service.state)
            names = {each.key: participants[each.key].shown_name for each in report.people}
            _write(report, chosen, service.state.gateway, names.__getitem__)

    record(settings, duration_s, write)


def show_recorded(settings: Settings, layout: str, since: str) -> None:
    """Print the flaps of the history. Raises ``CliError``."""
    chosen, histories = parse_layout(layout), dict[Account, _History]()
    with recorded(settings, since) as lines:
        for line in lines:
            if line.account not in histories:
                histories[line.account] = _History(line.at_s)
            histories[line.account].add(line)
    if not histories:
        say_nothing_recorded(settings, since)
    for account, history in histories.items():
        gateway = safe_text(account.gateway, MESSAGE_CELLS)
        if chosen is not Layout.JSON and len(histories) > 1:
            print_sentence(" · ".join(filter(None, (gateway, account.key))))
        _write(history.report(), chosen, gateway, history.name_of)


class _History:
    """The flaps of one account."""

    def __init__(self, since_s: float) -> None:
        self._recorder = FlapRecorder(since_s)
        self._names: dict[str, str] = {}

    def add(self, line: TimelineLine) -> None:
        match line:
            case LinkLine(at_s, _, LinkState.LIVE):
                self._recorder.reconnected(at_s)
            case ChangeLine() if (change := _change(line)) is not None:
                self._names[line.key] = line.name or line.handle or line.key
                self._recorder.add([change])

    def name_of(self, key: str) -> str:
        return self._names[key]

    def report(self) -> FlapReport:
        # The history does not tell which version a gateway spoke.
        pings = Pings(MEESHY_2026.ping_interval_s, MEESHY_2026.ping_timeout_s)
        return self._recorder.report(SystemClock().stamp().wall_s, pings)


def _change(line: ChangeLine) -> Change | None:
    """The recorded change, as far as flaps need it; ``None`` for an unknown cause."""
    if line.cause not in set(Cause):
        return None
    return Change(
        at_s=line.at_s,
        cause=Cause(line.cause),
        key=line.key,
        name=line.name,
        before=State.UNKNOWN,
        after=State.UNKNOWN,
        flag_before=line.flag_before,
        flag=line.flag,
        last_active_s=line.last_active_s,
        source=None,
        epoch=line.epoch,
        held_s=line.held_s,
    )


def flap_line(flaps: ParticipantFlaps, name: str, at_s: float) -> FlapLine:
    """The JSON line of a participant."""
    return FlapLine(
        at=wire_from_seconds(at_s),
        user_id=flaps.key,
        name=name,
        returns=flaps.returns,
        score=round(flaps.score, 3),
        shortest_stay_s=_rounded(flaps.shortest_stay_s),
        median_stay_s=_rounded(flaps.median_stay_s),
        median_away_s=round(flaps.median_away_s, 3),
        last_return_at=wire_from_seconds(flaps.last_s),
        cause=flaps.cause,
        confidence=round(flaps.confidence, 3),
    )


def wave_line(wave: Wave) -> WaveLine:
    """The JSON line of a wave; ``at`` is its beginning."""
    return WaveLine(at=wire_from_seconds(wave.at_s), cause=wave.cause, participants=wave.people)


def flaps_line(report: FlapReport, gateway: str) -> FlapsLine:
    """The JSON line of everybody."""
    cause, confidence = report.likely_cause or (None, None)
    return FlapsLine(
        at=wire_from_seconds(report.at_s),
        gateway=gateway,
        since=wire_from_seconds(report.since_s),
        participants=len(report.people),
        returns=report.returns,
        score=round(report.score, 3),
        shortest_stay_s=_rounded(report.shortest_stay_s),
        median_stay_s=_rounded(report.median_stay_s),
        cause=cause,
        confidence=_rounded(confidence),
        causes={each.value: number for each, number in report.causes.items()},
        waves=len(report.waves),
        forgotten=report.forgotten,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _write(report: FlapReport, layout: Layout, gateway: str, name_of: NameOf) -> None:
    if layout is Layout.JSON:
        _write_lines(flap_line(each, name_of(each.key), report.at_s) for each in report.people)
        _write_lines(map(wave_line, report.waves))
        _write_lines([flaps_line(report, gateway)])
        return
    language = Language(language_in_use())
    if report.people:
        _print_table(report, name_of, language)
    for wave in report.waves:
        print(wave_text(wave, report.at_s, language))
    sys.stdout.flush()
    print_sentence(f"{summary(report, language)}.")


def _write_lines(lines: Iterable[FlapLine | WaveLine | FlapsLine]) -> None:
    for line in lines:
        sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


def _print_table(report: FlapReport, name_of: NameOf, language: Language) -> None:
    from rich.table import Table

    table = Table()
    headings = (
        say("name"),
        say("returns"),
        say("score"),
        say("shortest stay"),
        say("median stay"),
        say("median absence"),
        say("likely cause"),
    )
    for heading in headings:
        table.add_column(heading)
    for each in report.people:
        row = (
            name_of(each.key),
            language.number(each.returns),
            language.number(each.score, ".1f"),
            flap_span(each.shortest_stay_s, language),
            flap_span(each.median_stay_s, language),
            flap_span(each.median_away_s, language),
            cause_text(each.cause, each.confidence, language),
        )
        table.add_row(*map(cell_text, row))
    print_table(table)
