"""``doctor``: the troubleshooting guide, made to run."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from presence_tui.cli.configuration import CliError, Settings
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.headless import advice_on, holder_of, target_or_demo
from presence_tui.cli.targets import Target, trusted
from presence_tui.cli.wiring import proxy_to, rest_source, socket_feed
from presence_tui.monitor.connection_attempt import ConnectionAttempt
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.monitor import SNAPSHOT_LIMIT_S
from presence_tui.store import PresenceStore
from presence_tui.transport.credentials import CredentialHolder, CredentialKind
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.network_errors import network_error
from presence_tui.transport.proxies import Proxy, open_tunnel
from presence_tui.transport.rest_source import RestSource
from presence_tui.tui.language import Language

STEP_LIMIT_S = 10.0
SKEW_WORTH_TELLING_S = 2.0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one step found. ``ok`` is ``None`` for what is only worth knowing."""

    step: str
    ok: bool | None
    said: str
    advice: str = ""


def examine(settings: Settings) -> None:
    """Print a line a step. Raises ``CliError`` if a step failed."""
    if not asyncio.run(_examine(settings)):
        raise CliError("Something is not ok; the line says what to do.", ExitCode.FAILED)


async def _examine(settings: Settings) -> bool:
    all_ok = True
    async with target_or_demo(settings) as target:
        async for finding in _findings(target, settings):
            _print(finding)
            all_ok = all_ok and finding.ok is not False
    return all_ok


def _print(finding: CheckResult) -> None:
    mark = {True: "ok", False: "NO", None: "--"}[finding.ok]
    print(f"{mark}  {finding.step:<16} {finding.said}", flush=True)
    if finding.advice:
        print(f"    {'':<16} {finding.advice}", flush=True)


async def _findings(target: Target, settings: Settings) -> AsyncIterator[CheckResult]:
    """Each step stands on the one before, so the first that fails ends the way it is on."""
    proxy = proxy_to(target.address)
    if proxy is not None:
        yield CheckResult("proxy", None, f"{proxy.shown}, from the environment; the steps go through it")
    for step in (_dns, _tcp, _tls):
        finding = await step(target, settings, proxy)
        yield finding
        if finding.ok is False:
            return
    store = PresenceStore()
    credentials = holder_of(target)
    source = rest_source(target, settings, credentials, store.clock)
    try:
        async for finding in _rest(source, store):
            yield finding
        yield _token(target, credentials, store)
        yield await _account(source, credentials)
    finally:
        await source.close()
    async for finding in _socket(target, settings, credentials, store, source):
        yield finding


async def _dns(target: Target, settings: Settings, proxy: Proxy | None) -> CheckResult:
    loop = asyncio.get_running_loop()
    # A proxy looks up the gateway's name itself.
    address = target.address if proxy is None else proxy.address

    async def resolve() -> str:
        found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        return ", ".join(sorted({str(entry[4][0]) for entry in found}))

    return await _tried("DNS", target, proxy, resolve)


async def _tcp(target: Target, settings: Settings, proxy: Proxy | None) -> CheckResult:
    address = target.address if proxy is None else proxy.address

    async def connect() -> str:
        _, writer = await asyncio.open_connection(address.host, address.port)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return f"{address.shown} accepts connections"

    return await _tried("TCP", target, proxy, connect)


async def _tls(target: Target, settings: Settings, proxy: Proxy | None) -> CheckResult:
    if not target.address.is_secure:
        plain = (
            "not used" if target.address.is_loopback else "not used: everybody on the way can read the token"
        )
        return CheckResult("TLS", None, plain)

    async def greet() -> str:
        address, tls = target.address, trusted(settings)
        if proxy is None:
            _, writer = await asyncio.open_connection(address.host, address.port)
        else:
            _, writer = await open_tunnel(proxy, address, tls)
        await writer.start_tls(tls, server_hostname=address.host)
        spoken: ssl.SSLObject = writer.get_extra_info("ssl_object")
        version = spoken.version() or "TLS"
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return f"{version}, certificate trusted"

    return await _tried("TLS", target, proxy, greet)


async def _tried(
    step: str, target: Target, proxy: Proxy | None, attempt: Callable[[], Awaitable[str]]
) -> CheckResult:
    try:
        async with asyncio.timeout(STEP_LIMIT_S):
            return CheckResult(step, True, await attempt())
    except GatewayError as error:
        return _failed(step, error)
    except (OSError, ValueError) as error:
        return _failed(step, network_error(error, target.address, STEP_LIMIT_S, proxy))


async def _rest(source: RestSource, store: PresenceStore) -> AsyncIterator[CheckResult]:
    try:
        profile = await source.discover()
        yield CheckResult("REST", True, f"speaks {profile.name}")
        health, timing = await source.health()
    except GatewayError as error:
        yield _failed("REST", error)
        return
    uptime = f", up for {Language('en').span(health.uptime_s)}" if health.uptime_s is not None else ""
    state = "healthy" if health.healthy else "says it is unhealthy"
    yield CheckResult("health", health.healthy, f"{state}{uptime}, {timing.round_trip_s * 1000:.0f} ms")
    if timing.skew_s is None:
        yield CheckResult("clock skew", None, "the gateway does not tell the time")
        return
    store.set_skew(timing.skew_s)
    skewed = abs(timing.skew_s) > SKEW_WORTH_TELLING_S
    advice = "Ages are corrected for it; the apps' are not. Set one of the two clocks." if skewed else ""
    yield CheckResult("clock skew", None if skewed else True, f"{timing.skew_s:+.1f} s", advice)


def _token(target: Target, credentials: CredentialHolder, store: PresenceStore) -> CheckResult:
    credential = credentials.current
    of = f"of the sign-in {target.sign_in.name}, " if target.sign_in is not None else ""
    if credential.kind is CredentialKind.GUEST:
        return CheckResult("token", None, f"{of}a guest's session token; it does not say when it expires")
    expires_s = credential.expires_s
    if expires_s is None:
        return CheckResult("token", None, f"{of}does not say when it expires")
    left_s = expires_s - store.clock.stamp().wall_s - store.skew_s
    if left_s <= 0:
        past = Language("en").span(-left_s)
        return CheckResult(
            "token", None, f"{of}expired {past} ago", "It is refreshed where the gateway offers it."
        )
    return CheckResult("token", True, f"{of}expires in {Language('en').span(left_s)}")


async def _account(source: RestSource, credentials: CredentialHolder) -> CheckResult:
    if credentials.current.kind is CredentialKind.GUEST:
        return CheckResult("account", None, "a guest; only the socket can tell")
    try:
        account = await source.account()
        own = await source.conversations(account.key)
    except GatewayError as error:
        return _failed("account", error)
    unreadable = f" and {own.malformed_rows} unreadable" if own.malformed_rows else ""
    said = f"@{account.handle}, in {len(own.rows)} conversations{unreadable}"
    return CheckResult("account", True, said, str(own.cut_short or ""))


async def _socket(
    target: Target,
    settings: Settings,
    credentials: CredentialHolder,
    store: PresenceStore,
    source: RestSource,
) -> AsyncIterator[CheckResult]:
    feed = socket_feed(target, settings)
    session = ConnectionAttempt(Inbound(store, EventCounters()), store.clock)
    step = "socket"
    try:
        await feed.open(credentials.current, session)
        window = f"ping window {feed.silence_limit_s:.0f} s" if feed.silence_limit_s else ""
        yield CheckResult(step, True, f"{feed.transport_name}, {window}")
        step = "authentication"
        await session.authenticated()
        yield CheckResult(step, True, "signed in")
        yield await _snapshot(session, store, source)
    except GatewayError as error:
        yield _failed(step, error)
    finally:
        await feed.close()


async def _snapshot(session: ConnectionAttempt, store: PresenceStore, source: RestSource) -> CheckResult:
    if not source.profile.sends_snapshot:
        return CheckResult("snapshot", None, f"{source.profile.name} sends none; states come from the roster")
    try:
        async with asyncio.timeout(SNAPSHOT_LIMIT_S):
            await session.snapshot_arrived.wait()
    except TimeoutError:
        return CheckResult("snapshot", None, "none came", "States come by REST instead; r asks for them.")
    counts = store.counts()
    return CheckResult("snapshot", True, f"{counts.total} participants, {counts.online} online")


def _failed(step: str, error: GatewayError) -> CheckResult:
    return CheckResult(step, False, str(error.sentence), advice_on(error))
