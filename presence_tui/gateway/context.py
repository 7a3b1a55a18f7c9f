"""The parts of a gateway that survive a restart, in one object."""

import secrets
from dataclasses import dataclass, field
from random import Random

from presence_tui.gateway.access import Access
from presence_tui.gateway.clock import Clock
from presence_tui.gateway.connection_registry import ConnectionRegistry
from presence_tui.gateway.directory import Conversation, Directory, Person
from presence_tui.gateway.generator import MAIN_IDENTIFIER, PopulationGenerator, generate_population
from presence_tui.gateway.memberships import Memberships
from presence_tui.gateway.presence import Presence
from presence_tui.gateway.rate_limiter import RateLimiter
from presence_tui.gateway.rooms import Rooms
from presence_tui.gateway.second_factors import SecondFactors
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.gateway.stats import Statistics
from presence_tui.gateway.tokens import TokenIssuer


@dataclass(slots=True)
class Faults:
    """Simulated faults of the gateway."""

    refuse_sockets: bool = False
    """The Socket.IO path answers 503."""
    refused_retry_after_s: int | None = None
    """What that answer asks for, if anything."""
    refuse_rest: bool = False
    """Every REST route answers 503, health included."""
    refuse_sign_ins: bool = False
    """Every credential is refused, as while the database is down; a refresh fails."""
    refuse_links: bool = False
    """Links admit no guests."""
    left_out: set[str] = field(default_factory=set)
    """Presence keys omitted from snapshots and runtime answers."""
    runtime_is_empty: bool = False
    """The runtime reports no sockets, as while the gateway boots."""


@dataclass(frozen=True, slots=True)
class GatewayContext:
    """State and services shared by the socket and REST handlers."""

    settings: GatewaySettings
    clock: Clock
    directory: Directory
    generator: PopulationGenerator
    observer: Person
    main: Conversation
    access: Access
    registry: ConnectionRegistry
    presence: Presence
    memberships: Memberships
    statistics: Statistics
    rooms: Rooms
    rest_limiter: RateLimiter
    second_factors: SecondFactors
    faults: Faults = field(default_factory=Faults)


def build_context(settings: GatewaySettings, clock: Clock, rng: Random) -> GatewayContext:
    """Build everything that survives a restart."""
    contract = settings.contract
    directory, generator, observer = generate_population(
        settings.participants, settings.seed, rng, clock.now()
    )
    main = directory.conversation(MAIN_IDENTIFIER)
    if main is None:
        raise LookupError(MAIN_IDENTIFIER)
    registry = ConnectionRegistry(with_offsets=settings.recovery)
    presence = Presence(directory, contract, clock, registry)
    statistics = Statistics(presence, clock)
    return GatewayContext(
        settings=settings,
        clock=clock,
        directory=directory,
        generator=generator,
        observer=observer,
        main=main,
        access=Access(directory, TokenIssuer(settings.secret or secrets.token_urlsafe(32), clock)),
        registry=registry,
        presence=presence,
        memberships=Memberships(directory, contract, clock, registry),
        statistics=statistics,
        rooms=Rooms(contract, directory, clock, registry, presence, statistics),
        rest_limiter=RateLimiter(settings.requests_per_minute, clock),
        second_factors=SecondFactors(clock),
    )
