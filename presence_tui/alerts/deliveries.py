"""Which alert goes which way: what its rules ask for, less what nobody wants to hear now."""

from collections.abc import Callable, Mapping
from typing import Final

from presence_tui.alerts.alert import Alert, Ring
from presence_tui.alerts.notice import Notice, Words, notice_of
from presence_tui.alerts.quiet_hours import QuietHours
from presence_tui.alerts.rules import Way

Deliver = Callable[[Notice], None]
IsSeen = Callable[[Ring], bool]
"""True for what somebody sees happen on the screen in front of them."""

NOISE: Final = frozenset({Way.BELL, Way.TERMINAL})
"""Ways that call somebody to a screen, which is of no use to who sits in front of it."""
SILENT: Final = frozenset({Way.TOAST})
"""Ways that disturb nobody, whatever the hour."""


class Deliveries:
    """Hands each alert to its ways. A way that is not there is left out."""

    def __init__(
        self,
        ways: Mapping[Way, Deliver],
        say: Words,
        gateway: str,
        *,
        quiet_hours: QuietHours | None = None,
        is_seen: IsSeen = lambda ring: False,
    ) -> None:
        self._ways = dict(ways)
        self._say = say
        self._gateway = gateway
        self._quiet_hours = quiet_hours
        self._is_seen = is_seen

    def tell(self, alert: Alert) -> None:
        """Deliver it by every way that any of its rings is meant for, each told of those."""
        is_quiet = self._quiet_hours is not None and self._quiet_hours.cover(alert.at_s)
        for way, deliver in self._ways.items():
            if is_quiet and way not in SILENT:
                continue
            rings = tuple(ring for ring in alert.rings if way in ring.rule.ways)
            if way in NOISE:
                rings = tuple(ring for ring in rings if not self._is_seen(ring))
            if rings:
                deliver(notice_of(Alert(alert.at_s, rings), self._say, self._gateway))
