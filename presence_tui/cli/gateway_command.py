"""``gateway``: runs the embedded gateway alone."""

import asyncio
import os
import sys
from collections.abc import Sequence

import msgspec

from presence_tui.cli.embedded_gateway import checked_faults
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say_phrase
from presence_tui.gateway.server import GatewayStartError, run_gateway
from presence_tui.gateway.settings import BadChoice, GatewaySettings
from presence_tui.service.ending_signals import on_ending_signals


def serve(
    host: str,
    port: int,
    participants: int,
    rate: float,
    seed: int,
    profile: str,
    *,
    second_factor: bool,
    faults: Sequence[str],
    until_input_ends: bool,
) -> None:
    """Serve until ctrl+c, SIGTERM or, if ``until_input_ends``, end of input. Raises ``CliError``."""
    try:
        settings = GatewaySettings(
            host=host,
            port=port,
            participants=participants,
            rate=rate,
            seed=seed,
            profile=profile,
            second_factor=second_factor,
            faults=checked_faults(faults, participants),
            # The same across restarts, so that tokens stay valid. It protects nothing: the population is
            # invented and its password public.
            secret=f"embedded gateway, seed {seed}",
        )
    except BadChoice as problem:
        raise CliError(f"{say_phrase(problem.sentence)}.", ExitCode.USAGE) from problem
    try:
        asyncio.run(_serve(settings, until_input_ends))
    except GatewayStartError as problem:
        raise CliError(say_phrase(problem.sentence), ExitCode.FAILED) from problem


async def _serve(settings: GatewaySettings, until_input_ends: bool) -> None:
    ended = asyncio.Event()
    on_ending_signals(ended.set)
    if until_input_ends:
        try:
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _read_to_end, ended)
        except PermissionError:
            # A file or /dev/null cannot be waited for: its end is there at once.
            ended.set()
    await run_gateway(settings, _announce, ended)


def _read_to_end(ended: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        ended.set()


def _announce(ready: dict[str, str]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(ready) + b"\n")
    sys.stdout.buffer.flush()
