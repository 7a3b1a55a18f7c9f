"""A monitor built like by the commands: the source of its token, and a refresh after it was refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from presence_tui.cli.targets import target_from
from presence_tui.cli.wiring import LiveTarget
from presence_tui.gateway.server import Gateway
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.monitor import PresenceMonitor
from presence_tui.store import PresenceStore
from tests.integration.cli.watch_settings import watch_settings
from tests.integration.watch.conftest import StartGateway
from tests.unit.monitor.wait_until import Condition


class SignInHarness:
    """A running monitor and its signals."""

    def __init__(self, monitor: PresenceMonitor) -> None:
        self.watch = monitor
        self.notices: list[str] = []
        self._news = Condition()
        monitor.noticed.subscribe(lambda phrase: self.notices.append(str(phrase)))
        monitor.link_changed.subscribe(self._news.notify)
        monitor.resynced.subscribe(self._news.notify)

    async def until_state(self, state: LinkState) -> None:
        await self._news.until(lambda: self.watch.connection_status().state is state)

    async def press_r(self) -> None:
        # The refusal triggers one read, and only one read runs at a time.
        await self._news.until(lambda: not self.watch.is_refreshing)
        assert await self.watch.refresh() is not None

    async def until_refused_again(self) -> None:
        """Refresh, and be refused again."""
        await self.press_r()
        await self.until_state(LinkState.CONNECTING)
        await self.until_state(LinkState.SIGNED_OUT)


@asynccontextmanager
async def signed(
    gateway: Gateway, token_file: Path | None, **environment: str
) -> AsyncIterator[SignInHarness]:
    """A monitor with these settings, in its own environment."""
    environment = {f"PRESENCE_TUI_{name}": value for name, value in environment.items()}
    if token_file is not None:
        environment["PRESENCE_TUI_TOKEN_FILE"] = str(token_file)
    settings = watch_settings("--gateway", gateway.url, environment=environment)
    store, target = PresenceStore(), LiveTarget(target_from(settings, environment), settings)
    feed, source, credentials, warning = await target.connect(store.clock)
    signed = SignInHarness(
        PresenceMonitor(store, feed, source, credentials, wanted=target.conversation, warning=warning)
    )
    running = asyncio.create_task(signed.watch.run())
    try:
        yield signed
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def write(path: Path, token: str, mode: int = 0o600) -> Path:
    path.write_text(token)
    path.chmod(mode)
    return path


async def test_a_new_token_in_the_file_is_taken_by_r(start_gateway: StartGateway, tmp_path: Path) -> None:
    gateway = await start_gateway()
    path = write(tmp_path / "token", gateway.mint_token(forged=True))
    async with signed(gateway, path) as it:
        await it.until_state(LinkState.SIGNED_OUT)
        await it.until_refused_again()
        write(path, gateway.token)
        await it.press_r()
        await it.until_state(LinkState.LIVE)
        assert it.watch.account is not None
        assert it.watch.account.key == gateway.observer.key
        assert it.notices == []


async def test_a_missing_or_exposed_file_is_reported(start_gateway: StartGateway, tmp_path: Path) -> None:
    gateway = await start_gateway()
    path = write(tmp_path / "token", gateway.mint_token(forged=True))
    async with signed(gateway, path) as it:
        await it.until_state(LinkState.SIGNED_OUT)
        write(path, gateway.token, 0o644)
        await it.until_refused_again()
        path.unlink()
        await it.until_refused_again()
        write(path, " \n")
        await it.until_refused_again()
        assert it.notices == [
            f"The token file can be read by others. Protect it with: chmod 600 {path}",
            f"The token file {path} cannot be read: No such file or directory.",
            f"The token file {path} is empty.",
        ]
        write(path, gateway.token)
        await it.press_r()
        await it.until_state(LinkState.LIVE)


async def test_a_token_of_the_environment_does_not_give_way_to_a_file_it_went_before(
    start_gateway: StartGateway, tmp_path: Path
) -> None:
    """The file may belong to another gateway, which must not receive its token."""
    gateway = await start_gateway()
    path = write(tmp_path / "token", gateway.token)
    async with signed(gateway, path, TOKEN=gateway.mint_token(forged=True)) as it:
        await it.until_state(LinkState.SIGNED_OUT)
        await it.until_refused_again()
