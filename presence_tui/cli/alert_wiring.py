"""Build the alert channels outside of the screen: commands, webhooks and terminal notifications."""

import os
from collections.abc import Callable, Mapping
from functools import partial

from presence_tui.alerts.delivery_queue import Sender
from presence_tui.alerts.rules import Channel
from presence_tui.alerts.terminal_notices import OscProtocol, is_in_tmux, notification, protocol_for
from presence_tui.cli.configuration import Settings
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.cli.notification_settings import AUTO, NONE, NotificationSettings
from presence_tui.cli.targets import tls_context_for
from presence_tui.domain.system_reasons import reason_of
from presence_tui.storage.private_files import NotPrivate, read_private


def terminal_notification(settings: Settings) -> Callable[[str], str] | None:
    """Return a function that builds a notification sequence; ``None`` if the terminal supports none."""
    if settings.notifications.terminal == NONE:
        # Turned off by the user: no warning about missing support.
        return lambda text: ""
    sequence = terminal_sequence(settings.notifications, os.environ)
    if sequence is None:
        return None
    return partial(notification, sequence, in_tmux=is_in_tmux(os.environ))


def senders(settings: Settings) -> dict[Channel, Sender]:
    """Build the senders for configured commands and webhooks. Raises ``CliError``."""
    wanted, found = settings.notifications, dict[Channel, Sender]()
    if wanted.command:
        from presence_tui.alerts.command import Command

        found[Channel.COMMAND] = Command(wanted.command, wanted.command_limit_s)
    if wanted.webhook is not None:
        from presence_tui.alerts.webhook import Webhook

        found[Channel.WEBHOOK] = Webhook(wanted.webhook, tls_context_for(settings), secret=_secret(wanted))
    return found


def terminal_sequence(wanted: NotificationSettings, environment: Mapping[str, str]) -> OscProtocol | None:
    """The notification protocol of the terminal; ``None`` if unknown or turned off."""
    if isinstance(wanted.terminal, OscProtocol):
        return wanted.terminal
    return protocol_for(environment) if wanted.terminal == AUTO else None


def _secret(wanted: NotificationSettings) -> str:
    path = wanted.webhook_secret_file
    if wanted.webhook_secret or path is None:
        return wanted.webhook_secret
    try:
        secret = read_private(path).decode().strip()
    except NotPrivate as problem:
        raise CliError(
            say("Others can read {path}; chmod 600 {path} keeps it private.", path=path), ExitCode.USAGE
        ) from problem
    except (OSError, UnicodeDecodeError) as problem:
        reason = say_phrase(reason_of(problem)) if isinstance(problem, OSError) else say("it holds no text")
        raise CliError(
            say("The webhook's secret {path} cannot be read: {reason}.", path=path, reason=reason),
            ExitCode.USAGE,
        ) from problem
    if not secret:
        raise CliError(say("The webhook's secret {path} is empty.", path=path), ExitCode.USAGE)
    return secret
