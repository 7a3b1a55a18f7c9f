"""Decoding of keys as a terminal sends them."""

import os
import sys
from collections.abc import Iterator
from queue import Queue
from threading import Event, Thread

import pytest
from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from presence_tui.tui.fast_escape_driver import FastEscapeDriver
from presence_tui.tui.textual_internals import READING
from tests.tui.app_harness import running_app

pytestmark = pytest.mark.internals

LIMIT_S = 10


class App:
    """The part of the application that the driver uses."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def call_later(self, callback: object) -> None:
        self.told.append(callback)

    def exit(self) -> None:
        raise AssertionError("only asked for")


class Typed:
    """The driver's input thread on a pipe, and the keys it decoded."""

    def __init__(self, escape_s: float = 0.1) -> None:
        self._keys: Queue[str] = Queue()
        self._moves: Queue[tuple[float, float]] = Queue()
        self._driver = FastEscapeDriver.__new__(FastEscapeDriver)
        self._driver._escape_s = escape_s
        self.app = App()
        self._driver._reads_for = self.app  # type: ignore[assignment]
        self._driver.exit_event = Event()
        self._driver.fileno, self._pipe = os.pipe()
        self._driver.process_message = self._take  # type: ignore[method-assign]
        self._thread = Thread(target=self._driver.run_input_thread)
        self._thread.start()

    def type(self, sent: bytes) -> None:
        os.write(self._pipe, sent)

    def key(self) -> str:
        return self._keys.get(timeout=LIMIT_S)

    def move(self) -> tuple[float, float]:
        return self._moves.get(timeout=LIMIT_S)

    def hang_up(self) -> None:
        os.close(self._pipe)

    def wait(self) -> None:
        """Wait until the thread ends by itself."""
        self._thread.join(LIMIT_S)
        assert not self._thread.is_alive()

    def end(self) -> None:
        self._driver.exit_event.set()
        self._thread.join(LIMIT_S)
        assert not self._thread.is_alive()
        os.close(self._driver.fileno)

    def _take(self, message: Message) -> None:
        if isinstance(message, events.Key):
            self._keys.put(message.key)
        if isinstance(message, events.MouseMove):
            self._moves.put((message.x, message.y))


@pytest.fixture
def typed() -> Iterator[Typed]:
    typed = Typed()
    yield typed
    typed.end()


def test_esc_is_esc_when_nothing_follows(typed: Typed) -> None:
    typed.type(b"\x1b")
    assert typed.key() == "escape"
    typed.type(b"j\x1b")
    assert (typed.key(), typed.key()) == ("j", "escape")


def test_an_arrow_that_comes_in_pieces_is_an_arrow() -> None:
    typed = Typed(escape_s=LIMIT_S / 2)
    for piece in (b"\x1b", b"[", b"A", "é".encode()[:1], "é".encode()[1:]):
        typed.type(piece)
    assert (typed.key(), typed.key()) == ("up", "é")
    typed.end()


def test_bytes_that_are_no_text_end_nothing(typed: Typed) -> None:
    typed.type(b"\xff\xfej")
    while (key := typed.key()) != "j":
        assert key != "escape"


def test_the_application_is_told_once_that_its_terminal_has_hung_up(typed: Typed) -> None:
    typed.type(b"q")
    typed.hang_up()
    assert typed.key() == "q"
    typed.wait()
    assert typed.app.told == [typed.app.exit]


def test_only_the_rest_position_of_the_mouse_is_reported(typed: Typed) -> None:
    typed.type(b"".join(b"\x1b[<35;%d;7M" % column for column in range(1, 200)))
    assert typed.move() == (198, 6)
    typed.type(b"\x1b[<35;5;5Mj")
    assert typed.key() == "j"
    assert typed.move() == (4, 4)


async def test_without_the_parser_it_knows_the_library_reads_the_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_app() as harness:
        monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
        assert harness.app.get_driver_class() is FastEscapeDriver
        monkeypatch.setitem(sys.modules, "textual._xterm_parser", None)
        monkeypatch.delitem(vars(READING), "available")
        assert harness.app.get_driver_class() is LinuxDriver
