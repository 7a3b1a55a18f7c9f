"""Puts a watch together: the live feed, the REST source, the credential."""

from presence_tui.cli.configuration import Settings, Stop
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.targets import Target, trusted
from presence_tui.monitor.watch import Watch
from presence_tui.store import PresenceStore
from presence_tui.store.clock import Clock
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import CredentialHolder
from presence_tui.transport.proxies import BadProxy, Proxy, proxy_for
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.rest_source import RestSource
from presence_tui.transport.socket_feed import SocketFeed


def socket_feed(target: Target, settings: Settings) -> SocketFeed:
    """The live feed. Raises ``Stop`` for an unusable CA file or proxy."""
    proxy = proxy_to(target.address)
    return SocketFeed(target.address, trusted(settings), bounds=settings.bounds, proxy=proxy)


def proxy_to(address: Address) -> Proxy | None:
    """The proxy that the environment names for an address. Raises ``Stop`` for an unusable one."""
    try:
        return proxy_for(address)
    except BadProxy as problem:
        raise Stop(str(problem), ExitCode.USAGE) from problem


def rest_client(address: Address, settings: Settings, clock: Clock) -> RestClient:
    """Requests to a gateway. Raises ``Stop`` for an unusable CA file or proxy."""
    proxy = proxy_to(address)
    return RestClient(address, trusted(settings), bounds=settings.bounds, clock=clock, proxy=proxy)


def rest_source(
    target: Target, settings: Settings, credentials: CredentialHolder, clock: Clock
) -> RestSource:
    """The REST side. Raises ``Stop`` for an unusable CA file or proxy."""
    return RestSource(rest_client(target.address, settings, clock), credentials, clock, target.profile)


def make_watch(target: Target, settings: Settings, store: PresenceStore) -> Watch:
    """A watch of the target. Raises ``Stop`` for an unusable CA file or proxy."""
    credentials = CredentialHolder(target.credential, target.place)
    source = rest_source(target, settings, credentials, store.clock)
    feed = socket_feed(target, settings)
    return Watch(store, feed, source, credentials, wanted=target.conversation, warning=target.address.warning)
