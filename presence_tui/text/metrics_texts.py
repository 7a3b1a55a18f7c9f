"""Figures of a running service as sentences: each with its unit and what it excludes."""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

from presence_tui.domain.enums import Outcome
from presence_tui.metrics.durations import DurationSummary
from presence_tui.metrics.reading import MetricsReading, Traffic
from presence_tui.monitor.event_counters import OTHER
from presence_tui.text.language import NO_BREAK, Language
from presence_tui.text.link_texts import clock_text, ending_word, endings_text, short_span

_BARS: Final = "▁▂▃▄▅▆▇"


class Figure(NamedTuple):
    """One line of figures."""

    name: str
    value: str
    remark: str = ""
    """What is excluded, or how exact it is; may be empty."""


def figures(reading: MetricsReading, language: Language) -> Iterator[Figure]:
    """All figures, the most asked for first."""
    yield from _durations(reading, language)
    clock = reading.clock
    skew = clock_text(clock.skew_s, clock.error_s, clock.bounded_by, language)
    yield Figure(language.say("Clock skew"), skew, language.say("the gateway's clock minus ours"))
    yield from _link(reading, language)
    yield from _events(reading, language)
    yield from _rest(reading, language)


def duration_text(summary: DurationSummary, language: Language) -> str:
    """Percentiles and the maximum of durations."""
    if not summary.count:
        return "—"
    return language.say(
        "p50 {p50} · p99 {p99} · p99.9 {p999} · max {most}",
        p50=short_span(summary.p50_s, language),
        p99=short_span(summary.p99_s, language),
        p999=short_span(summary.p999_s, language),
        most=short_span(summary.max_s, language),
    )


def histogram_text(summary: DurationSummary, language: Language) -> str:
    """A bar for each bucket, then the share of each that is not empty; without a duration, nothing."""
    if not summary.count:
        return ""
    most = max(bucket.count for bucket in summary.histogram)
    bars = "".join(_bar(bucket.count / most) for bucket in summary.histogram)
    longest_bound = max(bucket.le for bucket in summary.histogram if bucket.le is not None)
    shares = [
        f"{_bound(bucket.le, longest_bound, language)} {_percent(bucket.count / summary.count, language)}"
        for bucket in summary.histogram
        if bucket.count
    ]
    # No line ends within a share.
    return f"{bars}  {' · '.join(share.replace(' ', NO_BREAK) for share in shares)}"


def _bar(share: float) -> str:
    """The lowest of all is that of an empty bucket."""
    return _BARS[math.ceil(share * (len(_BARS) - 1))]


def _bound(le_s: float | None, longest_s: float, language: Language) -> str:
    return f"> {short_span(longest_s, language)}" if le_s is None else f"≤ {short_span(le_s, language)}"


def _percent(share: float, language: Language) -> str:
    return language.number(share, ".0%") if share >= 0.01 else f"< {language.number(0.01, '.0%')}"


def _durations(reading: MetricsReading, language: Language) -> Iterator[Figure]:
    """Each with its histogram below it."""
    durations = reading.durations
    recorded = (
        durations.gateway_to_receipt,
        durations.receipt_to_store,
        durations.store_to_paint,
        durations.rest_round_trip,
        durations.ping_round_trip,
    )
    for figure, summary in zip(_percentiles(reading, language), recorded, strict=True):
        yield figure
        if text := histogram_text(summary, language):
            yield Figure("", text)


def _percentiles(reading: MetricsReading, language: Language) -> Iterator[Figure]:
    say, durations, clock = language.say, reading.durations, reading.clock
    error = "—" if clock.error_s is None else short_span(clock.error_s, language)
    arrival = durations.gateway_to_receipt
    yield Figure(
        say("Gateway to receipt"),
        duration_text(arrival, language),
        say("events with an emission time: {n:,}; exact to ± {error}", n=arrival.count, error=error),
    )
    stored = durations.receipt_to_store
    yield Figure(
        say("Receipt to store"),
        duration_text(stored, language),
        say("status events: {n:,}; without decoding and the wait for a frame", n=stored.count),
    )
    painted = durations.store_to_paint
    yield Figure(
        say("Store to paint"),
        duration_text(painted, language),
        say("frames: {n:,}; without what the terminal takes", n=painted.count),
    )
    requests = durations.rest_round_trip
    yield Figure(
        say("REST round trip"),
        duration_text(requests, language),
        say(
            "answers: {n:,}; failures left out: {failed:,}",
            n=requests.count,
            failed=sum(requests.failures.values()),
        ),
    )
    pings = durations.ping_round_trip
    yield Figure(
        say("Ping round trip"),
        duration_text(pings, language),
        say(
            "WebSocket pings of ours, or POSTs while polling: {n:,}; unanswered ones left out: {failed:,}",
            n=pings.count,
            failed=sum(pings.failures.values()),
        ),
    )


def _link(reading: MetricsReading, language: Language) -> Iterator[Figure]:
    say, link = language.say, reading.link
    share = "—" if link.availability is None else language.number(link.availability, ".3%")
    yield Figure(
        say("Available"),
        share,
        say(
            "live {live:,.0f} s, gaps {gaps:,.0f} s; since it was live first",
            live=link.live_s,
            gaps=link.gaps_s,
        ),
    )
    yield Figure(say("Gaps"), language.number(link.gaps), endings_text(link.ends, len(link.ends), language))
    yield Figure(say("Reconnects"), language.number(link.reconnects))
    recoveries = reading.recoveries
    yield Figure(
        say("Recoveries"),
        language.number(recoveries.recovered),
        say(
            "refused {refused:,} · events sent again {n:,}",
            refused=recoveries.refused,
            n=recoveries.replayed,
        ),
    )
    intervals, lateness = reading.durations.ping_interval, reading.durations.ping_lateness
    yield Figure(
        say("Pings"),
        language.number(reading.events.pings),
        say(
            "of the gateway; late by p99 {late}, longest interval {most}",
            late=short_span(lateness.p99_s, language),
            most=short_span(intervals.max_s, language),
        ),
    )
    if link.silence_limit_s is not None:
        yield Figure(
            say("Ghost bound"),
            f"{link.silence_limit_s:.0f} s",
            say("a dead peer may stay online so long"),
        )


def _events(reading: MetricsReading, language: Language) -> Iterator[Figure]:
    say, events, seconds = language.say, reading.events, max(reading.seconds, 0.001)
    yield Figure(
        say("Events"),
        language.number(events.received),
        say("{rate} a second", rate=language.number(events.received / seconds, ",.1f")),
    )
    verdicts = {outcome_word(Outcome(name), language): count for name, count in events.verdicts.items()}
    yield Figure(say("Verdicts"), _counts(verdicts, language) or "—", say("they add up to the events"))
    size = sum(traffic.bytes for traffic in events.names.values())
    yield Figure(
        say("Bytes of events"),
        _bytes(size, language),
        say("{rate} a second", rate=_bytes(int(size / seconds), language)),
    )
    for name, traffic in sorted(events.names.items(), key=_most_first):
        shown = say("other") if name == OTHER else name
        yield Figure(f"  {shown}", language.number(traffic.count), _bytes(traffic.bytes, language))


def _rest(reading: MetricsReading, language: Language) -> Iterator[Figure]:
    say, requests, updates = language.say, reading.requests, reading.updates
    left = "—" if requests.budget_left is None else language.number(requests.budget_left)
    limit = "—" if requests.budget_limit is None else language.number(requests.budget_limit)
    yield Figure(
        say("Requests"),
        language.number(requests.sent),
        say("{left} of {limit} a minute left, says the gateway", left=left, limit=limit),
    )
    if requests.failures:
        kinds = {ending_word(kind, language): count for kind, count in requests.failures.items()}
        failed = language.number(sum(requests.failures.values()))
        yield Figure(say("Failed requests"), failed, _counts(kinds, language))
    yield Figure(
        say("Merged updates"),
        language.number(updates.merged),
        say("of {n:,}; told together with a newer one", n=updates.updates),
    )
    yield Figure(
        say("Skipped frames"), language.number(updates.skipped_frames), say("while the terminal was behind")
    )
    memory = reading.memory
    yield Figure(
        say("Memory"),
        _bytes(memory.resident_bytes, language),
        say("peak {most}", most=_bytes(memory.peak_bytes, language)),
    )


def outcome_word(outcome: Outcome, language: Language) -> str:
    """What became of an event."""
    say = language.say
    match outcome:
        case Outcome.APPLIED:
            return say("applied")
        case Outcome.DUPLICATE:
            return say("duplicate")
        case Outcome.LATE:
            return say("late")
        case Outcome.MALFORMED:
            return say("malformed")
        case Outcome.UNKNOWN:
            return say("unknown event")
        case Outcome.REFUSED:
            return say("refused")


def _most_first(named: tuple[str, Traffic]) -> tuple[int, str]:
    return -named[1].count, named[0]


def _counts(counts: dict[str, int], language: Language) -> str:
    return " · ".join(f"{name} {language.number(count)}" for name, count in counts.items() if count)


def _bytes(count: int, language: Language) -> str:
    say = language.say
    if count >= 2**30:
        return say("{n:.1f} GiB", n=count / 2**30)
    if count >= 2**20:
        return say("{n:.1f} MiB", n=count / 2**20)
    return say("{n:.1f} KiB", n=count / 2**10) if count >= 2**10 else say("{n} B", n=count)
