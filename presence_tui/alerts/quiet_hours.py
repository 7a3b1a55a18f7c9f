"""Hours in which nobody wants to hear anything, by the clock on the wall; they may go over midnight."""

import re
from datetime import datetime, time
from typing import Final

import msgspec

_SPAN: Final = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


class BadHours(ValueError):
    """Not a span of hours; the message says how to write one."""


class QuietHours(msgspec.Struct, frozen=True):
    """From ``begin`` up to, and without, ``end``."""

    begin: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """``22:00-07:00``. Raises ``BadHours``."""
        found = _SPAN.fullmatch(text.strip())
        try:
            if found is None:
                raise ValueError(text)
            begin, end = (time(int(found[at]), int(found[at + 1])) for at in (1, 3))
        except ValueError as problem:
            raise BadHours("must be two times of day such as 22:00-07:00") from problem
        if begin == end:
            raise BadHours("begins when it ends; leave it out for no quiet hours")
        return cls(begin, end)

    def cover(self, at_s: float) -> bool:
        """True if this moment, in Unix seconds, is in them, by local time."""
        now = datetime.fromtimestamp(at_s).time()
        if self.begin < self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end
