"""No credential remains in texts for logs or the screen, in any notation."""

import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from presence_tui.domain import redaction
from presence_tui.domain.redaction import MASK, MaskedRepr, may_hold_credentials, redact, register_secret
from tests.unit.domain.hypothesis_profile import repeatable

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VySWQiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWFkYQ"


@pytest.mark.parametrize(
    "secret",
    [
        "correct horse é",
        "quo\"te'd",
        "back\\slash",
        "a/b+c=&d",
        "line\nbreak-secret",
        "naïve ☃ snow",
        "é\tb'\"",
    ],
)
@pytest.mark.parametrize(
    "spelled",
    [
        str,
        repr,
        ascii,
        json.dumps,
        lambda s: json.dumps(s, ensure_ascii=False),
        quote,
        quote_plus,
        lambda s: repr(repr(s))[1:-1],
        lambda s: json.dumps(repr(s)),
        lambda s: repr(json.dumps(s)),
        lambda s: json.dumps(json.dumps(s, ensure_ascii=False), ensure_ascii=False),
    ],
)
def test_a_registered_secret_is_masked_in_every_spelling(secret: str, spelled: object) -> None:
    register_secret(secret)
    text = f"before {spelled(secret)} after"  # type: ignore[operator]
    masked = redact(text)
    assert secret not in masked and MASK in masked
    assert masked.startswith("before ") and masked.endswith(" after")
    left = masked.removeprefix("before ").removesuffix(" after").replace(MASK, "")
    assert not left.strip("'\"\\"), "no character of it is left beside the mask, only quotes"


def test_a_short_secret_does_not_break_words() -> None:
    register_secret("cat")
    assert redact("cat, category, 'cat'") == f"{MASK}, category, '{MASK}'"


def test_of_secrets_that_begin_alike_the_longer_is_masked_whole() -> None:
    for secret in ("s3cr3t-of-ada", "s3cr3t-of-ada-and-ben", "s3cr3t-of"):
        register_secret(secret)
    text = "s3cr3t-of-ada s3cr3t-of-ada-and-ben s3cr3t-of"
    assert redact(text) == f"{MASK} {MASK} {MASK}"


def test_an_empty_secret_masks_nothing() -> None:
    register_secret("")
    assert redact("nothing here") == "nothing here"


@pytest.mark.parametrize(
    "text",
    [
        f"token {JWT}",
        f"token {JWT[:60]}",
        "Authorization: Bearer s3cr3t-of-ada",
        "{'Authorization': 'Bearer s3cr3t-of-ada'}",
        "{'X-Session-Token': 's3cr3t-of-ada'}",
        '{"sessionToken": "s3cr3t-of-ada", "x": 1}',
        '{"twoFactorToken":"s3cr3t-of-ada"}',
        "{'password': 's3cr3t-of-ada'}",
        '0{"sid":"x","pid":"s3cr3t-of-ada"}',
        "'{\\'token\\': \\'s3cr3t-of-ada\\'}'",
        "whsec_s3cr3tofada",
        "https://ada:s3cr3t-of-ada@gate.example/x",
        '{"data":{"accessToken":"s3cr3t-of-ada"}}',
        '{"tokens":["s3cr3t-of-ada","s3cr3t-of-ben"]}',
        '{"token":{"value":"s3cr3t-of-ada"}}',
        '{"\\u0074oken":"s3cr3t-of-ada"}',
        '{"token":"\\u0022s3cr3t-of-ada\\u005c"}',
        "GET /socket.io/?EIO=4&token=s3cr3t-of-ada&x=1 failed",
        "/rest?api_key=s3cr3t-of-ada",
    ],
)
def test_what_looks_like_a_credential_is_masked(text: str) -> None:
    masked = redact(text)
    assert MASK in masked
    assert all(part not in masked for part in ("s3cr3t", "eyJ1c2Vy", "c2lnbmF0"))


@pytest.mark.parametrize(
    "text",
    [
        "The token has expired.",
        "{'code': 'RATE_LIMITED'}",
        "https://gate.example/a@b",
        "read 24 participants",
        '{"tokenType":"jwt","sessionType":"anonymous"}',
        '{"name":"Zo\\u00eb \\u0041da","path":"a\\/b","said":"\\"token\\" is a word"}',
        "/rest?ids=a,b&limit=1",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("secret", ["s3cr3t/of+ada", "s3cr3t-of-ada", JWT])
def test_a_registered_secret_is_masked_as_json_may_escape_it(secret: str) -> None:
    register_secret(secret)
    escaped = "".join(f"\\u{ord(character):04x}" for character in secret)
    for spelled in (escaped, secret.replace("/", "\\/"), f"{escaped[:6]}{secret[1:]}"):
        masked = redact(f'{{"username":"{spelled}"}}')
        assert MASK in masked and masked.replace(MASK, "") == '{"username":""}'


@repeatable
@given(
    before=st.text(max_size=20),
    secret=st.sampled_from(["s3cr3t-of-ada", "a/b+c=&d", "quo\"te'd", JWT, "whsec_s3cr3t", "Bearer s3cr3t"]),
    spelled=st.sampled_from([str, json.dumps, lambda text: "".join(f"\\u{ord(each):04x}" for each in text)]),
)
def test_the_fast_test_misses_nothing(before: str, secret: str, spelled: Callable[[str], str]) -> None:
    register_secret("s3cr3t-of-ada")
    register_secret("a/b+c=&d")
    register_secret("quo\"te'd")
    for text in (before, before + spelled(secret)):
        assert may_hold_credentials(text) or redact(text) == text


def test_the_fast_test_finds_nothing_in_what_gateways_send() -> None:
    register_secret(JWT)
    register_secret("s3ntinel")
    sent = '42["user:status",{"userId":"a","username":"Zoë","isOnline":true,"timestamp":"2026-08-22T10:15Z"}]'
    assert not may_hold_credentials(sent)


def test_only_the_newest_secrets_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_MOST_SECRETS", 2)
    secrets = redaction._Secrets()
    for secret in ("first-secret", "second-secret", "third-secret"):
        secrets.add(secret)
    text = secrets.masked("first-secret second-secret third-secret")
    assert text == f"first-secret {MASK} {MASK}"


def test_an_object_with_credentials_shows_no_fields() -> None:
    class SignIn(MaskedRepr):
        password = "sentinel"

    assert repr(SignIn()) == f"SignIn({MASK})"
    assert pretty_repr(SignIn()) == f"SignIn('{MASK}')"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer s3cr3t-of-ada", "Authorization: Bearer [masked]"),
        ("{'Authorization': 'Bearer s3cr3t-of-ada'}", "{'Authorization': '[masked]'}"),
        ("{'X-Session-Token': b's3cr3t'}", "{'X-Session-Token': '[masked]'}"),
        ('{"sessionToken": "s3cr3t", "x": 1}', '{"sessionToken": "[masked]", "x": 1}'),
        ("{'password': 's3cr3t'}", "{'password': '[masked]'}"),
        ("'{\\'token\\': \\'s3cr3t-of-ada\\'}'", "'{\\'token\\': \\'[masked]\\'}'"),
        ("whsec_s3cr3tofada!", "whsec_[masked]!"),
        ("https://ada:s3cr3t@gate.example/x", "https://[masked]@gate.example/x"),
        ('{"tokens":["a","b"]}', '{"tokens":"[masked]"}'),
        ('{"token":{"value":"s"},"x":1}', '{"token":"[masked]","x":1}'),
        ('{"\\u0074oken":"s3cr3t-of-ada"}', '{"token":"[masked]"}'),
        (
            "GET /socket.io/?EIO=4&token=s3cr3t-of-ada&x=1 failed",
            "GET /socket.io/?EIO=4&token=[masked]&x=1 failed",
        ),
        ("/rest?api_key=s3cr3t", "/rest?api_key=[masked]"),
        ("token eyJhbGci.eyJ1c2Vy.c2lnbmF0, x", "token [masked], x"),
        ('{"token":"\\u0022s3cr3t\\u005c"}', '{"token":"[masked]"}'),
        ("bearer abc, x", "bearer [masked], x"),
    ],
)
def test_only_the_credential_is_masked(text: str, masked: str) -> None:
    assert redact(text) == masked
    assert redact(f"a {text} b {text}") == f"a {masked} b {masked}"


@repeatable
@given(st.one_of(st.from_regex(redaction._FIELD), st.from_regex(redaction._QUERY)))
def test_no_name_of_a_credential_is_missed_by_the_fast_check(text: str) -> None:
    assert redaction._may_name_credentials(text)


@repeatable
@given(st.from_regex(redaction._TOKEN_LIKE))
def test_no_token_is_missed_by_the_fast_check(text: str) -> None:
    assert redaction._may_hold_token(text)
