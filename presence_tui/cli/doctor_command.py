"""``doctor``: checks the connection to a gateway step by step."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from presence_tui.cli.configuration import Settings
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.headless import advice_for, credential_holder, target_or_demo
from presence_tui.cli.language_option import count, language_in_use, marked, say, say_phrase, say_raw, span
from presence_tui.cli.targets import NoToken, Target, address_from, tls_context_for, unknown_name
from presence_tui.cli.wiring import proxy_to, rest_source, socket_feed
from presence_tui.monitor.connection_attempt import ConnectionAttempt
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.resync import SNAPSHOT_LIMIT_S
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language
from presence_tui.text.link_texts import clock_text
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.network_errors import network_error
from presence_tui.transport.proxies import Proxy, open_tunnel
from presence_tui.transport.resolver import use_daemon_threads_for_lookups
from presence_tui.transport.rest_source import RestSource

STEP_LIMIT_S = 10.0
SKEW_WARNING_S = 2.0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of one step. ``ok`` is ``None`` for information only."""

    step: str
    """Marked for translation; translated when printed."""
    ok: bool | None
    text: str
    advice: str = ""


def run_checks(settings: Settings) -> None:
    """Print a line per step. Raises ``CliError`` if a step failed."""
    if not asyncio.run(_run_checks(settings)):
        raise CliError(say("Something is not ok; the line says what to do."), ExitCode.FAILED)


async def _run_checks(settings: Settings) -> bool:
    all_ok = True
    try:
        async with target_or_demo(settings) as target:
            async for result in _checks(target, settings):
                _print(result)
                all_ok = all_ok and result.ok is not False
    except NoToken:
        nobody = Credential(CredentialKind.GUEST, "")
        target = Target(address_from(settings.gateway or ""), nobody, None, settings.profile)
        if unknown_name(settings) is not None and "." not in target.address.host:
            # The name of a login, rather than a host.
            raise
        async for result in _checks_without_token(target, settings):
            _print(result)
            all_ok = all_ok and result.ok is not False
        if all_ok:
            raise
    return all_ok


def _print(result: CheckResult) -> None:
    mark = {True: say("ok"), False: say("NO"), None: "--"}[result.ok]
    print(f"{mark:<3} {say_raw(result.step):<17} {result.text}", flush=True)
    if result.advice:
        print(f"    {'':<17} {result.advice}", flush=True)


async def _checks_without_token(target: Target, settings: Settings) -> AsyncIterator[CheckResult]:
    """The steps that need no token, and a line about the others."""
    async for result in _way(target, settings):
        yield result
        if result.ok is False:
            return
    store = PresenceStore()
    source = rest_source(target, settings, credential_holder(target), store.clock)
    try:
        async for result in _rest(source, store):
            yield result
            if result.ok is False:
                return
    finally:
        await source.close()
    yield CheckResult(marked("token"), None, say("none; account, socket and authentication need one"))


async def _checks(target: Target, settings: Settings) -> AsyncIterator[CheckResult]:
    """Each step depends on the one before, so the first failure ends the series."""
    async for result in _way(target, settings):
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
        account, conversations = await _account(source, credentials)
        yield account
    finally:
        await source.close()
    sends_snapshot = source.profile.sends_snapshot and conversations != 0
    async for result in _socket(target, settings, credentials, store, source, sends_snapshot):
        yield result


async def _way(target: Target, settings: Settings) -> AsyncIterator[CheckResult]:
    """Proxy, DNS, TCP and TLS."""
    use_daemon_threads_for_lookups()
    proxy = proxy_to(target.address)
    if proxy is not None:
        text = say("{address}, from the environment; the steps go through it", address=proxy.shown)
        yield CheckResult(marked("proxy"), None, text)
    for step in (_dns, _tcp, _tls):
        result = await step(target, settings, proxy)
        yield result
        if result.ok is False:
            return


async def _dns(target: Target, settings: Settings, proxy: Proxy | None) -> CheckResult:
    loop = asyncio.get_running_loop()
    # The proxy resolves the gateway's name itself.
    address = target.address if proxy is None else proxy.address

    async def resolve() -> str:
        found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        return ", ".join(sorted({str(entry[4][0]) for entry in found}))

    return await _check(marked("DNS"), target, proxy, resolve)


async def _tcp(target: Target, settings: Settings, proxy: Proxy | None) -> CheckResult:
    address = target.address if proxy is None else proxy.address

    async def connect() -> str:
        _, writer = await asyncio.open_connection(address.host, address.port)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return say("{address} accepts connections", address=address.shown)

    return await _check(marked("TCP"), target, proxy, connect)


async def _tls(target: Target, settings: Settings, proxy: Proxy | None) -> CheckResult:
    if not target.address.is_secure:
        plain = say("not used: everybody on the way can read the token")
        if target.address.is_loopback:
            plain = say("not used")
        return CheckResult(marked("TLS"), None, plain)

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
        return say("{version}, certificate trusted", version=version)

    return await _check(marked("TLS"), target, proxy, greet)


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
        yield CheckResult(marked("REST"), True, say("speaks {profile}", profile=profile.name))
        health, timing = await source.health()
    except GatewayError as error:
        yield _failed(marked("REST"), error)
        return
    facts = [say("healthy") if health.healthy else say("says it is unhealthy")]
    if health.uptime_s is not None:
        facts.append(say("up for {span}", span=span(health.uptime_s)))
    facts.append(f"{timing.round_trip_s * 1000:.0f} ms")
    yield CheckResult(marked("health"), health.healthy, ", ".join(facts))
    if timing.skew_s is None:
        yield CheckResult(marked("clock skew"), None, say("the gateway does not tell the time"))
        return
    store.states.set_skew(timing.skew_s)
    skewed = abs(timing.skew_s) > SKEW_WARNING_S
    advice = say("Ages are corrected for it; the apps' are not. Set one of the two clocks.") if skewed else ""
    text = clock_text(timing.skew_s, timing.error_s, [timing.source], Language(language_in_use()))
    yield CheckResult(marked("clock skew"), None if skewed else True, text, advice)


def _token(target: Target, credentials: CredentialHolder, store: PresenceStore) -> CheckResult:
    found = _lifetime(credentials.current, store)
    if target.saved_login is None:
        return found
    text = say("of the sign-in {name}, {text}", name=target.saved_login.name, text=found.text)
    return replace(found, text=text)


def _lifetime(credential: Credential, store: PresenceStore) -> CheckResult:
    step = marked("token")
    if credential.kind is CredentialKind.GUEST:
        return CheckResult(step, None, say("a guest's session token; it does not say when it expires"))
    expires_s = credential.expires_s
    if expires_s is None:
        return CheckResult(step, None, say("does not say when it expires"))
    left_s = expires_s - store.clock.stamp().wall_s - store.states.skew_s
    if left_s <= 0:
        advice = say("It is refreshed where the gateway offers it.")
        return CheckResult(step, None, say("expired {span} ago", span=span(-left_s)), advice)
    return CheckResult(step, True, say("expires in {span}", span=span(left_s)))


async def _account(source: RestSource, credentials: CredentialHolder) -> tuple[CheckResult, int | None]:
    """The owner of the token and their number of conversations, if known."""
    if credentials.current.kind is CredentialKind.GUEST:
        return CheckResult(marked("account"), None, say("a guest; only the socket can tell")), None
    try:
        account = await source.account()
        own = await source.conversations(account.key)
    except GatewayError as error:
        return _failed(marked("account"), error), None
    text = count("in {n} conversation", "in {n} conversations", len(own.rows))
    if own.malformed_rows:
        text = say("{text} and {count} unreadable", text=text, count=own.malformed_rows)
    advice = say_phrase(own.cut_short) if own.cut_short is not None else ""
    return CheckResult(marked("account"), True, f"@{account.handle}, {text}", advice), len(own.rows)


async def _socket(
    target: Target,
    settings: Settings,
    credentials: CredentialHolder,
    store: PresenceStore,
    source: RestSource,
    sends_snapshot: bool,
) -> AsyncIterator[CheckResult]:
    feed = socket_feed(target, settings)
    attempt = ConnectionAttempt(Inbound(store, EventCounters()), store.clock)
    step = marked("socket")
    try:
        await feed.open(credentials.current, attempt)
        facts = [feed.transport_name]
        if feed.silence_limit_s:
            facts.append(say("ping window {span}", span=span(feed.silence_limit_s)))
        yield CheckResult(step, True, ", ".join(facts))
        step = marked("authentication")
        await attempt.authenticated()
        yield CheckResult(step, True, say("signed in"))
        yield await _snapshot(attempt, store, source, sends_snapshot)
    except GatewayError as error:
        yield _failed(step, error)
    finally:
        await feed.close()


async def _snapshot(
    attempt: ConnectionAttempt, store: PresenceStore, source: RestSource, is_expected: bool
) -> CheckResult:
    if not source.profile.sends_snapshot:
        return CheckResult(
            marked("snapshot"),
            None,
            say("{profile} sends none; states come from the roster", profile=source.profile.name),
        )
    if not is_expected:
        return CheckResult(marked("snapshot"), None, say("none for an account without conversations"))
    try:
        async with asyncio.timeout(SNAPSHOT_LIMIT_S):
            await attempt.snapshot_arrived.wait()
    except TimeoutError:
        return CheckResult(
            marked("snapshot"), None, say("none came"), say("States come by REST instead; r asks for them.")
        )
    # Our own status arrives as an event, not in the snapshot.
    others = [record for key, record in store.participants.items() if key != attempt.key]
    online = sum(record.flag is True for record in others)
    text = say("{total} participants, {online} online", total=len(others), online=online)
    return CheckResult(marked("snapshot"), True, text)


def _failed(step: str, error: GatewayError) -> CheckResult:
    return CheckResult(step, False, say_phrase(error.sentence), advice_for(error))
