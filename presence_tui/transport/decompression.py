"""Decompress response bodies with a size limit.

HTTP libraries decompress each piece of a body whole before its size can be checked, and apply every layer of
``Content-Encoding: gzip, gzip``: two kilobytes become a gigabyte. Here a body has at most one layer, and no
step produces more than what is left of the limit.
"""

import zlib
from collections.abc import AsyncIterator
from typing import Final, Protocol

from presence_tui.domain.translatable import Phrase, PhraseError, phrase
from presence_tui.transport.errors import BoundExceeded
from presence_tui.wire.sanitize import safe_text

ACCEPTED: Final = "gzip, deflate"
"""For ``Accept-Encoding``: encodings that the standard library can decompress in bounded steps."""

_GZIP_BITS: Final = zlib.MAX_WBITS | 16
_ZLIB_BITS: Final = zlib.MAX_WBITS
_BARE_DEFLATE_BITS: Final = -zlib.MAX_WBITS
_ZLIB_METHOD: Final = 8
_GZIP_MAGIC: Final = 0x1F


class Unpackable(PhraseError):
    """The body has a content encoding that is not accepted."""


class _Layer(Protocol):
    def unpack(self, piece: bytes, most_bytes: int) -> bytes: ...

    def finish(self) -> None: ...


async def read_body(
    pieces: AsyncIterator[bytes],
    encoding: str,
    bound_bytes: int,
    *,
    what: Phrase,
    declared_bytes: int | None = None,
) -> bytes:
    """Return the decompressed body.

    ``declared_bytes`` is the size from the headers, for the error message. Raises ``BoundExceeded`` as soon
    as the body exceeds the limit, compressed or not, ``Unpackable`` for an unsupported encoding, and
    ``ValueError`` for broken compressed data.
    """
    layer = _layer_of(encoding)
    chunks: list[bytes] = []
    received = size = 0
    async for piece in pieces:
        received += len(piece)
        # Read one byte past the limit, to tell a body that is too large from one that just fits.
        chunk = layer.unpack(piece, bound_bytes - size + 1)
        size += len(chunk)
        if max(size, received) > bound_bytes:
            raise BoundExceeded(what, bound_bytes, declared_bytes)
        chunks.append(chunk)
    layer.finish()
    return b"".join(chunks)


def _layer_of(encoding: str) -> _Layer:
    layers = [name for part in encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if not layers:
        return _Plain()
    if len(layers) > 1:
        raise Unpackable(phrase("the answer is packed {n} times over", n=len(layers)))
    if layers[0] in ("gzip", "x-gzip", "deflate"):
        return _Packed(is_gzip=layers[0] != "deflate")
    raise Unpackable(phrase("the answer is packed as {encoding}", encoding=safe_text(layers[0])))


class _Plain:
    def unpack(self, piece: bytes, most_bytes: int) -> bytes:
        return piece

    def finish(self) -> None: ...


class _Packed:
    """gzip, or deflate with or without a zlib header, because servers disagree on what deflate means."""

    def __init__(self, *, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._stream: zlib._Decompress | None = None

    def unpack(self, piece: bytes, most_bytes: int) -> bytes:
        unpacked = b""
        # zlib takes a limit of 0 for none.
        while piece and len(unpacked) < most_bytes:
            stream = self._stream
            if stream is None or (stream.eof and self._is_gzip and piece[0] == _GZIP_MAGIC):
                # Another member of a gzip stream continues the text.
                stream = self._stream = zlib.decompressobj(self._bits_for(piece[0]))
            elif stream.eof:
                # Trailing padding, which every client ignores.
                break
            try:
                unpacked += stream.decompress(piece, most_bytes - len(unpacked))
            except zlib.error as problem:
                raise _broken() from problem
            piece = stream.unused_data
        return unpacked

    def finish(self) -> None:
        if self._stream is not None and not self._stream.eof:
            raise _broken()

    def _bits_for(self, first_byte: int) -> int:
        if self._is_gzip:
            return _GZIP_BITS
        return _ZLIB_BITS if first_byte & 0x0F == _ZLIB_METHOD else _BARE_DEFLATE_BITS


def _broken() -> ValueError:
    return ValueError("a packed answer breaks off or is none")
