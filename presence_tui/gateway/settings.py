"""Settings of an embedded gateway."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from presence_tui.domain.translatable import PhraseError, phrase
from presence_tui.gateway.faults import FaultName
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026, PROFILES, Profile


class BadChoice(PhraseError):
    """An invalid setting; ``sentence`` says why, without a full stop."""


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Settings of one gateway. Raises ``BadChoice``."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 chooses a free port at the first start and keeps it over restarts."""
    profile: str = MEESHY_2026.name
    participants: int = 24
    """Members of the main conversation besides the observer."""
    rate: float = 1.0
    """Mean ``user:status`` events per second; 0 disables the simulation."""
    seed: int = 7
    faults: Mapping[FaultName, float] = field(default_factory=dict)
    """What is wrong on purpose, for practice."""
    secret: str | None = field(default=None, repr=False)
    """Signs the tokens; by default a random secret per gateway."""
    ping_interval_s: float | None = None
    """Whole seconds, because python-engineio announces nothing finer. By default from the profile."""
    ping_timeout_s: float | None = None
    requests_per_minute: int = 300
    """REST budget per address (wire contract, section 3.6)."""
    second_factor: bool = False
    """Logins require a code (``meeshy-2026``)."""
    recovery: bool = False
    """Append an offset argument to events, as Socket.IO's connection state recovery does."""
    authentication_grace_s: float = 10.0
    """Time limit of a connection without credentials (``meeshy-2026``)."""
    online_stats_every_s: float = 10.0
    """Interval of ``conversation:online_stats`` (``meeshy-2025``)."""

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise BadChoice(
                phrase(
                    "profile must be one of {known}, not {name!r}",
                    known=", ".join(sorted(PROFILES)),
                    name=self.profile,
                )
            )
        if self.participants < 1:
            raise BadChoice(phrase("participants must be at least 1"))
        if self.rate < 0:
            raise BadChoice(phrase("rate must be 0 or more events a second"))
        if not 0 <= self.port <= 65535:
            raise BadChoice(phrase("port must be between 0 and 65535"))
        if self.second_factor and self.contract is not MEESHY_2026:
            raise BadChoice(phrase("only meeshy-2026 has a second factor"))

    @property
    def contract(self) -> Profile:
        """The contract version the gateway speaks."""
        return PROFILES[self.profile]

    @property
    def is_legacy(self) -> bool:
        """True for the version of 2025."""
        return self.contract is MEESHY_2025
