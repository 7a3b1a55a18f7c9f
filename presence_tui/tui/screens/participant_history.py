"""A participant's history in a dialog: today by hours, and the last sessions."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from presence_tui.service.service import PresenceService
from presence_tui.store import Record
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.history.online_periods import OnlinePeriod
    from presence_tui.history.participant_history import ParticipantHistory

READ_EVERY_S: Final = 5.0
SESSIONS_SHOWN: Final = 5
_HOURS: Final = 24
_SCALE: Final = "0     6     12    18    "
_STILL_S: Final = 1.0


class ParticipantHistoryRows:
    """Reads the history while its dialog is open, and formats the last result."""

    def __init__(
        self,
        service: PresenceService,
        record: Record,
        wording: Wording,
        glyphs: Glyphs,
    ) -> None:
        self._service = service
        self._record = record
        self._store = service.store
        self._wording = wording
        self._glyphs = glyphs
        self._past: ParticipantHistory | None = None
        self._was_read = False

    async def keep_reading(self, show: Callable[[], object]) -> None:
        """Read and show the history repeatedly, until cancelled."""
        while self._service.keeps_history:
            hours_s = hours_of_today(self._store.clock.stamp().wall_s)
            self._past = await self._service.history_of(self._record.key, hours_s, self._record.state)
            self._was_read = True
            show()
            await asyncio.sleep(READ_EVERY_S)

    def rows(self) -> list[tuple[str, str]]:
        """Rows for the dialog."""
        say, participant_history = self._wording.language.say, self._past
        if not self._service.keeps_history:
            return [(say("Today"), say("no history is kept (setting history)"))]
        if participant_history is None:
            return [(say("Today"), say("cannot be read") if self._was_read else "…")]
        marks = self._glyphs.states
        lane = "".join(" " if state is None else marks[state] for state in participant_history.hourly_states)
        sessions = [
            self._period_text(period, participant_history)
            for period in participant_history.online_periods[:SESSIONS_SHOWN]
        ]
        first, *others = sessions or [say("none since the history began")]
        return [
            (say("Today"), lane),
            ("", _SCALE),
            (say("Last sessions"), first),
            *(("", other) for other in others),
        ]

    def _period_text(self, period: "OnlinePeriod", participant_history: "ParticipantHistory") -> str:
        say, language = self._wording.language.say, self._wording.language
        now_s = self._store.clock.stamp().wall_s
        is_recent = now_s - participant_history.known_until_s <= READ_EVERY_S + _STILL_S
        is_watched = is_recent and not self._service.state.is_stale
        began = say("before") if period.began_s is None else _moment(period.began_s, now_s)
        if period.ended_s is not None:
            # The start beside it has the date.
            ended = _moment(period.ended_s, now_s if period.began_s is None else period.began_s)
        else:
            until = _moment(participant_history.known_until_s, now_s)
            ended = say("now") if is_watched else say("last known {time}", time=until)
        length_s = period.length_s(now_s if is_watched else participant_history.known_until_s)
        if length_s is None:
            return f"{began} – {ended}"
        certain = period.is_certain and (is_watched or period.ended_s is not None)
        span = language.span(length_s)
        return f"{began} – {ended}   " + (span if certain else say("at least {span}", span=span))


def hours_of_today(now_s: float) -> list[float]:
    """Unix times of the hours of today and of the next midnight, in local time."""
    midnight = datetime.fromtimestamp(now_s).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = [midnight.replace(hour=hour) for hour in range(_HOURS)]
    return [hour.timestamp() for hour in (*hours, midnight + timedelta(days=1))]


def _moment(at_s: float, beside_s: float) -> str:
    """The local time, with the date if it differs from that of ``beside_s``."""
    at, beside = datetime.fromtimestamp(at_s), datetime.fromtimestamp(beside_s)
    return f"{at:%H:%M}" if at.date() == beside.date() else f"{at:%Y-%m-%d %H:%M}"
