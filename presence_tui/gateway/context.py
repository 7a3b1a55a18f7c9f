"""The exchange: the parts of a gateway that outlive its restarts, for whoever needs several of them."""

import secrets
from dataclasses import dataclass, field
from random import Random

from presence_tui.gateway.access import Access
from presence_tui.gateway.clock import Clock
from presence_tui.gateway.connection_registry import ConnectionRegistry
from presence_tui.gateway.directory import Conversation, Directory, Person
from presence_tui.gateway.generator import MAIN_IDENTIFIER, PopulationGenerator, cast
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
    """What the gateway is told to do wrong."""

    refuse_sockets: bool = False
    """The Socket.IO path answers 503."""
    refuse_rest: bool = False
    """Every REST route answers 503, health included."""
    refuse_links: bool = False
    """Links let no guest in any more."""
    left_out: set[str] = field(default_factory=set)
    """Keys of those whom snapshots and runtime answers leave out."""
    runtime_is_empty: bool = False
    """The runtime knows of nobody's socket, as while the gateway boots."""


@dataclass(frozen=True, slots=True)
class GatewayContext:
    """Everything below the doors."""

    settings: GatewaySettings
    clock: Clock
    town: Directory
    casting: PopulationGenerator
    observer: Person
    main: Conversation
    access: Access
    switchboard: ConnectionRegistry
    presence: Presence
    memberships: Memberships
    statistics: Statistics
    rooms: Rooms
    rest_budget: RateLimiter
    second_factors: SecondFactors
    faults: Faults = field(default_factory=Faults)


def furnish(settings: GatewaySettings, clock: Clock, rng: Random) -> GatewayContext:
    """Everything that outlives a restart."""
    contract = settings.contract
    town, casting, observer = cast(settings.participants, settings.seed, rng, clock.now())
    main = town.conversation(MAIN_IDENTIFIER)
    if main is None:
        raise LookupError(MAIN_IDENTIFIER)
    switchboard = ConnectionRegistry(with_offsets=settings.recovery)
    presence = Presence(town, contract, clock, switchboard)
    statistics = Statistics(presence, clock)
    return GatewayContext(
        settings=settings,
        clock=clock,
        town=town,
        casting=casting,
        observer=observer,
        main=main,
        access=Access(town, TokenIssuer(settings.secret or secrets.token_urlsafe(32), clock)),
        switchboard=switchboard,
        presence=presence,
        memberships=Memberships(town, contract, clock, switchboard),
        statistics=statistics,
        rooms=Rooms(contract, town, clock, switchboard, presence, statistics),
        rest_budget=RateLimiter(settings.requests_per_minute, clock),
        second_factors=SecondFactors(clock),
    )
