"""A terminal driver that splits input before Textual's parser gets it, and draws on standard output.

Textual's own driver checks its clock only ten times a second, so esc would take up to 100 ms;
it reads bytes of a paste as keys, and fails on unknown sequences. It draws on standard error,
which may be a file while standard output is the terminal, and does not notice a closed terminal.
It reports every cell that the mouse passes, up to some hundred a second, and for each one Textual looks up
the widget and its style; that matters only where the mouse comes to rest.
"""

import os
import select
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from threading import Thread
from time import monotonic
from typing import Any, Final

from textual import constants, events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from presence_tui.tui.input_events import InputTranslator
from presence_tui.tui.service_app import crash_from_thread, terminal_lost_in_thread
from presence_tui.tui.terminal_input import InputSplitter
from presence_tui.tui.terminal_reports import BACKGROUND_QUERY
from presence_tui.tui.textual_internals import draw_on

_MOST_WAITING: Final = 65_536
"""Characters; more than a whole screen takes."""


class TerminalOutput:
    """A file for Textual's writer thread. It never raises, because a dead thread would block the event loop.

    ``on_gone`` is called once, in that thread, when writing fails. Everything written
    afterwards is dropped.
    """

    def __init__(self, descriptor: int, encoding: str, on_gone: Callable[[], object]) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._on_gone = on_gone
        self._is_gone = False
        self._waiting: list[str] = []
        self._length = 0

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        if not self._is_gone:
            self._waiting.append(text)
            self._length += len(text)
            if self._length >= _MOST_WAITING:
                self.flush()
        return len(text)

    def flush(self) -> None:
        text = "".join(self._waiting)
        self._waiting.clear()
        self._length = 0
        if not text or self._is_gone:
            return
        try:
            self._write_all(memoryview(text.encode(self._encoding, "replace")))
        except OSError:
            self._is_gone = True
            self._on_gone()

    def _write_all(self, content: memoryview) -> None:
        while content:
            try:
                content = content[os.write(self._descriptor, content) :]
            except BlockingIOError:
                # Another program on the terminal may have left it in non-blocking mode.
                select.select([], [self._descriptor], [])


HOVER_DELAY_S: Final = 0.08
"""The mouse rests after not moving for this long."""


class MouseHover:
    """Holds the last move without a button until the mouse rests or clicks."""

    def __init__(self) -> None:
        self._move: events.MouseMove | None = None
        self._moved_s = 0.0

    @property
    def due_s(self) -> float | None:
        """When a held move is due, or ``None`` if there is none."""
        return None if self._move is None else self._moved_s + HOVER_DELAY_S

    def hand_on(self, messages: Iterable[Message], now_s: float) -> Iterator[Message]:
        """The messages without moves, except the one that is due."""
        for message in messages:
            if isinstance(message, events.MouseMove) and not message.button:
                self._move, self._moved_s = message, now_s
                continue
            if isinstance(message, events.MouseEvent):
                yield from self._release()
            yield message
        if self.due_s is not None and now_s >= self.due_s:
            yield from self._release()

    def _release(self) -> Iterator[Message]:
        move, self._move = self._move, None
        if move is not None:
            yield move


_CLEAR: Final = "\x1b[0m\x1b[2J\x1b[H"
_IDLE_S: Final = 0.1
"""Interval at which the thread checks whether the application has ended."""
_MOVES_S: Final = 0.02
"""How long moves of the mouse are collected."""
_MOST_BYTES: Final = 65_536
_CLOSE_S: Final = 2.0
"""Time limit for the terminal to accept pending output."""


class FastEscapeDriver(LinuxDriver):
    """Textual's driver for POSIX terminals, with other input and output."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._reads_for = app
        self._escape_s: float = getattr(app, "escape_s", constants.ESCAPE_DELAY)
        output = TerminalOutput(_terminal(), _encoding(), partial(terminal_lost_in_thread, app))
        draw_on(self, output)

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if getattr(self._reads_for, "asks_background", False):
            self.write(BACKGROUND_QUERY)
            self.flush()

    def stop_application_mode(self) -> None:
        # GNU screen has no alternate screen unless told so: the shell's prompt would stand within our rows.
        self.write(_CLEAR)
        super().stop_application_mode()

    def close(self) -> None:
        # A terminal that accepts no output, as over a hanging connection, would block forever. The writer
        # thread ends with the process.
        closing = Thread(target=super().close, name="presence-tui-close", daemon=True)
        closing.start()
        closing.join(_CLOSE_S)

    def run_input_thread(self) -> None:
        try:
            self._read_keys()
        except Exception as error:  # noqa: BLE001  (ends the application, which reports it)
            crash_from_thread(self._reads_for, error)

    def _read_keys(self) -> None:
        splitter, translator, hover = InputSplitter(self._escape_s), InputTranslator(), MouseHover()
        while not self.exit_event.is_set():
            if hover.due_s is not None:
                # More mouse moves will follow, and the delay of keys is not noticeable.
                self.exit_event.wait(_MOVES_S)
            readable, _, _ = select.select([self.fileno], [], [], _wait_s(splitter.due_s, hover.due_s))
            if not readable:
                parts = splitter.expire(monotonic())
            elif arrived := self._read():
                parts = splitter.feed(arrived, monotonic())
            else:
                # The other end of the terminal was closed.
                terminal_lost_in_thread(self._reads_for)
                return
            found = chain.from_iterable(map(translator.events, parts))
            for message in hover.hand_on(found, monotonic()):
                self.process_message(message)

    def _read(self) -> bytes:
        """Read input; empty once the terminal is closed."""
        try:
            return os.read(self.fileno, _MOST_BYTES)
        except OSError:
            return b""


def _wait_s(*due_s: float | None) -> float:
    """Seconds until the first of these times, at most ``_IDLE_S``."""
    now_s = monotonic()
    return max(0.0, min([_IDLE_S, *(each - now_s for each in due_s if each is not None)]))


def _terminal() -> int:
    """The descriptor to draw on: standard output, unless only standard error is a terminal."""
    return next((number for number in (1, 2) if os.isatty(number)), 1)


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"
