"""The expiry of a token."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.wire.tokens import token_expiry_s, token_owner
from tests.unit.domain.hypothesis_profile import repeatable


def token_of(payload: bytes) -> str:
    """A token with this payload; header and signature do not matter."""
    return f"HEADER.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.SIGNATURE"


@pytest.mark.parametrize(
    "claims", [{"exp": 1_787_476_400}, {"userId": "u", "role": "USER", "exp": 1787476400.5}]
)
def test_end_of_a_token_is_read_from_the_token(claims: dict[str, object]) -> None:
    assert token_expiry_s(token_of(json.dumps(claims).encode())) == claims["exp"]


@pytest.mark.parametrize("length", range(4))
def test_every_padding_is_restored(length: int) -> None:
    payload = json.dumps({"exp": 7, "pad": "x" * length}).encode()

    assert token_expiry_s(token_of(payload)) == 7


def test_alphabet_is_that_of_urls() -> None:
    payload = '{"exp":7,"pad":"ÿ?>~~~ÿÿ"}'.encode()
    assert set("-_") & set(token_of(payload))

    assert token_expiry_s(token_of(payload)) == 7


@pytest.mark.parametrize(
    "payload",
    [b"{}", b'{"exp":null}', b'{"exp":"soon"}', b'{"exp":1e400}', b"[]", b"7", b"not json", b"\xff\xfe", b""],
)
def test_token_that_names_no_end_has_none(payload: bytes) -> None:
    assert token_expiry_s(token_of(payload)) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "opaque-session",
        "a.b",
        "a.b.c.d",
        "..",
        "a.é.c",
        "a.\ud800.c",
        "a.abcde.c",
        "HEADER.PAYLOAD.SIGNATURE",
    ],
)
def test_what_is_no_jwt_names_no_end(token: str) -> None:
    assert token_expiry_s(token) is None


def test_token_of_absurd_length_is_not_even_read() -> None:
    fits = token_of(b'{"exp":7}' + b" " * 8_000)
    too_long = token_of(b'{"exp":7}' + b" " * 16_000)

    assert token_expiry_s(fits) == 7
    assert token_expiry_s(too_long) is None


def test_payload_nested_deeper_than_any_parser_goes_names_no_end() -> None:
    assert token_expiry_s(token_of(b'{"x":' + b"[" * 6_000 + b"]" * 6_000 + b"}")) is None


@repeatable
@given(token=st.one_of(st.text(st.characters(codec=None)), st.binary().map(token_of)))
def test_no_token_raises(token: str) -> None:
    assert token_expiry_s(token) is None or isinstance(token_expiry_s(token), float)


@pytest.mark.parametrize(
    ("payload", "owner"),
    [
        ({"userId": "u-ada", "exp": 7}, "u-ada"),
        ({"userId": "u\x1b"}, ""),
        ({"userId": " u"}, ""),
        ({"userId": 7}, ""),
        ({}, ""),
        ([], ""),
    ],
)
def test_the_owner_of_a_token_is_the_id_it_names(payload: object, owner: str) -> None:
    assert token_owner(token_of(json.dumps(payload).encode())) == owner


def test_what_is_no_token_has_no_owner() -> None:
    assert token_owner("opaque") == ""
