"""Who lives at an embedded gateway."""

import msgspec


class DemoOptions(msgspec.Struct, frozen=True):
    """Who lives at the embedded gateway."""

    participants: int = 24
    rate: float = 1.0
    seed: int = 7
    profile: str = "meeshy-2026"
