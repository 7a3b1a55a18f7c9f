"""Tokens that are valid, expired or refused, and the order of credentials in a handshake."""

import base64
import json

import pytest
from multidict import CIMultiDict

from presence_tui.gateway.access import (
    Credentials,
    TokenExpired,
    TokenIssuer,
    TokenRefused,
    handshake_credentials,
)
from presence_tui.gateway.directory import Person
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026
from tests.unit.clock import FakeClock

ADA = Person("66aa00000000000000000011", "ada", "Ada", "Okafor", "Ada Okafor", "en")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_800_000_000.0)


@pytest.fixture
def issuer(clock: FakeClock) -> TokenIssuer:
    return TokenIssuer("secret", clock)


def test_a_minted_token_reads_as_its_account(issuer: TokenIssuer) -> None:
    assert issuer.read(issuer.mint(ADA)) == ADA.key


def test_the_claims_are_those_of_the_contract(issuer: TokenIssuer, clock: FakeClock) -> None:
    claims = json.loads(base64.urlsafe_b64decode(issuer.mint(ADA).split(".")[1] + "=="))
    assert claims["userId"] == ADA.key
    assert claims["username"] == "ada"
    assert claims["role"] == "USER"
    assert claims["exp"] - clock.wall_s == 86_400


def test_a_token_expires_and_still_tells_whose_it_was(issuer: TokenIssuer, clock: FakeClock) -> None:
    token = issuer.mint(ADA, lifetime_s=10)
    clock.wall_s += 10
    with pytest.raises(TokenExpired) as caught:
        issuer.read(token)
    assert caught.value.user_id == ADA.key


def test_a_token_of_an_earlier_era_is_expired(issuer: TokenIssuer) -> None:
    with pytest.raises(TokenExpired):
        issuer.read(issuer.mint(ADA, era=0), era=1)


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "...", "é.ü.ñ", "\ud800"])
def test_nonsense_is_refused(issuer: TokenIssuer, token: str) -> None:
    with pytest.raises(TokenRefused):
        issuer.read(token)


def test_a_forged_or_altered_token_is_refused(issuer: TokenIssuer) -> None:
    header, claims, signature = issuer.mint(ADA).split(".")
    for token in (issuer.mint(ADA, forged=True), f"{header}.{claims}A.{signature}"):
        with pytest.raises(TokenRefused):
            issuer.read(token)


HEADERS = {"Authorization": "Bearer from-header", "X-Session-Token": "session-header"}


@pytest.mark.parametrize(
    ("auth", "headers", "found"),
    [
        ({"token": "t", "authToken": "a"}, HEADERS, Credentials("t", "session-header")),
        ({"authToken": "a"}, HEADERS, Credentials("a", "session-header")),
        ({}, HEADERS, Credentials("from-header", "session-header")),
        ({"sessionToken": "s"}, HEADERS, Credentials("from-header", "s")),
        ({"sessionToken": "s"}, {}, Credentials(None, "s")),
        ({}, {"authorization": "bare"}, Credentials("bare", None)),
        (None, {}, Credentials()),
        ("text", {}, Credentials()),
        ({"token": 7, "authToken": ["x"], "sessionToken": ""}, {}, Credentials()),
    ],
)
def test_2026(auth: object, headers: dict[str, str], found: Credentials) -> None:
    assert handshake_credentials(MEESHY_2026, auth, CIMultiDict(headers)) == found


@pytest.mark.parametrize(
    ("auth", "headers", "found"),
    [
        ({"token": "t", "authToken": "a"}, HEADERS, Credentials("from-header", "session-header")),
        ({"token": "t", "authToken": "a"}, {}, Credentials("a", None)),
        ({"token": "t", "tokenType": "jwt"}, {}, Credentials("t", None)),
        ({"token": "t", "tokenType": "opaque"}, {}, Credentials()),
        ({"sessionToken": "s", "sessionType": "anonymous"}, {}, Credentials(None, "s")),
        ({"sessionToken": "s", "sessionType": "other"}, {}, Credentials()),
    ],
)
def test_2025(auth: object, headers: dict[str, str], found: Credentials) -> None:
    assert handshake_credentials(MEESHY_2025, auth, CIMultiDict(headers)) == found


def test_credentials_are_false_when_there_are_none() -> None:
    assert not Credentials()
    assert Credentials(token="t")
    assert Credentials(session_token="s")
