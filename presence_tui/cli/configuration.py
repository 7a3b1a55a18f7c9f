"""Settings, by precedence: flag, environment, TOML file, default.

For options that is click's own order (``envvar``, ``default_map``, ``default``).
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec
from click.core import ParameterSource
from platformdirs import user_data_path, user_state_path

from presence_tui.cli import setting_values as values
from presence_tui.cli.configuration_file import (
    ConfigurationFile,
    NotificationsTable,
    configuration_path,
    decode,
    in_file,
)
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import no_theme, say_phrase
from presence_tui.domain.limits import Bounds
from presence_tui.domain.rules import Rule
from presence_tui.text.language import Language, language_code
from presence_tui.wire.profiles import Profile

if TYPE_CHECKING:
    from presence_tui.cli.alert_settings import NotificationSettings
    from presence_tui.storage.saved_logins import SavedLogin

_APP: Final = "presence-tui"
_WEBHOOK: Final = frozenset({"PRESENCE_TUI_WEBHOOK", "PRESENCE_TUI_WEBHOOK_SECRET"})

OPTIONS: Final = (
    "gateway",
    "conversation",
    "profile",
    "token_file",
    "ca_file",
    "language",
    "theme",
    "ascii",
    "rule",
    "plain",
    "mouse",
    "escape_delay_ms",
)
"""Settings that are also options of commands: keys of the file and names of click's parameters."""


class Settings(msgspec.Struct, frozen=True):
    """The effective settings."""

    gateway: str | None
    """An address, or the name of a saved login."""
    conversation: str | None
    conversation_asked: str | None
    """The conversation named on the command line, which applies to any gateway."""
    profile: Profile | None
    """``None`` to detect it."""
    token_file: Path | None
    token_file_asked: bool
    """True if the file was named on the command line, which overrides a token in the environment."""
    ca_file: Path | None
    language: str | None
    theme: str | None
    ascii: bool
    plain: bool
    """Sentences instead of a screen."""
    reduced_motion: bool
    frames_per_second: int
    mouse: bool
    """False to leave the mouse to the terminal, for selecting text."""
    escape_delay_ms: int
    """How long to wait after esc for the rest of an escape sequence."""
    keys: Mapping[str, list[str]]
    """Keys by command name; missing commands keep their default keys."""
    rule: Rule
    bounds: Bounds
    history: bool
    """False to store no history."""
    history_days: float
    history_bytes: int
    notifications_asked: "NotificationSettings | None" = None
    """``None`` if nothing was configured."""
    saved_login: "SavedLogin | None" = None
    """The saved login selected by ``gateway``, if any."""

    @property
    def notifications(self) -> "NotificationSettings":
        """Alert rules and notification settings."""
        # Imported before the first paint only if something is configured, which may be invalid.
        from presence_tui.cli.alert_settings import NotificationSettings

        return self.notifications_asked or NotificationSettings()


def user_rules_folder() -> Path:
    """Folder of the alert rules made on the screen, one file per account."""
    return user_state_path(_APP) / "watch-rules"


def history_path() -> Path:
    """Path of the user's history."""
    return user_data_path(_APP) / "history.sqlite"


def view_state_folder() -> Path:
    """Folder of the user's view state."""
    return user_state_path(_APP) / "arrangements"


def defaults(file: Callable[[], ConfigurationFile]) -> dict[str, Callable[[], object]]:
    """The ``default_map`` of commands: options from the file, which is read on first use."""
    return {name: lambda name=name: getattr(file(), name) for name in OPTIONS}  # type: ignore[misc]


def settings_of(context: click.Context) -> Settings:
    """Return the settings of a command.

    Click reads options from command line, environment and file; the rest comes from environment or file only.
    An option the command does not have is not set. Raises ``CliError`` for an invalid value.
    """
    given, file, environment = context.params, file_of(context), os.environ
    conversation, token_file = given.get("conversation"), given.get("token_file")
    return Settings(
        gateway=given.get("gateway") or None,
        conversation=values.conversation_id(conversation or None),
        conversation_asked=conversation if _is_asked(context, "conversation") else None,
        profile=values.profile(given.get("profile")),
        token_file=_path(token_file),
        token_file_asked=token_file is not None and _is_asked(context, "token_file"),
        ca_file=_path(given.get("ca_file")),
        language=values.language(given.get("language")),
        theme=given.get("theme") or None,
        ascii=bool(given.get("ascii")),
        plain=bool(given.get("plain")),
        reduced_motion="PRESENCE_TUI_REDUCED_MOTION" in environment or file.reduced_motion,
        frames_per_second=values.frames(file.frames_per_second, environment),
        mouse=values.mouse(given.get("mouse"), environment),
        escape_delay_ms=values.escape_delay_ms(given.get("escape_delay_ms"), environment),
        keys=values.lists_of(file.keys),
        rule=values.rule_of(given.get("rule"), file.rule_limits),
        bounds=values.bounds_of(file, environment),
        history=file.history,
        history_days=file.history_days,
        history_bytes=file.history_mib * values.MIB,
        notifications_asked=_notifications(file, environment),
    )


def file_of(context: click.Context) -> ConfigurationFile:
    """The configuration file for the command's options. Raises ``CliError``."""
    read: Callable[[], ConfigurationFile] = context.obj
    return read()


def read_configuration(path: Path) -> ConfigurationFile:
    """Read the file; an empty one if it is missing. Raises ``CliError`` if it cannot be used."""
    file = decode(path)
    try:
        _check(file, os.environ)
    except CliError as problem:
        raise in_file(path, str(problem)) from problem
    return file


def check_configuration() -> None:
    """Raises ``CliError`` for a mistake in the file, as every command that uses it does."""
    file = read_configuration(configuration_path())
    values.rule_of(os.environ.get("PRESENCE_TUI_RULE") or file.rule, file.rule_limits)


def _check(file: ConfigurationFile, environment: Mapping[str, str]) -> None:
    """Check the values of the file, also those that the command or the environment overrides.

    Raises ``CliError``. Whether a rule has such limits is seen where the rule is known.
    """
    values.conversation_id(file.conversation or None)
    values.profile(file.profile)
    values.language(file.language)
    values.rule_of(file.rule, None)
    for name, limit_s in values.given_limits(file.rule_limits).items():
        values.check_within(limit_s, f"[rule_limits] {name}", values.MOST_LIMIT_S)
    values.bounds_of(file, {})
    values.frames(file.frames_per_second, environment)
    values.escape_delay_ms(file.escape_delay_ms, environment)
    values.check_within(file.history_days, "history_days", values.MOST_DAYS)
    values.check_within(file.history_mib, "history_mib", values.MOST)
    _notifications(file, environment)
    if file.theme:
        _check_theme(file.theme)
    if file.keys:
        _check_keys(file)


def _check_theme(name: str) -> None:
    from presence_tui.tui.themes import theme_names

    if name not in theme_names():
        raise CliError(no_theme(name, theme_names()), ExitCode.USAGE)


def _check_keys(file: ConfigurationFile) -> None:
    from presence_tui.tui.commands import commands
    from presence_tui.tui.keys import BadKeys, with_keys

    try:
        with_keys(commands(Language("en")), values.lists_of(file.keys))
    except BadKeys as problem:
        raise CliError(say_phrase(problem.sentence), ExitCode.USAGE) from problem


def configured_language() -> str | None:
    """The language in the file, or ``None`` if it cannot be read: errors are reported later, by a command."""
    try:
        return decode(configuration_path()).language
    except CliError:
        return None


def _notifications(file: ConfigurationFile, environment: Mapping[str, str]) -> "NotificationSettings | None":
    if not file.watch and file.notifications is None and _WEBHOOK.isdisjoint(environment):
        return None
    from presence_tui.cli.alert_settings import BadNotifications, notification_settings

    try:
        return notification_settings(file.watch, file.notifications or NotificationsTable(), environment)
    except BadNotifications as problem:
        raise CliError(say_phrase(problem.sentence), ExitCode.USAGE) from problem


def _is_asked(context: click.Context, option: str) -> bool:
    """True if the option was given on the command line."""
    return context.get_parameter_source(option) is ParameterSource.COMMANDLINE


def _path(path: Path | None) -> Path | None:
    return path.expanduser() if path and path != Path() else None


def language_from(settings: Settings) -> Language:
    """The configured language, otherwise that of the locale."""
    return Language(language_code(settings.language))
