"""Values of settings: what each may be, and what it is without one. They raise ``CliError``."""

from collections.abc import Mapping
from typing import Final

import msgspec

from presence_tui.cli.configuration_file import ConfigurationFile, RuleLimits, configuration_path, in_file
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say
from presence_tui.domain.limits import Bounds
from presence_tui.domain.rules import RULES, Rule, flag_rule, meeshy_2025, meeshy_2026
from presence_tui.text.language import LANGUAGES
from presence_tui.wire.profiles import PROFILES, Profile
from presence_tui.wire.sanitize import LONGEST_NAME_CELLS, is_safe_id, safe_text

AUTO: Final = "auto"
LEAST_FRAMES: Final = 5
MOST_FRAMES: Final = 60
FRAMES_OVER_SSH: Final = 20
ESCAPE_DELAY_MS: Final = 50
ESCAPE_DELAY_OVER_SSH_MS: Final = 100
MOST_ESCAPE_DELAY_MS: Final = 5_000
_IN_GNU_SCREEN: Final = "STY"
MIB: Final = 2**20
MOST: Final = 10**9
"""Upper limit of counts, beyond what fits into memory."""
MOST_LIMIT_S: Final = 366 * 86_400
MOST_DAYS: Final = 36_600
"""A century, beyond which no date may be left to delete."""
_MOST_FRAME_MIB: Final = 4_095
"""aiohttp counts the bytes of a frame in 32 bits."""
_LIMITS: Final = {
    "flag": ("online_s", "away_s"),
    "meeshy-2026": RuleLimits.__struct_fields__,
    "meeshy-2025": ("online_s", "away_s"),
}
"""The keys of ``[rule_limits]`` by rule, in rising order."""


def conversation_id(conversation: str | None) -> str | None:
    """An id, identifier or title, as given."""
    if conversation is not None and not is_safe_id(conversation):
        raise CliError(say("{title!r} is no conversation.", title=safe_text(conversation)), ExitCode.USAGE)
    return conversation


def language(code: str | None) -> str | None:
    """A code that there is; ``None`` for the locale's."""
    if code and code not in LANGUAGES:
        raise CliError(say("There is no language {code!r}; choose en or fr.", code=code), ExitCode.USAGE)
    return code or None


def profile(name: str | None) -> Profile | None:
    """``None`` to detect it."""
    if not name or name == AUTO:
        return None
    if name not in PROFILES:
        known = ", ".join((AUTO, *PROFILES))
        raise CliError(
            say("There is no profile {name!r}; choose one of {known}.", name=name, known=known),
            ExitCode.USAGE,
        )
    return PROFILES[name]


def rule_of(name: str | None, limits: RuleLimits | None) -> Rule:
    """The rule of this name, with limits."""
    chosen = name or "flag"
    makers = {"flag": flag_rule, "meeshy-2026": meeshy_2026, "meeshy-2025": meeshy_2025}
    if chosen not in makers:
        raise CliError(
            say("There is no rule {name!r}; choose one of {known}.", name=chosen, known=", ".join(RULES)),
            ExitCode.USAGE,
        )
    given, known = given_limits(limits), _LIMITS[chosen]
    if unknown := [name for name in given if name not in known]:
        sentence = say("[rule_limits]: rule {name} has no {limits}.", name=chosen, limits=", ".join(unknown))
        raise in_file(configuration_path(), sentence)
    try:
        return makers[chosen](**given)
    except ValueError as problem:
        rising = " < ".join(name for name in known if name != "trust_s")
        sentence = say("[rule_limits]: rule {name} needs {limits}.", name=chosen, limits=rising)
        raise in_file(configuration_path(), sentence) from problem


def given_limits(limits: RuleLimits | None) -> dict[str, float]:
    """The limits that are set."""
    given = msgspec.structs.asdict(limits or RuleLimits())
    return {name: limit_s for name, limit_s in given.items() if limit_s is not None}


def bounds_of(file: ConfigurationFile, environment: Mapping[str, str]) -> Bounds:
    """Limits of what is accepted, from environment and file."""
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
        frame_bytes=pick("max_frame_mib", usual.frame_bytes // MIB, _MOST_FRAME_MIB) * MIB,
        roster=pick("max_roster", usual.roster, MOST),
        name_cells=pick("max_name_cells", usual.name_cells, LONGEST_NAME_CELLS),
        queue=pick("max_queue", usual.queue, MOST),
        packets=pick("max_packets", usual.packets, MOST),
        packet_bytes=pick("max_packets_mib", usual.packet_bytes // MIB, _MOST_FRAME_MIB) * MIB,
    )


def lists_of(keys: Mapping[str, str | list[str]]) -> dict[str, list[str]]:
    """Keys by command."""
    return {name: [each] if isinstance(each, str) else each for name, each in keys.items()}


def frames(in_file: int | None, environment: Mapping[str, str]) -> int:
    """The configured rate; by default lower over SSH, where every frame uses bandwidth."""
    if in_file is None:
        return FRAMES_OVER_SSH if _is_over_ssh(environment) else MOST_FRAMES
    if not LEAST_FRAMES <= in_file <= MOST_FRAMES:
        raise CliError(
            say("frames_per_second must be from {least} to {most}.", least=LEAST_FRAMES, most=MOST_FRAMES),
            ExitCode.USAGE,
        )
    return in_file


def escape_delay_ms(given: int | None, environment: Mapping[str, str]) -> int:
    """The configured delay; by default longer over SSH, which may split the bytes of a key."""
    if given is None:
        return ESCAPE_DELAY_OVER_SSH_MS if _is_over_ssh(environment) else ESCAPE_DELAY_MS
    if not 1 <= given <= MOST_ESCAPE_DELAY_MS:
        raise CliError(
            say("escape_delay_ms must be from {least} to {most}.", least=1, most=MOST_ESCAPE_DELAY_MS),
            ExitCode.USAGE,
        )
    return given


def mouse(given: bool | None, environment: Mapping[str, str]) -> bool:
    """The configured choice; by default off in GNU screen, which with a mouse holds back esc until the next
    key.
    """
    return _IN_GNU_SCREEN not in environment if given is None else given


def _is_over_ssh(environment: Mapping[str, str]) -> bool:
    return not {"SSH_CONNECTION", "SSH_TTY"}.isdisjoint(environment)


def check_within(number: float, name: str, most: int) -> None:
    """Raise unless a number is in its range."""
    if not 0 < number <= most:
        raise CliError(
            say("{name} must be more than 0, and at most {most}.", name=name, most=most), ExitCode.USAGE
        )
