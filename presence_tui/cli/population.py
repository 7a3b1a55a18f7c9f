"""Who lives at an embedded gateway."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Population:
    """Who lives at the embedded gateway."""

    participants: int = 24
    rate: float = 1.0
    seed: int = 7
    profile: str = "meeshy-2026"
