"""What one monitor has recorded about itself, for ``service/metrics.py`` to read."""

from collections.abc import Callable
from dataclasses import dataclass

from presence_tui.domain.clock_offset import ClockEstimate
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.link_times import LinkTimes
from presence_tui.monitor.merged_updates import MergedUpdates
from presence_tui.transport.request_counters import RequestCounters


@dataclass(frozen=True)
class MonitorMetrics:
    """References to the recorders of a monitor's parts."""

    events: EventCounters
    requests: RequestCounters
    link: LinkTimes
    updates: MergedUpdates
    clock: Callable[[], tuple[float | None, ClockEstimate | None]] = lambda: (None, None)
    """Round trip of the last health request, and what bounds the clock skew."""
    silence_limit_s: Callable[[], float | None] = lambda: None
    """How long the connection may be silent: ping interval and ping time-out; ``None`` if not connected."""
