"""Applies evidence to a record, and decides which evidence takes precedence or is late.

The rules are those of the wire contract, section 8.5: the newest arrival decides the flag, last active is
the maximum received, and unknown values erase nothing.
"""

from typing import Final

from msgspec import Struct

from presence_tui.domain.enums import Outcome, Source
from presence_tui.domain.evidence import CLOCK_BOUND_S, InvalidTimes, OverruledReason, is_possible
from presence_tui.store.clock import Stamp
from presence_tui.store.records import Record
from presence_tui.wire.messages import Status
from presence_tui.wire.sanitize import is_cut_of

# Reading an enum member takes longer than applying an event on Python 3.11.
_EVENT, _SNAPSHOT, _CACHE = Source.EVENT, Source.SNAPSHOT, Source.CACHE
_APPLIED, _DUPLICATE, _LATE = Outcome.APPLIED, Outcome.DUPLICATE, Outcome.LATE

DUPLICATE_WINDOW_S: Final = 1.0
"""Equal events within this time are copies: the older gateway sends one per shared conversation.

After our clock was set back, the last event seems to be later than the next one, which is no copy then.
"""

EMISSION_TOLERANCE_S: Final = 2.0
"""Tolerance for errors of the measured clock skew before an event counts as late by its emission time."""


class EventBatch(Struct, frozen=True, gc=False):
    """When status events arrived together, and on which connection; computed once for all of them.

    Times are Unix seconds, except ``monotonic_s``, which is the monotonic clock.
    """

    now_s: float
    """By our clock."""
    monotonic_s: float
    gateway_now_s: float
    """The same moment by the gateway's clock, as far as that is known."""
    latest_s: float
    """The latest time, by the gateway's clock, that such an event can tell."""
    not_before_s: float
    """An event sent before that, by the gateway's clock, is late once one without a time has been applied."""
    sent_since_s: float | None
    """When events that are sent again can have been sent first at the earliest, by the gateway's clock;
    ``None`` for new ones.
    """
    epoch: int


def event_batch(now: Stamp, skew_s: float, epoch: int, sent_since_s: float | None = None) -> EventBatch:
    """A batch of events that arrive now.

    ``skew_s`` is the gateway's clock minus ours in seconds, 0 if never measured. ``sent_since_s`` is the
    earliest time of events that are sent again, by our clock.
    """
    gateway_now_s = now.wall_s + skew_s
    return EventBatch(
        now_s=now.wall_s,
        monotonic_s=now.monotonic_s,
        gateway_now_s=gateway_now_s,
        latest_s=gateway_now_s + CLOCK_BOUND_S,
        not_before_s=gateway_now_s - EMISSION_TOLERANCE_S,
        sent_since_s=None if sent_since_s is None else sent_since_s + skew_s,
        epoch=epoch,
    )


def apply_event(
    record: Record, status: Status, batch: EventBatch, seq: int, invalid_s: float | None = None
) -> Outcome:
    """Apply one status event to the record.

    ``invalid_s`` is the last activity if that is impossible; the status has possible times only.
    """
    # Reading an attribute of a record is much cheaper than writing it, and most values stay the same.
    flag, last_active_s, emitted_s = status.flag, status.last_active_s, status.emitted_s
    now_s, sent_since_s, epoch = batch.now_s, batch.sent_since_s, batch.epoch
    is_new = flag is not record.flag
    if emitted_s is not None and emitted_s < record.not_before_s:
        return _LATE
    if is_new:
        if record.copies_before and _is_overtaken(record, status, invalid_s, now_s, epoch):
            record.copies_before += 1
            return _DUPLICATE
    elif _is_copy(record, status, invalid_s, now_s, epoch):
        record.copies += 1
        return _DUPLICATE
    if record.copies != 1 or record.copies_before:
        _count_copies(record, now_s, is_new=is_new)
    if last_active_s is not None:
        _update_last_active(record, last_active_s)
    elif flag:
        # An event that was sent again arrives long after its sign of life.
        if sent_since_s is None:
            _record_activity(record, batch.gateway_now_s)
        else:
            _record_activity(record, sent_since_s if emitted_s is None else emitted_s)
    if record.invalid_active_s != invalid_s and (flag or last_active_s is not None or invalid_s is not None):
        record.invalid_active_s = invalid_s
    if is_new:
        record.flag = flag
        record.left_s = batch.gateway_now_s if sent_since_s is None and not flag else None
        # A change among events that are sent again happened in the gap.
        record.flag_since_s = now_s if sent_since_s is None else None
        noticed_s = None if sent_since_s is None else now_s
        if record.flag_noticed_s is not noticed_s:
            record.flag_noticed_s = noticed_s
    if not flag and record.typing_s is not None:
        # The gateway may not send ``typing:stop`` for someone who left.
        record.typing_s = None
    if record.source is not _EVENT:
        record.source = _EVENT
    if record.epoch != epoch:
        record.epoch = epoch
    if record.emitted_s is not emitted_s:
        record.emitted_s = emitted_s
    record.received_s = now_s
    record.received_monotonic_s = batch.monotonic_s
    record.seq = seq
    record.not_before_s = batch.not_before_s if emitted_s is None else emitted_s
    return _APPLIED


def apply_answer(
    record: Record,
    flag: bool,
    last_active_s: float | None,
    source: Source,
    asked: Stamp,
    epoch: int,
    skew_s: float | None,
    invalid_s: float | None = None,
) -> OverruledReason | None:
    """Apply one row of a snapshot or REST answer to the record; return why its flag was not taken, if so.

    ``asked`` is when a REST request started, or when a snapshot arrived. ``invalid_s`` is the last activity
    reported if that is impossible; ``last_active_s`` is ``None`` then.
    """
    asked_s, held = asked.wall_s, record.source
    if last_active_s is not None:
        _update_last_active(record, last_active_s)
    if held is not None and asked.monotonic_s < record.received_monotonic_s:
        return OverruledReason.REQUESTED_EARLIER
    if source is not _CACHE:
        # Our own cache confirms nothing.
        record.checked_s = asked_s
        record.checked_flag = flag
    if held is not None and _is_outranked(record, source, epoch):
        return OverruledReason.CACHE if source is _CACHE else OverruledReason.SNAPSHOT
    if last_active_s is not None or invalid_s is not None:
        record.invalid_active_s = invalid_s
    if source is _CACHE and flag and record.activity_s is None:
        # Without an age, participants from the cache would look active now.
        _record_activity(record, asked_s)
    elif held is _CACHE:
        # Drop the substitute activity set from the cache.
        record.activity_s = record.last_active_s
    is_new = flag is not record.flag
    if is_new or held is _CACHE:
        # An answer does not contain since when its flag holds, only that a known flag has changed by now.
        if is_new and held is not None:
            record.flag_since_s, record.flag_noticed_s = None, asked_s
            record.left_s = None
        record.flag = flag
        record.source = source
        record.received_s = asked_s
        if record.epoch != epoch:
            record.epoch = epoch
        if record.seq:
            record.seq = 0
            record.emitted_s = None
    record.received_monotonic_s = asked.monotonic_s
    if skew_s is not None:
        # Without a measured skew the gateway's clock could make every later event look late.
        record.not_before_s = max(record.not_before_s, asked_s + skew_s - EMISSION_TOLERANCE_S)
    return None


def why_overruled(record: Record, status: Status, outcome: Outcome, skew_s: float | None) -> OverruledReason:
    """Why a late event, or a copy that contradicts the newest event, was overruled."""
    if outcome is _DUPLICATE:
        return OverruledReason.OVERTAKEN_COPY
    if record.source is not _EVENT:
        return OverruledReason.OLDER_THAN_ANSWER
    newest_s = record.emitted_s
    if newest_s is None:
        newest_s = record.received_s + (skew_s or 0.0) - EMISSION_TOLERANCE_S
    # Only an event with that time can be late.
    is_before_event = (status.emitted_s or 0.0) < newest_s
    return OverruledReason.LATE if is_before_event else OverruledReason.OLDER_THAN_ANSWER


def apply_typing(record: Record, now: Stamp, skew_s: float, sent_since_s: float | None = None) -> None:
    """Record typing as activity. The flag does not change: only ``isOnline`` sets it.

    ``skew_s`` is the gateway's clock minus ours in seconds, 0 if never measured. ``sent_since_s`` is when
    typing that is told again can have begun at the earliest, by our clock: who typed in a gap need not type
    now.
    """
    record.invalid_active_s = None
    if sent_since_s is None:
        record.typing_s = sent_since_s = now.wall_s
    _record_activity(record, sent_since_s + skew_s)


def split_times(status: Status, gateway_now_s: float, invalid: InvalidTimes) -> tuple[Status, float | None]:
    """Return the status without impossible times, and its last activity if that was one of them."""
    last_active_s, emitted_s, invalid_s = status.last_active_s, status.emitted_s, None
    if emitted_s is not None and not is_possible(emitted_s, gateway_now_s):
        invalid.count(emitted_s)
        emitted_s = None
    if last_active_s is not None and not is_possible(last_active_s, gateway_now_s):
        invalid.count(last_active_s)
        last_active_s, invalid_s = None, last_active_s
    return Status(status.key, status.flag, status.name, last_active_s, emitted_s), invalid_s


def correct_times(record: Record, by_s: float, gateway_now_s: float) -> None:
    """Correct what depends on the clock skew, which grew by ``by_s``.

    An arrival that counts as a sign of life keeps its age, and a rejected time is accepted if it is possible
    now. No event can be late by a time that the gateway's clock has not reached.
    """
    activity_s, told_s = record.activity_s, record.last_active_s
    if activity_s is not None and activity_s != told_s:
        record.activity_s = activity_s + by_s if told_s is None else max(activity_s + by_s, told_s)
    if record.left_s is not None:
        record.left_s += by_s
    if record.not_before_s > gateway_now_s:
        record.not_before_s = gateway_now_s
    reported_s = record.invalid_active_s
    if reported_s is not None and is_possible(reported_s, gateway_now_s):
        record.invalid_active_s = None
        if record.flag and record.source is _EVENT:
            # Its arrival counted instead.
            record.activity_s = record.last_active_s
        _update_last_active(record, reported_s)


def _is_copy(record: Record, status: Status, invalid_s: float | None, now_s: float, epoch: int) -> bool:
    if record.source is not _EVENT:
        return False
    name = status.name
    is_another = name and name != record.name and name != record.account_name
    if is_another and not (is_cut_of(record.name, name) or is_cut_of(record.account_name, name)):
        return False
    if status.last_active_s is not None and status.last_active_s != record.last_active_s:
        return False
    if invalid_s is not None and invalid_s != record.invalid_active_s:
        return False
    if status.emitted_s is not None or record.emitted_s is not None:
        return status.emitted_s == record.emitted_s
    # Not by the watermark, which an answer that agrees also moves.
    return record.epoch == epoch and 0 <= now_s - record.received_s <= DUPLICATE_WINDOW_S


def _is_overtaken(record: Record, status: Status, invalid_s: float | None, now_s: float, epoch: int) -> bool:
    """True for a copy of the previous event that arrives after a copy of the newest one.

    The older gateway sends the same number of copies of each event. While fewer copies of the newest than
    of the previous one have arrived, more are expected.
    """
    if record.source is not _EVENT or record.epoch != epoch:
        return False
    if not 0 <= now_s - record.received_s <= DUPLICATE_WINDOW_S:
        return False
    tells_time = not (status.last_active_s is status.emitted_s is invalid_s is None)
    return not tells_time and lacks_copies(record)


def lacks_copies(record: Record) -> bool:
    """True while fewer copies of the newest event have arrived than of the previous one.

    If it stays true, an event that was taken for an overtaken copy was a new one: participants who leave a
    conversation between two events have fewer copies of the second.
    """
    return record.source is _EVENT and record.copies < record.copies_before


def _count_copies(record: Record, now_s: float, *, is_new: bool) -> None:
    """Count the first copy of another event. A single copy before it need not be remembered, because no
    event lacks copies then.
    """
    since_s = now_s - record.received_s
    follows = is_new and record.source is _EVENT and 0 <= since_s <= DUPLICATE_WINDOW_S
    record.copies_before = record.copies if follows and record.copies > 1 else 0
    record.copies = 1


def _is_outranked(record: Record, source: Source, epoch: int) -> bool:
    """True if the held evidence outranks a newer answer of this source."""
    if source is _CACHE:
        return True
    # The gateway builds a snapshot while events continue, so an event of the same epoch may be newer.
    return source is _SNAPSHOT and record.source is _EVENT and record.epoch == epoch


def _update_last_active(record: Record, last_active_s: float) -> None:
    latest_s, activity_s = record.last_active_s, record.activity_s
    if latest_s is None or last_active_s > latest_s:
        record.last_active_s = last_active_s
    if activity_s is None or last_active_s > activity_s:
        record.activity_s = last_active_s


def _record_activity(record: Record, at_s: float) -> None:
    if record.activity_s is None or at_s > record.activity_s:
        record.activity_s = at_s
