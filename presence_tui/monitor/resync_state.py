"""The resync as a state machine: when the watched roster is read, and what follows a failure.

DUE ──▶ PREPARING ──▶ CONTACTING ──▶ AWAITING_SNAPSHOT ──▶ READING ──▶ SYNCED
            │                                                 │
            └─────────────────────────────────────────────────┴──▶ PAUSED | FAILED
SYNCED ──▶ DUE             another connection or conversation, or a membership returned
PAUSED | FAILED ──▶ DUE    the pause ended while live, or a new attempt is requested
DUE | PAUSED | FAILED ──▶ SYNCED    a refresh read the target

A request during a resync is remembered: if that resync fails, the next is due at once. ``step`` is pure;
``monitor.resync`` performs what the state asks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class ResyncState(StrEnum):
    DUE = "due"
    PREPARING = "preparing"
    """Waiting for the end of other reads, then reading the account and its conversations, unless known."""
    CONTACTING = "contacting"
    """Giving the socket a moment to go live, so that the roster need not be read twice."""
    AWAITING_SNAPSHOT = "awaiting snapshot"
    """Waiting for the connection's snapshot, which may not come, and measuring the clock skew."""
    READING = "reading"
    """Reading the roster, and presence as far as no snapshot told it."""
    SYNCED = "synced"
    """The target is confirmed."""
    PAUSED = "paused"
    """Failed for now; repeated after a pause."""
    FAILED = "failed"
    """Failed; repeated only on request or for another target."""


RUNNING = frozenset(
    {ResyncState.PREPARING, ResyncState.CONTACTING, ResyncState.AWAITING_SNAPSHOT, ResyncState.READING}
)


@dataclass(frozen=True, slots=True)
class Target:
    """What a read confirms: a conversation's roster, on one connection."""

    epoch: int = 0
    conversation_id: str = ""


@dataclass(frozen=True, slots=True)
class ResyncStatus:
    """The state and what its next transition depends on."""

    state: ResyncState = ResyncState.DUE
    target: Target = Target()
    """What is to be confirmed now."""
    confirmed: Target | None = None
    """What was last read without error; ``None`` before that, and after a membership returned."""
    is_requested: bool = False
    """True if another attempt was requested while this resync runs."""
    failures: int = 0
    """Consecutive temporary failures."""

    @property
    def is_synced(self) -> bool:
        return self.confirmed == self.target


# Events from outside.


@dataclass(frozen=True, slots=True)
class TargetChanged:
    """The link went live again, or another conversation is watched. Does not end a pause by itself."""

    target: Target


@dataclass(frozen=True, slots=True)
class Requested:
    """A new attempt may help: the link went live, or the user chose a conversation."""


@dataclass(frozen=True, slots=True)
class ConnectionFailed:
    """An attempt to connect failed. Before the first confirmed read, REST may work nevertheless."""


@dataclass(frozen=True, slots=True)
class MembershipReturned:
    """The account may be a member of the watched conversation again, so states must be read."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A resync or refresh read the roster and presence of ``target`` without error."""

    target: Target


# Events of the resync itself.


@dataclass(frozen=True, slots=True)
class Started:
    """The resync that was due begins."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The account and the conversation to watch are known."""


@dataclass(frozen=True, slots=True)
class Contacted:
    """The first connection went live, failed, or takes too long."""


@dataclass(frozen=True, slots=True)
class SnapshotDecided:
    """The snapshot arrived, or is not waited for any longer."""


@dataclass(frozen=True, slots=True)
class FailedForNow:
    """The resync ended with an error that may pass."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The resync ended with an error that does not pass by itself."""


@dataclass(frozen=True, slots=True)
class PauseEnded:
    """The pause after a temporary failure is over."""

    is_live: bool
    """False while the link is down: its return changes the target, which makes the resync due."""


ResyncEvent = (
    TargetChanged
    | Requested
    | ConnectionFailed
    | MembershipReturned
    | Confirmed
    | Started
    | Prepared
    | Contacted
    | SnapshotDecided
    | FailedForNow
    | Failed
    | PauseEnded
)

PROGRESS: Mapping[type[ResyncEvent], tuple[ResyncState, ResyncState]] = {
    Started: (ResyncState.DUE, ResyncState.PREPARING),
    Prepared: (ResyncState.PREPARING, ResyncState.CONTACTING),
    Contacted: (ResyncState.CONTACTING, ResyncState.AWAITING_SNAPSHOT),
    SnapshotDecided: (ResyncState.AWAITING_SNAPSHOT, ResyncState.READING),
}
"""Steps of one resync: event to the state it is possible in, and the next."""

MAY_FAIL = frozenset({ResyncState.PREPARING, ResyncState.READING})


def step(status: ResyncStatus, event: ResyncEvent) -> ResyncStatus:
    """The status after an event. Raises ``ValueError`` for an event that is impossible in this state."""
    match event:
        case TargetChanged(target):
            return _compared(replace(status, target=target))
        case Confirmed(target):
            return _compared(_ended(replace(status, confirmed=target)))
        case MembershipReturned():
            return _requested(replace(status, confirmed=None))
        case ConnectionFailed():
            return _requested(status) if status.confirmed is None else status
        case Requested():
            return _requested(status)
        case FailedForNow() if status.state in MAY_FAIL:
            return _failed(status, ResyncState.PAUSED, status.failures + 1)
        case Failed() if status.state in MAY_FAIL:
            return _failed(status, ResyncState.FAILED, 0)
        case PauseEnded(is_live) if status.state is ResyncState.PAUSED:
            return replace(status, state=ResyncState.DUE if is_live else ResyncState.FAILED)
        case Started() | Prepared() | Contacted() | SnapshotDecided():
            before, after = PROGRESS[type(event)]
            if status.state is before:
                return replace(status, state=after)
    raise ValueError(f"a resync that is {status.state} cannot get {type(event).__name__}")


def _compared(status: ResyncStatus) -> ResyncStatus:
    """Compare what is confirmed with the target. A running resync is compared when it ends."""
    if status.state in RUNNING:
        return status
    if status.is_synced:
        return replace(status, state=ResyncState.SYNCED, failures=0)
    return replace(status, state=ResyncState.DUE) if status.state is ResyncState.SYNCED else status


def _requested(status: ResyncStatus) -> ResyncStatus:
    if status.state in RUNNING:
        return replace(status, is_requested=True)
    return _compared(replace(status, state=ResyncState.DUE))


def _ended(status: ResyncStatus) -> ResyncStatus:
    """End a resync whose read succeeded; one that an older target was read for is due again."""
    if status.state is not ResyncState.READING:
        return status
    return replace(status, state=ResyncState.DUE, is_requested=False, failures=0)


def _failed(status: ResyncStatus, state: ResyncState, failures: int) -> ResyncStatus:
    state = ResyncState.DUE if status.is_requested else state
    return replace(status, state=state, is_requested=False, failures=failures)
