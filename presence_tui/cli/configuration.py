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
from platformdirs import user_config_path, user_data_path, user_state_path

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.language_option import no_theme, say, say_phrase
from presence_tui.cli.notification_tables import NotificationsTable, WatchTable
from presence_tui.domain.limits import Bounds
from presence_tui.domain.rules import RULES, Rule, flag_rule, meeshy_2025, meeshy_2026
from presence_tui.domain.system_reasons import reason_of
from presence_tui.service.target import CannotOpen
from presence_tui.storage.private_files import read_regular
from presence_tui.text.language import LANGUAGES, Language, language_code
from presence_tui.wire.profiles import PROFILES, Profile
from presence_tui.wire.sanitize import LONGEST_NAME_CELLS, is_safe_id, safe_text

if TYPE_CHECKING:
    from presence_tui.cli.notification_settings import NotificationSettings
    from presence_tui.storage.saved_logins import SavedLogin

AUTO: Final = "auto"
LEAST_FRAMES: Final = 5
MOST_FRAMES: Final = 60
FRAMES_OVER_SSH: Final = 20
ESCAPE_DELAY_MS: Final = 50
ESCAPE_DELAY_OVER_SSH_MS: Final = 100
MOST_ESCAPE_DELAY_MS: Final = 5_000
_IN_GNU_SCREEN: Final = "STY"
_APP: Final = "presence-tui"
_MIB: Final = 2**20
_WEBHOOK: Final = frozenset({"PRESENCE_TUI_WEBHOOK", "PRESENCE_TUI_WEBHOOK_SECRET"})
_LARGEST_FILE: Final = _MIB
_MOST: Final = 10**9
"""Upper limit of counts, beyond what fits into memory."""
_MOST_LIMIT_S: Final = 366 * 86_400
_MOST_DAYS: Final = 36_600
"""A century, beyond which no date may be left to delete."""
_MOST_FRAME_MIB: Final = 4_095
"""aiohttp counts the bytes of a frame in 32 bits."""


class CliError(CannotOpen):
    """The command cannot continue: a sentence for stderr and an exit code."""

    def __init__(self, sentence: str, code: ExitCode) -> None:
        super().__init__(sentence)
        self.code = code


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


class RuleLimits(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``[rule_limits]``: seconds; missing keys keep the rule's default."""

    online_s: float | None = None
    away_s: float | None = None
    idle_s: float | None = None
    trust_s: float | None = None


class ConfigurationFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The TOML file. Every key is optional."""

    gateway: str | None = None
    conversation: str | None = None
    profile: str | None = None
    token_file: str | None = None
    ca_file: str | None = None
    language: str | None = None
    theme: str | None = None
    ascii: bool = False
    plain: bool = False
    reduced_motion: bool = False
    frames_per_second: int | None = None
    mouse: bool | None = None
    escape_delay_ms: int | None = None
    keys: dict[str, str | list[str]] = {}
    rule: str | None = None
    rule_limits: RuleLimits | None = None
    max_frame_mib: int | None = None
    max_roster: int | None = None
    max_name_cells: int | None = None
    max_queue: int | None = None
    max_packets: int | None = None
    max_packets_mib: int | None = None
    history: bool = True
    history_days: float = 30
    history_mib: int = 256
    watch: list[WatchTable] = []
    notifications: NotificationsTable | None = None


_KNOWN_KEYS: Final = {
    "": ConfigurationFile.__struct_fields__,
    "rule_limits": RuleLimits.__struct_fields__,
    "watch": WatchTable.__struct_fields__,
    "notifications": NotificationsTable.__struct_fields__,
}
"""Keys of each table of the file."""


_LIMITS: Final = {
    "flag": ("online_s", "away_s"),
    "meeshy-2026": RuleLimits.__struct_fields__,
    "meeshy-2025": ("online_s", "away_s"),
}
"""The keys of ``[rule_limits]`` by rule, in rising order."""


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
        from presence_tui.cli.notification_settings import NotificationSettings

        return self.notifications_asked or NotificationSettings()


def configuration_path() -> Path:
    """Path of the TOML file."""
    return user_config_path(_APP) / "config.toml"


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
        conversation=_id(conversation or None),
        conversation_asked=conversation if _is_asked(context, "conversation") else None,
        profile=_profile(given.get("profile")),
        token_file=_path(token_file),
        token_file_asked=token_file is not None and _is_asked(context, "token_file"),
        ca_file=_path(given.get("ca_file")),
        language=_language(given.get("language")),
        theme=given.get("theme") or None,
        ascii=bool(given.get("ascii")),
        plain=bool(given.get("plain")),
        reduced_motion="PRESENCE_TUI_REDUCED_MOTION" in environment or file.reduced_motion,
        frames_per_second=_frames(file.frames_per_second, environment),
        mouse=_mouse(given.get("mouse"), environment),
        escape_delay_ms=_escape_delay(given.get("escape_delay_ms"), environment),
        keys=_lists(file.keys),
        rule=_rule(given.get("rule"), file.rule_limits),
        bounds=_bounds(file, environment),
        history=file.history,
        history_days=file.history_days,
        history_bytes=file.history_mib * _MIB,
        notifications_asked=_notifications(file, environment),
    )


def file_of(context: click.Context) -> ConfigurationFile:
    """The configuration file for the command's options. Raises ``CliError``."""
    read: Callable[[], ConfigurationFile] = context.obj
    return read()


def read_configuration(path: Path) -> ConfigurationFile:
    """Read the file; an empty one if it is missing. Raises ``CliError`` if it cannot be used."""
    file = _decode(path)
    try:
        _check(file, os.environ)
    except CliError as problem:
        raise _in_file(path, str(problem)) from problem
    return file


def check_configuration() -> None:
    """Raises ``CliError`` for a mistake in the file, as every command that uses it does."""
    file = read_configuration(configuration_path())
    _rule(os.environ.get("PRESENCE_TUI_RULE") or file.rule, file.rule_limits)


def _in_file(path: Path, sentence: str) -> CliError:
    return CliError(say("In {path}: {sentence}", path=path, sentence=sentence), ExitCode.USAGE)


def _decode(path: Path) -> ConfigurationFile:
    try:
        return msgspec.toml.decode(read_regular(path, _LARGEST_FILE), type=ConfigurationFile)
    except FileNotFoundError:
        return ConfigurationFile()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as problem:
        if isinstance(problem, OSError):
            reason = say_phrase(reason_of(problem))
        else:
            from presence_tui.cli.configuration_mistakes import mistake_in_file

            reason = mistake_in_file(problem, _KNOWN_KEYS)
        raise CliError(
            say("The configuration {path} cannot be used: {reason}.", path=path, reason=reason),
            ExitCode.USAGE,
        ) from problem
    except RecursionError as problem:
        raise CliError(
            say("The configuration {path} is nested too deeply.", path=path), ExitCode.USAGE
        ) from problem


def _check(file: ConfigurationFile, environment: Mapping[str, str]) -> None:
    """Check the values of the file, also those that the command or the environment overrides.

    Raises ``CliError``. Whether a rule has such limits is seen where the rule is known.
    """
    _id(file.conversation or None)
    _profile(file.profile)
    _language(file.language)
    _rule(file.rule, None)
    for name, limit_s in _given_limits(file.rule_limits).items():
        _within(limit_s, f"[rule_limits] {name}", _MOST_LIMIT_S)
    _bounds(file, {})
    _frames(file.frames_per_second, environment)
    _escape_delay(file.escape_delay_ms, environment)
    _within(file.history_days, "history_days", _MOST_DAYS)
    _within(file.history_mib, "history_mib", _MOST)
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
        with_keys(commands(Language("en")), _lists(file.keys))
    except BadKeys as problem:
        raise CliError(say_phrase(problem.sentence), ExitCode.USAGE) from problem


def _lists(keys: Mapping[str, str | list[str]]) -> dict[str, list[str]]:
    return {name: [each] if isinstance(each, str) else each for name, each in keys.items()}


def configured_language() -> str | None:
    """The language in the file, or ``None`` if it cannot be read: errors are reported later, by a command."""
    try:
        return _decode(configuration_path()).language
    except CliError:
        return None


def _id(conversation: str | None) -> str | None:
    if conversation is not None and not is_safe_id(conversation):
        raise CliError(say("{title!r} is no conversation.", title=safe_text(conversation)), ExitCode.USAGE)
    return conversation


def _language(code: str | None) -> str | None:
    if code and code not in LANGUAGES:
        raise CliError(say("There is no language {code!r}; choose en or fr.", code=code), ExitCode.USAGE)
    return code or None


def _profile(name: str | None) -> Profile | None:
    if not name or name == AUTO:
        return None
    if name not in PROFILES:
        known = ", ".join((AUTO, *PROFILES))
        raise CliError(
            say("There is no profile {name!r}; choose one of {known}.", name=name, known=known),
            ExitCode.USAGE,
        )
    return PROFILES[name]


def _rule(name: str | None, limits: RuleLimits | None) -> Rule:
    chosen = name or "flag"
    makers = {"flag": flag_rule, "meeshy-2026": meeshy_2026, "meeshy-2025": meeshy_2025}
    if chosen not in makers:
        raise CliError(
            say("There is no rule {name!r}; choose one of {known}.", name=chosen, known=", ".join(RULES)),
            ExitCode.USAGE,
        )
    given, known = _given_limits(limits), _LIMITS[chosen]
    if unknown := [name for name in given if name not in known]:
        sentence = say("[rule_limits]: rule {name} has no {limits}.", name=chosen, limits=", ".join(unknown))
        raise _in_file(configuration_path(), sentence)
    try:
        return makers[chosen](**given)
    except ValueError as problem:
        rising = " < ".join(name for name in known if name != "trust_s")
        sentence = say("[rule_limits]: rule {name} needs {limits}.", name=chosen, limits=rising)
        raise _in_file(configuration_path(), sentence) from problem


def _given_limits(limits: RuleLimits | None) -> dict[str, float]:
    given = msgspec.structs.asdict(limits or RuleLimits())
    return {name: limit_s for name, limit_s in given.items() if limit_s is not None}


def _bounds(file: ConfigurationFile, environment: Mapping[str, str]) -> Bounds:
    usual = Bounds()

    def pick(name: str, default: int, most: int) -> int:
        given = environment.get(f"PRESENCE_TUI_{name.upper()}") or getattr(file, name)
        try:
            number = default if given is None else int(given)
        except ValueError:
            number = 0
        if not 1 <= number <= most:
            raise CliError(
                say("{name} must be a whole number from 1 to {most}.", name=name, most=most), ExitCode.USAGE
            )
        return number

    return Bounds(
        frame_bytes=pick("max_frame_mib", usual.frame_bytes // _MIB, _MOST_FRAME_MIB) * _MIB,
        roster=pick("max_roster", usual.roster, _MOST),
        name_cells=pick("max_name_cells", usual.name_cells, LONGEST_NAME_CELLS),
        queue=pick("max_queue", usual.queue, _MOST),
        packets=pick("max_packets", usual.packets, _MOST),
        packet_bytes=pick("max_packets_mib", usual.packet_bytes // _MIB, _MOST_FRAME_MIB) * _MIB,
    )


def _notifications(file: ConfigurationFile, environment: Mapping[str, str]) -> "NotificationSettings | None":
    if not file.watch and file.notifications is None and _WEBHOOK.isdisjoint(environment):
        return None
    from presence_tui.cli.notification_settings import BadNotifications, notification_settings

    try:
        return notification_settings(file.watch, file.notifications or NotificationsTable(), environment)
    except BadNotifications as problem:
        raise CliError(say_phrase(problem.sentence), ExitCode.USAGE) from problem


def _frames(in_file: int | None, environment: Mapping[str, str]) -> int:
    """The configured rate; by default lower over SSH, where every frame uses bandwidth."""
    if in_file is None:
        return FRAMES_OVER_SSH if _is_over_ssh(environment) else MOST_FRAMES
    if not LEAST_FRAMES <= in_file <= MOST_FRAMES:
        raise CliError(
            say("frames_per_second must be from {least} to {most}.", least=LEAST_FRAMES, most=MOST_FRAMES),
            ExitCode.USAGE,
        )
    return in_file


def _is_asked(context: click.Context, option: str) -> bool:
    """True if the option was given on the command line."""
    return context.get_parameter_source(option) is ParameterSource.COMMANDLINE


def _escape_delay(given: int | None, environment: Mapping[str, str]) -> int:
    """The configured delay; by default longer over SSH, which may split the bytes of a key."""
    if given is None:
        return ESCAPE_DELAY_OVER_SSH_MS if _is_over_ssh(environment) else ESCAPE_DELAY_MS
    if not 1 <= given <= MOST_ESCAPE_DELAY_MS:
        raise CliError(
            say("escape_delay_ms must be from {least} to {most}.", least=1, most=MOST_ESCAPE_DELAY_MS),
            ExitCode.USAGE,
        )
    return given


def _mouse(given: bool | None, environment: Mapping[str, str]) -> bool:
    """The configured choice; by default off in GNU screen, which with a mouse holds back esc until the next
    key.
    """
    return _IN_GNU_SCREEN not in environment if given is None else given


def _is_over_ssh(environment: Mapping[str, str]) -> bool:
    return not {"SSH_CONNECTION", "SSH_TTY"}.isdisjoint(environment)


def _within(number: float, name: str, most: int) -> None:
    if not 0 < number <= most:
        raise CliError(
            say("{name} must be more than 0, and at most {most}.", name=name, most=most), ExitCode.USAGE
        )


def _path(path: Path | None) -> Path | None:
    return path.expanduser() if path and path != Path() else None


def language_from(settings: Settings) -> Language:
    """The configured language, otherwise that of the locale."""
    return Language(language_code(settings.language))
