"""Play a recording to the real command on a pty and measure. Shared by the busy benches.

**Event to pixel.** At intervals, a participant whose name sorts first (so that its row is visible) gets a new
name, a mark. The sender notes the monotonic time at which it writes each mark to its socket; the bench notes
the time at which it reads the mark from the pty. A mark that was superseded before it was drawn counts until
a later one appears.

**Key to repaint.** While the recording plays, ``j`` and ``k`` move the cursor; the time ends when the why
line names another participant. No event changes that line's name. Only changed cells are written, so that the
name is followed through all writes to the line.

**Truth.** At the end the cursor moves to the top; the screen of the terminal emulator, after every byte since
the start, must match the recording: both counts and every visible row. The event count in the link dialog
must have grown by exactly the number of events sent.

**Processor.** User and system time of the command's process from ``/proc``, while the recording played.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.bench.figures import percentile
from tests.bench.population import ROOM, key_of, mark, name_of
from tests.bench.recorded_gateway import TOKEN, Played, RecordedGateway, Recording, recorded_gateway
from tests.bench.terminal import Terminal, watch_terminal

MARK = re.compile(rb"\d mark \d{6}")
WHY = re.compile(rb"\x1b\[31;(\d+)H(?:\x1b\[[\d;]*m)*([^\x1b]+)(?=\x1b)")
"""A complete write to the why line, which is row 31 of 40: its column, counted from 1, and its text."""
WHY_NAME = slice(1, 20)
"""Where the name is in the why line. A name has at least this many characters with what follows."""
NAME = re.compile(r"(?:\d mark \d{6}|[A-Z]\w+ [A-Z]\w+ \d{7})")
ONLINE = re.compile(r"Online \((\d+)\)")
COUNTED = re.compile(r"Events received\s+([\d,]+)")
LONGEST_WRITE = 256
"""Bytes of a mark, or of a write to the why line that changes the name."""
LOOK_EVERY_S = 0.3
KEY_EVERY_S = 0.2
KEY_LIMIT_S = 5.0
START_LIMIT_S = 120.0
SETTLE_S = 1.5
STEPS_FROM_THE_TOP = 6
PATTERN = "jjkk"
"""Pressed in turn; the cursor stays among the visible rows."""


@dataclass(slots=True)
class Sightings:
    """Marks and names found in the terminal output."""

    marks_s: dict[str, float] = field(default_factory=dict)
    """When each mark was first seen."""
    why: bytearray = field(default_factory=lambda: bytearray(b" " * 120))
    """The why line as written so far."""
    key_answered: asyncio.Event = field(default_factory=asyncio.Event)
    answered_s: float = 0.0
    _tail: bytes = b""

    @property
    def explained(self) -> bytes:
        """The participant named by the why line."""
        return bytes(self.why[WHY_NAME]).strip()

    def read(self, text: bytes, at_s: float) -> None:
        # Include the end of the previous chunk: a mark or a write may span two chunks.
        text = self._tail + text
        for found in MARK.findall(text):
            self.marks_s.setdefault(found.decode(), at_s)
        before, followed = self.explained, 0
        for write in WHY.finditer(text):
            start, said = int(write[1]) - 1, write[2]
            self.why[start : start + len(said)] = said
            followed = write.end()
        if self.explained != before:
            self.answered_s = at_s
            self.key_answered.set()
        # A write is followed once: a second time it would bring an older name back.
        self._tail = text[max(followed, len(text) - LONGEST_WRITE) :]


@dataclass(frozen=True, slots=True)
class Observation:
    """The result of playing a recording."""

    events_sent: int
    events_counted: int
    online_shown: int
    online_true: int
    wrong_rows: int
    event_to_pixel_ms: list[float]
    key_to_repaint_ms: list[float]
    cpu: float
    """Share of one core."""
    bytes_a_second: float
    seconds: float

    @property
    def lost(self) -> int:
        return self.events_sent - self.events_counted

    @property
    def is_true(self) -> bool:
        """True if no event was lost and the final screen matches the recording."""
        return self.lost == 0 and self.online_shown == self.online_true and self.wrong_rows == 0

    @property
    def notes(self) -> tuple[str, ...]:
        truth = "equals" if self.is_true else f"DIFFERS from ({self.wrong_rows} rows wrong)"
        return (
            f"{self.events_sent:,} events in {self.seconds:.1f} s, {self.lost:,} lost; "
            f"the final screen {truth} the truth (Online {self.online_shown:,} of {self.online_true:,})",
            f"event to pixel p50 {percentile(self.event_to_pixel_ms, 0.5):.0f} ms, "
            f"p99 {percentile(self.event_to_pixel_ms, 0.99):.0f} ms ({len(self.event_to_pixel_ms)} marks); "
            f"key to repaint p50 {percentile(self.key_to_repaint_ms, 0.5):.0f} ms, "
            f"p99 {percentile(self.key_to_repaint_ms, 0.99):.0f} ms ({len(self.key_to_repaint_ms)} keys)",
            f"{self.cpu:.0%} of one core; {self.bytes_a_second / 1000:.0f} kB/s to the terminal",
        )

    @property
    def figures(self) -> dict[str, float]:
        return {
            "lost": self.lost,
            "wrong_rows": self.wrong_rows,
            "event_to_pixel_p50_ms": percentile(self.event_to_pixel_ms, 0.5),
            "event_to_pixel_p99_ms": percentile(self.event_to_pixel_ms, 0.99),
            "key_to_repaint_p50_ms": percentile(self.key_to_repaint_ms, 0.5),
            "key_to_repaint_p99_ms": percentile(self.key_to_repaint_ms, 0.99),
            "cpu": self.cpu,
            "bytes_a_second": self.bytes_a_second,
        }


async def observe(
    recording: Recording,
    *,
    drain_bytes_a_second: float | None = None,
    program: Sequence[str] = ("-m", "presence_tui"),
) -> Observation:
    """Play the recording to a watch on a pty of 120x40. ``program`` as in ``watch_terminal``."""
    async with (
        recorded_gateway(recording) as gateway,
        watch_terminal(
            gateway.url,
            TOKEN,
            conversation=ROOM.id,
            drain_bytes_a_second=drain_bytes_a_second,
            program=program,
        ) as terminal,
    ):
        await terminal.until(b"participants read", START_LIMIT_S)
        # Now, because a row that comes in above the cursor later would scroll out of sight: rows do not jump.
        await gateway.mark(0)
        await terminal.until(mark(0).encode(), START_LIMIT_S)
        terminal.press("g")
        counted_before = await _events_counted(terminal)
        sightings = Sightings()
        terminal.on_read = sightings.read
        await _step_down(terminal, sightings)
        cpu_s, bytes_out = terminal.cpu_s, terminal.bytes_out
        played, keys_ms = await _play_and_press(gateway, terminal, sightings)
        seconds = played.ended_s - played.began_s
        cpu_s, bytes_out = terminal.cpu_s - cpu_s, terminal.bytes_out - bytes_out
        await asyncio.sleep(SETTLE_S)
        terminal.press("g")
        await asyncio.sleep(SETTLE_S)
        online_shown, wrong_rows = _compare(await asyncio.to_thread(lambda: terminal.text), recording.truth)
        counted = await _events_counted(terminal) - counted_before
        return Observation(
            # The event that ends the recording is counted as well.
            events_sent=played.events + len(played.marks_s) + 1,
            events_counted=counted,
            online_shown=online_shown,
            online_true=sum(recording.truth.values()),
            wrong_rows=wrong_rows,
            event_to_pixel_ms=_event_to_pixel_ms(played, sightings),
            key_to_repaint_ms=keys_ms,
            cpu=cpu_s / seconds,
            bytes_a_second=bytes_out / seconds,
            seconds=seconds,
        )


async def _step_down(terminal: Terminal, sightings: Sightings) -> None:
    """Move off the participant of the marks, whose name keeps changing."""
    for _ in range(STEPS_FROM_THE_TOP):
        terminal.press("j")
        await asyncio.sleep(KEY_EVERY_S)
    assert sightings.explained, "no why line after moving the cursor"


async def _play_and_press(
    gateway: RecordedGateway, terminal: Terminal, sightings: Sightings
) -> tuple[Played, list[float]]:
    taken_ms: list[float] = []
    pressing = asyncio.create_task(_keep_pressing(terminal, sightings, taken_ms))
    try:
        return await gateway.play(), taken_ms
    finally:
        pressing.cancel()
        await asyncio.wait([pressing])


async def _keep_pressing(terminal: Terminal, sightings: Sightings, taken_ms: list[float]) -> None:
    random = Random(7)
    while True:
        for key in PATTERN:
            await asyncio.sleep(random.uniform(0.5, 1.5) * KEY_EVERY_S)
            sightings.key_answered.clear()
            pressed_s = time.monotonic()
            terminal.press(key)
            try:
                async with asyncio.timeout(KEY_LIMIT_S):
                    await sightings.key_answered.wait()
                taken_ms.append((sightings.answered_s - pressed_s) * 1000)
            except TimeoutError:
                taken_ms.append(KEY_LIMIT_S * 1000)


def _event_to_pixel_ms(played: Played, sightings: Sightings) -> list[float]:
    """For each mark, the time until it or a later one was drawn."""
    taken_ms: list[float] = []
    seen_s = float("inf")
    for name, sent_s in reversed(played.marks_s.items()):
        seen_s = min(seen_s, sightings.marks_s.get(name, float("inf")))
        taken_ms.append((seen_s - sent_s) * 1000)
    return taken_ms


async def _events_counted(terminal: Terminal) -> int:
    """The event count in the link dialog."""
    terminal.press("l")
    counted = await _shown(terminal, COUNTED)
    terminal.press("\x1b")
    await _shown(terminal, ONLINE)
    return int(counted.group(1).replace(",", ""))


async def _shown(terminal: Terminal, pattern: re.Pattern[str]) -> re.Match[str]:
    """Wait until the pattern matches the screen; return the match."""
    async with asyncio.timeout(START_LIMIT_S):
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if found := pattern.search(await asyncio.to_thread(lambda: terminal.text)):
                return found


def _compare(screen: str, truth: dict[str, bool]) -> tuple[int, int]:
    """The count in the title of the online panel, and the number of rows that differ from the truth."""
    counted = ONLINE.search(screen)
    assert counted, f"there is no online panel:\n{screen}"
    lines = screen.splitlines()
    titles = next(number for number, line in enumerate(lines) if "Online (" in line)
    bottom = next(number for number, line in enumerate(lines[titles:], titles) if "╰" in line)
    middle = lines[titles].index("Offline (")
    wrong = 0
    for is_online, left, right in ((True, 0, middle), (False, middle, None)):
        shown = [found.group() for line in lines[titles:bottom] if (found := NAME.search(line[left:right]))]
        wrong += _wrong(shown, is_online, truth)
    return int(counted.group(1)), wrong


def _wrong(shown: list[str], is_online: bool, truth: dict[str, bool]) -> int:
    names = sorted(name_of(number) for number in range(1, len(truth)) if truth[key_of(number)] is is_online)
    # The participant of the marks is always online and always first.
    marks, others = (shown[:1], shown[1:]) if is_online else ([], shown)
    wrong = sum(" mark " not in name for name in marks)
    wrong += sum(not name.startswith(wanted) for wanted, name in zip(names, others, strict=False))
    return wrong + (not shown and bool(names))
