"""Reads the figures of a running service: what its monitor recorded, its state and its memory."""

import math
from typing import Final

from presence_tui.domain.enums import Outcome
from presence_tui.metrics.durations import DurationRecorder
from presence_tui.metrics.reading import (
    ClockReading,
    Durations,
    EventsReading,
    LinkReading,
    MetricsReading,
    ParticipantsReading,
    RecoveriesReading,
    RequestsReading,
    Traffic,
    UpdatesReading,
    read_memory,
)
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.metrics import MonitorMetrics
from presence_tui.service.state import ServiceState
from presence_tui.store import PresenceStore

_PAINT_BOUNDS_S: Final = (0.005, 0.016, 0.05, 0.1, 0.5)


class ServiceMetrics:
    """Made when the monitor starts. Reading costs about a millisecond, whatever was recorded."""

    def __init__(self, recorded: MonitorMetrics, store: PresenceStore) -> None:
        self._recorded = recorded
        self._store = store
        self._began_s = store.clock.stamp().monotonic_s
        self.paint_time = DurationRecorder(_PAINT_BOUNDS_S)
        """From the first change of a frame to its painting; recorded by a screen."""
        self.skipped_frames = 0
        """Counted by a screen."""

    def read(self, state: ServiceState) -> MetricsReading:
        """All figures now. ``state`` is the current state of the service."""
        recorded, now = self._recorded, self._store.clock.stamp()
        counts = state.counts
        return MetricsReading(
            at_s=now.wall_s,
            seconds=now.monotonic_s - self._began_s,
            durations=Durations(
                gateway_to_receipt=recorded.events.arrival.summary(),
                receipt_to_store=recorded.events.store_time.summary(),
                store_to_paint=self.paint_time.summary(),
                rest_round_trip=recorded.requests.round_trips.summary(),
                ping_interval=recorded.events.ping_gaps.summary(),
                ping_lateness=recorded.events.ping_lateness.summary(),
                ping_round_trip=recorded.events.transport_round_trips.summary(),
            ),
            clock=self.clock(),
            link=self._link(state),
            recoveries=self._recoveries(),
            events=self._events(),
            requests=self._requests(),
            updates=self._updates(),
            participants=ParticipantsReading(
                online=counts.online, offline=counts.offline, unknown=counts.unknown
            ),
            memory=read_memory(),
        )

    def clock(self) -> ClockReading:
        """The gateway's clock against ours."""
        (round_trip_s, estimate), skew_s = self._recorded.clock(), self._store.states.measured_skew_s
        if estimate is None or skew_s is None:
            return ClockReading(
                skew_s=skew_s,
                error_s=None,
                low_s=None,
                high_s=None,
                bounded_by=[],
                round_trip_s=round_trip_s,
            )
        # The skew in use stays as long as it is possible.
        in_use = estimate._replace(skew_s=skew_s)
        return ClockReading(
            skew_s=skew_s,
            error_s=in_use.error_s,
            low_s=in_use.low_s,
            high_s=in_use.high_s if in_use.high_s < math.inf else None,
            bounded_by=[source.value for source in in_use.sources],
            round_trip_s=round_trip_s,
        )

    def _link(self, state: ServiceState) -> LinkReading:
        times = self._recorded.link
        live_s, gaps_s = times.live_and_gaps_s()
        return LinkReading(
            state=state.link.state if state.link is not None else LinkState.CONNECTING,
            states_s={each.value: spent_s for each, spent_s in times.spent_s().items()},
            live_s=live_s,
            gaps=times.gaps,
            gaps_s=gaps_s,
            availability=times.availability(),
            reconnects=max(0, times.lives - 1),
            ends=dict(self._recorded.events.ends),
            last_live_at_s=times.last_live_s,
            heard_at_s=state.heard_s,
            silence_limit_s=self._recorded.silence_limit_s(),
        )

    def _events(self) -> EventsReading:
        counters = self._recorded.events
        return EventsReading(
            received=counters.received,
            names={
                name: Traffic(count=count, bytes=counters.event_bytes[name])
                for name, count in sorted(counters.events.items())
            },
            verdicts={outcome.value: counters.of(outcome) for outcome in Outcome},
            control=Traffic(count=counters.control, bytes=counters.control_bytes),
            sent=Traffic(count=counters.sent, bytes=counters.sent_bytes),
            pings=counters.pings,
            malformed_rows=counters.malformed_rows,
        )

    def _recoveries(self) -> RecoveriesReading:
        counters = self._recorded.events
        return RecoveriesReading(
            recovered=counters.recoveries, refused=counters.refused_recoveries, replayed=counters.replayed
        )

    def _requests(self) -> RequestsReading:
        requests = self._recorded.requests
        return RequestsReading(
            sent=requests.sent,
            failures=dict(requests.round_trips.failures),
            budget_limit=requests.limit,
            budget_left=requests.left,
        )

    def _updates(self) -> UpdatesReading:
        updates = self._recorded.updates
        return UpdatesReading(
            updates=updates.updates,
            merged=updates.merged,
            deliveries=updates.flushes,
            skipped_frames=self.skipped_frames,
        )
