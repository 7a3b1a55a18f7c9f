"""Choose the channels of an alert by its rules, quiet hours and what is on the screen."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Final

import msgspec

from presence_tui.alerts.delivery import AlertFormatter, Notice, build_notice
from presence_tui.alerts.rules import Alert, Channel, RuleMatch
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


Deliver = Callable[[Notice], None]
IsSeen = Callable[[RuleMatch], bool]
"""True if the user can see the match on the screen."""

ATTENTION_CHANNELS: Final = frozenset({Channel.BELL, Channel.TERMINAL})
"""Channels that call a user to the screen, useless if the screen is in view."""
QUIET_CHANNELS: Final = frozenset({Channel.TOAST})
"""Silent channels, allowed in quiet hours."""


def rings_for(
    alert: Alert, channel: Channel, *, is_quiet: bool, is_seen: IsSeen = lambda match: False
) -> tuple[RuleMatch, ...]:
    """Return the matches of an alert for this channel; none in quiet hours, unless the channel is silent."""
    if is_quiet and channel not in QUIET_CHANNELS:
        return ()
    matches = (match for match in alert.matches if channel in match.rule.channels)
    return tuple(match for match in matches if channel not in ATTENTION_CHANNELS or not is_seen(match))


class AlertRouter:
    """Passes alerts on to the configured channels."""

    def __init__(self, channels: Mapping[Channel, Deliver], describe: AlertFormatter, gateway: str) -> None:
        self._channels = dict(channels)
        self._describe = describe
        self._gateway = gateway

    def route(self, alert: Alert, is_quiet: bool) -> None:
        """Deliver the alert on each channel, with the matches that use it."""
        for channel, deliver in self._channels.items():
            if matches := rings_for(alert, channel, is_quiet=is_quiet):
                deliver(build_notice(Alert(alert.at_s, matches), self._describe, self._gateway))
