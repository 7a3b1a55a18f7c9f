"""Standard input, output and error, which may be closed, full, no terminal, or limited in encoding.

A failure of standard output ends the program with one sentence. A failure of standard error is ignored,
because it cannot be reported.
"""

import asyncio
import errno
import io
import os
import select
import sys
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, Protocol, TextIO

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.domain.system_reasons import reason_of
from presence_tui.text.language import restored, solid

if TYPE_CHECKING:
    # typing only; loaded when a table is printed
    from rich.table import Column, Table
    from rich.text import Text


OUT: Final = 1
ERR: Final = 2

CHECK_S: Final = 1.0
"""Interval at which a command that seldom writes checks its output for a reader."""


class OutputLost(Exception):
    """Standard output can no longer be written; the message is a sentence.

    Not an ``OSError``, because click exits on some of those itself.
    """


class OutputClosed(OutputLost):
    """The reader of a pipe has closed it, as ``head`` does. Not an error."""


class Buffer(Protocol):
    """What is passed to ``os.write``."""

    def __buffer__(self, flags: int, /) -> memoryview: ...


class _Descriptor(io.RawIOBase):
    """A file descriptor to write to. The first failure calls ``on_failure``; later output is dropped."""

    def __init__(self, number: int, on_failure: Callable[[OSError], object], *, is_closed: bool) -> None:
        super().__init__()
        self._number = number
        self._on_failure = on_failure
        self._is_closed = is_closed
        self._has_failed = False
        self._is_terminal = not is_closed and os.isatty(number)

    def fileno(self) -> int:
        return self._number

    def isatty(self) -> bool:
        return self._is_terminal

    def writable(self) -> bool:
        return True

    def write(self, content: Buffer, /) -> int:
        size = memoryview(content).nbytes
        if self._has_failed:
            return size
        try:
            return self._written(content)
        except OSError as problem:
            self._has_failed = True
            self._on_failure(problem)
            return size

    def _written(self, content: Buffer) -> int:
        if self._is_closed:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        while True:
            try:
                return os.write(self._number, memoryview(content))
            except BlockingIOError:
                # A parent may have left the descriptor in non-blocking mode.
                select.select([], [self._number], [])


def open_standard_streams() -> None:
    """Replace ``sys.stdout`` and ``sys.stderr``, and fill in those that are closed. Once, at the start.

    The next file or socket would reuse a closed descriptor.
    """
    for number in (0, OUT, ERR):
        if not _is_open(number):
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    # Typed as never ``None``, but the interpreter sets ``None`` for closed ones.
    found: tuple[TextIO | None, ...] = (sys.stdin, sys.stdout, sys.stderr)
    if found[0] is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  (as long as the process)
    sys.stdout = _stream(OUT, found[1], _raise_lost, line_buffered=False)
    sys.stderr = _stream(ERR, found[2], _ignore, line_buffered=True)


def output_lost(number: int = OUT) -> OutputLost | None:
    """Check without writing whether output still arrives; return the reason if not."""
    poller = select.poll()
    # Hang-ups and errors are reported even with an empty event mask.
    poller.register(number, 0)
    for _, happened in poller.poll(0):
        if happened & select.POLLHUP:
            return _lost(OSError(errno.EIO, os.strerror(errno.EIO)))
        if happened & select.POLLERR:
            return _lost(OSError(errno.EPIPE, os.strerror(errno.EPIPE)))
    return None


async def until_output_is_lost(number: int = OUT) -> NoReturn:
    """Wait until the output has no reader, then raise ``OutputLost``."""
    while (lost := output_lost(number)) is None:  # noqa: ASYNC110  (there is no event to wait for)
        await asyncio.sleep(CHECK_S)
    raise lost


def _stream(
    number: int, before: TextIO | None, on_failure: Callable[[OSError], object], *, line_buffered: bool
) -> TextIO:
    descriptor = _Descriptor(number, on_failure, is_closed=before is None)
    return io.TextIOWrapper(
        io.BufferedWriter(descriptor),
        encoding="utf-8" if before is None else before.encoding,
        # A character that the encoding lacks is replaced.
        errors="replace",
        line_buffering=line_buffered or descriptor.isatty(),
    )


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _raise_lost(problem: OSError) -> NoReturn:
    raise _lost(problem) from problem


def _ignore(problem: OSError) -> None:
    """A failure of standard error cannot be reported."""


def _lost(problem: OSError) -> OutputLost:
    if problem.errno == errno.EPIPE:
        return OutputClosed(say("Nothing reads standard output any more."))
    reason = {errno.EBADF: say("it is closed"), errno.EIO: say("its terminal is gone")}.get(
        problem.errno or 0
    )
    return OutputLost(
        say("Standard output cannot be written: {reason}.", reason=reason or say_phrase(reason_of(problem)))
    )


_BORDER_CELLS: Final = 3
"""Of a column: its line, and a blank on either side."""
_WIDEST: Final = 100_000
"""Columns. Without a terminal, a table is as wide as its content."""


def cell_text(text: str) -> "Text":
    """A cell of a table. On a terminal no line of it ends between a number and its unit."""
    from rich.text import Text

    return Text(solid(text) if sys.stdout.isatty() else text)


def print_sentence(sentence: str) -> None:
    """Print on stderr; on a terminal, lines end between words."""
    if not sys.stderr.isatty():
        print(sentence, file=sys.stderr)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    for line in Text(solid(sentence)).wrap(console, console.width):
        print(restored(line.plain).rstrip(), file=sys.stderr)


def print_table(table: "Table") -> None:
    """Print a table, as wide as the terminal, or without truncation if there is none."""
    from rich.console import Console

    from presence_tui.tui.disputed_width import print_in_columns

    if not sys.stdout.isatty():
        print_in_columns(Console(width=_WIDEST), table)
        return
    console = Console()
    _keep_words_whole(table, console.width)
    print_in_columns(console, table)


def _keep_words_whole(table: "Table", width: int) -> None:
    """Set the widths of columns: that of the longest word, but less for the widest where there is no room
    for that, and more for those that wrap. A word that is longer goes on in the next line.
    """
    from rich.cells import cell_len

    def texts_of(column: "Column") -> list[str]:
        return list(map(str, (column.header, *column.cells)))

    def longest(texts: Iterable[str]) -> int:
        return max(map(cell_len, texts), default=0)

    wanted = [longest(texts_of(column)) for column in table.columns]
    least = [
        cells if column.no_wrap else longest(chain.from_iterable(map(str.split, texts_of(column))))
        for column, cells in zip(table.columns, wanted, strict=True)
    ]
    room = width - len(least) * _BORDER_CELLS - 1
    most = max(least, default=0)
    while most > 1 and sum(min(cells, most) for cells in least) > room:
        most -= 1
    widths = [min(cells, most) for cells in least]
    for _ in range(min(room, sum(wanted)) - sum(widths)):
        widest_gap = max(range(len(widths)), key=lambda place: wanted[place] - widths[place])
        widths[widest_gap] += 1
    for column, cells in zip(table.columns, widths, strict=True):
        column.width = cells
        if not column.no_wrap:
            column.overflow = "fold"


def require_terminal() -> None:
    """Raise ``CliError`` if input or output is not a terminal, or one without cursor addressing."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CliError(
            say(
                "The screen needs a terminal. "
                "In scripts and pipes use --plain, or presence-tui tail or roster."
            ),
            ExitCode.NO_TERMINAL,
        )
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise CliError(
            say("The screen needs a terminal that can place a cursor (TERM says none). Use --plain."),
            ExitCode.NO_TERMINAL,
        )
