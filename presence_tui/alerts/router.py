"""Which alert goes which way: what its rules ask for, less what nobody wants to hear now."""

from collections.abc import Callable, Mapping
from typing import Final

from presence_tui.alerts.alert import Alert, RuleMatch
from presence_tui.alerts.notice import AlertFormatter, Notice, notice_of
from presence_tui.alerts.rules import Channel

Deliver = Callable[[Notice], None]
IsSeen = Callable[[RuleMatch], bool]
"""True for what somebody sees happen on the screen in front of them."""

NOISE: Final = frozenset({Channel.BELL, Channel.TERMINAL})
"""Ways that call somebody to a screen, which is of no use to who sits in front of it."""
SILENT: Final = frozenset({Channel.TOAST})
"""Ways that disturb nobody, whatever the hour."""


def rings_for(
    alert: Alert, way: Channel, *, is_quiet: bool, is_seen: IsSeen = lambda ring: False
) -> tuple[RuleMatch, ...]:
    """What of an alert goes this way; nothing inside of quiet hours, unless the way is silent."""
    if is_quiet and way not in SILENT:
        return ()
    rings = (ring for ring in alert.rings if way in ring.rule.ways)
    return tuple(ring for ring in rings if way not in NOISE or not is_seen(ring))


class AlertRouter:
    """Hands each alert to its ways. A way that is not there is left out."""

    def __init__(self, ways: Mapping[Channel, Deliver], say: AlertFormatter, gateway: str) -> None:
        self._ways = dict(ways)
        self._say = say
        self._gateway = gateway

    def tell(self, alert: Alert, is_quiet: bool) -> None:
        """Deliver it by every way that any of its rings is meant for, each told of those."""
        for way, deliver in self._ways.items():
            if rings := rings_for(alert, way, is_quiet=is_quiet):
                deliver(notice_of(Alert(alert.at_s, rings), self._say, self._gateway))
