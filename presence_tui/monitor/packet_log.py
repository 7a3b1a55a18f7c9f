"""Keeps the latest packets of both directions for inspection, within limits.

Recording must cost nearly nothing at ten thousand events a second: packets that arrived together become one
``Bundle``, which holds their texts as they were received. What people see of a packet is derived when it is
read (``service/packets.py``).
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from sys import getsizeof
from typing import Final, NamedTuple

import msgspec

from presence_tui.domain.enums import Outcome, Verdict
from presence_tui.domain.limits import Bounds
from presence_tui.domain.redaction import may_hold_credentials, redact

TEXT_CHARS: Final = 2**18
"""A longer packet, such as the snapshot of a large account, is kept cut."""

_LONGEST_SECRET: Final = 2**12
_OVERHEAD_BYTES: Final = 64
"""Memory of a packet beside its text, about."""

AnyVerdict = Outcome | Verdict


class Bundle(msgspec.Struct, frozen=True, gc=False):
    """Packets that arrived together, or one packet."""

    first: int
    """Sequence number of the first packet."""
    at_s: float
    epoch: int
    texts: tuple[str, ...]
    verdicts: AnyVerdict | tuple[AnyVerdict, ...]
    """One for all, or one for each."""
    memory: int
    """Bytes of memory, about."""
    size: int = 0
    """Size in bytes of the only packet, where its text does not tell it: it was masked, cut or left out."""


class PacketRecord(NamedTuple):
    """One packet of the log."""

    seq: int
    at_s: float
    epoch: int
    """Number of the connection; before sign-in, the number it is going to get."""
    verdict: AnyVerdict
    text: str
    """As received, but without credentials; empty for an attachment."""
    size: int


class PacketLog:
    """The latest packets, oldest first. Sequence numbers begin with 0 and have no gaps."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        bounds = bounds or Bounds()
        self._most, self._most_bytes = bounds.packets, bounds.packet_bytes
        self._bundles: deque[Bundle] = deque()
        self._next = self._first = 0
        self._bytes = 0
        self._listeners: list[Callable[[], None]] = []

    @property
    def first(self) -> int:
        """Sequence number of the oldest packet kept, which is also the number of packets dropped."""
        return self._first

    @property
    def next(self) -> int:
        """Sequence number of the next packet, which is also the number of packets recorded."""
        return self._next

    @property
    def held_bytes(self) -> int:
        """Memory of the kept packets, about."""
        return self._bytes

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener after each record. Returns the unsubscribe function."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def add_statuses(self, at_s: float, epoch: int, texts: Sequence[str], outcomes: list[Outcome]) -> None:
        """Record status events that arrived together. Only for those that the fast path decoded: names of
        their fields are known, so that only values may hold credentials.
        """
        if len(texts) > self._most:
            # Nobody could read the first of them.
            left_out = len(texts) - self._most
            self._next += left_out
            texts, outcomes = texts[left_out:], outcomes[left_out:]
        if not texts:
            return
        memory = _memory(texts)
        if memory > self._most_bytes or may_hold_credentials("".join(texts)):
            for text, outcome in zip(texts, outcomes, strict=True):
                self.add(at_s, epoch, text, outcome)
            return
        verdict = outcomes[0]
        is_same = outcomes.count(verdict) == len(outcomes)
        verdicts = verdict if is_same else tuple(outcomes)
        self._append(Bundle(self._next, at_s, epoch, tuple(texts), verdicts, memory))

    def add(self, at_s: float, epoch: int, packet: str | bytes, verdict: AnyVerdict) -> None:
        """Record one packet. Credentials in it are masked; of an attachment only the size is kept."""
        if isinstance(packet, bytes):
            text, size = "", len(packet)
        else:
            text = _masked(packet)
            size = 0 if text is packet else packet_size(packet)
        self._append(Bundle(self._next, at_s, epoch, (text,), verdict, _memory((text,)), size))

    def frozen(self) -> "PacketLog":
        """A copy that records nothing and drops nothing; it shares the texts. O(n)."""
        copy = PacketLog()
        copy._bundles = self._bundles.copy()
        copy._first, copy._next, copy._bytes = self._first, self._next, self._bytes
        return copy

    def get(self, seq: int) -> PacketRecord | None:
        """The packet with a sequence number; ``None`` if it was dropped or is not there yet."""
        return next(self.between(seq, seq + 1), None) if seq >= self._first else None

    def mentioning(self, word: str, most: int) -> Iterator[PacketRecord]:
        """The packets whose text contains a word, newest first; about the newest ``most`` are searched."""
        for bundle in reversed(self._bundles):
            texts = bundle.texts
            number = len(texts)
            # Most bundles of a slow gateway have one text.
            if number > 1 or word in texts[0]:
                for at in range(number - 1, -1, -1):
                    if word in texts[at]:
                        yield _record(bundle, bundle.first + at)
            most -= number
            if most <= 0:
                return

    def between(self, start: int, stop: int) -> Iterator[PacketRecord]:
        """The packets at ``start <= seq < stop``, as far as they are kept, oldest first."""
        start, stop = max(start, self._first), min(stop, self._next)
        if start >= stop:
            return
        bundles = self._bundles
        at = bisect_right(bundles, start, key=_first_of) - 1
        while start < stop:
            bundle = bundles[at]
            for seq in range(start, min(stop, bundle.first + len(bundle.texts))):
                yield _record(bundle, seq)
                start = seq + 1
            at += 1

    def _append(self, bundle: Bundle) -> None:
        bundles = self._bundles
        bundles.append(bundle)
        self._next = bundle.first + len(bundle.texts)
        self._bytes += bundle.memory
        while self._next - bundles[0].first > self._most or (
            self._bytes > self._most_bytes and len(bundles) > 1
        ):
            self._bytes -= bundles.popleft().memory
        self._first = bundles[0].first
        for listener in self._listeners:
            listener()


def _first_of(bundle: Bundle) -> int:
    return bundle.first


def _memory(texts: Sequence[str]) -> int:
    return sum(map(getsizeof, texts)) + len(texts) * _OVERHEAD_BYTES


def _record(bundle: Bundle, seq: int) -> PacketRecord:
    at = seq - bundle.first
    text, verdicts = bundle.texts[at], bundle.verdicts
    verdict = verdicts[at] if isinstance(verdicts, tuple) else verdicts
    return PacketRecord(seq, bundle.at_s, bundle.epoch, verdict, text, bundle.size or packet_size(text))


def _masked(packet: str) -> str:
    """Mask credentials, and cut a long packet so that no part of a credential is left at its end.

    Returns the same object if nothing was changed.
    """
    if len(packet) <= TEXT_CHARS:
        masked = redact(packet)
        return packet if masked == packet else masked
    return redact(packet[: TEXT_CHARS + _LONGEST_SECRET])[:-_LONGEST_SECRET]


def packet_size(text: str) -> int:
    """Bytes of a packet on the wire."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
