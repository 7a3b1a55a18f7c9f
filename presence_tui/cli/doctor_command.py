"""``doctor``: the troubleshooting guide, made to run."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from presence_tui.cli.configuration import CliError, Settings
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.headless import advice_for, credential_holder, target_or_demo
from presence_tui.cli.targets import Target, tls_context_for
from presence_tui.cli.wiring import proxy_to, rest_source, socket_feed
from presence_tui.monitor.connection_attempt import ConnectionAttempt
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.monitor import SNAPSHOT_LIMIT_S
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language
from presence_tui.transport.credentials import CredentialHolder, CredentialKind
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.network_errors import network_error
from presence_tui.transport.proxies import Proxy, open_tunnel
from presence_tui.transport.rest_source import RestSource

STEP_LIMIT_S = 10.0
SKEW_WARNING_S = 2.0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one step found. ``ok`` is ``None`` for what is only worth knowing."""

    step: str
    ok: bool | None
    text: str
    advice: str = ""


def run_checks(settings: Settings) -> None:
    """Print a line a step. Raises ``CliError`` if a step failed."""
    if not asyncio.run(_run_checks(settings)):
        raise CliError("Something is not ok; the line says what to do.", ExitCode.FAILED)


async def _run_checks(settings: Settings) -> bool:
    all_ok = True
    async with target_or_demo(settings) as target:
        async for result in _checks(target, settings):
            _print(result)
            all_ok = all_ok and result.ok is not False
    return all_ok


def _print(result: CheckResult) -> None:
    mark = {True: "ok", False: "NO", None: "--"}[result.ok]
    print(f"{mark}  {result.step:<16} {result.text}", flush=True)
    if result.advice:
        print(f"    {'':<16} {result.advice}", flush=True)


async def _checks(target: Target, settings: Settings) -> AsyncIterator[CheckResult]:
    """Each step stands on the one before, so the first that fails ends the way it is on."""
    proxy = proxy_to(target.address)
    if proxy is not None:
        yield CheckResult("proxy", None, f"{proxy.shown}, from the environment; the steps go through it")
    for step in (_dns, _tcp, _tls):
        result = await step(target, settings, proxy)
        yield result
        if result.ok is False:
            return
    store = PresenceStore()
    credentials = credential_holder(target)
    source = rest_source(target, settings, credentials, store.clock)
    try:
        async for result in _rest(source, store):
            yield result
        yield _token(target, credentials, store)
        yield await _account(source, credentials)
    finally:
        await source.close()
    async for result in _socket(target, settings, credentials, store, source):
        yield result


async def _dns(target: Target, settings: Settings, proxy: Proxy | None) -> CheckResult:
    loop = asyncio.get_running_loop()
    # A proxy looks up the gateway's name itself.
    address = target.address if proxy is None else proxy.address

    async def resolve() -> str:
        found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        return ", ".join(sorted({str(entry[4][0]) for entry in found}))

    return await _check("DNS", target, proxy, resolve)


async def _tcp(target: Target, settings: Settings, proxy: Proxy | None) -> CheckResult:
    address = target.address if proxy is None else proxy.address

    async def connect() -> str:
        _, writer = await asyncio.open_connection(address.host, address.port)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return f"{address.shown} accepts connections"

    return await _check("TCP", target, proxy, connect)


async def _tls(target: Target, settings: Settings, proxy: Proxy | None) -> CheckResult:
    if not target.address.is_secure:
        plain = (
            "not used" if target.address.is_loopback else "not used: everybody on the way can read the token"
        )
        return CheckResult("TLS", None, plain)

    async def greet() -> str:
        address, tls = target.address, tls_context_for(settings)
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

    return await _check("TLS", target, proxy, greet)


async def _check(
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
    skewed = abs(timing.skew_s) > SKEW_WARNING_S
    advice = "Ages are corrected for it; the apps' are not. Set one of the two clocks." if skewed else ""
    yield CheckResult("clock skew", None if skewed else True, f"{timing.skew_s:+.1f} s", advice)


def _token(target: Target, credentials: CredentialHolder, store: PresenceStore) -> CheckResult:
    credential = credentials.current
    of = f"of the sign-in {target.saved_login.name}, " if target.saved_login is not None else ""
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
    attempt = ConnectionAttempt(Inbound(store, EventCounters()), store.clock)
    step = "socket"
    try:
        await feed.open(credentials.current, attempt)
        window = f"ping window {feed.silence_limit_s:.0f} s" if feed.silence_limit_s else ""
        yield CheckResult(step, True, f"{feed.transport_name}, {window}")
        step = "authentication"
        await attempt.authenticated()
        yield CheckResult(step, True, "signed in")
        yield await _snapshot(attempt, store, source)
    except GatewayError as error:
        yield _failed(step, error)
    finally:
        await feed.close()


async def _snapshot(attempt: ConnectionAttempt, store: PresenceStore, source: RestSource) -> CheckResult:
    if not source.profile.sends_snapshot:
        return CheckResult("snapshot", None, f"{source.profile.name} sends none; states come from the roster")
    try:
        async with asyncio.timeout(SNAPSHOT_LIMIT_S):
            await attempt.snapshot_arrived.wait()
    except TimeoutError:
        return CheckResult("snapshot", None, "none came", "States come by REST instead; r asks for them.")
    counts = store.counts()
    return CheckResult("snapshot", True, f"{counts.total} participants, {counts.online} online")


def _failed(step: str, error: GatewayError) -> CheckResult:
    return CheckResult(step, False, str(error.sentence), advice_for(error))
