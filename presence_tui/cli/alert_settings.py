"""Validates ``[[watch]]`` and ``[notifications]``, and builds the channels that leave the screen."""

import os
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from presence_tui.alerts.router import BadHours, QuietHours
from presence_tui.alerts.rules import COOLDOWN_S, DEFAULT_AFTER_S, AlertRule, BadRule, Channel, Trigger
from presence_tui.alerts.terminal_notices import OscProtocol, is_in_tmux, notification, protocol_for
from presence_tui.cli.configuration_file import NotificationsTable, WatchTable
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.domain.system_reasons import reason_of
from presence_tui.domain.translatable import Phrase, PhraseError, phrase
from presence_tui.storage.private_files import NotPrivate, read_private
from presence_tui.wire.sanitize import safe_text

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from ssl import SSLContext

    from presence_tui.alerts.delivery import Sender
    from presence_tui.alerts.webhook import WebhookAddress

AUTO: Final = "auto"
NONE: Final = "none"
_CommandLimit = Annotated[float, msgspec.Meta(gt=0, le=600)]
_DEFAULT_CHANNELS: Final = (Channel.TOAST, Channel.BELL)


class BadNotifications(PhraseError):
    """An invalid setting; the message is a sentence that names the table."""


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """The effective alert rules and channels."""

    rules: tuple[AlertRule, ...] = ()
    channels: frozenset[Channel] = frozenset(_DEFAULT_CHANNELS)
    """Channels of rules without their own, and of rules made on the screen."""
    cooldown_s: float = COOLDOWN_S
    quiet_hours: QuietHours | None = None
    terminal: OscProtocol | str = AUTO
    """A sequence, or ``auto`` or ``none``."""
    command: tuple[str, ...] = ()
    command_limit_s: float = 10.0
    webhook: "WebhookAddress | None" = None
    webhook_secret: str = field(default="", repr=False)
    """From the environment; it overrides the file."""
    webhook_secret_file: Path | None = None


def notification_settings(
    rules: list[WatchTable], table: NotificationsTable, environment: Mapping[str, str]
) -> NotificationSettings:
    """Validate the tables and the environment. Raises ``BadNotifications``."""
    where = "[notifications]"
    default_channels = frozenset(_DEFAULT_CHANNELS) if table.by is None else _channels(table.by, where)
    cooldown_s = COOLDOWN_S if table.cooldown_s is None else table.cooldown_s
    command_limit_s = _read(
        table.command_limit_s,
        _CommandLimit,
        phrase("[notifications]: command_limit_s must be more than 0, at most 600."),
    )
    if table.command and not table.command[0]:
        raise BadNotifications(phrase("[notifications]: command must begin with a program."))
    # Validated like a rule's, because rules inherit it.
    _checked(where, kind=Trigger.COMES, cooldown_s=cooldown_s)
    settings = NotificationSettings(
        rules=tuple(
            _rule(each, number, default_channels, cooldown_s) for number, each in enumerate(rules, 1)
        ),
        channels=default_channels,
        cooldown_s=cooldown_s,
        quiet_hours=_quiet_hours(table.quiet),
        terminal=AUTO if table.terminal is None else _terminal(table.terminal),
        command=tuple(table.command),
        command_limit_s=command_limit_s,
        webhook=_webhook(environment.get("PRESENCE_TUI_WEBHOOK") or table.webhook),
        webhook_secret=environment.get("PRESENCE_TUI_WEBHOOK_SECRET", "").strip(),
        webhook_secret_file=Path(table.webhook_secret_file).expanduser()
        if table.webhook_secret_file
        else None,
    )
    _require_channel_targets(settings)
    return settings


def _rule(
    table: WatchTable, number: int, default_channels: frozenset[Channel], usual_cooldown_s: float
) -> AlertRule:
    where = f"[[watch]] {number}" + (f" ({safe_text(table.name)})" if table.name else "")
    kind = _read(
        table.when,
        Trigger,
        phrase(
            "{table}: there is no when {name!r}; choose one of {known}.",
            table=where,
            name=safe_text(table.when),
            known=", ".join(Trigger),
        ),
    )
    return _checked(
        where,
        kind=kind,
        who=tuple(map(_composed, [table.who] if isinstance(table.who, str) else table.who)),
        role=_composed(table.role).lower(),
        conversation=_composed(table.conversation),
        after_s=DEFAULT_AFTER_S.get(kind, 0.0) if table.after_s is None else table.after_s,
        cooldown_s=usual_cooldown_s if table.cooldown_s is None else table.cooldown_s,
        channels=default_channels if table.by is None else _channels(table.by, where),
        name=_composed(table.name),
    )


def _checked(where: str, **fields: object) -> AlertRule:
    try:
        return AlertRule(**fields)  # type: ignore[arg-type]
    except BadRule as problem:
        raise BadNotifications(phrase("{label}: {text}", label=where, text=problem.sentence)) from problem


def _read(value: object, kind: Any, sentence: Phrase) -> Any:
    """Convert a value to an enum or a type with limits. Raises ``BadNotifications`` with the sentence."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as problem:
        raise BadNotifications(sentence) from problem


def _channels(names: str | list[str], where: str) -> frozenset[Channel]:
    return frozenset(
        _read(
            name,
            Channel,
            phrase(
                "{table}: unknown channel {name!r}; choose one of {known}.",
                table=where,
                name=safe_text(name),
                known=", ".join(Channel),
            ),
        )
        for name in ([names] if isinstance(names, str) else names)
    )


def _quiet_hours(text: str | None) -> QuietHours | None:
    try:
        return None if text is None else QuietHours.parse(text)
    except BadHours as problem:
        raise BadNotifications(problem.sentence) from problem


def _terminal(name: str) -> OscProtocol | str:
    if name in (AUTO, NONE):
        return name
    protocol: OscProtocol = _read(
        name,
        OscProtocol,
        phrase(
            "[notifications]: there is no terminal {name!r}; choose one of {known}.",
            name=safe_text(name),
            known=", ".join([AUTO, *OscProtocol, NONE]),
        ),
    )
    return protocol


def _webhook(text: str | None) -> "WebhookAddress | None":
    if text is None:
        return None
    from presence_tui.alerts.webhook import BadWebhook, WebhookAddress

    try:
        return WebhookAddress.parse(text)
    except BadWebhook as problem:
        # Without the address, which may contain a secret.
        raise BadNotifications(problem.sentence) from problem


def _require_channel_targets(settings: NotificationSettings) -> None:
    wanted = settings.channels.union(*(rule.channels for rule in settings.rules))
    if Channel.COMMAND in wanted and not settings.command:
        raise BadNotifications(phrase("[notifications]: by command needs a command."))
    if Channel.WEBHOOK in wanted and settings.webhook is None:
        raise BadNotifications(
            phrase("[notifications]: by webhook needs a webhook (or PRESENCE_TUI_WEBHOOK).")
        )


def _composed(text: str) -> str:
    """Normalize to NFC, as stored names are: editors save accented letters composed or decomposed."""
    return unicodedata.normalize("NFC", text)


def terminal_notification(wanted: NotificationSettings) -> Callable[[str], str] | None:
    """Return a function that builds a notification sequence; ``None`` if the terminal supports none."""
    if wanted.terminal == NONE:
        # Turned off by the user: no warning about missing support.
        return lambda text: ""
    sequence = terminal_sequence(wanted, os.environ)
    if sequence is None:
        return None
    return partial(notification, sequence, in_tmux=is_in_tmux(os.environ))


def senders(wanted: NotificationSettings, open_tls: "Callable[[], SSLContext]") -> "dict[Channel, Sender]":
    """Build the senders for configured commands and webhooks. Raises ``CliError``."""
    found: dict[Channel, Sender] = {}
    if wanted.command:
        from presence_tui.alerts.command import Command

        found[Channel.COMMAND] = Command(wanted.command, wanted.command_limit_s)
    if wanted.webhook is not None:
        from presence_tui.alerts.webhook import Webhook

        found[Channel.WEBHOOK] = Webhook(wanted.webhook, open_tls(), secret=_secret(wanted))
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
