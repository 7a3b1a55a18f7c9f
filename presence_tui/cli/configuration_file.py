"""The configuration file: its tables and keys, reading it, and what is wrong in one that cannot be read."""

import re
from pathlib import Path
from typing import Final

import msgspec
from platformdirs import user_config_path

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import marked, say, say_phrase, say_raw
from presence_tui.domain.system_reasons import reason_of
from presence_tui.storage.private_files import read_regular
from presence_tui.text.nearest import nearest
from presence_tui.wire.sanitize import safe_text

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

# Messages of msgspec.
_UNKNOWN: Final = r"(?s)Object contains unknown field `(?P<key>.*?)`(?: - at `\$\.(?P<place>.*)`)?"
_MISSING: Final = r"Object missing required field `(?P<key>.*)` - at `\$\.(?P<place>.*)`"
_WRONG_TYPE: Final = r"Expected `(?P<kinds>[^`]*)`, got `[^`]*` - at `\$\.(?P<place>.*)`"
_NO_TOML: Final = r"(?s).*\(at line (?P<line>\d+), column (?P<column>\d+)\)"
_NO_END: Final = r"(?s).*\(at end of document\)"
_ELEMENT: Final = r"(?P<name>\w+)\[(?P<index>\d+|\.\.\.)\]"
_KINDS: Final = {
    "str": marked("a text"),
    "int": marked("a whole number"),
    "float": marked("a number"),
    "bool": marked("true or false"),
    "array": marked("a list"),
    "object": marked("a table"),
}
"""Types by msgspec's names."""


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
        reason = say_phrase(reason_of(problem)) if isinstance(problem, OSError) else _mistake(problem)
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


def _mistake(problem: Exception) -> str:
    """Which setting is wrong and what it should be, as the end of a sentence. ``problem`` is msgspec's."""
    text = str(problem)
    if found := re.fullmatch(_UNKNOWN, text):
        table, key = _table(found["place"] or ""), safe_text(found["key"])
        likely = nearest(key, _KNOWN_KEYS.get((found["place"] or "").partition("[")[0], ()))
        setting = f"{table} {key}".strip()
        if likely is None:
            return say("there is no setting {setting!r}", setting=setting)
        return say(
            "there is no setting {setting!r}; perhaps {likely} is meant", setting=setting, likely=likely
        )
    if found := re.fullmatch(_MISSING, text):
        return say("{table} lacks {key}", table=_table(found["place"]), key=found["key"])
    if found := re.fullmatch(_WRONG_TYPE, text):
        kinds = [say_raw(_KINDS[kind]) for kind in found["kinds"].split(" | ") if kind in _KINDS]
        return say("{setting} must be {kind}", setting=_setting(found["place"]), kind=say(" or ").join(kinds))
    if found := re.fullmatch(_NO_TOML, text):
        return say(
            "it is no TOML at line {line}, column {column}", line=found["line"], column=found["column"]
        )
    if re.fullmatch(_NO_END, text):
        return say("it is no TOML: something is missing at its end")
    return safe_text(text)


def _table(place: str) -> str:
    """A table as written in the file."""
    if found := re.fullmatch(_ELEMENT, place):
        number = "" if found["index"] == "..." else f" {int(found['index']) + 1}"
        return f"[[{found['name']}]]{number}"
    return f"[{place}]" if place else ""


def _setting(place: str) -> str:
    """A setting with its table."""
    table, _, key = place.rpartition(".")
    if not table and (found := re.fullmatch(_ELEMENT, key)):
        return f"[{found['name']}]"
    found = re.fullmatch(_ELEMENT, key)
    return f"{_table(table)} {found['name'] if found else key}".strip()
