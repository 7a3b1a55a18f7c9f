"""The link to the gateway as a state machine, with the time and reason of each transition.

CONNECTING ──▶ CONNECTED ──▶ LIVE ──▶ STALE ──▶ CONNECTED …
    │              │           │        │
    └──────────────┴───────────┴────────┴──▶ RECONNECTING ──▶ CONNECTED …
    any of them ──▶ SIGNED_OUT | OFFLINE ──▶ CONNECTING (only on request)
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from presence_tui.domain.translatable import NOTHING, Phrase
from presence_tui.monitor.signals import Signal
from presence_tui.store.clock import Clock

_logger = logging.getLogger(__name__)


class LinkState(StrEnum):
    CONNECTING = "connecting"
    CONNECTED = "connected"
    """The socket is open, but not authenticated."""
    LIVE = "live"
    """Authenticated: events arrive."""
    STALE = "stale"
    """Nothing was received for longer than the ping window; a new connection is being opened."""
    RECONNECTING = "reconnecting"
    SIGNED_OUT = "signed-out"
    """The credential is invalid; retrying is useless until it is replaced."""
    OFFLINE = "offline"
    """Not retrying, because that would not help."""


_START_AGAIN = frozenset({LinkState.CONNECTING})
_GIVE_UP = frozenset({LinkState.SIGNED_OUT, LinkState.OFFLINE})
_TRY_AGAIN = _GIVE_UP | {LinkState.RECONNECTING}
MAY_FOLLOW: Mapping[LinkState, frozenset[LinkState]] = {
    LinkState.CONNECTING: _TRY_AGAIN | {LinkState.CONNECTED},
    LinkState.CONNECTED: _TRY_AGAIN | {LinkState.LIVE},
    LinkState.LIVE: _TRY_AGAIN | {LinkState.STALE},
    LinkState.STALE: _TRY_AGAIN | {LinkState.CONNECTED},
    LinkState.RECONNECTING: _TRY_AGAIN | {LinkState.CONNECTED},
    LinkState.SIGNED_OUT: _START_AGAIN,
    LinkState.OFFLINE: _START_AGAIN,
}


LOSSES_KEPT = 3


@dataclass(frozen=True, slots=True)
class Loss:
    """The end of one live time. Times are Unix seconds."""

    reason: Phrase
    lost_s: float
    back_s: float | None = None
    """When the link was live again; ``None`` until then."""


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """Status of the link at one moment. Times are Unix seconds."""

    state: LinkState
    since_s: float
    reason: Phrase = NOTHING
    """Why the last live time ended, or the last attempt failed; kept until live again."""
    advice: Phrase = NOTHING
    attempt: int = 0
    """Number of the current or next attempt, while reconnecting."""
    retry_s: float | None = None
    """When the next attempt starts; ``None`` during an attempt."""
    transport: str = ""
    epoch: int = 0
    fresh_until_s: float | None = None
    """Time of the last confirmed state; ``None`` while live and resynced, and before the first refresh."""
    was_live: bool = False
    losses: tuple[Loss, ...] = ()
    """The last ends of live times, the newest first."""

    @property
    def loss(self) -> Loss | None:
        """The end of the last live time, while there is no new one."""
        return self.losses[0] if self.losses and self.losses[0].back_s is None else None

    @property
    def why(self) -> Phrase:
        """Why it is not live: how the last live time ended, whatever failed since, unless it gave up."""
        if self.loss is not None and self.state not in _GIVE_UP:
            return self.loss.reason
        return self.transition_reason

    @property
    def transition_reason(self) -> Phrase:
        """Why it came to this state. Nothing for a new connection: what failed before is over."""
        return NOTHING if self.state is LinkState.CONNECTED else self.reason

    @property
    def is_stale(self) -> bool:
        """True if the shown state may be outdated: no live link, or a gap not yet resynced."""
        if self.fresh_until_s is not None:
            return True
        return self.was_live and self.state is not LinkState.LIVE


class Link:
    """Holds the status and emits every transition."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._status = LinkStatus(LinkState.CONNECTING, clock.stamp().wall_s)
        self.changed: Signal[LinkStatus] = Signal()

    @property
    def status(self) -> LinkStatus:
        return self._status

    def connecting(self) -> None:
        """Start again after giving up."""
        self._go(LinkState.CONNECTING)

    def connected(self, transport: str) -> None:
        self._go(LinkState.CONNECTED, transport=transport, retry_s=None)

    def upgraded(self, transport: str) -> None:
        """The current connection changed its transport."""
        self._status = replace(self._status, transport=transport)
        self.changed.emit(self._status)

    def live(self, epoch: int) -> None:
        """Authenticated. The gap before it is not resynced yet."""
        self._go(LinkState.LIVE, epoch=epoch, reason=NOTHING, advice=NOTHING, attempt=0, was_live=True)

    def stale(self, reason: Phrase, advice: Phrase, heard_s: float | None) -> None:
        """Nothing was received since ``heard_s``; another attempt is in progress."""
        self._go(
            LinkState.STALE,
            reason=reason,
            advice=advice,
            retry_s=None,
            transport="",
            fresh_until_s=self._fresh_until(heard_s),
        )

    def reconnecting(
        self, reason: Phrase, advice: Phrase, attempt: int, delay_s: float, heard_s: float | None
    ) -> None:
        """The next attempt starts in ``delay_s``; the last data arrived at ``heard_s``."""
        self._go(
            LinkState.RECONNECTING,
            reason=reason,
            advice=advice,
            attempt=attempt,
            retry_s=self._clock.stamp().wall_s + delay_s,
            transport="",
            fresh_until_s=self._fresh_until(heard_s),
        )

    def cached(self, as_of_s: float) -> None:
        """The cached state of ``as_of_s`` is shown."""
        self._status = replace(self._status, fresh_until_s=as_of_s)
        self.changed.emit(self._status)

    def synced(self, at_s: float) -> None:
        """A snapshot arrived at ``at_s``, or a refresh requested then succeeded.

        If the link was live at that time, it is synced; otherwise the shown state is of ``at_s``.
        """
        status = self._status
        fresh_until_s: float | None = max(at_s, status.fresh_until_s or at_s)
        if status.state is LinkState.LIVE and at_s >= status.since_s:
            fresh_until_s = None
        if fresh_until_s != status.fresh_until_s:
            self._status = replace(status, fresh_until_s=fresh_until_s)
            self.changed.emit(self._status)

    def attempting(self) -> None:
        """The attempt after a pause has started."""
        self._status = replace(self._status, retry_s=None)
        self.changed.emit(self._status)

    def signed_out(self, reason: Phrase, advice: Phrase, heard_s: float | None) -> None:
        self._give_up(LinkState.SIGNED_OUT, reason, advice, heard_s)

    def offline(self, reason: Phrase, advice: Phrase, heard_s: float | None) -> None:
        self._give_up(LinkState.OFFLINE, reason, advice, heard_s)

    def _give_up(self, state: LinkState, reason: Phrase, advice: Phrase, heard_s: float | None) -> None:
        self._go(
            state,
            reason=reason,
            advice=advice,
            retry_s=None,
            transport="",
            fresh_until_s=self._fresh_until(heard_s),
        )

    def _fresh_until(self, heard_s: float | None) -> float | None:
        # Data from an unauthenticated socket confirms nothing.
        return self._status.fresh_until_s or (heard_s if self._status.was_live else None)

    def _go(self, state: LinkState, **news: object) -> None:
        current = self._status
        if state is not current.state and state not in MAY_FOLLOW[current.state]:
            raise ValueError(f"a link that is {current.state} cannot become {state}")
        now_s = self._clock.stamp().wall_s
        since_s = current.since_s if state is current.state else now_s
        new = replace(current, state=state, since_s=since_s, **news)  # type: ignore[arg-type]
        if current.state is LinkState.LIVE and state is not LinkState.LIVE:
            losses = (Loss(new.reason, now_s), *current.losses)
            new = replace(new, losses=losses[:LOSSES_KEPT])
        elif state is LinkState.LIVE and current.loss is not None:
            new = replace(new, losses=(replace(current.loss, back_s=now_s), *current.losses[1:]))
        self._status = new
        _logger.info("link %s %s", state, self._status.reason)
        self.changed.emit(self._status)
