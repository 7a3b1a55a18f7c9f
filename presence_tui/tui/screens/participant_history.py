"""A participant's history in a dialog: today by hours, and the last sessions."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from presence_tui.service.service import PresenceService
from presence_tui.store import Record
from presence_tui.text.language import Language
from presence_tui.text.local_time import MINUTES, local_time, span_beside, time_beside
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.history.participant_history import OnlinePeriod, ParticipantHistory

_HOUR_S: Final = 3_600
_LABELLED: Final = (0, 6, 12, 18)


class HoursOfDay(NamedTuple):
    """Unix times at which the hours of a day begin, and its end.

    An hour that occurs twice is two, and one that is left out is none. Half an hour that is repeated or
    left out makes a short one.
    """

    edges_s: tuple[float, ...]

    @classmethod
    def around(cls, now_s: float) -> "HoursOfDay":
        """The local day that contains this moment."""
        # Without fold=0 midnight would be the second one if ``now_s`` is in a repeated hour.
        midnight = datetime.fromtimestamp(now_s).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        at_s, until_s = midnight.timestamp(), (midnight + timedelta(days=1)).timestamp()
        edges_s = []
        while at_s < until_s:
            edges_s.append(at_s)
            local = datetime.fromtimestamp(at_s)
            at_s += _HOUR_S - local.minute * 60 - local.second
        return cls((*edges_s, until_s))

    @property
    def scale(self) -> str:
        """Numbers of some hours, each above or below the first cell of its hour."""
        hours = [datetime.fromtimestamp(at_s).hour for at_s in self.edges_s[:-1]]
        cells = [" "] * len(hours)
        for hour in _LABELLED:
            if hour in hours:
                at, text = hours.index(hour), str(hour)
                cells[at : at + len(text)] = text
        return "".join(cells)

    def clock_change(self, language: Language) -> str:
        """A sentence about a change of the clock during the day; empty if there is none."""
        for before_s, at_s in pairwise(self.edges_s[:-1]):
            passed_s = (datetime.fromtimestamp(at_s) - datetime.fromtimestamp(before_s)).total_seconds()
            if passed_s == at_s - before_s:
                continue
            time = local_time(at_s, MINUTES)
            if passed_s < at_s - before_s:
                return language.say("the clock is set back to {time}", time=time)
            return language.say("the clock is set forward to {time}", time=time)
        return ""


READ_EVERY_S: Final = 5.0
SESSIONS_SHOWN: Final = 5
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
        self._hours = HoursOfDay(())
        self._was_read = False

    async def keep_reading(self, show: Callable[[], object]) -> None:
        """Read and show the history repeatedly, until cancelled."""
        while self._service.keeps_history:
            hours = HoursOfDay.around(self._store.clock.stamp().wall_s)
            self._past = await self._service.history_of(self._record.key, hours.edges_s, self._record.state)
            self._hours = hours
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
        clock_change = self._hours.clock_change(self._wording.language)
        first, *others = sessions or [say("none since the history began")]
        return [
            (say("Today"), lane),
            ("", self._hours.scale),
            *([("", clock_change)] if clock_change else []),
            (say("Last sessions"), first),
            *(("", other) for other in others),
        ]

    def _period_text(self, period: "OnlinePeriod", participant_history: "ParticipantHistory") -> str:
        say, language = self._wording.language.say, self._wording.language
        now_s = self._store.clock.stamp().wall_s
        is_recent = now_s - participant_history.known_until_s <= READ_EVERY_S + _STILL_S
        is_watched = is_recent and not self._service.state.is_stale
        goes_on = period.ended_s is None and is_watched
        until_s = participant_history.known_until_s if period.ended_s is None else period.ended_s
        if period.began_s is None:
            began, ended = say("before"), time_beside(until_s, now_s)
        elif goes_on:
            began, ended = time_beside(period.began_s, now_s), ""
        else:
            # The start has the date.
            began, ended = span_beside(period.began_s, until_s, now_s)
        if goes_on:
            ended = say("now")
        elif period.ended_s is None:
            ended = say("last known {time}", time=ended)
        length_s = period.length_s(now_s if is_watched else participant_history.known_until_s)
        if length_s is None:
            return f"{began} – {ended}"
        certain = period.is_certain and (is_watched or period.ended_s is not None)
        span = language.span(length_s)
        return f"{began} – {ended}   " + (span if certain else say("at least {span}", span=span))
