"""Puts alerts together: watch rules of the configuration and of the screen, commands and webhooks."""

import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from presence_tui.alerts.courier import Sender
from presence_tui.alerts.desk import Desk, Front
from presence_tui.alerts.own_rules import OwnRules, OwnRulesContent
from presence_tui.alerts.rules import Way
from presence_tui.alerts.terminal_notices import Sequence, is_in_tmux, notification, sequence_for
from presence_tui.cli.configuration import Settings, Stop, own_rules_folder
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.notification_settings import AUTO, NONE, NotificationSettings
from presence_tui.cli.targets import Target, trusted
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.store import PresenceStore
from presence_tui.transport.private_files import NotPrivate, read_private
from presence_tui.transport.state_files import StateFile
from presence_tui.tui.alerting import AlertSetup

if TYPE_CHECKING:
    # Only to say what it is: its imports take time, and who begins to look for it may have none.
    from presence_tui.monitor.watch import Watch


def make_desk(
    settings: Settings, store: PresenceStore, target: Target, gateway_name: str, folder: Path | None
) -> Desk:
    """The desk of a target; rules made on the screen are kept in the folder, if there is one.

    Inside of a running event loop. Raises ``Stop`` for a secret or a CA file that cannot be used.
    """
    wanted = settings.notifications
    file = None
    if folder is not None:
        of_whom = f"{target.address.url}\n{target.credential.owner_hint}"
        name = hashlib.blake2b(of_whom.encode(), digest_size=12).hexdigest()
        file = StateFile(folder / f"{name}.json", OwnRulesContent)
    return Desk(
        store,
        wanted.rules,
        OwnRules(file, target.address.url, wanted.ways, wanted.cooldown_s),
        gateway_name,
        quiet_hours=wanted.quiet_hours,
        senders=senders(settings),
    )


def screen_setup(
    settings: Settings, store: PresenceStore, target: Target, gateway_name: str, folder: Path | None
) -> AlertSetup:
    """The desk for a screen, and how its terminal is asked for a notification. Raises ``Stop``."""
    desk = make_desk(settings, store, target, gateway_name, folder)
    sequence = terminal_sequence(settings.notifications, os.environ)
    if settings.notifications.terminal == NONE:
        # Not wanted, which is no news to who said so.
        return AlertSetup(desk, lambda text: "")
    if sequence is None:
        return AlertSetup(desk)
    return AlertSetup(desk, partial(notification, sequence, in_tmux=is_in_tmux(os.environ)))


@asynccontextmanager
async def alerted(
    watch: "Watch",
    target: Target,
    settings: Settings,
    gateway_name: str,
    front: Front,
) -> AsyncIterator[None]:
    """Inside of the block, what watch rules wait for is told without a screen. Raises ``Stop``."""
    # What is made up for a demo keeps nothing.
    folder = None if settings.gateway is None else own_rules_folder()
    desk = make_desk(settings, watch.store, target, gateway_name, folder)
    try:
        await desk.open(front)
        follow(desk, watch)
        yield
    finally:
        await desk.close()


def follow(desk: Desk, watch: "Watch") -> None:
    """From here on the desk knows how the link is, and which conversations there are."""

    def on_link(status: LinkStatus) -> None:
        desk.note_link(status.state is LinkState.LIVE and status.fresh_until_s is None)

    watch.link_changed.subscribe(on_link)
    watch.conversations_changed.subscribe(desk.know_conversations)
    desk.know_conversations(watch.conversations, are_all=False)
    on_link(watch.connection_status())


def senders(settings: Settings) -> dict[Way, Sender]:
    """The ways that need no screen, as far as they are set up. Raises ``Stop``."""
    wanted, found = settings.notifications, dict[Way, Sender]()
    if wanted.command:
        from presence_tui.alerts.command import Command

        found[Way.COMMAND] = Command(wanted.command, wanted.command_limit_s)
    if wanted.webhook is not None:
        from presence_tui.alerts.webhook import Webhook

        found[Way.WEBHOOK] = Webhook(wanted.webhook, trusted(settings), secret=_secret(wanted))
    return found


def terminal_sequence(wanted: NotificationSettings, environment: Mapping[str, str]) -> Sequence | None:
    """What the terminal shows notifications by; ``None`` where it is not known or not wanted."""
    if isinstance(wanted.terminal, Sequence):
        return wanted.terminal
    return sequence_for(environment) if wanted.terminal == AUTO else None


def _secret(wanted: NotificationSettings) -> str:
    path = wanted.webhook_secret_file
    if wanted.webhook_secret or path is None:
        return wanted.webhook_secret
    try:
        secret = read_private(path).decode().strip()
    except NotPrivate as problem:
        raise Stop(f"Others can read {path}; chmod 600 {path} keeps it private.", ExitCode.USAGE) from problem
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it holds no text"
        raise Stop(f"The webhook's secret {path} cannot be read: {reason}.", ExitCode.USAGE) from problem
    if not secret:
        raise Stop(f"The webhook's secret {path} is empty.", ExitCode.USAGE)
    return secret
