"""What a packet says is read lazily, bounded and sanitized, whatever it is."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.wire.messages import Malformed, Status
from presence_tui.wire.packet_reading import (
    _MOST_CHARS,
    MOST_LINES,
    Listed,
    event_of,
    fields_of,
    indented,
    keys_in,
    message_of,
    people_in,
    read_facts,
    summary_of,
)
from tests.unit.domain.hypothesis_profile import repeatable

ADA = '42["user:status",{"userId":"ada","isOnline":true,"username":"Ada"}]'
DEEP = '42["user:status",' + "[" * 5_000 + "]" * 5_000 + "]"
NESTED = '42["user:status",' + '{"a":' * 5_000 + "1" + "}" * 5_000 + "]"
HOSTILE = '42["user:status",{"userId":"ada","username":"\\u001b]0;x\\u0007\\u202eevil\x9b31m"}]'


@pytest.mark.parametrize(
    ("packet", "event", "key"),
    [
        (ADA, "user:status", "ada"),
        ('42["authenticated",{"success":true,"user":{"id":"me"}}]', "authenticated", "me"),
        ('42["typing:start",{"userId":"ben","conversationId":"c"}]', "typing:start", "ben"),
        ('42["odd\\u003aname",{}]', "odd:name", ""),
        ('42["user:status",{"userId":7}]', "user:status", ""),
        ('42["user:status",{"userId":"\\u001b"}]', "user:status", ""),
        ('42["user:status",{"userId":', "user:status", ""),
        ('40{"sid":"x"}', "connect", ""),
        ('451-["file",{"_placeholder":true,"num":0}]', "file", ""),
        ("2", "ping", ""),
        ("3probe", "pong", ""),
        ("41", "disconnect", ""),
        ("", "attachment", ""),
        ("nonsense", "", ""),
        (DEEP, "user:status", ""),
        (NESTED, "user:status", ""),
    ],
)
def test_event_and_participant(packet: str, event: str, key: str) -> None:
    assert event_of(packet) == event
    assert read_facts(packet) == (event, key)


@pytest.mark.parametrize(
    ("packet", "facts", "summary", "fields", "fault"),
    [
        ('44{"message":"not now"}', ("connect_error", ""), "message=not now", [("message", "not now")], ""),
        ('40{"sid":"x"}', ("connect", ""), "sid=x", [("sid", "x")], ""),
        ('451-["a",{"userId":"b"}]', ("a", "b"), "", [("userId", "b")], "1 impossible attachments"),
        ('45["a",{"x":1}]', ("a", ""), "x=1", [("x", "1")], "attachments where there are none"),
        ("46[1]", ("binary ack", ""), "46[1]", [], "attachments where there are none"),
        ("43[1]", ("ack", ""), "43[1]", [], "packet ack"),
        ('0{"sid":"x"}', ("open", ""), '0{"sid":"x"}', [], "no packet"),
        ("1", ("close", ""), "1", [], "no packet"),
        ("5", ("upgrade", ""), "5", [], "no packet"),
        ("6", ("noop", ""), "6", [], "no packet"),
        ("", ("attachment", ""), "", [], "no packet"),
        ('42["a\\"b",1]', ('a"b', ""), "1", [], ""),
        ('42["x"]', ("x", ""), '42["x"]', [], ""),
        (f'42["x","{"y" * 60}"]', ("x", ""), "y" * 39 + "…", [], ""),
        ('42["x",[1,2,3]]', ("x", ""), "[3]", [], ""),
        ('42["x",{"user":{"id":"k"}}]', ("x", "k"), "user={id}", [("user", "{id}")], ""),
        ('42["x",{"user":"k"}]', ("x", ""), "user=k", [("user", "k")], ""),
        ('42["x",{"userId":"k\\u001b"}]', ("x", ""), "", [("userId", "k␛")], ""),
        (
            '42["x",{"user":{"id":"k"},"userId":"m"}]',
            ("x", "m"),
            "user={id}",
            [("user", "{id}"), ("userId", "m")],
            "",
        ),
        (
            f'42["x",{{"username":"u","b":{{"c":1,"d":2}},"l":[1],"n":null,"s":"{"z" * 50}","displayName":"D"}}]',  # noqa: E501
            ("x", ""),
            f"b={{c,d}} l=[1] n=null s={'z' * 39}… username=u displayName=D",
            [
                ("username", "u"),
                ("b", "{c,d}"),
                ("l", "[1]"),
                ("n", "null"),
                ("s", "z" * 50),
                ("displayName", "D"),
            ],
            "",
        ),
        (
            '42["user:status",{"userId":7}]',
            ("user:status", ""),
            "",
            [("userId", "7")],
            "Expected `str`, got `int` - at `$.userId`",
        ),
    ],
)
def test_all_that_is_shown_of_a_packet(
    packet: str, facts: tuple[str, str], summary: str, fields: list[tuple[str, str]], fault: str
) -> None:
    assert read_facts(packet) == facts
    assert summary_of(packet) == summary
    assert fields_of(packet) == fields
    assert summary_of(packet, is_malformed=True) == (fault or summary)


def test_a_summary_has_the_fields() -> None:
    assert summary_of(ADA) == "isOnline=true username=Ada"
    assert summary_of('42["presence:snapshot",{"users":[1,2,3],"meta":{"a":1}}]') == "users=[3] meta={a}"
    assert summary_of('42["error","no"]') == "no"
    assert summary_of("2probe") == "2probe"


def test_the_summary_of_a_malformed_packet_says_what_is_wrong() -> None:
    assert "isOnline" in summary_of('42["user:status",{"userId":"ada"}]', is_malformed=True)
    assert summary_of("4nonsense", is_malformed=True) == "no packet"


def test_fields_and_indented_text() -> None:
    assert fields_of(ADA) == [("userId", "ada"), ("isOnline", "true"), ("username", "Ada")]
    assert indented(ADA)[:4] == ["42[", '  "user:status",', "  {", '    "userId": "ada",']
    assert indented("2") == ["2"] and indented('40{"sid":"x"}') == ["40{", '  "sid": "x"', "}"]


@pytest.mark.parametrize(
    "packet",
    [
        DEEP,
        HOSTILE,
        '42["x",' + json.dumps(list(range(20_000))) + "]",
        '42["x",' + json.dumps({f"k{n}": "v" * 5_000 for n in range(60)}) + "]",
        '42["x",{"' + "n" * 100_000,
        "\x1b[31m" * 50_000,
    ],
)
def test_whatever_arrives_is_bounded_and_safe(packet: str) -> None:
    lines = indented(packet)
    assert len(lines) <= MOST_LINES + 1
    for text in (*lines, summary_of(packet), summary_of(packet, is_malformed=True), event_of(packet)):
        assert len(text) <= 500
        assert_safe(text)
    for name, value in fields_of(packet):
        assert_safe(name + value)


@repeatable
@given(
    st.text(max_size=80)
    | st.text(max_size=60).map(lambda text: f'42["user:status",{json.dumps({"userId": text})}]')
)
def test_any_text_can_be_read(packet: str) -> None:
    facts = read_facts(packet)
    for text in (*facts, summary_of(packet), summary_of(packet, is_malformed=True), *indented(packet)):
        assert_safe(text)


def assert_safe(text: str) -> None:
    assert not [
        character for character in text if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs")
    ]


def test_credentials_are_masked_when_they_are_read() -> None:
    packet = '42["user:status",{"userId":"ada","isOnline":true,"token":"hush-hush"}]'
    assert "hush" not in summary_of(packet) + str(fields_of(packet)) + str(indented(packet))


def test_text_that_is_no_json_is_shown_in_lines() -> None:
    assert indented("  XX no json") == ["  XX no json"]
    assert indented(" " * 90 + "x") == [" " * 80 + "x"]
    assert indented('42["user:status",{"userId":') == ['42["user:status",{"userId":']


def test_a_packet_of_the_longest_text_is_shown_as_json() -> None:
    for more, is_json in ((0, True), (1, False)):
        packet = '42["x","' + "y" * (_MOST_CHARS - 10 + more) + '"]'
        assert len(packet) == _MOST_CHARS + more
        lines = indented(packet)
        assert (lines[0] == "42[", lines[-1] == "…") == (is_json, not is_json)


def test_json_alone_is_shown_as_json() -> None:
    assert indented('{"a":[1]}') == ["{", '  "a": [', "    1", "  ]", "}"]
    assert indented("[1]") == ["[", "  1", "]"]


def test_of_many_fields_the_first_are_shown() -> None:
    packet = "42" + json.dumps(["user:status", {f"field{number}": number for number in range(60)}])
    assert [name for name, _ in fields_of(packet)] == [f"field{number}" for number in range(40)]
    assert summary_of(packet).startswith("field0=0 ") and "field59" not in summary_of(packet)


def test_a_packet_in_which_no_fault_is_found_has_the_usual_summary() -> None:
    for packet in (ADA, '40{"sid":"x"}'):
        assert summary_of(packet, is_malformed=True) == summary_of(packet)


def test_the_event_of_a_packet_can_be_read_again() -> None:
    assert message_of('42["user:status",{"userId":"ada","isOnline":true}]') == Status("ada", True)
    assert isinstance(message_of('42["user:status",{"userId":"ada"}]'), Malformed)
    for text in ("2", "", "40{}", "42[]", "42{}", "42[", "42"):
        assert message_of(text) is None, text


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ('42["presence:snapshot",{"users":[{"userId":"a"},{"userId":"b"},7]}]', Listed(3)),
        ('42["presence:snapshot",{"users":[]}]', Listed(0)),
        ('42["presence:snapshot",{"users":7}]', Listed(0)),
        ('42["presence:snapshot"', Listed(0)),
        ('42["user:status",{"userId":"a"}]', Listed(0)),
        ("2", Listed(0)),
        ('42["presence:snapshot",{"users":[' + '{"userId":"a"},' * 5_000, Listed(5_000, is_whole=False)),
        ('42["another",{"users":[' + '{"userId":"a"},' * 5_000, Listed(0)),
    ],
)
def test_a_packet_about_many_says_how_many(text: str, listed: Listed) -> None:
    assert people_in(text) == listed


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('42["presence:snapshot",{"users":[{"userId":"a"},{"isOnline":true,"userId" : "b"},7]}]', ["a", "b"]),
        ('42["another",{"users":[{"userId":"\\u0061d"},{"userId":"u\\nb"},{"userId":7}]}]', ["ad"]),
        ('42["presence:snapshot",{"users":[' + '{"userId":"a"},' * 5_000 + '{"userId":"b', ["a"] * 5_000),
        ('42["presence:snapshot",{"users":[' + '{"userId":"\\x"},' * 5_000, []),
        ('42["user:status",{"userId":"a"}]', []),
        ("2", []),
    ],
)
def test_a_packet_about_many_says_whom_it_is_about(text: str, keys: list[str]) -> None:
    assert list(keys_in(text)) == keys
