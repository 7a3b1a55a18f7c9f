"""The two contract versions a gateway may speak (wire contract, sections 1.1 and 8.1)."""

from collections.abc import Mapping

import msgspec


class Profile(msgspec.Struct, frozen=True):
    """Differences between gateways, as data."""

    name: str
    rest_prefix: str
    sends_snapshot: bool
    """``presence:snapshot`` after authentication contains all members of our conversations."""
    has_runtime_presence: bool
    """``GET {prefix}/users/presence`` returns who has a socket now."""
    roster_tells_presence: bool
    """The participants list has the presence of accounts; if false, that is outdated, and only guests' is
    current.
    """
    pages_participants: bool
    """The participants list has pages of at most 100, by cursor."""
    conversations_page: int
    """Maximum rows of a page of conversations (section 3.3)."""
    refreshes_expired_tokens: bool
    """An expired but genuine token can be refreshed."""
    hides_accounts: bool
    """The preference ``showOnlineStatus`` can hide an account (section 2.6)."""
    ping_interval_s: float
    ping_timeout_s: float


MEESHY_2026 = Profile(
    name="meeshy-2026",
    rest_prefix="/api/v1",
    sends_snapshot=True,
    has_runtime_presence=True,
    roster_tells_presence=False,
    pages_participants=True,
    conversations_page=100,
    refreshes_expired_tokens=True,
    hides_accounts=True,
    ping_interval_s=25.0,
    ping_timeout_s=20.0,
)
MEESHY_2025 = Profile(
    name="meeshy-2025",
    rest_prefix="/api",
    sends_snapshot=False,
    has_runtime_presence=False,
    roster_tells_presence=True,
    pages_participants=False,
    conversations_page=50,
    refreshes_expired_tokens=False,
    hides_accounts=False,
    ping_interval_s=25.0,
    ping_timeout_s=10.0,
)
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (MEESHY_2026, MEESHY_2025)}
