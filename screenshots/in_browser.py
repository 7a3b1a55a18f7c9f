"""A picture of the wallboard in a real browser, with seeded people and a real clock."""

from pathlib import Path
from tempfile import TemporaryDirectory

from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from tests.browser.chromium import chromium
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.serving import address

SIZE = (1120, 600)
"""In pixels."""
COMES, LEAVES = "Ada Okafor", "Işıl Çelik"


async def picture_in_browser(browser: str) -> bytes:
    """Return the picture as PNG. ``browser`` is the path of Chromium."""
    gateway = Gateway(GatewaySettings(participants=16, rate=0, seed=1, secret="of the picture"))
    await gateway.start()
    try:
        with TemporaryDirectory() as home:
            shell = CommandLine(Path(home))
            shell.use(gateway.url, gateway.token)
            async with shell.running("serve", "--port=0", TZ="UTC") as serving, chromium(browser) as running:
                tab = await running.tab()
                await tab.open(await address(serving), *SIZE)
                await tab.until_terminal(lambda text: "participants read" in text)
                keys = {person.display_name: key for key, person in gateway.people().items()}
                gateway.set_online(keys[COMES], True)
                gateway.set_online(keys[LEAVES], False)
                await tab.until_terminal(lambda text: f"{COMES} came" in text and f"{LEAVES} left" in text)
                picture = await tab.picture()
                await tab.close()
                return picture
    finally:
        await gateway.stop()
