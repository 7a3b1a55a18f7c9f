"""``serve --demo`` in a real Chromium: it shows participants and accepts no command."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium, chromium, chromium_path
from tests.integration.cli.command_line import CommandLine, family
from tests.integration.cli.serving import address, alive, until, wallboards

WIDTH, HEIGHT = 1280, 800
EVERY_KEY = "rq/sclu?d12345xyYpPw\r "
SIGNS_OF_A_COMMAND = ("esc closes", "Refresh", "Filter", "Reading", "epoch 1 ·", "Dark/light", "Theme")
"""What the watch would show after one of these keys; a wallboard never shows it."""


@pytest.fixture
def shell(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.fixture
async def browser() -> AsyncIterator[Chromium]:
    path = chromium_path()
    if path is None:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    async with chromium(path) as running:
        yield running


async def test_a_wallboard_is_looked_at_and_leaves_nothing(shell: CommandLine, browser: Chromium) -> None:
    async with shell.running("serve", "--port=0", "--lang=en") as serving:
        url = await address(serving)
        tab = await browser.tab()
        await tab.open(url, WIDTH, HEIGHT)
        shown = ("LIVE", "Ada Okafor", "Harbour crew")
        seen = await tab.until_terminal(lambda text: all(each in text for each in shown))
        assert "DEMO" in seen
        assert "online" in seen and "█" in seen and "Offline (" in seen
        assert len(wallboards(serving.pid)) == 1

        await tab.type(EVERY_KEY)
        await tab.click(60, 55, 2)
        await tab.click(WIDTH - 60, 10)
        later = await tab.until_terminal(lambda text: "Harbour crew" in text and text != seen)
        assert not [sign for sign in SIGNS_OF_A_COMMAND if sign in later], later
        assert len(wallboards(serving.pid)) == 1, "no key quits the wallboard"

        assert tab.complaints == []
        assert {asked.partition("://")[2].partition("/")[0] for asked in tab.asked} == {
            url.partition("://")[2].rstrip("/")
        }, "all requests go to this server"

        await tab.close()
        await until(lambda: wallboards(serving.pid) == [])
        left = [pid for pid, _ in family(serving.pid)]
        serving.interrupt()
        ended = await shell.ended(serving)
        assert (ended.code, ended.out) == (0, "")
        assert not [pid for pid in left if alive(pid)]
