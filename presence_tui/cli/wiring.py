"""Build the parts of a command from its settings: connections, history, alerts and view state."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from presence_tui.cli.configuration import Settings, history_path, user_rules_folder
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.targets import Target, tls_context_for
from presence_tui.service.target import AlertSettings, Connection, HistorySettings, ServiceSettings
from presence_tui.store.clock import Clock

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from collections.abc import Mapping

    from presence_tui.alerts.delivery import Sender
    from presence_tui.alerts.rules import Alert, Channel
    from presence_tui.transport.addresses import Address
    from presence_tui.transport.credentials import CredentialHolder
    from presence_tui.transport.proxies import Proxy
    from presence_tui.transport.rest_client import RestClient
    from presence_tui.transport.rest_source import RestSource
    from presence_tui.transport.socket_feed import SocketFeed


@dataclass(frozen=True)
class LiveTarget:
    """A target reached over the network."""

    target: Target
    settings: Settings

    @property
    def url(self) -> str:
        return self.target.address.url

    @property
    def owner_hint(self) -> str:
        return self.target.credential.owner_hint

    @property
    def conversation(self) -> str | None:
        return self.target.conversation

    async def connect(self, clock: Clock) -> Connection:
        """Build source and feed. Raises ``CliError`` for an unusable CA file or proxy."""
        # The imports take longer than a frame, so they run off the event loop.
        await asyncio.to_thread(_import_network)
        from presence_tui.transport.credentials import CredentialHolder

        credentials = CredentialHolder(self.target.credential, self.target.credential_store)
        source = rest_source(self.target, self.settings, credentials, clock)
        feed = socket_feed(self.target, self.settings)
        return Connection(feed, source, credentials, self.target.address.warning)


def socket_feed(target: Target, settings: Settings) -> "SocketFeed":
    """Build the live feed. Raises ``CliError`` for an unusable CA file or proxy."""
    from presence_tui.transport.socket_feed import SocketFeed

    proxy = proxy_to(target.address)
    return SocketFeed(target.address, tls_context_for(settings), bounds=settings.bounds, proxy=proxy)


def proxy_to(address: "Address") -> "Proxy | None":
    """The proxy that the environment sets for an address. Raises ``CliError`` for an unusable one."""
    from presence_tui.transport.proxies import BadProxy, proxy_for

    try:
        return proxy_for(address)
    except BadProxy as problem:
        raise CliError(str(problem), ExitCode.USAGE) from problem


def rest_client(address: "Address", settings: Settings, clock: Clock) -> "RestClient":
    """Build a REST client. Raises ``CliError`` for an unusable CA file or proxy."""
    from presence_tui.transport.rest_client import RestClient

    proxy = proxy_to(address)
    return RestClient(address, tls_context_for(settings), bounds=settings.bounds, clock=clock, proxy=proxy)


def rest_source(
    target: Target, settings: Settings, credentials: "CredentialHolder", clock: Clock
) -> "RestSource":
    """Build the REST source. Raises ``CliError`` for an unusable CA file or proxy."""
    from presence_tui.transport.rest_source import RestSource

    return RestSource(rest_client(target.address, settings, clock), credentials, clock, target.profile)


def headless_settings(
    settings: Settings, gateway: str, sentence_of: "Callable[[Alert], str]"
) -> ServiceSettings:
    """Settings of a command without a screen, which shows no cached roster.

    A demo stores nothing.
    """
    is_demo = settings.gateway is None
    history = None if is_demo or not settings.history else history_settings(settings, history_path())
    folder = None if is_demo else user_rules_folder()
    return ServiceSettings(gateway, history, partial(alert_settings, settings, folder, sentence_of))


def history_settings(settings: Settings, path: Path, *, shows_cache: bool = False) -> HistorySettings:
    """What a history stores, and for how long."""
    return HistorySettings(path, settings.history_days, settings.history_bytes, shows_cache)


def alert_settings(
    settings: Settings, user_rules_folder: Path | None, sentence_of: "Callable[[Alert], str]"
) -> AlertSettings:
    """Configured alert rules and channels."""
    wanted = settings.notifications

    def open_senders() -> "Mapping[Channel, Sender]":
        from presence_tui.cli.alert_settings import senders

        return senders(wanted, partial(tls_context_for, settings))

    return AlertSettings(
        rules=wanted.rules,
        user_rule_channels=wanted.channels,
        cooldown_s=wanted.cooldown_s,
        quiet_hours=wanted.quiet_hours,
        user_rules_folder=user_rules_folder,
        open_senders=open_senders,
        sentence_of=sentence_of,
    )


def _import_network() -> None:
    import presence_tui.monitor.monitor
    import presence_tui.service.metrics
    import presence_tui.transport.rest_source
    import presence_tui.transport.socket_feed  # noqa: F401
