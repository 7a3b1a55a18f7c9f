"""Terminal input: keys, pasted text, and ignored sequences."""

import random
from collections.abc import Iterable, Iterator
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.message import Message

from presence_tui.tui.input_events import InputTranslator
from presence_tui.tui.terminal_input import (
    CTRL_C_S,
    FIELD_CHARACTERS,
    SILENCE_S,
    InputSplitter,
    Part,
    Paste,
    Sequence,
    Text,
)
from tests.unit.domain.hypothesis_profile import repeatable

ESCAPE_S = 0.05
BEGIN, END = b"\x1b[200~", b"\x1b[201~"

PIECES = [
    *(bytes([byte]) for byte in b"\x1b[<?;:0149umMOPtyR$~]\\_q A\x03\x07\r\x00\x7f\xff\x9b"),
    *("é😀".encode()[place : place + 1] for place in range(6)),
    *(b"48;", b"\x1b[<35;", b"\x1b[M", b"\x1b]11;", b"\x1bP", b"\x1b\\", b"99999999999", BEGIN, END),
]


def parts_of(chunks: Iterable[bytes]) -> list[Part]:
    """The parts of bytes read without a pause, followed by silence."""
    splitter = InputSplitter(ESCAPE_S)
    parts = [part for chunk in chunks for part in splitter.feed(chunk, 0.0)]
    while splitter.due_s is not None:
        parts += splitter.expire(splitter.due_s)
    return parts


def joined(parts: Iterable[Part]) -> list[Part]:
    """The parts with adjacent texts joined."""
    together: list[Part] = []
    for part in parts:
        last = together[-1] if together else None
        if isinstance(part, Text) and isinstance(last, Text):
            together[-1] = Text(last.text + part.text)
        else:
            together.append(part)
    return together


def messages_of(*chunks: bytes) -> list[Message]:
    translator = InputTranslator()
    return [message for part in parts_of(chunks) for message in translator.events(part)]


def keys_in(messages: Iterable[Message]) -> list[tuple[str, str | None]]:
    return [(each.key, each.character) for each in messages if isinstance(each, events.Key)]


def keys_of(*chunks: bytes) -> list[str]:
    return [key for key, _ in keys_in(messages_of(*chunks))]


def cut(whole: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    for size in sizes:
        yield whole[:size]
        whole = whole[size:]
    yield whole


@repeatable
@given(
    st.one_of(st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join), st.binary(max_size=200)),
    st.lists(st.integers(0, 12), max_size=80),
)
def test_parts_do_not_depend_on_how_the_bytes_were_split_over_reads(whole: bytes, sizes: list[int]) -> None:
    assert joined(parts_of(cut(whole, sizes))) == joined(parts_of([whole]))


@repeatable
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20)), max_size=60))
def test_no_bytes_are_fatal_and_the_next_key_is_a_key(pieces: list[bytes]) -> None:
    translator = InputTranslator()
    for part in parts_of(pieces):
        list(translator.events(part))
    assert keys_in(translator.events(Text("q"))) == [("q", "q")]


def test_seeded_noise_is_never_fatal() -> None:
    rng = random.Random(12)
    for _ in range(300):
        noise = b"".join(rng.choices(PIECES, k=60)) + rng.randbytes(40)
        translator = InputTranslator()
        for part in parts_of([noise]):
            list(translator.events(part))
        assert keys_in(translator.events(Sequence("\x1b[A"))) == [("up", None)], noise


def test_every_key_that_textual_knows_is_what_it_was() -> None:
    for sequence in ANSI_SEQUENCES_KEYS:
        parser = XTermParser()
        known = keys_in([*parser.feed(sequence), *parser.feed("")])
        whole = sequence.encode()
        assert keys_in(messages_of(whole)) == known, sequence
        assert keys_in(messages_of(*cut(whole, [1] * len(whole)))) == known, sequence


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        # Shifted keys and text are read by Textual 8.2.8 and later, which also asks terminals for them.
        (b"\x1b[49;1:3u", []),
        (b"\x1b[49;1:2u", [("1", "1")]),
        pytest.param(b"\x1b[38:49;2u", [("1", "1")], marks=pytest.mark.internals),
        pytest.param(b"\x1b[97;;97u", [("a", "a")], marks=pytest.mark.internals),
        (b"\x1b[99;5u", [("ctrl+c", None)]),
        (b"\x1b[1;1:1A", [("up", None)]),
        (b"\x1b[1;1:3A", []),
        pytest.param(
            b"\x1b[0;;" + b":".join(b"%d" % ord(each) for each in "ad\x1ba") + b"u",
            [(each, each) for each in "ada"],
            marks=pytest.mark.internals,
        ),
        (b"\x1b[99999999u", []),
        (b"\x1b[1114112;1u", []),
        (b"\x1b[55296u", []),
        (b"\x1b[97;999999u", []),
        (b"\x1b[97;;27u", [("a", "a")]),
        (b"\x1b[48;0;0;0;0t", []),
        (b"\x1b[48;99999;99999;1;1t", []),
        (b"\x1b[?62;c\x1b[>1;10;0c\x1b[?25u\x1b[0n", []),
        (b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b]11;rgb:0/0/0\x07\x1bP>|term 1\x1b\\", []),
        (b"\x1b[" + b"1;" * 5_000 + b"q", []),
        (b"\x1b[M !!\x1b[32;5;6M", []),
    ],
)
def test_reports_of_terminals(sent: bytes, keys: list[tuple[str, str | None]]) -> None:
    assert keys_in(messages_of(sent)) == keys
    assert keys_in(messages_of(sent, b"j")) == [*keys, ("j", "j")]


def test_the_mouse_and_the_focus() -> None:
    found = messages_of(b"\x1b[<0;3;4M\x1b[<35;5;6M\x1b[I\x1b[O")
    kinds = [events.MouseDown, events.MouseMove, events.AppFocus, events.AppBlur]
    assert [type(each) for each in found] == kinds
    assert isinstance(found[1], events.MouseMove) and (found[1].x, found[1].y) == (4, 5)


@pytest.mark.parametrize(
    ("pasted", "given"),
    [
        (b"hello\x1bquit", "helloquit"),
        (b"hello\x1b[Bquit", "hello[Bquit"),
        (b"\r\n  \r\nAda\tOkafor\r\nBo", "Ada Okafor"),
        (b"a\x03b\x00\x9b\xffc", "abc"),
        (BEGIN + b"a", "[200~a"),
        ("a\u202eé\u200b😀".encode(), "aé😀"),
        (b"x" * 900_000, "x" * FIELD_CHARACTERS),
    ],
)
def test_a_paste_is_one_line_that_can_be_shown(pasted: bytes, given: str) -> None:
    assert parts_of([BEGIN + pasted + END + b"q"]) == [Paste(given), Text("q")]


@pytest.mark.parametrize("pasted", [b"", b"\r\n", b"\x1b\x1b", b"\x00" * 100])
def test_a_paste_of_nothing_is_nothing(pasted: bytes) -> None:
    assert parts_of([BEGIN + pasted + END + b"q"]) == [Text("q")]


def test_a_megabyte_of_arrows_is_pasted_within_100_ms() -> None:
    whole = BEGIN + b"\x1b[B" * 300_000 + END
    began_s = process_time()
    assert len(messages_of(*cut(whole, [4_096] * 220))) == 1
    assert process_time() - began_s < 0.1


@pytest.mark.parametrize(
    "ctrl_c", [b"\x03", b"\x1b[99;5u", b"\x1b[99;133u", b"\x1b[99:67;5:1u", b"\x1b[27;5;99~"]
)
def test_ctrl_c_ends_a_paste_that_has_no_end(ctrl_c: bytes) -> None:
    splitter = InputSplitter(ESCAPE_S)
    assert splitter.feed(BEGIN + b"hello" + ctrl_c[:2], 0.0) + splitter.feed(ctrl_c[2:], 0.0) == []
    assert splitter.expire(CTRL_C_S) == [Paste("hello"), Text("\x03")]
    assert splitter.feed(b"q", 1.0) == [Text("q")]


def test_ctrl_c_ends_a_paste_of_which_little_is_kept() -> None:
    assert parts_of([BEGIN + b"x" * 900_000, b"\x03"])[-1] == Text("\x03")


def test_a_silence_ends_a_paste_that_has_no_end() -> None:
    splitter = InputSplitter(ESCAPE_S)
    assert splitter.feed(BEGIN + b"hello\x1b[99;2u", 0.0) == []
    assert splitter.expire(SILENCE_S / 2) == []
    assert splitter.expire(SILENCE_S) == [Paste("hello[99;2u")]
    assert splitter.due_s is None
    assert splitter.feed(b"q" + END, 2.0) == [Text("q")]


def test_esc_waits_for_the_rest_of_a_key_and_no_longer() -> None:
    splitter = InputSplitter(ESCAPE_S)
    assert splitter.feed(b"\x1b", 0.0) == []
    assert splitter.due_s == ESCAPE_S
    assert splitter.expire(ESCAPE_S / 2) == []
    assert splitter.feed(b"[A", ESCAPE_S / 2) == [Sequence("\x1b[A")]
    splitter.feed(b"\x1b", 1.0)
    assert splitter.expire(1.0 + ESCAPE_S) == [Sequence("\x1b")]
    assert keys_of(b"\x1b") == ["escape"]
    assert keys_of(b"\x1bx") == ["alt+x"]
    assert keys_of(b"\x1b\x1b[A") == ["escape", "up"]


def test_a_sequence_that_stops_in_the_middle_is_waited_for_and_then_dropped() -> None:
    splitter = InputSplitter(ESCAPE_S)
    assert splitter.feed(b"\x1b[<35;1", 0.0) == []
    assert splitter.feed(b"0;7M", 0.9) == [Sequence("\x1b[<35;10;7M")]
    assert splitter.feed(b"\x1b[<35;1", 2.0) == []
    assert splitter.expire(2.0 + SILENCE_S) == []
    assert splitter.feed(b"q", 4.0) == [Text("q")]
    assert keys_of(b"\x1b[12\x03") == ["ctrl+c"]
    assert keys_of(b"\x1b]0;title\x03") == ["ctrl+c"]
    assert keys_of(b"\x1b]0;title\x1b[A") == ["up"]
