"""Shared by commands without a screen: configured or embedded target, errors as exit codes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from msgspec.structs import replace

from presence_tui.cli.configuration import Settings
from presence_tui.cli.embedded_gateway import DemoOptions, embedded_gateway
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import marked, say_phrase, say_raw
from presence_tui.cli.output import OUT, print_sentence, until_output_is_lost
from presence_tui.cli.targets import Target, embedded_target, target_from
from presence_tui.service.ending_signals import on_ending_signals
from presence_tui.service.service import PresenceService
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import CredentialHolder
from presence_tui.transport.errors import (
    AccessDenied,
    GatewayError,
    LinkRefused,
    NoConversation,
    NotFound,
    SignInNeeded,
    SignInRefused,
)

NEW_TOKEN = marked(
    "Sign in again with presence-tui login, or set a new token by PRESENCE_TUI_TOKEN or the token file, and "
    "start again."
)
"""Advice for an invalid token on the command line."""
FINAL_ERRORS: Final = (SignInNeeded, AccessDenied, NotFound, NoConversation)
"""Errors of a roster that no further attempt heals."""


@asynccontextmanager
async def target_or_demo(settings: Settings) -> AsyncIterator[Target]:
    """The configured gateway, or an embedded one for the block. Raises ``CliError``."""
    if settings.gateway is not None:
        yield target_from(settings)
        return
    demo_options = DemoOptions()
    if settings.profile is not None:
        demo_options = replace(demo_options, profile=settings.profile.name)
    with embedded_gateway(demo_options) as gateway:
        yield embedded_target(await gateway.ready(), settings)


def warn_of(address: Address) -> None:
    """Print the warning of an address, if any, on stderr before a token is sent."""
    if address.warning is not None:
        print_sentence(say_phrase(address.warning))


def credential_holder(target: Target) -> CredentialHolder:
    """The target's credential; errors from storing a refreshed one are printed on stderr."""
    holder = CredentialHolder(target.credential, target.credential_store)
    holder.on_error = lambda error: print_sentence(say_phrase(error))
    return holder


def advice_for(error: GatewayError) -> str:
    """Advice for an error, for a user at the command line."""
    return say_raw(NEW_TOKEN) if isinstance(error, SignInNeeded) else say_phrase(error.advice)


def say_error(error: GatewayError) -> str:
    """The sentence of an error and its advice."""
    return " ".join(filter(None, (say_phrase(error.sentence), advice_for(error))))


def cli_error_for(error: GatewayError) -> CliError:
    """The exit code and sentence for an error of the gateway."""
    if isinstance(error, SignInNeeded):
        return CliError(say_error(error), ExitCode.SIGN_IN)
    if isinstance(error, SignInRefused) and not isinstance(error, LinkRefused):
        return CliError(say_error(error), ExitCode.SIGN_IN)
    if isinstance(error, LinkRefused | AccessDenied | NotFound | NoConversation):
        return CliError(say_error(error), ExitCode.DENIED)
    return CliError(say_error(error), ExitCode.FAILED)


async def serve_until(
    service: PresenceService, ended: asyncio.Event, limit_s: float | None = None, *, output: int = OUT
) -> None:
    """Run a service until the event, a signal or the time limit. Raises the service's error.

    Raises ``OutputLost`` once ``output`` has no reader, even if nothing is written: without a reader the
    account must not stay online.
    """
    on_ending_signals(ended.set)
    async with service:
        closed = asyncio.create_task(service.wait_closed())
        ending = asyncio.create_task(ended.wait())
        losing = asyncio.create_task(until_output_is_lost(output))
        await asyncio.wait([closed, ending, losing], timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
    await closed
    await _cancelled(losing)


async def _cancelled(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for it. Raises an exception it had raised before."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()) is not None:
        raise error
