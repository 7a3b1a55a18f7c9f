"""Quiet hours by local time; they may cross midnight."""

import re
from datetime import datetime, time
from typing import Final

import msgspec

from presence_tui.domain.translatable import PhraseError, phrase

_SPAN: Final = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


class BadHours(PhraseError):
    """The text is not a span of hours; the message shows the format."""


class QuietHours(msgspec.Struct, frozen=True):
    """From ``begin`` up to, but not including, ``end``."""

    begin: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """Parse ``22:00-07:00``. Raises ``BadHours``."""
        found = _SPAN.fullmatch(text.strip())
        try:
            if found is None:
                raise ValueError(text)
            begin, end = (time(int(found[at]), int(found[at + 1])) for at in (1, 3))
        except ValueError as problem:
            raise BadHours(
                phrase("[notifications]: quiet must be two times of day such as 22:00-07:00.")
            ) from problem
        if begin == end:
            raise BadHours(
                phrase("[notifications]: quiet begins when it ends; leave it out for no quiet hours.")
            )
        return cls(begin, end)

    def cover(self, at_s: float) -> bool:
        """True if this moment (Unix seconds) is within quiet hours, by local time."""
        now = datetime.fromtimestamp(at_s).time()
        if self.begin < self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end
