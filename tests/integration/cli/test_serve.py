"""``serve``: one page, one process per browser, read-only, and nothing left behind."""

import os
import re
import signal
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.serving import (
    address,
    alive,
    got,
    looking,
    until,
    until_there_is_room,
    wallboards,
)

LEAVE = ("q", "\x03", "\x11", "\x1b", "\x10")
"""Keys that would quit, or open the palette."""


async def test_each_browser_has_a_process_that_ends_with_it(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("serve", "--port=0", "--browsers=2") as serving:
        url = await address(serving)
        async with looking(url) as one:
            await one.until_seen("LIVE", "Ada Okafor", "Harbour crew")
            async with looking(url) as other:
                await other.until_seen("LIVE")
                assert len(wallboards(serving.pid)) == 2
                status, text = await got(url)
                assert status == 503 and "All places are taken (2)" in text
                with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                    async with looking(url):
                        pass
            await until(lambda: len(wallboards(serving.pid)) == 1)
            await until_there_is_room(url)
        await until(lambda: wallboards(serving.pid) == [])
        serving.terminate()
        assert (await shell.ended(serving)).code == ExitCode.OK


async def test_what_happens_reaches_the_browser_and_no_key_reaches_the_gateway(
    shell: CommandLine, gateway: Gateway
) -> None:
    async with shell.running("serve", "--port=0") as serving:
        url = await address(serving)
        async with looking(url) as browser:
            await browser.until_seen("LIVE", "participants read")
            for key in (*LEAVE, "r", "l", "?", "/", "\r", "\x1b[<0;5;5M", "\x1b[<0;5;5m"):
                await browser.say("stdin", key)
            pieces: list[list[Any]] = [[], ["stdin"], ["resize", {"width": "x"}], ["blur"], ["ping", "7"]]
            for nonsense in pieces:
                await browser.say(*nonsense)
            await browser.say("resize", {"width": 10**9, "height": 10**9})
            await browser.say("resize", {"width": 90, "height": 30})
            key = next(key for key, person in gateway.people().items() if person.display_name == "Bo Li")
            gateway.set_online(key, True)
            await browser.until_seen("Bo Li came online")
            assert len(wallboards(serving.pid)) == 1
            for sign in (b"esc closes", b"Already reading", b"Filter"):
                assert sign not in browser.seen


async def test_rows_hold_in_a_browser_that_counts_cells_differently(
    shell: CommandLine, gateway: Gateway
) -> None:
    async with shell.running("serve", "--port=0") as serving, looking(await address(serving)) as browser:
        await browser.until_seen("LIVE", "participants read", "अनन्या शर्मा")
        # No text wraps to the next row, and each part is positioned in its column.
        assert b"\x1b[?7l" in browser.seen
        assert re.search("\x1b\\[\\d+G(\x1b\\[[\\d;]*m)?अनन्या शर्मा".encode(), browser.seen)


async def test_the_page_asks_nobody_else_and_holds_no_secret(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("serve", "--port=0", "--gateway", gateway.url) as serving:
        url = await address(serving)
        async with looking(url) as browser:
            await browser.until_seen("LIVE")
            arguments = "".join(Path(f"/proc/{pid}/cmdline").read_text() for pid in wallboards(serving.pid))
            assert gateway.url in arguments and gateway.token not in arguments
            assert gateway.token.encode() not in browser.seen
        _, page = await got(url)
        assert not re.findall(r"(?:https?:)?//", page), page
        for needed in re.findall(r'(?:src|href)="([^"]+)"', page):
            if not needed.startswith("data:"):
                assert (await got(url + needed))[0] == 200, needed
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            assert response.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert (await got(f"{url}?fontsize=nonsense"))[1].count('data-font-size="16"') == 1
        assert (await got(f"{url}?fontsize=1000000"))[1].count('data-font-size="72"') == 1


async def test_other_pages_are_not_let_in(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("serve", "--port=0", "--public-url=https://wall.example") as serving:
        url = await address(serving)
        for origin in ("https://evil.example", "null", url.replace("http", "ftp")):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                async with looking(url, Origin=origin):
                    pass
        status, text = await got(url, Host="evil.example")
        assert status == 403 and "--public-url" in text
        assert (await got(url, Host="wall.example"))[0] == 200
        async with looking(url, Origin="https://wall.example") as browser:
            await browser.until_seen("LIVE")


async def test_a_server_that_is_killed_takes_its_browsers_with_it(
    shell: CommandLine, gateway: Gateway
) -> None:
    async with shell.running("serve", "--port=0") as serving, looking(await address(serving)) as browser:
        await browser.until_seen("LIVE")
        left = wallboards(serving.pid)
        assert left
        os.kill(serving.pid, signal.SIGKILL)
        await serving.process.wait()
        await until(lambda: not any(map(alive, left)))


async def test_a_process_that_dies_tells_its_browser(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("serve", "--port=0") as serving:
        async with looking(await address(serving)) as browser:
            await browser.until_seen("LIVE")
            os.kill(wallboards(serving.pid)[0], signal.SIGKILL)
            while (message := await browser.socket.receive()).type is not aiohttp.WSMsgType.CLOSE:
                assert message.type is aiohttp.WSMsgType.BINARY
        await until(lambda: wallboards(serving.pid) == [])


async def test_a_process_that_hangs_is_ended_all_the_same(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("serve", "--port=0") as serving:
        async with looking(await address(serving)) as browser:
            await browser.until_seen("LIVE")
            os.kill(wallboards(serving.pid)[0], signal.SIGSTOP)
        await until(lambda: wallboards(serving.pid) == [])
        serving.interrupt()
        assert (await shell.ended(serving)).code == ExitCode.OK


async def test_a_token_that_goes_is_told_on_the_wall(
    shell: CommandLine, gateway: Gateway, tmp_path: Path
) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(gateway.token)
    token_file.chmod(0o600)
    del shell.environment["PRESENCE_TUI_TOKEN"]
    async with shell.running("serve", "--port=0", "--token-file", str(token_file)) as serving:
        url = await address(serving)
        token_file.unlink()
        async with looking(url) as browser:
            await browser.until_seen("token file")


async def test_what_a_process_complains_of_goes_to_the_log(shell: CommandLine, gateway: Gateway) -> None:
    log = shell.home / "log"
    async with shell.running("serve", "--port=0", "--log-file", str(log)) as serving:
        url = await address(serving)
        shell.write_configuration("rule = 'nonsense'")
        async with looking(url) as browser:
            while (await browser.socket.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass
        await until(lambda: "There is no rule 'nonsense'" in log.read_text())
        serving.interrupt()
        ended = await shell.ended(serving)
        assert (ended.code, ended.out) == (ExitCode.OK, "")


async def test_beyond_loopback_it_says_that_there_is_no_login(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("serve", "--port=0", "--host=0.0.0.0") as serving:
        assert (await address(serving)).startswith("http://0.0.0.0:")
        await serving.until_told("There is no login")


async def test_what_stands_in_the_way_is_one_sentence(shell: CommandLine, gateway: Gateway) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = await shell.run("serve", "--port", port)
    said = ended.sentence(ExitCode.FAILED)
    assert f"Cannot listen on 127.0.0.1:{port} (address already in use): stop the program there" in said
    for wrong, code, words in (
        (("--theme=nonsense",), ExitCode.USAGE, "There is no theme"),
        (("--lang=xx",), ExitCode.USAGE, "There is no language"),
        (("--public-url=nonsense://x",), ExitCode.USAGE, "nonsense"),
        (("--token-file=/nowhere/token",), ExitCode.USAGE, "/nowhere/token"),
        (("--host=192.0.2.1", "--port=0"), ExitCode.FAILED, "choose a --host of this machine"),
    ):
        assert words in (await shell.run("serve", *wrong)).sentence(code)


async def test_without_the_extra_the_install_command_is_shown(shell: CommandLine) -> None:
    blocked = shell.home / "without"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text("import sys\nsys.modules['textual_serve'] = None\n")
    shell.environment["PYTHONPATH"] = f"{blocked}:{shell.environment['PYTHONPATH']}"
    said = (await shell.run("serve")).sentence(ExitCode.FAILED)
    assert said.endswith('pip install "textual-serve<2".')
