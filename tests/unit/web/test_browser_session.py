"""Input that a browser may send: only scrolling."""

import asyncio
import json
import sys
from collections.abc import Sequence

import pytest

from presence_tui.web.browser_session import ALLOWED_MESSAGES, COLUMNS, ROWS, BrowserSession, within
from presence_tui.web.textual_serve_internals import PROCESS
from tests.renamed import renamed


class Socket:
    closed = False

    def __init__(self) -> None:
        self.sent: list[object] = []
        self.news = asyncio.Event()

    async def send_json(self, words: object = None) -> None:
        self.sent.append(words)
        self.news.set()

    send_bytes = send_str = close = send_json


class RecordingSession(BrowserSession):
    """Records what would be sent to the process."""

    def __init__(self) -> None:
        self.socket = Socket()
        super().__init__(["true"], {}, self.socket)  # type: ignore[arg-type]
        self.keys: list[bytes] = []
        self.sizes: list[tuple[int, int]] = []

    async def send_bytes(self, data: bytes) -> bool:
        self.keys.append(data)
        return True

    async def set_terminal_size(self, width: int, height: int) -> None:
        self.sizes.append((width, height))


LOOKS = ("\x1b[A", "\x1bOB", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F", "\t", "\x1b[Z", "\x1b[<64;10;5M")
ACTS = (
    "", "q", "r", "\r", " ", "\x03", "\x10", "\x11", "\x1b", "\x1b[A\r", "r\x1b[A", "\x1b[A\n",
    "\x1b[<0;10;5M", "\x1b[<64;10;5Mq", "\x1b[<64;99999;5M", "\x1b[200~paste\x1b[201~", "\x1b[?2026;2$y",
)  # fmt: skip


@pytest.mark.parametrize("keys", LOOKS)
async def test_looking_is_passed_on(keys: str) -> None:
    session = RecordingSession()
    await session.handle_message(json.dumps(["stdin", keys]))
    assert session.keys == [keys.encode()]


@pytest.mark.parametrize("keys", ACTS)
async def test_acting_is_not(keys: str) -> None:
    session = RecordingSession()
    await session.handle_message(json.dumps(["stdin", keys]))
    assert session.keys == []
    assert not ALLOWED_MESSAGES.fullmatch(keys)


@pytest.mark.parametrize(
    ("asked", "given"),
    [((100, 30), (100, 30)), ((0, -5), (COLUMNS[0], ROWS[0])), ((10**12, 10**12), (COLUMNS[1], ROWS[1]))],
)
async def test_no_size_is_too_much(asked: Sequence[int], given: tuple[int, int]) -> None:
    session = RecordingSession()
    await session.handle_message(json.dumps(["resize", {"width": asked[0], "height": asked[1]}]))
    assert session.sizes == [given]
    assert (within(asked[0], COLUMNS), within(asked[1], ROWS)) == given


@pytest.mark.parametrize(
    "said",
    ["", "nonsense", "[]", "{}", "7", '["stdin"]', '["stdin", 7]', '["resize"]', '["resize", {"width": 7}]',
     '["resize", {"width": 1.5, "height": 2}]', '["quit"]', '["focus", 1, 2]', "[" * 4_000,
     '["stdin", "\\ud800"]'],
)  # fmt: skip
async def test_nonsense_is_nothing(said: str) -> None:
    session = RecordingSession()
    await session.handle_message(said)
    assert (session.keys, session.sizes, session.socket.sent) == ([], [], [])


async def test_a_ping_is_answered() -> None:
    session = RecordingSession()
    await session.handle_message('["ping", "12"]')
    assert session.socket.sent == [["pong", "12"]]


SCREEN = """
import os, sys
drawn = os.environ["OWN"].encode()
sys.stdout.buffer.write(b"__GANGLION__\\nD" + len(drawn).to_bytes(4, "big") + drawn)
sys.stdout.flush()
sys.stdin.buffer.read(5)
"""
"""Draws what its environment says, and leaves when it is told anything."""
INNER = ["", "_build_environment", "_open_app_process", "_process", "_stdin", "_task"]


@pytest.mark.slow
@pytest.mark.parametrize("gone", INNER)
async def test_a_process_comes_and_goes(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By our names for it, or where the library has others, by its public way."""
    monkeypatch.setenv("OWN", "to be restored")
    socket = Socket()
    with renamed("textual_serve", [gone], PROCESS):
        assert PROCESS.available is (gone == "")
        session = BrowserSession([sys.executable, "-c", SCREEN], {"OWN": "drawn"}, socket)  # type: ignore[arg-type]
        await session.start(80, 24)
        async with asyncio.timeout(20):
            while b"drawn" not in socket.sent:
                await socket.news.wait()
            await session.stop()
