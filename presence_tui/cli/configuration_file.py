"""The configuration file: its tables and keys, and reading it."""

from pathlib import Path
from typing import Final

import msgspec
from platformdirs import user_config_path

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.domain.system_reasons import reason_of
from presence_tui.storage.private_files import read_regular

_APP: Final = "presence-tui"
_LARGEST_FILE: Final = 2**20


class WatchTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One ``[[watch]]``."""

    when: str
    who: str | list[str] = []
    role: str = ""
    conversation: str = ""
    after_s: float | None = None
    cooldown_s: float | None = None
    by: str | list[str] | None = None
    name: str = ""


class NotificationsTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``[notifications]``."""

    by: str | list[str] | None = None
    quiet: str | None = None
    cooldown_s: float | None = None
    terminal: str | None = None
    command: list[str] = []
    command_limit_s: float = 10.0
    webhook: str | None = None
    webhook_secret_file: str | None = None


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


def configuration_path() -> Path:
    """Path of the TOML file."""
    return user_config_path(_APP) / "config.toml"


def decode(path: Path) -> ConfigurationFile:
    """Read the file, unchecked; an empty one if it is missing. Raises ``CliError``."""
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


def in_file(path: Path, sentence: str) -> CliError:
    """A mistake in the file."""
    return CliError(say("In {path}: {sentence}", path=path, sentence=sentence), ExitCode.USAGE)
