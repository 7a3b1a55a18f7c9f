"""Options of the embedded gateway."""

import msgspec


class DemoOptions(msgspec.Struct, frozen=True):
    """The population of the embedded gateway."""

    participants: int = 24
    rate: float = 1.0
    seed: int = 7
    profile: str = "meeshy-2026"
    faults: tuple[str, ...] = ()
    """``NAME=VALUE`` each, checked before."""
