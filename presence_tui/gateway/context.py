"""The parts of a gateway that survive a restart, in one object."""

import secrets
from dataclasses import dataclass
from random import Random

from presence_tui.gateway.access import Access, SecondFactors, TokenIssuer
from presence_tui.gateway.connection_registry import ConnectionRegistry
from presence_tui.gateway.directory import Conversation, Directory, Person
from presence_tui.gateway.faults import Faults
from presence_tui.gateway.generator import MAIN_IDENTIFIER, PopulationGenerator, generate_population
from presence_tui.gateway.memberships import Memberships
from presence_tui.gateway.presence import Presence
from presence_tui.gateway.rate_limiter import RateLimiter
from presence_tui.gateway.rooms import Rooms, Statistics
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.store.clock import Clock


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
    faults: Faults


def build_context(settings: GatewaySettings, clock: Clock, rng: Random) -> GatewayContext:
    """Build everything that survives a restart."""
    contract = settings.contract
    directory, generator, observer = generate_population(
        settings.participants, settings.seed, rng, clock.stamp().wall_s
    )
    main = directory.conversation(MAIN_IDENTIFIER)
    if main is None:
        raise LookupError(MAIN_IDENTIFIER)
    registry = ConnectionRegistry(with_offsets=settings.recovery)
    faults = Faults()
    presence = Presence(directory, contract, clock, registry, faults)
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
        faults=faults,
    )
