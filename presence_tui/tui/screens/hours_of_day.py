"""The hours of a local day, which has more or fewer than 24 where the clock is changed."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from presence_tui.text.language import Language
from presence_tui.text.local_time import MINUTES, local_time

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
