"""Socket.IO packets: decoding of each message, and no failure that stops reading."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.wire import socketio_packets
from presence_tui.wire.sanitize import MESSAGE_CELLS
from presence_tui.wire.socketio_packets import (
    MOST_ATTACHMENTS,
    Connected,
    ConnectRefused,
    Disconnected,
    Event,
    Packet,
    PacketReader,
    Unreadable,
)
from tests.unit.domain.hypothesis_profile import repeatable

STATUS = '2["user:status",{"userId":"ada","isOnline":true}]'
HEARD = Event("user:status", ({"userId": "ada", "isOnline": True},))
HOLE = '{"_placeholder":true,"num":0}'


def read(*messages: str | bytes) -> list[Packet]:
    reader = PacketReader(1_000)
    return [packet for message in messages for packet in reader.read(message)]


@pytest.mark.parametrize(
    "messages", [(STATUS,), (f'51-["hello",{HOLE}]', b"bytes"), ("2[7]",), ('50-["hello"]',)]
)
def test_an_event_has_the_text_it_was_read_from(messages: tuple[str | bytes, ...]) -> None:
    (packet,) = read(*messages)
    assert isinstance(packet, Event | Unreadable)
    assert packet.text == messages[0]


@pytest.mark.parametrize(
    ("message", "packet"),
    [
        ('0{"sid":"x"}', Connected()),
        ('0{"sid":"x","pid":"p"}', Connected("p")),
        ('0{"sid":"x","pid":7}', Connected()),
        (f'0{{"sid":"x","pid":"{"p" * 128}"}}', Connected("p" * 128)),
        (f'0{{"sid":"x","pid":"{"p" * 129}"}}', Connected()),
        ("0", Connected()),
        ('0/,{"sid":"x"}', Connected()),
        ("1", Disconnected()),
        ("1/,", Disconnected()),
        ('4{"message":"not now"}', ConnectRefused("not now")),
        ('4"not now\\u001b"', ConnectRefused("not now␛")),
        ("4{}", ConnectRefused("")),
        (f'4"{"x" * MESSAGE_CELLS}"', ConnectRefused("x" * MESSAGE_CELLS)),
        (f'4"{"x" * MESSAGE_CELLS}y"', ConnectRefused("x" * (MESSAGE_CELLS - 1) + "…")),
        (STATUS, HEARD),
        ('217["user:status",{"userId":"ada","isOnline":true}]', HEARD),
        ('2/,["user:status",{"userId":"ada","isOnline":true}]', HEARD),
        ('2["hello"]', Event("hello", ())),
        ('2["hello",1,null,"offset"]', Event("hello", (1, None, "offset"))),
        ('2["disconnect"]', Event("disconnect", ())),
        ('2["\\ud83d",1]', Event("�", (1,))),
        ('50-["hello"]', Event("hello", ())),
    ],
)
def test_a_message_says_one_thing(message: str, packet: Packet) -> None:
    assert read(message) == [packet]


@pytest.mark.parametrize(
    "message",
    [
        *("", "9", "x", "²", "2[", "2{}", "2[]", "2[7]", '2"text"', "2", "30", "3[]", '31["a"]', "2[[["),
        *(
            '2["presence:snapshot"',
            '2["presence:snapshot",',
            '5-["a"]',
            '5["a"]',
            "51-",
            '61-["a"]',
            "2" + "[" * 10_000,
        ),
        *('0"x"', "0[]", "0{", '2/admin,["user:status",{}]', '0/admin,{"sid":"x"}', "1/admin,", '2["a"]x'),
        *(
            '21-["a"]',
            '5999999-["a"]',
            '5999999999-["a"]',
            '51-["a"]',
            f'52-["a",{HOLE}]',
            f'50-["a",{HOLE}]',
        ),
        *('51-["a",{"_placeholder":true}]', '51-["a",{"_placeholder":true,"num":1}]', f"51-[{HOLE}]"),
        '51-["a",{"_placeholder":true,"num":"0"}]',
        b"an attachment of nothing",
    ],
)
def test_what_cannot_be_read_is_counted_and_reading_goes_on(message: str | bytes) -> None:
    unreadable, heard = read(message, STATUS)
    assert isinstance(unreadable, Unreadable)
    assert unreadable.why.isprintable()
    assert heard == HEARD


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("", "no packet"),
        ("9", "no packet"),
        ("2[", "Input data was truncated"),
        ('2["a"]x', "JSON is malformed: trailing characters (byte 6)"),
        ("2{}", "an event without a name"),
        ("2[]", "an event without a name"),
        ("2[7]", "an event without a name"),
        ("50-[7]", "an event without a name"),
        (f"51-[7,{HOLE}]", "an event without a name"),
        ('31["a"]', "packet ack"),
        ('61-["a"]', "packet binary_ack"),
        ('0"x"', "packet connect"),
        ('2/admin,["x"]', "namespace /admin"),
        ("0/ad\x1bmin,{}", "namespace /ad␛min"),
        ('5["a"]', "attachments where there are none"),
        ('21-["a"]', "attachments where there are none"),
        ('51-["a"]', "1 impossible attachments"),
        (f'50-["a",{HOLE}]', "0 impossible attachments"),
        ('51-["a",{"_placeholder":true,"num":1}]', "1 impossible attachments"),
        (b"x", "an attachment of nothing"),
    ],
)
def test_what_cannot_be_read_says_why(message: str | bytes, why: str) -> None:
    (packet,) = read(message)
    assert isinstance(packet, Unreadable)
    assert (packet.why, packet.text) == (why, "" if isinstance(message, bytes) else message)


def test_a_binary_event_waits_for_its_attachments() -> None:
    content = f'52-["picture",{{"small":{HOLE},"big":[{{"_placeholder":true,"num":1}}],"again":{HOLE}}}]'
    assert read(content, b"one", b"two", STATUS) == [
        Event("picture", ({"small": b"one", "big": [b"two"], "again": b"one"},)),
        HEARD,
    ]


def test_attachments_that_never_come_cost_their_own_event_only() -> None:
    given_up, heard = read(f'51-["picture",{HOLE}]', STATUS)
    assert given_up == Unreadable("1 attachments that never came")
    assert heard == HEARD
    assert read(f'51-["picture",{HOLE}]', f'51-["picture",{HOLE}]', b"x")[1] == Event("picture", (b"x",))


def test_attachments_are_bounded() -> None:
    assert read(f'51-["picture",{HOLE}]', b"x" * 1_001, STATUS) == [
        Unreadable("attachments over the bound"),
        HEARD,
    ]
    assert read(f'51-["picture",{HOLE}]', b"x" * 1_000) == [Event("picture", (b"x" * 1_000,))]
    holes = [f'{{"_placeholder":true,"num":{number}}}' for number in range(MOST_ATTACHMENTS + 1)]
    assert read(f'5{MOST_ATTACHMENTS + 1}-["a",{",".join(holes)}]') == [
        Unreadable(f"{MOST_ATTACHMENTS + 1} impossible attachments")
    ]
    attachments = [b"x"] * MOST_ATTACHMENTS
    assert read(f'5{MOST_ATTACHMENTS}-["a",{",".join(holes[:-1])}]', *attachments) == [
        Event("a", tuple(attachments))
    ]


def test_an_event_nested_too_deeply_for_its_attachments_costs_itself_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def exhausted(*_: object) -> object:
        raise RecursionError

    monkeypatch.setattr(socketio_packets, "_filled", exhausted)
    assert read(f'51-["picture",{HOLE}]', b"x", STATUS) == [Unreadable("nested too deeply"), HEARD]


messages = st.one_of(
    st.text('0123456-/,[]{}"a_', max_size=20),
    st.text(max_size=20),
    st.binary(max_size=5),
    st.sampled_from([STATUS, f'51-["picture",{HOLE}]', "450-", "5999999-"]),
    st.builds(lambda name, number: f"{number}{json.dumps([name])}", st.text(max_size=5), st.integers(0, 99)),
)


@repeatable
@given(st.lists(messages, max_size=12))
def test_whatever_arrives_the_next_status_is_heard(arrived: list[str | bytes]) -> None:
    assert read(*arrived, STATUS)[-1] == HEARD
