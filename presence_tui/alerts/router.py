"""Which alert goes which way: what its rules ask for, less what nobody wants to hear now."""

from collections.abc import Callable, Mapping
from typing import Final

from presence_tui.alerts.alert import Alert, RuleMatch
from presence_tui.alerts.notice import AlertFormatter, Notice, build_notice
from presence_tui.alerts.rules import Channel

Deliver = Callable[[Notice], None]
IsSeen = Callable[[RuleMatch], bool]
"""True for what somebody sees happen on the screen in front of them."""

ATTENTION_CHANNELS: Final = frozenset({Channel.BELL, Channel.TERMINAL})
"""Ways that call somebody to a screen, which is of no use to who sits in front of it."""
QUIET_CHANNELS: Final = frozenset({Channel.TOAST})
"""Ways that disturb nobody, whatever the hour."""


def rings_for(
    alert: Alert, channel: Channel, *, is_quiet: bool, is_seen: IsSeen = lambda match: False
) -> tuple[RuleMatch, ...]:
    """What of an alert goes this way; nothing inside of quiet hours, unless the way is silent."""
    if is_quiet and channel not in QUIET_CHANNELS:
        return ()
    matches = (match for match in alert.matches if channel in match.rule.channels)
    return tuple(match for match in matches if channel not in ATTENTION_CHANNELS or not is_seen(match))


class AlertRouter:
    """Hands each alert to its ways. A way that is not there is left out."""

    def __init__(self, channels: Mapping[Channel, Deliver], describe: AlertFormatter, gateway: str) -> None:
        self._channels = dict(channels)
        self._describe = describe
        self._gateway = gateway

    def route(self, alert: Alert, is_quiet: bool) -> None:
        """Deliver it by every way that any of its rings is meant for, each told of those."""
        for channel, deliver in self._channels.items():
            if matches := rings_for(alert, channel, is_quiet=is_quiet):
                deliver(build_notice(Alert(alert.at_s, matches), self._describe, self._gateway))
