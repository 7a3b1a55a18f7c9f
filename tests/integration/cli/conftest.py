"""A command line with its own home, and embedded gateways for it."""

from pathlib import Path

import pytest

from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.integration.watch.conftest import StartGateway, start_gateway

__all__ = ["start_gateway"]


@pytest.fixture
def shell(tmp_path: Path) -> CommandLine:
    """A command line without a configured gateway."""
    return CommandLine(tmp_path)


@pytest.fixture
async def gateway(start_gateway: StartGateway, shell: CommandLine) -> Gateway:
    """A configured gateway with a static population."""
    gateway = await start_gateway()
    shell.use(gateway.url, gateway.token)
    return gateway
