"""Records a monitor's reports in a history."""

from typing import TYPE_CHECKING

from presence_tui.history.history import History
from presence_tui.history.recorder import LinkRecord
from presence_tui.history.retention import RetentionLimits
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.service.target import HistorySettings, ServiceTarget
from presence_tui.store.clock import Clock

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.monitor.gap_summary import GapSummary
    from presence_tui.monitor.monitor import PresenceMonitor


def open_history(settings: HistorySettings, target: ServiceTarget, clock: Clock) -> History:
    """Open the history of the target's gateway and account. Needs a running event loop."""
    limits = RetentionLimits(settings.days, settings.max_bytes)
    return History(settings.path, target.url, target.owner_hint, clock, limits)


def record(history: History, monitor: "PresenceMonitor") -> None:
    """Record everything that the monitor and its store report from now on."""

    def on_link(status: LinkStatus) -> None:
        history.record_account(monitor.key)
        history.record_link(_link_note(status, monitor.store.clock))

    def on_conversations(_: object) -> None:
        history.record_account(monitor.key)
        history.record_conversations(monitor.conversations)

    def on_gap_ended(summary: "GapSummary") -> None:
        if summary.missed is not None:
            history.record_missed(summary.missed)

    history.record(monitor.store, lambda: monitor.heard_s)
    on_link(monitor.connection_status())
    monitor.link_changed.subscribe(on_link)
    monitor.conversations_changed.subscribe(on_conversations)
    monitor.gap_ended.subscribe(on_gap_ended)


def _link_note(status: LinkStatus, clock: Clock) -> LinkRecord:
    is_synced = status.state is LinkState.LIVE and status.fresh_until_s is None
    return LinkRecord(
        at_s=clock.stamp().wall_s,
        state=status.state,
        reason=str(status.transition_reason),
        epoch=status.epoch,
        watched_since_s=status.since_s if is_synced else None,
        fresh_until_s=status.fresh_until_s,
    )
