"""Build the alerts of a service and connect them to its monitor."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from presence_tui.alerts.rules import Alert
from presence_tui.alerts.service import AlertService
from presence_tui.alerts.user_rules import UserRules, UserRulesContent
from presence_tui.domain.translatable import Phrase
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.service.target import AlertSettings, ServiceTarget
from presence_tui.storage.state_files import StateFile
from presence_tui.store import PresenceStore

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.monitor.monitor import PresenceMonitor


def make_alerts(
    settings: AlertSettings,
    store: PresenceStore,
    target: ServiceTarget,
    gateway: str,
    *,
    on_alert: Callable[[Alert, bool], object],
    on_trouble: Callable[[Phrase], None],
) -> AlertService:
    """Alerts over a store; the rules made by the user are stored by gateway and account.

    Raises ``CannotOpen`` for a webhook or command that cannot be set up.
    """
    file = None
    if settings.user_rules_folder is not None:
        owner = f"{target.url}\n{target.owner_hint}"
        name = hashlib.blake2b(owner.encode(), digest_size=12).hexdigest()
        file = StateFile(settings.user_rules_folder / f"{name}.json", UserRulesContent)
    return AlertService(
        store,
        settings.rules,
        UserRules(file, target.url, settings.user_rule_channels, settings.cooldown_s),
        gateway,
        sentence_of=settings.sentence_of,
        on_alert=on_alert,
        on_trouble=on_trouble,
        quiet_hours=settings.quiet_hours,
        senders=settings.open_senders(),
    )


def follow_monitor(alerts: AlertService, monitor: "PresenceMonitor") -> None:
    """Update the alerts from now on when the link or the conversations change."""

    def on_link(status: LinkStatus) -> None:
        alerts.set_own_key(monitor.key)
        alerts.set_synced(status.state is LinkState.LIVE and status.fresh_until_s is None)

    monitor.link_changed.subscribe(on_link)
    monitor.conversations_changed.subscribe(alerts.set_conversations)
    alerts.set_conversations(monitor.conversations, are_all=False)
    on_link(monitor.connection_status())
