"""Bodies are decompressed in bounded steps, with at most one encoding."""

import gzip
import struct
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.domain.limits import Bounds
from presence_tui.domain.translatable import phrase
from presence_tui.transport.decompression import Unpackable, read_body
from presence_tui.transport.errors import BoundExceeded, UnexpectedAnswer
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.transport.conftest import MakeClient
from tests.unit.transport.tiny_server import Reply, TinyServer

PATH = "/api/v1/thing"
MIB = 2**20


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP ": gzip.compress,
    "deflate": zlib.compress,
    "identity, deflate": bare_deflate,
}


async def in_pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def read(body: bytes, encoding: str, bound_bytes: int = MIB, piece: int = 7) -> bytes:
    return await read_body(in_pieces(body, piece), encoding, bound_bytes, what=phrase("It"))


@repeatable
@given(body=st.binary(max_size=300), encoding=st.sampled_from(sorted(PACKERS)), piece=st.integers(1, 400))
async def test_what_was_packed_once_comes_out_as_it_was(body: bytes, encoding: str, piece: int) -> None:
    assert await read(PACKERS[encoding](body), encoding, piece=piece) == body


@pytest.mark.parametrize("encoding", PACKERS)
async def test_a_body_of_exactly_the_bound_passes_and_one_byte_more_does_not(encoding: str) -> None:
    assert len(await read(PACKERS[encoding](b"x" * MIB), encoding, piece=MIB)) == MIB
    with pytest.raises(BoundExceeded):
        await read(PACKERS[encoding](b"x" * (MIB + 1)), encoding, piece=MIB)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_what_does_not_end_is_broken(encoding: str) -> None:
    packed = PACKERS[encoding](b"presence" * 50)
    for broken in (packed[:-9], packed[:3], b"this is not packed", b"\x1f\x8b" + b"\xff" * 40):
        with pytest.raises(ValueError, match="breaks off"):
            await read(broken, encoding)


async def test_an_empty_body_is_empty_however_it_claims_to_be_packed() -> None:
    assert [await read(b"", encoding) for encoding in PACKERS] == [b""] * len(PACKERS)


async def test_padding_behind_the_end_is_passed_over() -> None:
    assert await read(gzip.compress(b"x") + b"\0" * 50, "gzip") == b"x"


@pytest.mark.parametrize("piece", [1, 7, MIB])
async def test_members_of_a_gzip_stream_follow_each_other(piece: int) -> None:
    """As pigz and some servers write it; browsers and Node read all of them."""
    members = gzip.compress(b"pre") + gzip.compress(b"") + gzip.compress(b"sence") + b"\0" * 9
    assert await read(members, "gzip", piece=piece) == b"presence"
    with pytest.raises(ValueError, match="breaks off"):
        await read(gzip.compress(b"pre") + gzip.compress(b"sence")[:-9], "gzip", piece=piece)


async def test_members_together_do_not_exceed_the_bound() -> None:
    half = gzip.compress(b"x" * (MIB // 2))
    assert len(await read(half * 2, "gzip", piece=MIB)) == MIB
    tracemalloc.start()
    try:
        for one_more in (gzip.compress(b"x"), gzipped_zeros(100)):
            with pytest.raises(BoundExceeded):
                await read(half * 2 + one_more, "gzip", piece=MIB)
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "gzip,deflate", "deflate , gzip, gzip", "br", "zstd", "\x1b"]
)
async def test_other_packing_is_refused_before_anything_is_read(encoding: str) -> None:
    async def trap() -> AsyncIterator[bytes]:
        raise AssertionError("was read")
        yield b""

    with pytest.raises(Unpackable) as refusal:
        await read_body(trap(), encoding, MIB, what=phrase("It"))
    assert str(refusal.value).isprintable()


async def test_packed_padding_counts_as_well() -> None:
    """Data that decompresses to nothing must not bypass the limit."""
    with pytest.raises(BoundExceeded):
        await read(gzip.compress(b"x") + b"\0" * MIB, "gzip", piece=MIB)


def gzipped_zeros(mebibytes: int) -> bytes:
    """The result of ``gzip.compress``, which would take many seconds."""
    zeros = b"\0" * MIB
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(mebibytes):
        checksum = zlib.crc32(zeros, checksum)
    header = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
    return header + block * mebibytes + packer.flush() + struct.pack("<LL", checksum, mebibytes * MIB)


def test_zeros_are_packed_as_gzip_packs_them() -> None:
    assert gzip.decompress(gzipped_zeros(3)) == b"\0" * (3 * MIB)


@cache
def packed_twice() -> bytes:
    """The body from the issue: a few kilobytes with two encodings that decompress to more than a gigabyte."""
    return gzip.compress(gzipped_zeros(1_200), 9)


@pytest.mark.parametrize("status", [200, 401, 429, 500])
async def test_two_kilobytes_packed_twice_stay_two_kilobytes(
    make_client: MakeClient, server: TinyServer, status: int
) -> None:
    body = packed_twice()
    assert len(body) < 10_000
    server.on(PATH, Reply(status, body, {"Content-Encoding": "gzip, gzip"}))
    tracemalloc.start()
    try:
        with pytest.raises(UnexpectedAnswer, match="packed 2 times over"):
            await make_client().request("GET", PATH)
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("status", [200, 401])
async def test_one_layer_makes_no_more_than_the_bound(
    make_client: MakeClient, server: TinyServer, status: int
) -> None:
    server.on(PATH, Reply(status, gzipped_zeros(400), {"Content-Encoding": "gzip"}))
    client = make_client(bounds=Bounds(frame_bytes=4 * MIB))
    tracemalloc.start()
    try:
        with pytest.raises(BoundExceeded):
            await client.request("GET", PATH)
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


async def test_only_what_can_be_unpacked_is_asked_for(make_client: MakeClient, server: TinyServer) -> None:
    server.on(PATH, Reply(body={}))
    await make_client().request("GET", PATH)
    assert server.asked[0].headers["Accept-Encoding"] == "gzip, deflate"
