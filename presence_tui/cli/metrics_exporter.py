"""``metrics --listen``: figures for Prometheus, read at the time of each scrape."""

import asyncio
import errno
import importlib.util
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from presence_tui import __version__
from presence_tui.cli.configuration import Settings
from presence_tui.cli.current_service import CurrentService, run_with_service
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.cli.output import print_sentence
from presence_tui.domain.clock_offset import ClockSource
from presence_tui.metrics.durations import DurationSummary
from presence_tui.metrics.reading import MetricsReading
from presence_tui.monitor.link import LinkState
from presence_tui.transport.network_errors import system_reason
from presence_tui.wire.sanitize import safe_text

if TYPE_CHECKING:
    # typing only; comes with the extra "metrics"
    from aiohttp.web import Application
    from prometheus_client.core import Metric

PREFIX: Final = "presence_"

EVENT_GROUPS: Final[Mapping[str, str]] = {
    "user:status": "status",
    "presence:snapshot": "snapshot",
    "typing:": "typing",
    "heartbeat:": "heartbeat",
    "message:": "message",
    "conversation:": "conversation",
    "participant:": "participant",
    "auth": "session",
}
"""Beginning of an event's name to its label: a metric has fewer than ten series."""

OTHER: Final = "other"

REASONS: Final[Mapping[str, str]] = {
    "server disconnect": "server_disconnect",
    "close": "close",
    "fin": "dropped",
    "rst": "dropped",
    "ping time-out": "silence",
    "time-out": "timeout",
    "upgrade time-out": "timeout",
    "refused sign-in": "refused",
    "rate limited": "refused",
    "no such host": "unreachable",
    "port refused": "unreachable",
    "proxy": "unreachable",
    "slept": "slept",
}
"""Kind of an error, or its beginning, to its label."""

_ADDRESS: Final = re.compile(r"(?:(\[[0-9A-Fa-f:.]+]|[^\s:/\[\]]+):)?(\d{1,5})")
_HIGHEST_PORT: Final = 65_535
_SHUTDOWN_S: Final = 1.0

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>presence-tui</title></head>
<body><h1>presence-tui {version}</h1>
<p>Figures for Prometheus: <a href="metrics">metrics</a>.</p></body></html>
"""


def listen(settings: Settings, address: str) -> None:
    """Serve until ctrl+c. Raises ``CliError`` for an address that cannot be used."""
    if importlib.util.find_spec("prometheus_client") is None:
        raise CliError(
            say(
                'metrics --listen needs the extra "metrics", which is not installed: pip install '
                '"presence-tui[metrics]".'
            ),
            ExitCode.FAILED,
        )
    host, port = parse_address(address)

    async def serve(current: CurrentService) -> None:
        await _serve(current, host, port)

    run_with_service(settings, serve)


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``; a port alone is one of this machine. Raises ``CliError``."""
    found = _ADDRESS.fullmatch(text.strip())
    if found is None or int(found[2]) > _HIGHEST_PORT:
        raise CliError(
            say("{text!r} is no address to listen at: write 127.0.0.1:9464.", text=safe_text(text)),
            ExitCode.USAGE,
        )
    return (found[1] or "127.0.0.1").strip("[]"), int(found[2])


async def _serve(current: CurrentService, host: str, port: int) -> None:
    from aiohttp import web

    runner = web.AppRunner(application(current), access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise CliError(_reason(error, host, port), ExitCode.FAILED) from error
        shown_host = f"[{host}]" if ":" in host else host
        address = f"http://{shown_host}:{runner.addresses[0][1]}/metrics"
        print_sentence(say("Figures are at {address} until ctrl+c.", address=address))
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return say("Port {port} of {host} is in use; choose another with --listen.", port=port, host=host)
    reason = safe_text(say_phrase(system_reason(error)))
    return say("Cannot listen at {host}, port {port}: {reason}.", host=host, port=port, reason=reason)


def application(current: CurrentService) -> "Application":
    """The site: a page at ``/``, the figures at ``/metrics``."""
    from aiohttp import web
    from prometheus_client.exposition import choose_encoder
    from prometheus_client.registry import Collector, CollectorRegistry

    class FigureCollector(Collector):
        def collect(self) -> Iterable["Metric"]:
            return families(current)

    registry = CollectorRegistry()
    registry.register(FigureCollector())

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=_PAGE.format(version=__version__), content_type="text/html")

    async def scrape(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    site = web.Application()
    site.router.add_get("/", page)
    site.router.add_get("/metrics", scrape)
    return site


def families(current: CurrentService) -> Iterator["Metric"]:
    """All metrics now. Before the monitor runs, only that nothing is up."""
    from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

    metrics = current.service.metrics
    is_up = metrics is not None and current.is_current
    yield GaugeMetricFamily(
        f"{PREFIX}up",
        "1 while the link is live and was read since.",
        value=float(is_up),
    )
    yield InfoMetricFamily(f"{PREFIX}build", "The program.", value={"version": __version__})
    if metrics is not None:
        yield from families_of(metrics.read(current.service.state))


def families_of(reading: MetricsReading) -> Iterator["Metric"]:
    """The metrics of a reading."""
    yield from _link(reading)
    yield from _events(reading)
    yield from _durations(reading)
    yield from _rest(reading)


def _link(reading: MetricsReading) -> Iterator["Metric"]:
    link = reading.link
    states = {state.value: float(state == link.state) for state in LinkState}
    yield _gauges("link_state", "1 for the state of the link, 0 for the others.", "state", states)
    yield _counters("link_state_seconds", "Time in each state of the link.", "state", link.states_s)
    yield _counter("link_reconnects", "How often the link got live again.", link.reconnects)
    yield _counter("link_gaps", "How often the link ceased to be live.", link.gaps)
    yield _counter("link_gap_seconds", "Time not live, since the link was live first.", link.gaps_s)
    yield _counter("link_live_seconds", "Time live.", link.live_s)
    ends = _grouped(link.ends, reason_of, REASONS.values())
    yield _counters("link_ends", "Ended connections and failed attempts.", "reason", ends)
    yield _gauge("start_timestamp_seconds", "When recording began.", reading.at_s - reading.seconds)
    yield _gauge("live_timestamp_seconds", "When the link last got live; 0 if never.", link.last_live_at_s)
    yield _gauge("heard_timestamp_seconds", "When anything last arrived; 0 if never.", link.heard_at_s)
    yield _gauge(
        "silence_limit_seconds",
        "A dead peer may be shown online so long.",
        link.silence_limit_s,
    )
    recoveries = reading.recoveries
    answers = {"recovered": recoveries.recovered, "refused": recoveries.refused}
    yield _counters("recoveries", "Sessions that a connection was to continue.", "answer", answers)
    yield _counter("replayed_events", "Events sent again after a gap.", recoveries.replayed)
    people = reading.participants
    counts = {"online": people.online, "offline": people.offline, "unknown": people.unknown}
    yield _gauges("participants", "Participants of the watched conversation.", "state", counts)


def _events(reading: MetricsReading) -> Iterator["Metric"]:
    events = reading.events
    counts = {name: traffic.count for name, traffic in events.names.items()}
    sizes = {name: traffic.bytes for name, traffic in events.names.items()}
    labels = EVENT_GROUPS.values()
    yield _counters("events", "Received events.", "event", _grouped(counts, event_group_of, labels))
    yield _counters("event_bytes", "Their bytes.", "event", _grouped(sizes, event_group_of, labels))
    yield _counters("verdicts", "What became of them; they add up to the events.", "verdict", events.verdicts)
    yield _counter("malformed_rows", "Unreadable rows of lists.", events.malformed_rows)
    yield _counter("control_packets", "Received packets that are no events.", events.control.count)
    yield _counter("control_bytes", "Their bytes.", events.control.bytes)
    yield _counter("sent_packets", "Packets from us.", events.sent.count)
    yield _counter("sent_bytes", "Their bytes.", events.sent.bytes)
    yield _counter("pings", "Pings of the gateway.", events.pings)


def _durations(reading: MetricsReading) -> Iterator["Metric"]:
    durations = reading.durations
    yield _histogram(
        "event_latency_seconds",
        "From the gateway's clock to receipt, of one event of those that arrived together.",
        durations.gateway_to_receipt,
    )
    yield _histogram(
        "store_seconds", "From a decoded status event to its state in the store.", durations.receipt_to_store
    )
    yield _histogram("request_seconds", "Round trips of accepted answers.", durations.rest_round_trip)
    yield _histogram("ping_interval_seconds", "From one ping to the next.", durations.ping_interval)
    yield _histogram(
        "ping_lateness_seconds", "How much longer that was than announced.", durations.ping_lateness
    )
    round_trips = durations.ping_round_trip
    yield _histogram(
        "ping_round_trip_seconds", "Of our WebSocket pings; while polling, of our POSTs.", round_trips
    )
    yield _counter("unanswered_pings", "WebSocket pings of ours without a pong.", _sum(round_trips.failures))


def _rest(reading: MetricsReading) -> Iterator["Metric"]:
    requests, updates, clock = reading.requests, reading.updates, reading.clock
    yield _counter("requests", "REST requests.", requests.sent)
    failures = _grouped(requests.failures, reason_of, REASONS.values())
    yield _counters("request_failures", "Failed ones, which have no round trip.", "reason", failures)
    yield _gauge(
        "request_budget",
        "Requests a minute that the gateway allows; 0 if untold.",
        requests.budget_limit,
    )
    yield _gauge("request_budget_remaining", "How many of them it said are left.", requests.budget_left)
    yield _gauge("clock_skew_seconds", "The gateway's clock minus ours, as last measured.", clock.skew_s)
    yield _gauge("clock_skew_error_seconds", "How far that may be off; 0 if unknown.", clock.error_s)
    bounds = {source.value: float(source in clock.bounded_by) for source in ClockSource}
    yield _gauges("clock_skew_bound", "1 for what bounds it, 0 for the others.", "source", bounds)
    yield _counter("updates", "Updates of participants.", updates.updates)
    yield _counter("merged_updates", "Those told together with a newer one.", updates.merged)
    yield _gauge("resident_memory_bytes", "Memory in use.", reading.memory.resident_bytes)


def event_group_of(name: str) -> str:
    """The label of an event."""
    return next((label for start, label in EVENT_GROUPS.items() if name.startswith(start)), OTHER)


def reason_of(kind: str) -> str:
    """The label of the kind of an error."""
    if kind in REASONS:
        return REASONS[kind]
    return REASONS["close"] if kind.startswith("close ") else OTHER


def _grouped(
    counts: Mapping[str, int], label_of: Callable[[str], str], labels: Iterable[str]
) -> dict[str, int]:
    """Sums by label, with each label there from the start."""
    grouped = dict.fromkeys([*labels, OTHER], 0)
    for name, count in counts.items():
        grouped[label_of(name)] += count
    return grouped


def _sum(counts: Mapping[str, int]) -> int:
    return sum(counts.values())


def _gauge(name: str, help_text: str, value: float | None) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(PREFIX + name, help_text, value=value or 0.0)


def _gauges(name: str, help_text: str, label: str, values: Mapping[str, float]) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(PREFIX + name, help_text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _counter(name: str, help_text: str, value: float) -> "Metric":
    from prometheus_client.core import CounterMetricFamily

    return CounterMetricFamily(PREFIX + name, help_text, value=value)


def _counters(name: str, help_text: str, label: str, values: Mapping[str, float]) -> "Metric":
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily(PREFIX + name, help_text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _histogram(name: str, help_text: str, summary: DurationSummary) -> "Metric":
    from prometheus_client.core import HistogramMetricFamily

    buckets: list[tuple[str, float]] = []
    total = 0
    for bucket in summary.histogram:
        total += bucket.count
        buckets.append(("+Inf" if bucket.le is None else str(bucket.le), total))
    return HistogramMetricFamily(PREFIX + name, help_text, buckets=buckets, sum_value=summary.sum_s)
