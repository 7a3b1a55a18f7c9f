"""Choose the channels of an alert by its rules, quiet hours and what is on the screen."""

from collections.abc import Callable, Mapping
from typing import Final

from presence_tui.alerts.notice import AlertFormatter, Notice, build_notice
from presence_tui.alerts.rules import Alert, Channel, RuleMatch

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
