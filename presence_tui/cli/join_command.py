"""``join``: enter a conversation as a guest, to see someone arrive and leave."""

import asyncio

from presence_tui.cli.configuration import Settings
from presence_tui.cli.embedded_gateway import running_demo
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.headless import cli_error_for, serve_until, warn_of
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.cli.logs import log_events
from presence_tui.cli.output import ERR, print_sentence
from presence_tui.cli.targets import Target, address_from, checked_guest_name, unknown_name
from presence_tui.cli.wiring import LiveTarget, rest_client
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.service.events import LinkChanged, ServiceEvent
from presence_tui.service.service import PresenceService
from presence_tui.service.target import ServiceSettings
from presence_tui.store import PresenceStore
from presence_tui.transport.authentication import Authentication
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.rest_source import discover_profile

_GIVEN_UP = {LinkState.SIGNED_OUT: ExitCode.SIGN_IN, LinkState.OFFLINE: ExitCode.FAILED}


def stay(settings: Settings, conversation: str, name: str) -> None:
    """Stay until ctrl+c. Raises ``CliError``."""
    asyncio.run(_stay(settings, conversation, checked_guest_name(name)))


async def _stay(settings: Settings, link: str, name: str) -> None:
    address = address_from(_gateway_of(settings))
    warn_of(address)
    store = PresenceStore()
    client = rest_client(address, settings, store.clock)
    try:
        profile = await discover_profile(client, store.clock, settings.profile)
        welcome = await Authentication(client, profile).enter(link, name, "en")
    except GatewayError as error:
        stop = cli_error_for(error)
        sentences = (unknown_name(settings), str(stop))
        raise CliError(" ".join(filter(None, sentences)), stop.code) from error
    finally:
        await client.close()
    target = Target(address, welcome.credential, welcome.conversation_id, profile)
    # The gateway may have changed the name; others see this one.
    await _join(target, settings, store, welcome.handle)


async def _join(target: Target, settings: Settings, store: PresenceStore, name: str) -> None:
    ended = asyncio.Event()
    refusals: list[CliError] = []

    async def find_target() -> LiveTarget:
        return LiveTarget(target, settings)

    def on_event(event: ServiceEvent) -> None:
        match event:
            case LinkChanged(status):
                _narrate(status, name)
                if status.state in _GIVEN_UP:
                    signed_out = status.state is LinkState.SIGNED_OUT
                    advice = say("Join once more.") if signed_out else say_phrase(status.advice)
                    refusals.append(
                        CliError(f"{say_phrase(status.reason)} {advice}", _GIVEN_UP[status.state])
                    )
                    ended.set()

    service = PresenceService(store, find_target, ServiceSettings(target.address.shown))
    log_events(service)
    service.events.subscribe(on_event)
    # This command writes on stderr only.
    await serve_until(service, ended, output=ERR)
    if refusals:
        raise refusals[0]
    print_sentence(say("{name} has left.", name=name))


def _narrate(status: LinkStatus, name: str) -> None:
    if status.state is LinkState.LIVE:
        print_sentence(say("{name} is there. ctrl+c leaves.", name=name))
    elif status.state is LinkState.RECONNECTING and status.retry_s is not None:
        print_sentence(say_phrase(status.reason))


def _gateway_of(settings: Settings) -> str:
    if settings.gateway is not None:
        return settings.gateway
    demo = running_demo()
    if demo is None:
        raise CliError(
            say(
                "No demo is running on this machine. Start presence-tui in another terminal, or name a "
                "gateway with --gateway."
            ),
            ExitCode.FAILED,
        )
    return demo.url
